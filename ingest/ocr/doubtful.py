"""Tables of a text layer that are in doubt: what the child is asked about one, and what its answer makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ingest.parsing.pdf.blocks.tabular import table_draft
from ingest.parsing.pdf.model import Frame, Grid, GridCell, PageLayout
from wenyuan.documents import Block, Box, Cell, Table

# The model writes 600 tokens at most, and spans of two digits.
_MOST: Final = 1_000


def question_of(block: Block) -> dict[str, Any]:
    """Return what ``ingest.ocr.bitmap.doubtful`` is told of the table as it is."""
    if block.table is None:
        raise ValueError("no table")
    cells = [_cell(cell, cell.box or block.boxes[0]) for cell in block.table.cells]
    return {"box": _sides(block.boxes[0]), "rows": block.table.rows, "columns": block.table.columns, "cells": cells}


def mended(block: Block, answer: Mapping[str, Any]) -> Block | None:
    """Return the table as the model sees it, None when it stands; ``ValueError`` and the like for no such answer."""
    seen = answer["grid"]
    if seen is None:
        return None
    if not (0 < seen["rows"] <= _MOST and 0 < seen["columns"] <= _MOST):
        raise ValueError("no size of a table")
    cells = [_grid_cell(cell, seen["rows"], seen["columns"]) for cell in seen["cells"]]
    box = block.boxes[0]
    grid = Grid(*_sides(box), seen["rows"], seen["columns"], cells)
    draft = table_draft(grid, PageLayout(box.page, Frame(box.x1, box.y1)))
    table: Table | None = draft.table
    return replace(block, text=draft.text, table=table) if table is not None else None


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1


def _cell(cell: Cell, box: Box) -> list[int | bool | float]:
    return [cell.row, cell.column, cell.row_span, cell.column_span, bool(cell.text), *_sides(box)]


def _grid_cell(cell: Mapping[str, Any], rows: int, columns: int) -> GridCell:
    row, column, down, across = (int(cell[name]) for name in ("row", "column", "row_span", "column_span"))
    if not (0 <= row < row + down <= rows and 0 <= column < column + across <= columns):
        raise ValueError("a cell outside of its table")
    x0, y0, x1, y1 = (float(side) for side in cell["rect"])
    return GridCell(row, column, down, across, (x0, y0, x1, y1), str(cell["text"]), bool(cell["header"]))
