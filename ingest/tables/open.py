"""Tables without upright strokes, from the alignment of their text: three-line tables, and those without any stroke."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.parsing.office.grid import NUMBER
from ingest.parsing.pdf.lines import text_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell, Rect
from ingest.tables.columns import add_empty_columns, cut_at, find_gutters
from ingest.tables.head import Stroke, head_cells
from ingest.tables.rows import TextRow, columns_of, runs, table_rows, text_rows
from ingest.tables.wrapped import paused_rows, wrapped_rows

_CUT_GAP: Final = 0.12
_WORD_GAP: Final = 0.36
_MAX_HEAD: Final = 4
_MAX_COLUMNS: Final = 100
_WHOLE: Final = 0.9
_MAX_REMARK: Final = 160
_YEAR: Final = (1900, 2100)
_TOTAL: Final = re.compile(
    r"合计|总计|小计|共计|总和|平均(?:值|数)?|(?:grand|sub)?-?totals?|sum|average|mean", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known of a table: its box, strokes from side to side below its top, and shorter ones in its head.

    ``head`` is where the head ends if a stroke or bold type says so, ``rows`` are the rows of the rest if known.
    """

    rect: Rect
    floors: tuple[float, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    head: float | None = None
    rows: Sequence[Sequence[TextRow]] = ()


def open_grid(frame: Frame, glyphs: Sequence[Glyph]) -> Grid | None:
    """Cut the text inside ``frame`` into cells; None when it has no two columns."""
    rows = text_rows(glyphs)
    if len(rows) < 2:
        return None
    left, top, right, bottom = frame.rect
    body = [row for row in rows if frame.head is None or row.middle > frame.head]
    head = [row for row in rows if frame.head is not None and row.middle <= frame.head]
    gutters = find_gutters(body, left, right)
    if not gutters and head:
        gutters = find_gutters(rows, left, right)
    gutters = add_empty_columns(gutters, body, head[-1]) if head and body else gutters
    if not 0 < len(gutters) < _MAX_COLUMNS:
        return None
    cuts = [cut_at(gutter, head) for gutter in gutters]
    xs = [left, *cuts, right]
    floors = [y for y in frame.floors if frame.head is None or y > frame.head + 1]
    bands = [list(band) for band in frame.rows]
    if not bands:
        told = None if floors else paused_rows(body, cuts) or wrapped_rows(body, cuts)
        bands = told or table_rows(body, cuts, floors)
    if not head:
        depth = _head_depth(bands, cuts)
        head, bands = [row for band in bands[:depth] for row in band], bands[depth:]
    if not bands:
        return None
    extents = _extents(bands, head, cuts, left, right)
    edge = frame.head if frame.head is not None else _between(head, bands[0]) if head else top
    cells, height = head_cells(head, xs, extents, top, edge, frame.strokes) if head else ([], 0)
    edges = [edge, *(_floor(one, two, frame.floors) for one, two in pairwise(bands)), bottom]
    for number, band in enumerate(bands):
        cells += _row_cells(band, height + number, xs, edges[number], edges[number + 1])
    cells = _widen_totals(_span_labels(cells, height, len(bands)))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(left, top, right, bottom, height + len(bands), len(xs) - 1, cells, aligned=True, texts=tuple(extents))


def _head_depth(bands: Sequence[Sequence[TextRow]], cuts: Sequence[float]) -> int:
    """Return how many rows are the head when no stroke tells: those above the first one with values, if they differ."""
    first = next((at for at, band in enumerate(bands) if _has_values(band, cuts)), 0)
    if first == 0:
        words = not _has_numbers(bands[0], cuts)
        return 1 if len(bands) > 1 and (words or _years(bands[0], cuts)) else 0
    depth = 1
    while depth < min(first, _MAX_HEAD) and len(columns_of(bands[depth - 1], cuts)) <= len(cuts):
        depth += 1
    return depth if depth < len(bands) else 0


def _texts(band: Sequence[TextRow], cuts: Sequence[float]) -> dict[int, str]:
    """Return the texts of a row by column; words that run across a cut are one text of the first column they touch."""
    found: dict[int, list[Glyph]] = {}
    for row in band:
        for run in runs(row.glyphs, _WORD_GAP):
            columns = [bisect_right(cuts, (glyph.x0 + glyph.x1) / 2) for glyph in run]
            words = columns[0] != columns[-1] and any(glyph.text.isalpha() for glyph in run)
            for glyph, column in zip(run, columns, strict=True):
                found.setdefault(columns[0] if words else column, []).append(glyph)
    return {column: text_of(own) for column, own in found.items()}


def _has_numbers(band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    return any(column > 0 and NUMBER.match(text) for column, text in _texts(band, cuts).items())


def _has_values(band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    texts = [text for column, text in _texts(band, cuts).items() if column > 0 and NUMBER.match(text)]
    return any(not _is_year(text) for text in texts)


def _years(band: Sequence[TextRow], cuts: Sequence[float]) -> bool:
    numbers = [text for column, text in _texts(band, cuts).items() if column > 0 and NUMBER.match(text)]
    return bool(numbers) and all(map(_is_year, numbers))


def _is_year(text: str) -> bool:
    return text.strip().isdecimal() and _YEAR[0] <= int(text) <= _YEAR[1]


def _extents(
    bands: Sequence[Sequence[TextRow]], head: Sequence[TextRow], cuts: Sequence[float], left: float, right: float
) -> list[tuple[float, float]]:
    """Return where text stands in each column; cells over several columns do not count."""
    edges = [left, *cuts, right]
    found: list[tuple[float, float]] = []
    body = _by_column([row for band in bands for row in band] or head, cuts)
    last = _by_column(head[-1:], cuts)
    for column, (start, end) in enumerate(pairwise(edges)):
        own = body.get(column) or last.get(column)
        found.append((min(g.x0 for g in own), max(g.x1 for g in own)) if own else (start, end))
    return found


def _by_column(rows: Sequence[TextRow], cuts: Sequence[float]) -> dict[int, list[Glyph]]:
    found: dict[int, list[Glyph]] = {}
    for row in rows:
        for glyph in row.glyphs:
            found.setdefault(bisect_right(cuts, (glyph.x0 + glyph.x1) / 2), []).append(glyph)
    return found


def _between(above: Sequence[TextRow], below: Sequence[TextRow]) -> float:
    return (max(row.y1 for row in above) + min(row.y0 for row in below)) / 2


def _floor(above: Sequence[TextRow], below: Sequence[TextRow], floors: Sequence[float]) -> float:
    drawn = [y for y in floors if above[-1].middle < y < below[0].middle]
    return drawn[0] if drawn else _between(above, below)


def _row_cells(band: Sequence[TextRow], number: int, xs: Sequence[float], top: float, bottom: float) -> list[GridCell]:
    """Return the cells of a row; text that runs across the edge of a column makes one cell of both."""
    cuts = xs[1:-1]
    joined: set[int] = set()
    placed: list[tuple[int, Glyph]] = []
    for row in band:
        beside = [(bisect_right(cuts, (glyph.x0 + glyph.x1) / 2), glyph) for glyph in row.glyphs]
        for (a, one), (b, two) in pairwise(beside):
            if a != b and two.x0 - one.x1 < _CUT_GAP * max(one.size, two.size):
                joined.update(range(a, b))
        placed += beside
    cells: list[GridCell] = []
    column = 0
    while column < len(xs) - 1:
        last = column
        while last in joined:
            last += 1
        own = [glyph for at, glyph in placed if column <= at <= last]
        rect = (xs[column], top, xs[last + 1], bottom)
        cells.append(GridCell(number, column, 1, last - column + 1, rect, text_of(own) if own else ""))
        column = last + 1
    return _join_total(cells, [glyph for _, glyph in placed], xs)


def _join_total(cells: list[GridCell], glyphs: Sequence[Glyph], xs: Sequence[float]) -> list[GridCell]:
    """Let the label of a sum that stands in the midst of the first columns, no other text in them, span them."""
    at = next((index for index, cell in enumerate(cells) if cell.text), 0)
    label = cells[at]
    if not _TOTAL.fullmatch("".join(label.text.split())):
        return cells
    own = [g for g in glyphs if label.rect[0] <= (g.x0 + g.x1) / 2 < label.rect[2]]
    middle = (min(g.x0 for g in own) + max(g.x1 for g in own)) / 2
    free = next((index for index in range(at + 1, len(cells)) if cells[index].text), len(cells)) - 1
    ends = range(at, free + 1)
    last = min(ends, key=lambda end: (round(abs((xs[0] + cells[end].rect[2]) / 2 - middle)), end))
    if last == 0:
        return cells
    rect = (cells[0].rect[0], label.rect[1], cells[last].rect[2], label.rect[3])
    span = cells[last].column + cells[last].column_span
    return [GridCell(label.row, 0, 1, span, rect, label.text), *cells[last + 1 :]]


def _span_labels(cells: list[GridCell], head: int, count: int) -> list[GridCell]:
    """Let labels of the first column span the rows they are centred on, if all of the column falls into such groups."""
    labels = sorted((c for c in cells if c.column == 0 and c.column_span == 1 and c.row >= head), key=lambda c: c.row)
    places = [index for index, cell in enumerate(labels) if cell.text]
    if len(labels) != count or len(places) == count or len(places) < 2:
        return cells
    start, groups = 0, []
    for place in places:
        end = 2 * place - start + 1
        if end > count or end <= place or any(labels[at].text for at in range(start, end) if at != place):
            return cells
        groups.append((start, end, place))
        start = end
    if start != count:
        return cells
    dropped: set[int] = set()
    for start, end, place in groups:
        first = labels[start]
        first.text = labels[place].text
        first.row_span = end - start
        first.rect = (*first.rect[:3], labels[end - 1].rect[3])
        dropped.update(id(labels[at]) for at in range(start + 1, end))
    return [cell for cell in cells if id(cell) not in dropped]


def _widen_totals(cells: list[GridCell]) -> list[GridCell]:
    """Let the label of a sum in the first column span the empty cells behind it in columns of labels."""
    body = [cell for cell in cells if not cell.header and cell.text and cell.column_span == 1]
    words = {cell.column for cell in body if not NUMBER.match(cell.text)} - {
        cell.column for cell in body if NUMBER.match(cell.text)
    }
    kept = {(cell.row, cell.column): cell for cell in cells}
    for label in [cell for cell in body if cell.column == 0 and cell.row_span == 1]:
        if not _TOTAL.fullmatch("".join(label.text.split())):
            continue
        beside = kept.get((label.row, label.column_span))
        while beside is not None and not beside.text and beside.column in words and beside.row_span == 1:
            del kept[beside.row, beside.column]
            label.column_span += beside.column_span
            label.rect = (*label.rect[:2], beside.rect[2], label.rect[3])
            beside = kept.get((label.row, label.column_span))
    return list(kept.values())


def looks_tabular(grid: Grid, *, ruled: bool) -> bool:
    """Tell whether a grid found by alignment is a table rather than text set in columns."""
    filled = [cell for cell in grid.cells if cell.text]
    whole = sum(cell.column_span == grid.columns for cell in filled)
    if grid.columns < 2 or grid.rows < 2 or not filled or whole * 2 > grid.rows:
        return False
    share = sum(cell.row_span * cell.column_span for cell in filled) / (grid.rows * grid.columns)
    if not ruled and share > _WHOLE and grid.columns > 2:
        filled = _without_remarks(filled)
    mean = sum(len(cell.text) for cell in filled) / len(filled)
    longest = median(sorted(len(cell.text) for cell in filled)[-max(len(filled) // 4, 1) :])
    return share > (0.35 if ruled else 0.5) and mean < (40 if ruled else 30) and longest < (120 if ruled else 60)


def _without_remarks(cells: Sequence[GridCell]) -> list[GridCell]:
    """Return the cells without those of the column of longest texts, as far as they are not too long for any table."""
    sizes = {at: sum(len(c.text) for c in cells if c.column == at) for at in {cell.column for cell in cells}}
    remarks = max(sizes, key=lambda at: sizes[at])
    return [cell for cell in cells if cell.column != remarks or len(cell.text) > _MAX_REMARK]
