"""What a document is made of: source file, pages, blocks, tables, chunks.

Boxes are in page units (PDF points, or pixels of an image), origin at the top left of the page as it is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
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
    FOOTNOTE = "footnote"
    HEADER = "header"
    FOOTER = "footer"


class PageSource(StrEnum):
    """Where the text of a page came from."""

    TEXT = "text"
    OCR = "ocr"
    NONE = "none"


class Hidden(StrEnum):
    """Why a person who looks at the document does not see a text that is in its file."""

    COLOUR = "colour"
    TINY = "tiny"
    OFF_PAGE = "off_page"
    COVERED = "covered"
    MARKED = "marked"


class ValueKind(StrEnum):
    """What a table cell holds when it is not just words."""

    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    RANGE = "range"


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
    """One page as shown: number (1-based), size in page units, and what went wrong with it, if anything did.

    ``confidence`` is the mean OCR confidence of its characters in 0..1, None where nothing was recognised.
    """

    number: int
    width: float
    height: float
    source: PageSource = PageSource.TEXT
    error: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class CellValue:
    """The typed value of a cell: ``low`` is the number, or the lower end of a range up to ``high``.

    A percentage is stored as written (12.5 for 12.5 %). ``unit`` is the unit of the cell, or else the one its column,
    row or table head gives. A date is ISO 8601 in ``date``, as precise as it was written (``2026``, ``2026-11``).
    """

    kind: ValueKind
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    date: str | None = None


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
    value: CellValue | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as cells; each grid position is covered by at most one cell."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]

    def lines(self) -> list[str]:
        """Return one line for each row, cells parted by `` | ``; a merged cell's text stands at each of its positions.

        So every line has all columns, and a value can be read with the header above it. A row that is one cell over
        all columns stands alone, once. Empty cells at the end are left out; a row without text is an empty line.
        """
        grid = [[""] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    grid[row][column] = cell.text
        wide = {cell.row for cell in self.cells if cell.column_span == self.columns > 1 and cell.row_span == 1}
        return [
            row[0] if index in wide else " | ".join(row).rstrip(" |") if any(row) else ""
            for index, row in enumerate(grid)
        ]

    def without(self, rows: Collection[int]) -> "Table":
        """Return the table with only those rows that are not among ``rows``, which close up."""
        kept = [row for row in range(self.rows) if row not in rows]
        cells = []
        for cell in self.cells:
            covered = [place for place, row in enumerate(kept) if cell.row <= row < cell.row + cell.row_span]
            if covered:
                cells.append(replace(cell, row=covered[0], row_span=len(covered)))
        return Table(len(kept), self.columns, tuple(cells))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a block: block text [start:end], where it stands, and the confidence of its recognition in 0..1."""

    start: int
    end: int
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Block text [start:end] points at ``target``: a URL as written, or ``page:N`` inside the document."""

    start: int
    end: int
    target: str


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
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    media: str | None = None
    hidden: Hidden | None = None


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
    """Part of a chunk's text that comes from one block: chunk text [start:end] stands in block ``ordinal``.

    ``rows`` are the rows of a table (0-based) that it shows; empty where they are not known, or the block is none.
    """

    ordinal: int
    start: int
    end: int
    boxes: tuple[Box, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage derived only from blocks of one version; reproducible from them.

    ``context`` (title and heading path) is put before the text for embedding and lexical search, and is not quoted.
    ``tokens`` counts the embedder's tokens of context and text together. Chunks of one ``section`` (0-based, in reading
    order) have one parent: the section's whole text.
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
    section: int = 0


class DocumentKind(StrEnum):
    """What kind of document it is by its cues; ``UNKNOWN`` when they are too few or point to several."""

    CONTRACT = "contract"
    LAW = "law"
    HANDBOOK = "handbook"
    REPORT = "report"
    INVOICE = "invoice"
    STANDARD = "standard"
    POLICY = "policy"
    RESUME = "resume"
    MINUTES = "minutes"
    MAIL = "mail"
    MANUAL = "manual"
    PAPER = "paper"
    UNKNOWN = "unknown"


class DateRole(StrEnum):
    """What happened, or happens, to the document on a date."""

    ISSUED = "issued"
    EFFECTIVE = "effective"
    EXPIRES = "expires"
    REPEALED = "repealed"


class EntityKind(StrEnum):
    """What a name in a document names."""

    ORGANISATION = "organisation"
    PUBLICATION = "publication"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of a summary and the blocks it is taken from; a model's sentence names none."""

    text: str
    blocks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileDate:
    """A date of validity: ISO 8601 as precise as it was written (``2026-11``), the words, the block they stand in."""

    role: DateRole
    date: str
    text: str
    block: int


@dataclass(frozen=True, slots=True)
class DefinedTerm:
    """A term that the document defines, or an abbreviation it introduces, with its meaning as written."""

    term: str
    meaning: str
    block: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A name, how often it stands in the document, and the block it stands in first."""

    name: str
    kind: EntityKind
    count: int
    block: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What enrichment found out about a version. A part that is switched off is empty.

    ``confidence`` of the kind is in 0..1. ``summary_by`` and ``keywords_by`` say who wrote them: ``extractive`` and
    ``statistical`` take them from the text, ``llm`` is a language model, None is nobody.
    """

    language: str
    kind: DocumentKind = DocumentKind.UNKNOWN
    confidence: float = 0.0
    summary: tuple[SummarySentence, ...] = ()
    summary_by: str | None = None
    keywords: tuple[str, ...] = ()
    keywords_by: str | None = None
    dates: tuple[ProfileDate, ...] = ()
    terms: tuple[DefinedTerm, ...] = ()
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text that was corrected stood, as far as another parse of the file can tell: by its words.

    ``text`` is the text of a block, or of a table cell where ``cell`` is set. ``before`` and ``after`` are the
    beginnings of the neighbouring blocks; for a cell the other cells of its row and the head of its column. ``nth``
    counts places that are equal in all that, from 0.
    """

    text: str
    before: str = ""
    after: str = ""
    cell: bool = False
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's correction: what stood at ``place`` reads ``text``. ``author`` is a user's name."""

    id: str
    place: Place
    text: str
    author: str
    created_at: float
