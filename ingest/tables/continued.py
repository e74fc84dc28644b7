"""Tables that go on on the next page become one, their repeated heads dropped, cells cut by the page break joined."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ingest.parsing.office.grid import NUMBER, table_text
from wenyuan.documents import Block, BlockKind, Page, Table
from wenyuan.text import join_lines

_LOW: Final = 0.55
_HIGH: Final = 0.42
_LEVEL: Final = 4.0
_SAME_EDGE: Final = 0.012
_REPEATED: Final = 6
_BETWEEN: Final = (BlockKind.HEADER, BlockKind.FOOTER, BlockKind.FOOTNOTE)
_AGAIN: Final = re.compile(
    r"(?:续\s*表|表\s*[\d.-]*\s*[（(]?续|[（(]\s*续\s*[）)]|\(?\s*continued|\(?cont[.’']?d)|^\s*[（(]?(?:单位|计量单位|unit)\s*[:：]",
    re.IGNORECASE,
)
_MAX_AGAIN: Final = 60


def join_continued(blocks: Sequence[Block], pages: Sequence[Page]) -> list[Block]:
    """Return the blocks with tables over page breaks joined, in the place of their first part.

    A table goes on when it ends low on a page and the next page (or the next column of text) begins with one of the
    same columns; only running heads, footnotes and a line such as 续表 may stand between, and that line is dropped.
    """
    sizes = {page.number: page for page in pages}
    joined: list[Block] = []
    chain: list[_Part] = []
    place = 0
    again: list[int] = []
    for block in blocks:
        if block.kind is BlockKind.TABLE and block.table is not None and block.boxes:
            repeated = _goes_on(chain, block, sizes, told=bool(again)) if chain else None
            if repeated is not None:
                chain.append(_Part(block, block.table, repeated))
                for at in reversed(again):
                    del joined[at]
                again = []
                continue
            _close(chain, joined, place)
            chain, place, again = [_Part(block, block.table, 0)], len(joined), []
        elif block.kind not in _BETWEEN:
            if chain and len(block.text) <= _MAX_AGAIN and _AGAIN.search(block.text):
                again.append(len(joined))
            else:
                _close(chain, joined, place)
                chain, again = [], []
        joined.append(block)
    _close(chain, joined, place)
    return joined


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a table, and how many of its first rows repeat the head."""

    block: Block
    table: Table
    repeated: int


def _goes_on(chain: Sequence[_Part], second: Block, sizes: Mapping[int, Page], *, told: bool) -> int | None:
    """Return how many rows of ``second`` repeat the head of the table it goes on with; None when it is another."""
    head, before, after = chain[0].table, chain[-1].table, second.table
    if after is None or before.columns != after.columns:
        return None
    end, start = chain[-1].block.boxes[-1], second.boxes[0]
    # Two tables at one height stand side by side, unless the left one came over from the column before.
    level = len(chain) > 1 and abs(start.y0 - end.y0) < _LEVEL
    beside = start.page == end.page and start.x0 > (end.x0 + end.x1) / 2 and (start.y0 < end.y0 or level)
    if (start.page != end.page + 1 and not beside) or end.page not in sizes or start.page not in sizes:
        return None
    above, below = sizes[end.page], sizes[start.page]
    if end.y1 < _LOW * above.height or start.y0 > _HIGH * below.height:
        return None
    repeated = _repeated_head(head, after)
    if not _same_columns(before, after, max(above.width, below.width), sure=repeated > 0):
        return None
    if not repeated and not told and _has_own_head(head, after):
        return None
    return repeated


def _close(chain: Sequence[_Part], joined: list[Block], place: int) -> None:
    """Put the whole table in the place of its first part."""
    if len(chain) < 2:
        return
    table = _whole(chain)
    joined[place] = replace(
        chain[0].block,
        table=table,
        text=table_text(table),
        boxes=tuple(box for part in chain for box in part.block.boxes),
        lines=(),
        links=(),
        confidence=_mean([part.block for part in chain]),
    )


def _mean(blocks: Sequence[Block]) -> float | None:
    told = [(block.confidence, max(len(block.text), 1)) for block in blocks if block.confidence is not None]
    if not told:
        return None
    return round(sum(value * weight for value, weight in told) / sum(weight for _, weight in told), 4)


def _same_columns(before: Table, after: Table, width: float, *, sure: bool) -> bool:
    """Tell whether the edges of the columns agree, counted from the left one, as far as cells show them.

    Columns of a table found by alignment are cut between texts, which differ from page to page: where the head is
    repeated (``sure``) the edges may be further off.
    """
    ours, theirs = _edges(before), _edges(after)
    common = ours.keys() & theirs.keys()
    if not common:
        return False
    slack = max(_SAME_EDGE * width, 3.0)
    near = sum(abs(ours[edge] - theirs[edge]) <= (_REPEATED * slack if sure else slack) for edge in common)
    outer = [] if sure else [edge for edge in (0, before.columns) if edge in common]
    return near >= 0.7 * len(common) and all(abs(ours[edge] - theirs[edge]) <= 2 * slack for edge in outer)


