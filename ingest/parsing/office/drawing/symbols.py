"""Names that LaTeX has for mathematical characters."""

import unicodedata
from typing import Final

_GREEK: Final = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "varsigma",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_CAPITALS: Final = {"Γ", "Δ", "Θ", "Λ", "Ξ", "Π", "Σ", "Υ", "Φ", "Ψ", "Ω"}

FUNCTIONS: Final = frozenset(
    [
        "arccos",
        "arcsin",
        "arctan",
        "arg",
        "cos",
        "cosh",
        "cot",
        "coth",
        "csc",
        "deg",
        "det",
        "dim",
        "exp",
        "gcd",
        "hom",
        "inf",
        "ker",
        "lg",
        "lim",
        "liminf",
        "limsup",
        "ln",
        "log",
        "max",
        "min",
        "Pr",
        "sec",
        "sin",
        "sinh",
        "sup",
        "tan",
        "tanh",
    ]
)
"""Functions that LaTeX knows by name."""

NARY: Final = {
    "∑": r"\sum",
    "∏": r"\prod",
    "∐": r"\coprod",
    "∫": r"\int",
    "∬": r"\iint",
    "∭": r"\iiint",
    "∮": r"\oint",
    "∯": r"\oiint",
    "∰": r"\oiiint",
    "⋃": r"\bigcup",
    "⋂": r"\bigcap",
    "⋁": r"\bigvee",
    "⋀": r"\bigwedge",
    "⨁": r"\bigoplus",
    "⨂": r"\bigotimes",
    "⨀": r"\bigodot",
    "⨆": r"\bigsqcup",
    "⨄": r"\biguplus",
}
"""Large operators."""

ACCENTS: Final = {
    "\u0302": r"\hat",
    "^": r"\hat",
    "\u0303": r"\tilde",
    "~": r"\tilde",
    "\u0304": r"\bar",
    "\u0305": r"\bar",
    "¯": r"\bar",
    "‾": r"\bar",
    "\u20d7": r"\vec",
    "→": r"\vec",
    "\u20d6": r"\overleftarrow",
    "\u20e1": r"\overleftrightarrow",
    "\u0307": r"\dot",
    "˙": r"\dot",
    "\u0308": r"\ddot",
    "¨": r"\ddot",
    "\u20db": r"\dddot",
    "\u030c": r"\check",
    "ˇ": r"\check",
    "\u0306": r"\breve",
    "˘": r"\breve",
    "\u0301": r"\acute",
    "´": r"\acute",
    "\u0300": r"\grave",
    "`": r"\grave",
    "\u0332": r"\underline",
}
"""Combining characters set over (or under) a symbol."""

