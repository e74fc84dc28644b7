"""What a page's styles hide from its readers, and how large and bold they set words. A few rules, not a CSS engine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from wenyuan.documents import Hidden

_MAX_SHEET: Final = 500_000
_MAX_RULES: Final = 5_000
_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE: Final = re.compile(r"[a-z][a-z0-9]*|[a-z]*[.#][\w-]+", re.IGNORECASE)
_LENGTH: Final = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|cm|mm|in)?")
_POINTS: Final = {"px": 0.75, "pt": 1.0, "em": 12.0, "rem": 12.0, "cm": 28.35, "mm": 2.835, "in": 72.0, None: 0.75}
_RGB: Final = re.compile(r"rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+)(?:[,/\s]+([\d.]+%?))?")
_WHITE_NAMES: Final = frozenset(("white", "snow", "ivory", "ghostwhite", "floralwhite", "transparent"))
_NEAR_WHITE: Final = 245
_FAR: Final = -500.0
_TINY: Final = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """How text is shown: what hides it, its weight, its size in points; ``paper`` tells of a background of its own."""

    hidden: Hidden | None = None
    bold: bool = False
    size: float | None = None
    paper: bool = False
    white: bool = False


class Styles:
    """The simple rules of a page's style sheets: by tag, class or id."""

    def __init__(self, sheets: list[str]) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        for sheet in sheets:
            self._read(_COMMENT.sub(" ", sheet[:_MAX_SHEET]))

    def look(self, node: Any, around: Look) -> Look:
        """Return the look of an element within one that looks like ``around``."""
        style = self._declared(node)
        hidden = around.hidden or _marked(node, style)
        paper = around.paper or "background" in style or "background-color" in style or node.get("bgcolor") is not None
        colour = style.get("color") or (node.get("color") if node.tag == "font" else None)
        white = around.white if colour is None else _is_white(colour)
        size = _points(style.get("font-size")) or (0.0 if _is_zero(style.get("font-size")) else around.size)
        if hidden is None and size is not None and size < _TINY:
            hidden = Hidden.TINY
        if hidden is None and white and not paper:
            hidden = Hidden.COLOUR
        weight = style.get("font-weight", "")
        heavy = node.tag in ("b", "strong") or weight == "bold" or (weight.isdecimal() and int(weight) >= 600)
        return Look(hidden, heavy or (around.bold and weight not in ("normal", "400")), size, paper, white)

    def _read(self, sheet: str) -> None:
        depth_safe = re.sub(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@[^{};]*;", " ", sheet)
        for match in _RULE.finditer(depth_safe):
            declared = _declarations(match[2])
            for selector in match[1].split(","):
                name = selector.strip()
                if _SIMPLE.fullmatch(name) and len(self._rules) < _MAX_RULES:
                    self._rules.setdefault(name, {}).update(declared)

    def _declared(self, node: Any) -> Mapping[str, str]:
        style: dict[str, str] = {}
        if self._rules:
            names = [node.tag]
            for mark, values in ((".", (node.get("class") or "").split()), ("#", (node.get("id") or "").split())):
                names += [f"{prefix}{mark}{value}" for value in values for prefix in ("", node.tag)]
            for name in names:
                style.update(self._rules.get(name, {}))
        if own := node.get("style"):
            style.update(_declarations(own))
        return style


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";") if ":" in part)
    return {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs}


def _marked(node: Any, style: Mapping[str, str]) -> Hidden | None:
    if "hidden" in node.attrib or style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return Hidden.MARKED
    if _is_zero(style.get("opacity")) or style.get("mso-hide") == "all":
        return Hidden.MARKED
    if _is_zero(style.get("max-height")) and style.get("overflow") == "hidden":
        return Hidden.MARKED
    placed = style.get("position") in ("absolute", "fixed")
    moves = ("left", "top", "right", "margin-left") if placed else ("text-indent", "margin-left")
    if any((_points(style.get(name)) or 0.0) <= _FAR for name in moves):
        return Hidden.OFF_PAGE
    return None


def _points(value: str | None) -> float | None:
    match = _LENGTH.match(value or "")
    return float(match[1]) * _POINTS[match[2]] or None if match else None


def _is_zero(value: str | None) -> bool:
    match = _LENGTH.match(value or "")
    return match is not None and float(match[1]) == 0


def _is_white(colour: str) -> bool:
    colour = colour.strip().lower()
    if colour in _WHITE_NAMES:
        return True
    if match := _RGB.match(colour):
        clear = match[4] is not None and float(match[4].rstrip("%")) == 0
        return clear or min(int(match[1]), int(match[2]), int(match[3])) >= _NEAR_WHITE
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        return False
    return min(int(digits[at : at + 2], 16) for at in (0, 2, 4)) >= _NEAR_WHITE