def _edges(table: Table) -> dict[int, float]:
    found: dict[int, list[float]] = {}
    last_page = max((cell.box.page for cell in table.cells if cell.box), default=0)
    for cell in table.cells:
        if cell.box is not None and cell.box.page == last_page:
            found.setdefault(cell.column, []).append(cell.box.x0)
            found.setdefault(cell.column + cell.column_span, []).append(cell.box.x1)
    edges = {edge: sorted(values)[len(values) // 2] for edge, values in found.items()}
    left = min(edges.values(), default=0.0)
    return {edge: value - left for edge, value in edges.items()}


def _head_depth(table: Table) -> int:
    return max((cell.row + cell.row_span for cell in table.cells if cell.header), default=0)


def _row_texts(table: Table, row: int) -> list[tuple[int, int, str]]:
    return [
        (cell.column, cell.column_span, "".join(cell.text.split()))
        for cell in sorted(table.cells, key=lambda one: one.column)
        if cell.row == row and cell.text
    ]


def _repeated_head(before: Table, after: Table) -> int:
    """Return how many rows at the top of ``after`` repeat the head of ``before``."""
    depth = max(_head_depth(before), 1)
    if depth >= after.rows:
        return 0
    same = all(_row_texts(before, row) == _row_texts(after, row) for row in range(depth))
    return depth if same and _row_texts(after, 0) else 0


def _has_own_head(before: Table, after: Table) -> bool:
    """Tell whether the second part begins with words over columns that hold values: it is another table then."""
    body = [cell for cell in before.cells if not cell.header and cell.text and cell.column > 0]
    numeric = {
        column
        for column in {cell.column for cell in body}
        if sum(bool(NUMBER.match(c.text)) for c in body if c.column == column)
        >= 0.6 * sum(c.column == column for c in body)
    }
    top = [cell for cell in after.cells if cell.row == 0 and cell.column in numeric and cell.text]
    words = sum(not NUMBER.match(cell.text) for cell in top)
    return bool(top) and words >= 0.6 * len(top) and words >= min(len(numeric), 2)


def _whole(chain: Sequence[_Part]) -> Table:
    depth = _head_depth(chain[0].table)
    cells = list(chain[0].table.cells)
    rows = chain[0].table.rows
    # Where each column's cell of the last row stands among the cells.
    last = {cell.column: at for at, cell in enumerate(cells) if cell.row + cell.row_span == rows}
    for one, part in pairwise(chain):
        skipped = part.repeated
        if _is_cut(one.table, part.table, skipped):
            for cell in part.table.cells:
                at = last.get(cell.column)
                if cell.row == skipped and cell.text and at is not None:
                    cells[at] = replace(cells[at], text=join_lines([cells[at].text, cell.text]).strip())
            skipped += 1
        shift = rows - skipped
        rows = shift + part.table.rows
        start = len(cells)
        cells += [replace(c, row=c.row + shift, header=False) for c in part.table.cells if c.row >= skipped]
        fresh = enumerate(cells[start:], start)
        last = {cell.column: at for at, cell in fresh if cell.row + cell.row_span == rows} or last
    cells = [replace(cell, header=True) if cell.row < depth and not cell.header else cell for cell in cells]
    return Table(rows, chain[0].table.columns, tuple(cells))


def _is_cut(before: Table, after: Table, repeated: int) -> bool:
    """Tell whether the first row of the second part goes on with the last row of the first.

    It has no label where the rows of both parts have one, its cells are of one row, and the cells above are filled and
    leave their sentence open.
    """
    top = [cell for cell in after.cells if cell.row == repeated]
    if not any(cell.text for cell in top) or any(cell.row_span > 1 or cell.column_span > 1 for cell in top):
        return False
    labelled = {cell.row for cell in (*before.cells,) if cell.column == 0 and cell.text}
    if repeated in {cell.row for cell in after.cells if cell.column == 0 and cell.text}:
        return False
    last = {cell.column: cell for cell in before.cells if cell.row == before.rows - 1 and cell.column_span == 1}
    if before.rows - 1 not in labelled or len(labelled) < 0.8 * before.rows:
        return False
    going_on = [cell for cell in top if cell.text]
    return all(cell.column in last and last[cell.column].text and not NUMBER.match(cell.text) for cell in going_on)
