"""Equations of Office files (OMML) as LaTeX: every construct of the schema, text in text mode, symbols by name."""

import re
from collections.abc import Callable
from typing import Any, Final

from ingest.parsing.office.drawing.symbols import ACCENTS, FUNCTIONS, NARY, latex_text

M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MAX_DEPTH: Final = 60
# Behind the sign "#" an equation array holds the number of the equation.
_NUMBER: Final = re.compile(r"\\#\s*(?:\\left)?[（(]\s*([\w.\-–—]+)\s*(?:\\right)?[）)]$")
_STACK: Final = r"\genfrac{}{}{0pt}{}"
_OPEN: Final = {"{": r"\{", "⟨": r"\langle ", "〈": r"\langle ", "⌈": r"\lceil ", "⌊": r"\lfloor ", "‖": r"\|", "": "."}
_CLOSE: Final = {
    "}": r"\}",
    "⟩": r"\rangle ",
    "〉": r"\rangle ",
    "⌉": r"\rceil ",
    "⌋": r"\rfloor ",
    "‖": r"\|",
    "": ".",
}
_MATRICES: Final = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("{", "}"): "Bmatrix",
    ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix",
}
_SCRIPTS: Final = {
    "double-struck": r"\mathbb",
    "fraktur": r"\mathfrak",
    "script": r"\mathcal",
    "sans-serif": r"\mathsf",
    "monospace": r"\mathtt",
}


def to_latex(node: Any) -> str:
    """Return an ``m:oMath`` (or any element that holds math) as LaTeX without delimiters, on one line."""
    return _NUMBER.sub(r"\\tag{\1}", _tidy(_children(node, 0)))


def display_lines(paragraph: Any) -> list[str]:
    """Return the equations of an ``m:oMathPara`` as LaTeX, one string each, without empty ones."""
    return [latex for math in paragraph.iter(M + "oMath") if (latex := to_latex(math))]


def _children(node: Any, depth: int) -> str:
    if node is None or depth > _MAX_DEPTH:
        return ""
    return "".join(_one(child, depth + 1) for child in node)


def _one(node: Any, depth: int) -> str:
    name = node.tag.rpartition("}")[2]
    if name.endswith("Pr") or name in ("del", "moveFrom"):
        return ""
    if node.tag.startswith(M) and name in _CONSTRUCTS:
        return _CONSTRUCTS[name](node, depth)
    if name in ("t", "delText"):
        return latex_text(node.text or "") if name == "t" else ""
    # Arguments, tracked insertions, runs of other namespaces and what future versions wrap around them.
    return _children(node, depth)


def _arg(node: Any, name: str, depth: int) -> str:
    return _tidy(_children(node.find(M + name), depth))


def _value(node: Any, path: str, default: str) -> str:
    """Return ``m:val`` of a property element; an element without value has the schema's default for present."""
    found = node.find("/".join(M + step for step in path.split("/")))
    if found is None:
        return default
    value = found.get(M + "val")
    return "" if value is None else str(value)


def _on(node: Any, path: str) -> bool:
    found = node.find("/".join(M + step for step in path.split("/")))
    return found is not None and found.get(M + "val", "1") not in ("0", "off", "false")


def _tidy(latex: str) -> str:
    return " ".join(latex.split())


def _group(latex: str) -> str:
    return "{" + latex + "}"


def _base(latex: str) -> str:
    """A base of more than one symbol is grouped, so that a script belongs to all of it."""
    simple = len(latex) == 1 or (latex.startswith("\\") and latex[1:].isalpha()) or _is_one_group(latex)
    return latex if simple else _group(latex)


def _is_one_group(latex: str) -> bool:
    return latex.startswith(r"\left") and latex.count(r"\left") == 1 and r"\right" in latex[-10:]


def _run(node: Any, _depth: int) -> str:
    raw = "".join(leaf.text or "" for leaf in node.iter() if leaf.tag.rpartition("}")[2] == "t")
    if not raw:
        return ""
    if _on(node, "rPr/nor") or _on(node, "rPr/lit"):
        return _words(raw)
    latex = latex_text(raw)
    script = _SCRIPTS.get(_value(node, "rPr/scr", ""))
    style = _value(node, "rPr/sty", "")
    if script:
        return f"{script}{{{_tidy(latex)}}}"
    if style == "b" or (style == "bi" and raw.isalnum()):
        return (r"\mathbf" if style == "b" else r"\boldsymbol") + f"{{{_tidy(latex)}}}"
    if raw.strip() in FUNCTIONS:
        return f"\\{raw.strip()} "
    if style == "p" and len(raw.strip()) > 1 and raw.strip().isascii() and raw.strip().isalpha():
        return rf"\mathrm{{{raw.strip()}}}"
    return latex


