"""What the styles of a Word document say about paragraphs and runs: heading level, size, weight, colour, visibility."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from ingest.parsing.office.package import whole

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING: Final = re.compile(r"(?:heading|标题|標題|überschrift|titre)\s*([1-9])$", re.IGNORECASE)
_CONTENTS: Final = re.compile(r"(?:toc|目录|目錄)\s*(?:\d|heading$)|table of (?:figures|authorities)$", re.IGNORECASE)
_CAPTION: Final = re.compile(r"(?:caption|题注|題注)$", re.IGNORECASE)
_CODE: Final = re.compile(r"(?:html preformatted|macro|source code|code|代码.*)$", re.IGNORECASE)
_LIST: Final = re.compile(r"list (?:bullet|number|continue)", re.IGNORECASE)
_MAX_DEPTH: Final = 30
_OFF: Final = ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks; None where nothing was said. ``size`` in points, colours as six hexadecimal digits."""

    size: float | None = None
    bold: bool | None = None
    hidden: bool | None = None
    colour: str | None = None
    fill: str | None = None

    def under(self, other: "Look") -> "Look":
        """Return this look with what ``other``, which stands nearer to the text, says over it."""
        return Look(
            other.size if other.size is not None else self.size,
            other.bold if other.bold is not None else self.bold,
            other.hidden if other.hidden is not None else self.hidden,
            other.colour if other.colour is not None else self.colour,
            other.fill if other.fill is not None else self.fill,
        )


@dataclass(frozen=True, slots=True)
class Style:
    """A style with what it inherits: ``level`` is 1–9 for headings, ``number`` its (numId, level) in a list."""

    name: str = ""
    level: int = 0
    look: Look = Look()
    number: tuple[str, int] | None = None
    shaded: bool = False

    @property
    def is_contents(self) -> bool:
        """Lines of a generated table of contents."""
        return _CONTENTS.match(self.name) is not None

    @property
    def is_caption(self) -> bool:
        """Captions of figures and tables."""
        return _CAPTION.search(self.name) is not None

    @property
    def is_code(self) -> bool:
        """Program text, whose white space means something."""
        return _CODE.match(self.name) is not None

    @property
    def is_list(self) -> bool:
        """Items of a list that may have no numbering of its own."""
        return _LIST.match(self.name) is not None

    @property
    def is_title(self) -> bool:
        """The title of the whole document."""
        return self.name.lower() in ("title", "标题", "標題")


def w(node: Any, name: str) -> str | None:
    """Return an attribute of the main namespace."""
    value = node.get(W + name)
    return None if value is None else str(value)


def child_value(node: Any, name: str) -> str | None:
    """Return ``w:val`` of a child element, None without one."""
    found = node.find(W + name) if node is not None else None
    return None if found is None else w(found, "val")


def flag(node: Any, name: str) -> bool | None:
    """Return what an on/off element says, None when it is absent."""
    found = node.find(W + name)
    return None if found is None else w(found, "val") not in _OFF


def look_of(properties: Any) -> Look:
    """Read ``w:rPr``."""
    if properties is None:
        return Look()
    size = child_value(properties, "sz")
    shade = properties.find(W + "shd")
    fill = _colour(w(shade, "fill")) if shade is not None else None
    highlight = child_value(properties, "highlight")
    if highlight and highlight != "none":
        fill = "FFFFFF" if highlight == "white" else "000000"
    return Look(
        float(size) / 2 if size and size.isdecimal() else None,
        flag(properties, "b"),
        flag(properties, "vanish"),
        _colour(child_value(properties, "color")),
        fill,
    )


def _colour(value: str | None) -> str | None:
    return value.upper() if value and re.fullmatch(r"[0-9A-Fa-f]{6}", value) else None


def outline_level(properties: Any) -> int | None:
    """Return the heading level that ``w:outlineLvl`` gives: 1–9, 0 for body text, None when it says nothing."""
    value = child_value(properties, "outlineLvl")
    if value is None or not value.isdecimal():
        return None
    return whole(value, 9) + 1 if whole(value, 9) <= 8 else 0


def number_of(properties: Any) -> tuple[str | None, int | None] | None:
    """Return (numId, level) of ``w:numPr``, each None where it is not said; None without it."""
    found = properties.find(W + "numPr") if properties is not None else None
    if found is None:
        return None
    level = child_value(found, "ilvl")
    return child_value(found, "numId"), whole(level) if level else None


class Styles:
    """The styles of a document, each resolved once."""

    def __init__(self, root: Any | None) -> None:
        self._nodes: dict[str, Any] = {}
        self._found: dict[str, Style] = {}
        self._default = ""
        base = Look()
        if root is not None:
            base = look_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
            for node in root.iter(W + "style"):
                key = w(node, "styleId") or ""
                self._nodes.setdefault(key, node)
                if w(node, "type") == "paragraph" and w(node, "default") in ("1", "true", "on"):
                    self._default = key
        # A size that is said nowhere is 10 points.
        self._base = Look(size=10.0).under(base)

    def paragraph(self, key: str | None) -> Style:
        """Return a paragraph style, the default one for None or an unknown name."""
        return self._style(key if key in self._nodes else self._default, self._base)

    def character(self, key: str | None) -> Look:
        """Return the look a character style adds."""
        return self._style(key, Look()).look if key in self._nodes else Look()

    def table_is_shaded(self, key: str | None) -> bool:
        """Say whether a table style fills cells, so that light text may stand on dark ground."""
        for node in self._chain(key):
            if any(_colour(w(shade, "fill")) or w(shade, "themeFill") for shade in node.iter(W + "shd")):
                return True
        return False

    def _chain(self, key: str | None) -> list[Any]:
        chain: list[Any] = []
        while key in self._nodes and len(chain) < _MAX_DEPTH:
            chain.append(self._nodes[key])
            key = child_value(self._nodes[key], "basedOn")
        return chain

    def _style(self, key: str | None, base: Look) -> Style:
        if key is None or key not in self._nodes:
            return Style(look=base)
        if key not in self._found:
            self._found[key] = self._resolve(key, base)
        return self._found[key]

    def _resolve(self, key: str, base: Look) -> Style:
        chain = self._chain(key)
        style = Style(look=base)
        level: int | None = None
        number: tuple[str | None, int | None] = (None, None)
        for node in reversed(chain):
            properties = node.find(W + "pPr")
            style = replace(style, look=style.look.under(look_of(node.find(W + "rPr"))))
            said = number_of(properties)
            if said is not None:
                number = (said[0] or number[0], said[1] if said[1] is not None else number[1])
            if properties is not None:
                own = outline_level(properties)
                level = own if own is not None else level
                shade = properties.find(W + "shd")
                if shade is not None:
                    style = replace(style, shaded=(_colour(w(shade, "fill")) or "FFFFFF") != "FFFFFF")
            name = child_value(node, "name") or ""
            if match := _HEADING.match(name):
                level = int(match[1])
            elif name.lower() in ("title", "标题", "標題"):
                level = 1
        listed = (number[0], number[1] or 0) if number[0] else None
        name = child_value(chain[0], "name") or key
        return replace(style, name=name, level=level or 0, number=listed)
