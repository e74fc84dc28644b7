"""The document that is drawn and, at the same time, what a parser should read from it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from wenyuan.documents import Table


class TableKind(StrEnum):
    """How a table shows its structure."""

    RULED = "ruled"
    MERGED = "merged"
    THREE_LINE = "three-line"
    BORDERLESS = "borderless"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with its number as printed; ``level`` is 1-based, 0 stands for the title of the document."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``note`` is the text of a footnote whose mark stands at its end."""

    text: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list; items carry their numbers as printed, ``bulleted`` ones have none."""

    items: tuple[str, ...]
    bulleted: bool


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table and its caption above it.

    ``aligns`` gives left, center or right for each column; ``head_rows`` are repeated on the next page.
    """

    kind: TableKind
    table: Table
    caption: str
    head_rows: int
    aligns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A small line below a table that says where its numbers come from."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A bar chart without words, and its caption below it."""

    caption: str
    heights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents on a page of its own, with leader dots: (title, level, page)."""

    title: str
    entries: tuple[tuple[str, int, int], ...]


DocumentBlock = Heading | Paragraph | Items | TableBlock | Remark | Figure | Contents


@dataclass(frozen=True, slots=True)
class Look:
    """How a document is drawn. Sizes in points; ``bold`` and ``sizes`` go by heading level, index 0 for the title."""

    body_size: float
    leading: float
    sizes: tuple[float, ...]
    bold: tuple[bool, ...]
    serif: bool
    indent: bool
    running_head: str
    page_number: str
    outlined: bool


@dataclass(frozen=True, slots=True)
class TruthDocument:
    """Blocks in reading order. The first ``opening`` ones stand in one column even if ``columns`` is 2."""

    seed: int
    name: str
    language: str
    columns: int
    blocks: tuple[DocumentBlock, ...]
    opening: int
    look: Look = field(compare=False)

    def without_notes(self) -> "TruthDocument":
        """The same document for a generator that cannot set footnotes on its pages."""
        plain = tuple(replace(block, note=None) if isinstance(block, Paragraph) else block for block in self.blocks)
        return replace(self, blocks=plain)