def _words(raw: str) -> str:
    escaped = "".join("\\" + char if char in "#$%&_{}" else char for char in raw)
    return rf"\text{{{escaped}}}" if raw.strip() else r"\ "


def _fraction(node: Any, depth: int) -> str:
    top, bottom = _arg(node, "num", depth), _arg(node, "den", depth)
    kind = _value(node, "fPr/type", "bar")
    if kind == "lin":
        return f"{_base(top)}/{_base(bottom)}"
    if kind == "skw":
        return f"{{}}^{{{top}}}/_{{{bottom}}}"
    return f"{_STACK}{{{top}}}{{{bottom}}}" if kind == "noBar" else rf"\frac{{{top}}}{{{bottom}}}"


def _radical(node: Any, depth: int) -> str:
    degree = "" if _on(node, "radPr/degHide") else _arg(node, "deg", depth)
    return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_arg(node, 'e', depth)}}}"


def _scripts(node: Any, depth: int) -> str:
    latex = _base(_arg(node, "e", depth))
    below, above = _arg(node, "sub", depth), _arg(node, "sup", depth)
    return latex + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _prescripts(node: Any, depth: int) -> str:
    below, above = _arg(node, "sub", depth), _arg(node, "sup", depth)
    return f"{{}}_{{{below}}}^{{{above}}}{_base(_arg(node, 'e', depth))}"


def _nary(node: Any, depth: int) -> str:
    char = _value(node, "naryPr/chr", "∫") or "∫"
    sign = NARY.get(char, latex_text(char)).strip()
    place = _value(node, "naryPr/limLoc", "")
    usual = "subSup" if char in "∫∬∭∮∯∰" else "undOvr"
    limits = "" if place in ("", usual) else (r"\limits" if place == "undOvr" else r"\nolimits")
    below = "" if _on(node, "naryPr/subHide") else _arg(node, "sub", depth)
    above = "" if _on(node, "naryPr/supHide") else _arg(node, "sup", depth)
    scripts = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    return f"{sign}{limits if scripts else ''}{scripts} {_arg(node, 'e', depth)}"


def _delimiters(node: Any, depth: int) -> str:
    begin = _value(node, "dPr/begChr", "(")
    end = _value(node, "dPr/endChr", ")")
    between = _value(node, "dPr/sepChr", "|")
    parts = [_tidy(_children(child, depth)) for child in node.findall(M + "e")]
    if len(parts) == 1 and (begin, end) in _MATRICES and (matrix := _only_child(node, "m")) is not None:
        return _environment(_MATRICES[begin, end], _matrix_rows(matrix, depth))
    if len(parts) == 1 and (begin, end) == ("{", "") and (array := _only_child(node, "eqArr")) is not None:
        return _environment("cases", _array_rows(array, depth))
    if (
        len(parts) == 1
        and (begin, end) == ("(", ")")
        and parts[0].startswith(_STACK)
        and _only_child(node, "f") is not None
    ):
        return rf"\binom{parts[0].removeprefix(_STACK)}"
    left = _OPEN.get(begin, latex_text(begin))
    right = _CLOSE.get(end, latex_text(end))
    middle = rf" \middle{latex_text(between)} " if between else " "
    return rf"\left{left}{middle.join(parts)}\right{right}"


def _only_child(node: Any, name: str) -> Any | None:
    """Return the construct that is all a pair of delimiters holds, None when there is more or another."""
    held = [child for child in node.find(M + "e") if not child.tag.endswith("Pr")]
    return held[0] if len(held) == 1 and held[0].tag == M + name else None


def _matrix(node: Any, depth: int) -> str:
    return _environment("matrix", _matrix_rows(node, depth))


def _matrix_rows(node: Any, depth: int) -> list[str]:
    return [
        " & ".join(_tidy(_children(cell, depth)) for cell in row.findall(M + "e")) for row in node.findall(M + "mr")
    ]


