"""Format-neutral document model: what the sources parse into and the writers render."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3 (level 1 is the title of the document)."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A run of text; the sources hold one in one line."""

    text: str


@dataclass(frozen=True)
class Note:
    """A framed remark, for example the scope statement under the title."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list; ``texts`` carry no bullet and no number."""

    texts: tuple[str, ...]
    numbered: bool


@dataclass(frozen=True)
class Cell:
    """A table cell anchored at (row, column) that covers ``rows`` x ``columns`` grid positions."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Table:
    """A grid of ``height`` x ``width`` positions; the first ``header`` rows are header rows."""

    cells: tuple[Cell, ...]
    height: int
    width: int
    header: int
    caption: str = ""

    def row(self, number: int) -> Iterator[Cell]:
        """The cells anchored in a row, from left to right."""
        return (cell for cell in self.cells if cell.row == number)


@dataclass(frozen=True)
class Figure:
    """A drawing made by the PDF writer, by name."""

    name: str
    caption: str


@dataclass(frozen=True)
class PageBreak:
    """The next block starts a page."""


Block = Heading | Paragraph | Note | Items | Table | Figure | PageBreak


@dataclass(frozen=True)
class Document:
    """A parsed source. ``meta`` holds title, number, version, date (ISO), owner, lang and optional extras."""

    meta: dict[str, str]
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """The heading of level 1."""
        return self.meta["title"]

    @property
    def is_chinese(self) -> bool:
        """Whether headers and labels are in Chinese; otherwise English."""
        return self.meta["lang"] == "zh"

    def masthead(self) -> str:
        """The line under the title: number, version, date and owner."""
        keys = ("number", "version", "date", "owner")
        labels = (
            ("文件编号", "版本", "发布日期", "归口部门") if self.is_chinese else ("No.", "Version", "Date", "Owner")
        )
        colon = "：" if self.is_chinese else ": "
        return "　".join(f"{label}{colon}{self.meta[key]}" for label, key in zip(labels, keys, strict=True))


def block_texts(block: Block) -> list[str]:
    """All strings a block shows, in reading order."""
    match block:
        case Heading(text=text) | Paragraph(text=text) | Note(text=text):
            return [text]
        case Items(texts=texts):
            return list(texts)
        case Table(cells=cells, caption=caption):
            return [caption, *(cell.text for cell in cells)]
        case Figure(caption=caption):
            return [caption]
        case PageBreak():
            return []
