"""Where a cell stands: the row in the passage that shows it, the box of the cell, its address in a sheet."""

from dataclasses import dataclass

from wenyuan.answers import Evidence, SeenTable
from wenyuan.documents import BlockRange, Box
from wenyuan.parts.addresses import read_range


@dataclass(frozen=True, slots=True)
class CellCitation:
    """Characters of a passage that show the row of a cell, the boxes of the cell, and its address in a sheet."""

    evidence: Evidence
    start: int
    end: int
    boxes: tuple[Box, ...]
    anchor: str | None


def cite_cell(table: SeenTable, row: int, column: int) -> CellCitation | None:
    """Return where the cell at a position of the table stands, None where no passage open to the reader shows it."""
    stored = table.rows[row]
    text = _text(table, row, column)
    for passage in table.passages:
        for one in passage.ranges:
            if one.ordinal != stored.ordinal or stored.row not in one.rows:
                continue
            start, end = _row_span(passage.text, one, stored.row, text)
            if start < end:
                return CellCitation(passage, start, end, _boxes(table, row, column), _address(table, row, column))
    return None


def _text(table: SeenTable, row: int, column: int) -> str:
    grid = table.block.table
    if grid is None:
        return ""
    for cell in grid.cells:
        if cell.row <= row < cell.row + cell.row_span and cell.column <= column < cell.column + cell.column_span:
            return " ".join(cell.text.split())
    return ""


def _row_span(passage: str, one: BlockRange, row: int, text: str) -> tuple[int, int]:
    """Return the line of a row within a range: a row has a line of its own, a long one has several."""
    lines = []
    at = one.start
    for line in passage[one.start : one.end].split("\n"):
        if line.strip():
            lines.append((at, at + len(line)))
        at += len(line) + 1
    if len(lines) == len(one.rows):
        return lines[one.rows.index(row)]
    holding = [span for span in lines if text and text in passage[slice(*span)]]
    return holding[0] if len(holding) == 1 else (one.start, one.end)


def _boxes(table: SeenTable, row: int, column: int) -> tuple[Box, ...]:
    grid = table.block.table
    if grid is None:
        return ()
    for cell in grid.cells:
        if cell.row <= row < cell.row + cell.row_span and cell.column <= column < cell.column + cell.column_span:
            return () if cell.box is None else (cell.box,)
    return ()


def _address(table: SeenTable, row: int, column: int) -> str | None:
    """Return the address of a cell where the row of its sheet is certain, else the anchor of its block."""
    place = table.rows[row]
    found = read_range(place.anchor)
    return place.anchor if found is None or place.line is None else found.cell(place.line, column)
