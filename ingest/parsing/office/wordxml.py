"""Make the body of a Word document plain before it is read: what readers of runs and paragraphs overlook.

Content controls, tracked insertions and smart tags are unwrapped, tracked deletions and generated tables of contents
removed, formulas written in line, anchored text boxes and footnotes set as paragraphs behind the one that holds them.
"""

from collections.abc import Iterable
from typing import Any

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NS = {
    "w": _W,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
}
_CONTENTS = "Table of Contents"
_UNWRAP = ("ins", "smartTag", "moveTo", "customXml", "dir", "bdo")
_REMOVE = ("del", "moveFrom")


def w(name: str) -> str:
    """The qualified name of a WordprocessingML element or attribute."""
    return f"{{{_W}}}{name}"


def flatten(body: Any, footnotes: dict[str, str]) -> None:
    """Rewrite the ``w:body`` element in place; ``footnotes`` maps ids to texts."""
    for fallback in find(body, ".//mc:AlternateContent/mc:Fallback"):
        fallback.getparent().remove(fallback)
    for control in find(body, ".//w:sdt"):
        if find(control, "./w:sdtPr/w:docPartObj/w:docPartGallery[@w:val=$name]", name=_CONTENTS):
            _remove(control)
        else:
            content = control.find(w("sdtContent"))
            _replace(control, [] if content is None else list(content))
    for name in _REMOVE:
        for node in find(body, f".//w:{name}"):
            _remove(node)
    for name in _UNWRAP:
        for node in find(body, f".//w:{name}"):
            _replace(node, list(node))
    for formula in find(body, ".//m:oMath"):
        _replace(formula, [_run(body, "".join(leaf.text or "" for leaf in find(formula, ".//m:t")))])
    for wrapper in find(body, ".//m:oMathPara"):
        _replace(wrapper, list(wrapper))
    _lift_text_boxes(body)
    _set_footnotes(body, footnotes)


def footnote_texts(part: Any) -> dict[str, str]:
    """Return the text of each footnote of a ``w:footnotes`` element by its id; separators are left out."""
    texts: dict[str, str] = {}
    for note in find(part, "./w:footnote[not(@w:type) or @w:type='normal']"):
        text = "".join(node.text or "" for node in find(note, ".//w:t"))
        if text.strip():
            texts[note.get(w("id"))] = text.strip()
    return texts


def find(element: Any, path: str, **variables: str) -> list[Any]:
    """Evaluate an XPath with the prefixes w, wp, m and mc."""
    from lxml import etree

    return list(etree.XPath(path, namespaces=_NS)(element, **variables))


def _lift_text_boxes(body: Any) -> None:
    """Text boxes inline in a paragraph are read with it; anchored ones and those of old drawings are not."""
    for box in find(body, ".//w:txbxContent[not(ancestor::wp:inline)]"):
        holder = _outermost(box, body)
        if holder is None or find(box, "ancestor::w:txbxContent"):
            continue
        _insert_after(holder, [child for child in box if child.tag in (w("p"), w("tbl"))])


def _set_footnotes(body: Any, footnotes: dict[str, str]) -> None:
    if not footnotes:
        return
    for reference in find(body, ".//w:footnoteReference"):
        text = footnotes.get(reference.get(w("id")))
        holder = _outermost(reference, body)
        if text and holder is not None:
            _insert_after(holder, [_paragraph(body, text)])


def _paragraph(body: Any, text: str) -> Any:
    paragraph = body.makeelement(w("p"))
    paragraph.append(_run(body, text))
    return paragraph


def _run(body: Any, text: str) -> Any:
    run = body.makeelement(w("r"))
    leaf = body.makeelement(w("t"))
    leaf.text = text
    run.append(leaf)
    return run


def _outermost(node: Any, body: Any) -> Any:
    """Return the child of ``body`` that holds ``node``."""
    while node is not None and node.getparent() is not body:
        node = node.getparent()
    return node


def _insert_after(holder: Any, nodes: Iterable[Any]) -> None:
    for node in nodes:
        holder.addnext(node)
        holder = node


def _replace(node: Any, children: Iterable[Any]) -> None:
    parent = node.getparent()
    if parent is None:
        return
    at = parent.index(node)
    for offset, child in enumerate(children):
        parent.insert(at + offset, child)
    parent.remove(node)


def _remove(node: Any) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)
