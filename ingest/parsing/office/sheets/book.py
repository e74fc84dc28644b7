"""A workbook's parts: its sheets, the strings they share, the number formats of its styles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ingest.parsing.office.drawing.show import BUILT_IN
from ingest.parsing.office.package import Package, R, whole
from ingest.xmltree import iterate_xml
from wenyuan.errors import FileCorrupt, FileUnsafe

S: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MAX_STRINGS: Final = 3_000_000
_MAX_CHARS: Final = 300_000_000


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet as the workbook lists it: its name, its part, whether people see it; ``kind`` is worksheet or chart."""

    name: str
    part: str
    hidden: bool
    kind: str


class Book:
    """What the sheets of a workbook share."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = package.main_part()
        root = package.xml(self.part)
        self.since_1904 = any(node.get("date1904", "0") in ("1", "true") for node in root.findall(S + "workbookPr"))
        self.sheets = list(self._entries(root))
        self.strings = self._strings()
        self.formats, self.unseen = self._styles()

    def _entries(self, root: Any) -> Iterator[SheetEntry]:
        relations = self.package.relations(self.part)
        for node in root.iter(S + "sheet"):
            relation = relations.get(node.get(R + "id", ""))
            if relation is not None and self.package.has(relation.target):
                hidden = node.get("state", "visible") != "visible"
                yield SheetEntry(node.get("name", ""), relation.target, hidden, relation.kind)

    def _strings(self) -> list[str]:
        parts = self.package.related(self.part, "sharedStrings")
        found: list[str] = []
        chars = 0
        if not parts:
            return found
        with self.package.stream(parts[0]) as file:
            for node in elements(file, ("si",)):
                found.append(rich_text(node))
                chars += len(found[-1])
                if len(found) > _MAX_STRINGS or chars > _MAX_CHARS:
                    raise FileUnsafe(reason="shared strings")
        return found

    def _styles(self) -> tuple[list[str], frozenset[int]]:
        """Return the number format of each cell style, and the styles that nobody can read.

        Those write in white on no fill, or smaller than any screen shows.
        """
        parts = self.package.related(self.part, "styles")
        if not parts:
            return [], frozenset()
        root = self.package.xml(parts[0])
        codes = dict(BUILT_IN)
        for node in root.iter(S + "numFmt"):
            codes[whole(node.get("numFmtId"), -1)] = node.get("formatCode", "General")
        styles = root.find(S + "cellXfs")
        styles = list(styles) if styles is not None else []
        white = {number for number, node in enumerate(root.findall(f"{S}fonts/{S}font")) if _is_white(node)}
        tiny = {number for number, node in enumerate(root.findall(f"{S}fonts/{S}font")) if _is_tiny(node)}
        bare = {number for number, node in enumerate(root.findall(f"{S}fills/{S}fill")) if _is_bare(node)}
        unseen = frozenset(
            number
            for number, node in enumerate(styles)
            if (font := whole(node.get("fontId"))) in tiny or (font in white and whole(node.get("fillId")) in bare)
        )
        return [codes.get(whole(node.get("numFmtId", "0")), "General") for node in styles], unseen


def _is_white(font: Any) -> bool:
    colour = font.find(S + "color")
    if colour is None or whole(colour.get("tint", "0").partition(".")[0], -1) != 0:
        return False
    return bool(colour.get("theme") == "0" or colour.get("rgb", "").upper()[-6:] == "FFFFFF")


def _is_tiny(font: Any) -> bool:
    size = font.find(S + "sz")
    # Sizes below two points begin with 0 or 1 and have no second digit before the point.
    return size is not None and size.get("val", "").partition(".")[0] in ("0", "1")


def _is_bare(fill: Any) -> bool:
    pattern = fill.find(S + "patternFill")
    return len(fill) == 0 or (pattern is not None and pattern.get("patternType", "none") == "none")


def elements(file: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """Yield elements of a large part as they end; raises ``FileCorrupt`` where it stops being XML."""
    try:
        yield from iterate_xml(file, names)
    except SyntaxError as error:  # the XML library's own error is one
        raise FileCorrupt from error


def rich_text(node: Any) -> str:
    """Return the words of a string item; the pronunciation some carry is left out."""
    parts: list[str] = []
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts += [leaf.text or "" for leaf in child if leaf.tag.rpartition("}")[2] == "t"]
    return "".join(parts)
