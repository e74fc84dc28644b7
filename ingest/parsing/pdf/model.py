"""Values that pass between the steps of PDF layout analysis.

All coordinates are in points in the *text frame* of a page: origin at the top left, y downwards, turned so that the
page's dominant text runs left to right. ``Frame`` maps boxes back to the page as it is shown.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from wenyuan.documents import Hidden, Table

Rect: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1."""


class Quarter(IntEnum):
    """Direction in which text runs on the shown page, in quarter turns clockwise."""

    RIGHT = 0
    DOWN = 1
    LEFT = 2
    UP = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The text frame of a shown page of ``width`` × ``height`` points."""

    width: float
    height: float
    quarter: Quarter = Quarter.RIGHT

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in the text frame."""
        turned = self.quarter in (Quarter.DOWN, Quarter.UP)
        return (self.height, self.width) if turned else (self.width, self.height)

    def enter(self, rect: Rect) -> Rect:
        """Map a box of the shown page into the text frame."""
        x0, y0, x1, y1 = rect
        width, height = self.width, self.height
        if self.quarter is Quarter.DOWN:
            return y0, width - x1, y1, width - x0
        if self.quarter is Quarter.LEFT:
            return width - x1, height - y1, width - x0, height - y0
        if self.quarter is Quarter.UP:
            return height - y1, x0, height - y0, x1
        return rect

    def leave(self, rect: Rect) -> Rect:
        """Map a box of the text frame back to the shown page."""
        if self.quarter is Quarter.RIGHT:
            return rect
        inverse = {Quarter.DOWN: Quarter.UP, Quarter.UP: Quarter.DOWN}.get(self.quarter, self.quarter)
        width, height = self.size
        return Frame(width, height, inverse).enter(rect)


NO_SPACE: Final = 0
MADE_SPACE: Final = 1
WRITTEN_SPACE: Final = 2

MATH: Final = 1
MONO: Final = 2


class Glyph(NamedTuple):
    """A character with its box.

    ``space`` tells that a blank stands before it: one that the library makes up from a gap, or a written one. ``look``
    holds bits of the font (``MATH``, ``MONO``), ``ref`` the number of its text object on the page.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    space: int
    look: int = 0
    ref: int = -1


# Steps that go through all glyphs of a page take them apart by place, which costs a fraction of names.
TEXT_OF, LEFT_OF, TOP_OF, RIGHT_OF, BOTTOM_OF, SIZE_OF = (
    itemgetter(Glyph._fields.index(name)) for name in ("text", "x0", "y0", "x1", "y1", "size")
)


@dataclass(slots=True)
class Line:
    """A run of glyphs on one baseline without a wide gap.

    ``math`` and ``mono`` count glyphs of such fonts. ``edges`` has the left edge of each character of ``text``
    until the links of the page are placed in ``links`` as (start, end, target).
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    count: int
    math: int = 0
    mono: int = 0
    edges: list[float] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def rect(self) -> Rect:
        """The box."""
        return self.x0, self.y0, self.x1, self.y1

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Rules:
    """Straight strokes and pictures: ``across`` holds (x0, y, x1), ``down`` holds (x, y0, y1)."""

    across: list[tuple[float, float, float]] = field(default_factory=list)
    down: list[tuple[float, float, float]] = field(default_factory=list)
    pictures: list[Rect] = field(default_factory=list)


@dataclass(slots=True)
class GridCell:
    """A cell before its text is final: grid address, spans and box."""

    row: int
    column: int
    row_span: int
    column_span: int
    rect: Rect
    text: str = ""
    header: bool = False


@dataclass(slots=True)
class Grid:
    """A table found on a page, in the text frame; ``aligned`` tells that no strokes part its columns: perhaps wrong.

    ``texts`` says of tables without rules from where to where the text of each column reaches.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    rows: int
    columns: int
    cells: list[GridCell]
    aligned: bool = False
    texts: tuple[tuple[float, float], ...] = ()

    @property
    def rect(self) -> Rect:
        """The box."""
        return self.x0, self.y0, self.x1, self.y1


@dataclass(slots=True)
class Picture:
    """An image or a drawing of the page that is not its background; ``labels`` are lines that stand in a drawing."""

    x0: float
    y0: float
    x1: float
    y1: float
    labels: list[Line] = field(default_factory=list)

    @property
    def rect(self) -> Rect:
        """The box."""
        return self.x0, self.y0, self.x1, self.y1


Item: TypeAlias = Line | Grid | Picture


@dataclass(slots=True)
class HiddenText:
    """A run of text on a page that nobody sees, and why; the box is in ``frame``."""

    line: Line
    frame: Frame
    reason: Hidden


@dataclass(slots=True)
class PageLayout:
    """What was found on one page.

    ``side_lines`` run in another direction than the rest, with their own frames. ``separators`` are level strokes
    (x0, y, x1) outside tables. ``notes`` are lines of footnotes once they are told from the text. ``unseen_layer``: the
    text is drawn invisibly over a picture of the page. ``doubtful`` are the boxes of grids that
    alignment left in doubt.
    """

    number: int
    frame: Frame
    lines: list[Line] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    side_lines: list[tuple[Frame, Line]] = field(default_factory=list)
    separators: list[tuple[float, float, float]] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)
    doubtful: list[Rect] = field(default_factory=list)
    needs_ocr: bool = False
    garbled: bool = False
    unseen_layer: bool = False
    error: str | None = None


@dataclass(slots=True)
class Part:
    """A piece of a block: a box in the text frame of its page."""

    page: int
    frame: Frame
    rect: Rect


@dataclass(slots=True)
class Mark:
    """Text [start:end] of a draft is one line, which stands at ``part``."""

    start: int
    end: int
    part: Part


@dataclass(slots=True)
class Draft:
    """A block in the making. ``open_end``: its last line is full and no sentence ends there, so it may go on.

    ``level`` is set for headings. ``indented``: its first line stands in from the edge of the column. ``math`` is the
    number of characters in fonts for mathematics.
    """

    kind: str
    text: str
    parts: list[Part]
    size: float = 0.0
    bold: bool = False
    level: int = 0
    open_end: bool = False
    indented: bool = False
    math: int = 0
    table: Table | None = None
    hidden: Hidden | None = None
    marks: list[Mark] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)

    def append(self, text: str, glue: str) -> int:
        """Put ``text`` behind ``glue`` at the end and return where it starts; a backspace drops the last character."""
        if glue == "\b":
            self.text = self.text[:-1]
            for mark in self.marks:
                mark.end = min(mark.end, len(self.text))
            glue = ""
        start = len(self.text) + len(glue)
        self.text = f"{self.text}{glue}{text}"
        return start

    def absorb(self, other: "Draft", glue: str) -> None:
        """Go on with another draft: its text, boxes, lines and links."""
        start = self.append(other.text, glue)
        self.parts += other.parts
        self.marks += [Mark(mark.start + start, mark.end + start, mark.part) for mark in other.marks]
        self.links += [(one + start, two + start, target) for one, two, target in other.links]
        self.math += other.math
        self.open_end = other.open_end
