"""What a document is made of: source file, pages, blocks, tables, chunks.

Boxes are in page units (PDF points, or pixels of an image), origin at the top left of the page as it is shown.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    """Kinds of block in reading order; ``HEADER`` and ``FOOTER`` are running heads, kept but never chunked."""

    TITLE = "title"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    FIGURE = "figure"
    CAPTION = "caption"
    CODE = "code"
    FORMULA = "formula"
    HEADER = "header"
    FOOTER = "footer"


class PageSource(StrEnum):
    """Where the text of a page came from."""

    TEXT = "text"
    OCR = "ocr"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page (1-based number)."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page as shown: number (1-based), size in page units, and what went wrong with it, if anything did."""

    number: int
    width: float
    height: float
    source: PageSource = PageSource.TEXT
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; ``row`` and ``column`` are 0-based, spans are at least 1."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    header: bool = False
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as cells; each grid position is covered by at most one cell."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page in reading order.

    ``boxes`` is empty only for formats without pages; then ``anchor`` or ``heading_path`` says where it stands
    (for a sheet ``'Sheet1'!A1:D9``). ``level`` is the depth of a title, 1-based, else 0. ``confidence`` is the mean
    OCR confidence in 0..1, or None for a text layer.
    """

    kind: BlockKind
    text: str
    boxes: tuple[Box, ...] = ()
    heading_path: tuple[str, ...] = ()
    level: int = 0
    anchor: str | None = None
    confidence: float | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser returns. ``warnings`` are codes with a page or place, never text of the document."""

    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    title: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Uploaded bytes on disk; the media type is read from the content, the name is only a label."""

    path: str
    filename: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class BlockRange:
    """Part of a chunk's text that comes from one block: chunk text [start:end] stands in block ``ordinal``."""

    ordinal: int
    start: int
    end: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage derived only from blocks of one version; reproducible from them.

    ``context`` (title and heading path) is put before the text for embedding and lexical search, and is not quoted.
    ``tokens`` counts the embedder's tokens of context and text together.
    """

    ordinal: int
    text: str
    context: str
    heading_path: tuple[str, ...]
    ranges: tuple[BlockRange, ...]
    tokens: int
    language: str
    anchor: str | None = None
    pages: tuple[int, ...] = field(default=())
