"""Styles of an OpenDocument file: what is hidden, heading levels, list numbers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.xmltree import attribute, local
from wenyuan.documents import Hidden

_MAX_STYLES: Final = 20_000
_MAX_ANCESTORS: Final = 20
_NEAR_WHITE: Final = 245
_TINY: Final = 2.0
_COLOUR: Final = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_POINTS: Final = re.compile(r"(\d*\.?\d+)pt")
_HAN: Final = "零一二三四五六七八九"


@dataclass(slots=True)
class Style:
    """What one style says; None where it says nothing."""

    parent: str | None = None
    hidden: bool | None = None
    white: bool | None = None
    paper: bool | None = None
    size: float | None = None
    bold: bool | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How words are shown."""

    hidden: Hidden | None = None
    size: float | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Numbering:
    """How one level of a list is numbered: the format is empty for bullets."""

    form: str = ""
    before: str = ""
    after: str = ""
    start: int = 1


@dataclass(slots=True)
class Styles:
    """Styles by name, list levels by style and level."""

    named: dict[str, Style] = field(default_factory=dict)
    lists: dict[tuple[str, int], Numbering] = field(default_factory=dict)

    def add(self, root: Any) -> None:
        """Read the styles of a ``content.xml`` or ``styles.xml``."""
        for node in root.iter():
            name = local(node)
            if name == "style" and (key := attribute(node, "name")) and len(self.named) < _MAX_STYLES:
                self.named[key] = _style(node)
            elif name in ("list-style", "outline-style") and (key := attribute(node, "name") or "Outline"):
                self._add_list(key, node)

    def look(self, names: Iterable[str | None]) -> Look:
        """Return the look under several styles, the innermost last."""
        whole = Style()
        for name in names:
            for style in reversed(list(self._chain(name))):
                for slot in ("hidden", "white", "paper", "size", "bold"):
                    value = getattr(style, slot)
                    if value is not None:
                        setattr(whole, slot, value)
        why = None
        if whole.hidden:
            why = Hidden.MARKED
        elif whole.size is not None and whole.size < _TINY:
            why = Hidden.TINY
        elif whole.white and not whole.paper:
            why = Hidden.COLOUR
        return Look(why, whole.size, bool(whole.bold))

    def level(self, name: str | None) -> int:
        """Return the outline level of a paragraph style, 0 for body text."""
        return next((style.level for style in self._chain(name) if style.level is not None), 0)

    def is_hidden(self, name: str | None) -> bool:
        """Tell whether a table, section or row style hides."""
        return any(bool(style.hidden) for style in self._chain(name))

    def _chain(self, name: str | None) -> Iterator[Style]:
        for _ in range(_MAX_ANCESTORS):
            style = self.named.get(name or "")
            if style is None:
                return
            yield style
            name = style.parent

    def _add_list(self, key: str, node: Any) -> None:
        for level in node:
            depth = attribute(level, "level") or ""
            if not depth.isdecimal() or len(depth) > 3 or len(self.lists) >= _MAX_STYLES:
                continue
            start = attribute(level, "start-value") or "1"
            self.lists[key, int(depth)] = Numbering(
                (attribute(level, "num-format") or "")
                if local(level).endswith("-number") or local(level).startswith("outline")
                else "",
                attribute(level, "num-prefix") or "",
                attribute(level, "num-suffix") or "",
                int(start) if start.isdecimal() and len(start) < 7 else 1,
            )


def number_text(value: int, numbering: Numbering) -> str:
    """Write the mark of a list item; bullets have none."""
    form = numbering.form
    if not form:
        return ""
    if form in "aA" and value <= 26:
        body = chr(ord(form) + value - 1)
    elif form.startswith("一") and value < 100:
        tens, ones = divmod(value, 10)
        body = ("" if tens == 0 else ("" if tens == 1 else _HAN[tens]) + "十") + (_HAN[ones] if ones else "")
    else:
        body = str(value)
    return f"{numbering.before}{body}{numbering.after}"


def _style(node: Any) -> Style:
    style = Style(attribute(node, "parent-style-name"))
    level = attribute(node, "default-outline-level") or ""
    style.level = int(level) if level.isdecimal() and len(level) < 3 else None
    if style.level is None and attribute(node, "name") == "Title":
        style.level = 1
    for part in node.iter():
        name = local(part)
        if name in ("text-properties", "section-properties", "table-properties", "paragraph-properties"):
            _apply(style, part)
        if name == "table-properties" and attribute(part, "display") == "false":
            style.hidden = True
    return style


def _apply(style: Style, part: Any) -> None:
    if attribute(part, "display") == "none":
        style.hidden = True
    elif attribute(part, "display") == "true":
        style.hidden = False
    colour = _COLOUR.fullmatch(attribute(part, "color") or "")
    if colour:
        style.white = min(int(value, 16) for value in colour.groups()) >= _NEAR_WHITE
    paper = attribute(part, "background-color")
    if paper:
        style.paper = paper != "transparent" and not paper.lower().startswith("#ffffff")
    size = _POINTS.fullmatch(attribute(part, "font-size") or "")
    if size:
        style.size = float(size[1])
    weight = attribute(part, "font-weight")
    if weight:
        style.bold = weight == "bold" or (weight.isdecimal() and int(weight) >= 600)
