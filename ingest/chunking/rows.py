"""Rows of a table as pieces: every row with all its labels, a long one in parts that each say which row they are of."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from ingest.chunking.lines import union
from ingest.chunking.pieces import Counter, Cut, Piece, cuts_of, measured
from wenyuan.documents import Block, Box, Cell, Table
from wenyuan.text import squeeze

SEPARATOR = " | "
_AMOUNT: Final = re.compile(r"\s*[$€£¥￥]\s?\(?[\d,.]+\)?\s*|\s*\(?\d{1,3}(?:,\d{3})+(?:\.\d+)?\)?\s*")


def row_pieces(ordinal: int, block: Block, table: Table, count: Counter, budget: int) -> Iterator[Piece]:
    """Yield the rows, a merged cell's text in every position it covers, so that each value keeps its labels."""
    heads = _header_rows(table)
    grid = {
        (cell.row + down, cell.column + along): cell
        for cell in table.cells
        for down in range(cell.row_span)
        for along in range(cell.column_span)
    }
    for row in range(table.rows):
        line = [grid.get((row, column)) for column in range(table.columns)]
        texts = ["" if cell is None else squeeze(cell.text) for cell in line]
        if not any(texts):
            continue
        own = [cell for cell in line if cell is not None and cell.row == row]
        boxes = _row_boxes(own) or block.boxes
        first = _first_of_span(grid, row)
        for text, tokens in _fitting(texts, count, budget):
            cut = Cut.PARAGRAPH if first else Cut.ITEM
            yield Piece(ordinal, text, boxes, "\n", tokens, cut, head=row < heads, anchor=block.anchor, row=row)
            first = False


def _fitting(texts: list[str], count: Counter, budget: int) -> Iterator[tuple[str, int]]:
    """Yield the row, in several lines if it is too long; each begins with the row's label then."""
    whole = SEPARATOR.join(texts)
    tokens = measured(whole, count, budget)
    if tokens is not None:
        yield whole, tokens
        return
    label = texts[0] if texts[0] and len(texts) > 1 and measured(texts[0], count, budget // 4) is not None else ""
    rest = SEPARATOR.join(texts[1:] if label else texts)
    lead = f"{label}{SEPARATOR}" if label else ""
    room = max(1, budget - count(lead)) if lead else budget
    for start, end in cuts_of(rest, count, room):
        part = lead + rest[start:end].strip()
        yield part, count(part)


def _first_of_span(grid: dict[tuple[int, int], Cell], row: int) -> bool:
    """Whether the row begins what its first cell spans: rows that share a label are better kept together."""
    first = grid.get((row, 0))
    return first is None or first.row == row


def _header_rows(table: Table) -> int:
    """Return how many rows at the top are header rows.

    Where no cell says so the first row counts as one, unless it holds an amount with its sign or separator.
    """
    marked = {cell.row for cell in table.cells if cell.header}
    if marked and table.rows > len(marked):
        count = 0
        while count in marked:
            count += 1
        return count
    amounts = any(cell.row == 0 and cell.column > 0 and _AMOUNT.fullmatch(cell.text) for cell in table.cells)
    return 1 if table.rows > 1 and not amounts else 0


def _row_boxes(cells: list[Cell]) -> tuple[Box, ...]:
    """Join the boxes of a row's own cells; cells spanning down from it would mark the rows below, so they are cut."""
    boxes = [cell.box for cell in cells if cell.box is not None and cell.row_span == 1]
    boxes = boxes or [cell.box for cell in cells if cell.box is not None]
    joined = []
    for _, group in groupby(sorted(boxes, key=lambda box: box.page), key=lambda box: box.page):
        first, *others = group
        for box in others:
            first = union(first, box)
        joined.append(first)
    return tuple(joined)
