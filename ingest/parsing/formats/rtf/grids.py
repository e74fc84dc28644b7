"""Tables of RTF: rows that give the right edge of each cell, made one grid."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.parsing.office.grid import clean_cell, make_table
from wenyuan.documents import Cell, Table

_SLACK: Final = 40
_MAX_CELLS: Final = 100_000


@dataclass(slots=True)
class CellShape:
    """A cell as its row defines it: its right edge in twips, and whether it opens or continues a merged cell."""

    right: int = 0
    first_across: bool = False
    across: bool = False
    first_down: bool = False
    down: bool = False


@dataclass(slots=True)
class Row:
    """A row: its left edge, the shapes of its cells, their texts; ``head`` repeats on every page."""

    left: int = 0
    shapes: list[CellShape] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    head: bool = False


def make_grid(rows: Sequence[Row]) -> Table | None:
    """Return the table of consecutive rows, cells over the columns between their edges; None without text."""
    if sum(len(row.shapes) for row in rows) > _MAX_CELLS:
        raise ValueError("table too large")
    edges = _edges(rows)
    cells: list[Cell] = []
    open_down: dict[tuple[int, int], int] = {}
    for number, row in enumerate(rows):
        for left, right, shape, text in _spans(row, edges):
            if left >= right:
                continue
            above = open_down.get((left, right))
            if shape.down and above is not None:
                grown = cells[above]
                joined = f"{grown.text} {clean_cell(text)}".strip()
                cells[above] = Cell(
                    grown.row, left, joined, number - grown.row + 1, right - left, grown.header
                )  # fmt: skip
                continue
            open_down = {span: index for span, index in open_down.items() if span[1] <= left or span[0] >= right}
            if shape.first_down:
                open_down[left, right] = len(cells)
            cells.append(Cell(number, left, clean_cell(text), 1, right - left, row.head))
    return make_table(cells)


def _edges(rows: Sequence[Row]) -> list[int]:
    """The column edges of all rows, those that nearly meet made one."""
    found = sorted({row.left for row in rows} | {shape.right for row in rows for shape in row.shapes})
    edges: list[int] = []
    for edge in found:
        if not edges or edge - edges[-1] > _SLACK:
            edges.append(edge)
    return edges


def _spans(row: Row, edges: Sequence[int]) -> list[tuple[int, int, CellShape, str]]:
    """Each cell of a row from its first column to behind its last, cells merged across made one."""
    spans: list[tuple[int, int, CellShape, str]] = []
    left = _column(row.left, edges)
    for index, shape in enumerate(row.shapes):
        right = _column(shape.right, edges)
        text = row.texts[index] if index < len(row.texts) else ""
        if shape.across and spans:
            first, _, opened, before = spans[-1]
            spans[-1] = (first, right, opened, f"{before} {text}".strip())
        else:
            spans.append((left, right, shape, text))
        left = right
    return spans


def _column(edge: int, edges: Sequence[int]) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - edge)) if edges else 0
