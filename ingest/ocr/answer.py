"""The child's answer about a bitmap, as blocks of the page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.ocr.page.layout import Area, page_blocks
from ingest.ocr.page.lines import Rect, TextLine, around, make_line
from ingest.ocr.page.upright import Point, Upright
from ingest.ocr.tables import read_table_block
from wenyuan.documents import Block, BlockKind, Box, Cell, Table

Answer = Mapping[str, Any]


def blocks_of(answer: Answer, page: int, width: float, height: float) -> tuple[Block, ...]:
    """Return the blocks of a page of ``width`` by ``height`` units in reading order, seals last."""
    place = _Placing(answer, page, width, height)
    lines = [make_line(place.scaled(corners), text, score, place.back) for corners, text, score in answer["lines"]]
    tables = [(place.seen(table["box"]), _table(table, lines, place)) for table in answer["tables"]]
    taken = {at for table in answer["tables"] for at in table["lines"]}
    figures = [Area(place.seen(box), place.shown(box)) for kind, *box in answer["regions"] if kind == "figure"]
    rest = [line for at, line in enumerate(lines) if at not in taken]
    blocks = page_blocks(rest, page, place.height, figures, tables)
    seals = (
        Block(BlockKind.FIGURE, text, (place.box(around(corners)),), confidence=round(score, 4))
        for corners, text, score in answer["seals"]
    )
    return (*blocks, *seals)


class _Placing:
    """From pixels of the upright bitmap to where layout sees them, and to the page as it is."""

    def __init__(self, answer: Answer, page: int, width: float, height: float) -> None:
        self._frame = Upright(answer["width"], answer["height"], answer["quarters"], answer["slant"])
        self._page = page
        self._size = width, height
        self._scale = width / answer["width"], height / answer["height"]
        # Layout works on the upright page, in units as large as the page's.
        self._unit = math.sqrt(self._scale[0] * self._scale[1])
        self.height = self._frame.size[1] * self._unit

    def scaled(self, corners: Sequence[Sequence[float]]) -> list[Point]:
        """Pixels as layout sees them."""
        return [(x * self._unit, y * self._unit) for x, y in corners]

    def back(self, x: float, y: float) -> Point:
        """A point that layout sees, on the page as it is."""
        x, y = self._frame.back(x / self._unit, y / self._unit)
        return min(max(x * self._scale[0], 0.0), self._size[0]), min(max(y * self._scale[1], 0.0), self._size[1])

    def seen(self, box: Sequence[float]) -> Rect:
        """A box of pixels as layout sees it."""
        return around(self.scaled([(box[0], box[1]), (box[2], box[3])]))

    def shown(self, box: Sequence[float]) -> Rect:
        """A box of pixels, on the page as it is."""
        x0, y0, x1, y1 = self.seen(box)
        return around([self.back(x, y) for x in (x0, x1) for y in (y0, y1)])

    def box(self, box: Sequence[float]) -> Box:
        """A box of pixels as a box of the page."""
        return Box(self._page, *self.shown(box))


def _table(table: Answer, lines: Sequence[TextLine], place: _Placing) -> Block:
    cells = tuple(
        Cell(row, column, text, down, across, header=header, box=place.box(box))
        for row, column, down, across, header, *box, text in table["cells"]
    )
    own = [lines[at] for at in table["lines"]]
    return read_table_block(Table(table["rows"], table["columns"], cells), own, place.box(table["box"]))