def _array(node: Any, depth: int) -> str:
    rows = _array_rows(node, depth)
    return rows[0].replace("&", "") if len(rows) == 1 else _environment("aligned", rows)


def _array_rows(node: Any, depth: int) -> list[str]:
    # The ampersands of an equation array are alignment points, written as text.
    return [_tidy(_children(row, depth)).replace(r"\&", "&") for row in node.findall(M + "e")]


def _environment(name: str, rows: list[str]) -> str:
    return rf"\begin{{{name}}}" + r" \\ ".join(rows) + rf"\end{{{name}}}"


def _accent(node: Any, depth: int) -> str:
    char = _value(node, "accPr/chr", "\u0302") or "\u0302"
    body = _arg(node, "e", depth)
    command = ACCENTS.get(char)
    if command is None:
        return rf"\overset{{{latex_text(char).strip()}}}{{{body}}}"
    wide = {r"\hat": r"\widehat", r"\tilde": r"\widetilde", r"\bar": r"\overline", r"\vec": r"\overrightarrow"}
    return f"{wide.get(command, command) if len(body) > 1 and not body.startswith(chr(92)) else command}{{{body}}}"


def _bar(node: Any, depth: int) -> str:
    command = r"\overline" if _value(node, "barPr/pos", "bot") == "top" else r"\underline"
    return f"{command}{{{_arg(node, 'e', depth)}}}"


def _group_char(node: Any, depth: int) -> str:
    char = _value(node, "groupChrPr/chr", "⏟") or "⏟"
    above = _value(node, "groupChrPr/pos", "bot") == "top"
    body = _arg(node, "e", depth)
    command = {"⏟": r"\underbrace", "⏞": r"\overbrace", "→": r"\overrightarrow", "←": r"\overleftarrow"}.get(char)
    if command in (r"\underbrace", r"\overbrace") or (command and above):
        return f"{command}{{{body}}}"
    return rf"{chr(92)}{'overset' if above else 'underset'}{{{latex_text(char).strip()}}}{{{body}}}"


def _limit_below(node: Any, depth: int) -> str:
    base, limit = _arg(node, "e", depth), _arg(node, "lim", depth)
    if base.startswith(r"\underbrace"):
        return f"{base}_{{{limit}}}"
    return f"{base}_{{{limit}}}" if _is_operator(base) else rf"\underset{{{limit}}}{{{base}}}"


def _limit_above(node: Any, depth: int) -> str:
    base, limit = _arg(node, "e", depth), _arg(node, "lim", depth)
    return f"{base}^{{{limit}}}" if base.startswith(r"\overbrace") else rf"\overset{{{limit}}}{{{base}}}"


def _is_operator(latex: str) -> bool:
    return latex.startswith("\\") and latex[1:] in FUNCTIONS


def _function(node: Any, depth: int) -> str:
    name = _arg(node, "fName", depth)
    if name in FUNCTIONS:
        name = "\\" + name
    elif name.startswith(r"\mathrm{") and name.endswith("}"):
        name = r"\operatorname{" + name[8:]
    elif name.isascii() and name.isalpha() and len(name) > 1:
        name = rf"\operatorname{{{name}}}"
    return f"{name} {_arg(node, 'e', depth)}"


def _border_box(node: Any, depth: int) -> str:
    return rf"\boxed{{{_arg(node, 'e', depth)}}}"


def _phantom(node: Any, depth: int) -> str:
    body = _arg(node, "e", depth)
    shown = node.find(f"{M}phantPr/{M}show")
    return rf"\phantom{{{body}}}" if shown is not None and not _on(node, "phantPr/show") else body


_CONSTRUCTS: Final[dict[str, Callable[[Any, int], str]]] = {
    "r": _run,
    "f": _fraction,
    "rad": _radical,
    "sSub": _scripts,
    "sSup": _scripts,
    "sSubSup": _scripts,
    "sPre": _prescripts,
    "nary": _nary,
    "d": _delimiters,
    "m": _matrix,
    "eqArr": _array,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group_char,
    "limLow": _limit_below,
    "limUpp": _limit_above,
    "func": _function,
    "borderBox": _border_box,
    "phant": _phantom,
}