_NAMED: Final = {
    "±": "pm", "∓": "mp", "×": "times", "÷": "div", "⋅": "cdot", "·": "cdot", "∗": "ast", "∘": "circ", "•": "bullet",
    "≤": "le", "⩽": "le", "≥": "ge", "⩾": "ge", "≠": "ne", "≈": "approx", "≡": "equiv", "≅": "cong", "∼": "sim",
    "≃": "simeq", "∝": "propto", "≪": "ll", "≫": "gg", "≺": "prec", "≻": "succ", "∞": "infty", "∂": "partial",
    "∇": "nabla", "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq",
    "∪": "cup", "∩": "cap", "∅": "emptyset", "∖": "setminus", "∧": "wedge", "∨": "vee", "¬": "neg", "∀": "forall",
    "∃": "exists", "∄": "nexists", "⊢": "vdash", "⊨": "models", "⊥": "bot", "⊤": "top", "→": "to", "←": "leftarrow",
    "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow", "⇔": "Leftrightarrow", "↦": "mapsto", "↑": "uparrow",
    "↓": "downarrow", "⟶": "longrightarrow", "⟹": "Longrightarrow", "⟺": "Longleftrightarrow", "⇌": "rightleftharpoons",
    "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "∥": "parallel", "∦": "nparallel", "∠": "angle",
    "△": "triangle", "□": "square", "⊕": "oplus", "⊖": "ominus", "⊗": "otimes", "⊙": "odot", "†": "dagger",
    "‡": "ddagger", "ℏ": "hbar", "ℓ": "ell", "ℜ": "Re", "ℑ": "Im", "℘": "wp", "ℵ": "aleph", "∴": "therefore",
    "∵": "because", "√": "surd", "ℝ": "mathbb{R}", "ℕ": "mathbb{N}", "ℤ": "mathbb{Z}", "ℚ": "mathbb{Q}",
    "ℂ": "mathbb{C}", "ϵ": "epsilon", "ε": "varepsilon", "ϑ": "vartheta", "φ": "varphi", "ϕ": "phi", "ϖ": "varpi",
    "ϱ": "varrho", "⟨": "langle", "⟩": "rangle", "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor",
    "∑": "sum", "∏": "prod", "∫": "int", "∮": "oint", "′": "prime", "″": "prime\\prime",
}  # fmt: skip
_ESCAPED: Final = {char: "\\" + char for char in "#$%&_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{}"}
_PLAIN: Final = {
    "−": "-", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "\u00a0": " ", "\u2009": " ",
    "\u2003": r"\quad ", "\u2002": r"\enspace ", "⁄": "/", "∕": "/", "∶": ":", "∣": "|"
}  # fmt: skip
_STYLED: Final = (
    ("MATHEMATICAL DOUBLE-STRUCK", r"\mathbb"),
    ("MATHEMATICAL BOLD FRAKTUR", r"\mathfrak"),
    ("MATHEMATICAL FRAKTUR", r"\mathfrak"),
    ("MATHEMATICAL BOLD SCRIPT", r"\mathcal"),
    ("MATHEMATICAL SCRIPT", r"\mathcal"),
    ("MATHEMATICAL BOLD ITALIC", r"\boldsymbol"),
    ("MATHEMATICAL BOLD", r"\mathbf"),
    ("MATHEMATICAL SANS-SERIF", r"\mathsf"),
    ("MATHEMATICAL MONOSPACE", r"\mathtt"),
    ("MATHEMATICAL ITALIC", ""),
)


def latex_text(text: str) -> str:
    r"""Return the characters of a formula as LaTeX; what has no name stays, Chinese goes into ``\text``."""
    return "".join(_runs(text))


def _runs(text: str) -> list[str]:
    found: list[str] = []
    words = ""
    for char in text:
        if "\u2e80" <= char <= "\u9fff" or "\uff01" <= char <= "\uffef" or "\u3000" <= char <= "\u303f":
            words += char
            continue
        if words:
            found.append(rf"\text{{{words}}}")
            words = ""
        found.append(_symbol(char))
    return [*found, rf"\text{{{words}}}"] if words else found


def _symbol(char: str) -> str:
    if char.isascii():
        return _ESCAPED.get(char, char)
    if char in _PLAIN:
        return _PLAIN[char]
    if char in _NAMED:
        return f"\\{_NAMED[char]} "
    if greek := _greek(char):
        return greek
    if 0x1D400 <= ord(char) <= 0x1D7FF:
        return _styled(char)
    return char


def _greek(char: str) -> str:
    if "α" <= char <= "ω":
        return f"\\{_GREEK[ord(char) - ord('α')]} "
    if char in _CAPITALS:
        return f"\\{_GREEK[ord(char.lower()) - ord('α')].capitalize()} "
    return ""


def _styled(char: str) -> str:
    """A letter of the mathematical alphabets: its plain letter in the style its name tells."""
    name = unicodedata.name(char, "")
    plain = unicodedata.normalize("NFKC", char)
    command = next((command for prefix, command in _STYLED if name.startswith(prefix)), "")
    inner = _symbol(plain) if plain != char else plain
    return f"{command}{{{inner.strip()}}}" if command else inner
