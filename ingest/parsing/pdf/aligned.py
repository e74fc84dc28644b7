"""Where tables without upright strokes stand on a page: between rules of one extent, or rows of aligned short texts."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.parsing.numbering import is_caption, is_contents_line, starts_item
from ingest.parsing.office.grid import NUMBER
from ingest.parsing.pdf.lines import Known, build_lines
from ingest.parsing.pdf.model import TEXT_OF, Frame, Glyph, Grid, Line, Rect, Rules
from ingest.tables.columns import page_columns
from ingest.tables.open import Frame as TableFrame
from ingest.tables.open import looks_tabular, open_grid
from ingest.tables.rows import CURRENCY, TextRow, text_rows
from ingest.tables.ruled import Stroke, inside, merge_strokes
from ingest.tables.typed import parse_value
from ingest.tables.unruled.stacked import Stack, stacked_tables
from ingest.tables.unruled.statements import statement_tables

_MIN_RULE: Final = 0.12
_MAX_RULES: Final = 600
_SAME_EXTENT: Final = 6.0
_SAME_RULE: Final = 4.5
_MAX_RULE_STEP: Final = 620.0
_CELL_GAP: Final = 0.9
_SHORT: Final = 40
_MIN_GUTTER: Final = 3.0
_MIN_WIDTH: Final = 0.2
_MAX_PITCH: Final = 3.2
_ROW_PITCH: Final = 2.6
_HEAD_PITCH: Final = 2.4
_HEAD_VALUES: Final = 2
_HEAD_SMALLER: Final = 0.7
_HEAD_LARGER: Final = 1.17
_ABOVE: Final = 45.0
_MAX_HEAD_SHARE: Final = 0.55
_PROSE_WIDTH: Final = 0.8
_MAX_PROSE: Final = 0.3
_LONG_LINE: Final = 12
_MIN_ROWS: Final = 3
_FEW_ROWS: Final = 4
_FILLED: Final = 0.55
_FILLED_FEW: Final = 0.8
_SAME_SIZE: Final = 0.16
_OTHER_SIZES: Final = 0.15
_KEPT_EDGE: Final = 0.5
_REGULAR: Final = 0.7
_MOST: Final = 0.75
_MIN_PLACES: Final = 6
_SAME_PLACE: Final = 1.0
_NEARLY_ALL: Final = 0.88
_WORDS: Final = re.compile(r"[^\W\d_]")
_SET_OFF: Final = 0.5
_MARKS: Final = 0.5
_MARK: Final = re.compile(
    r"(?:[•●■◆▪○◦□➢➤►✓√※·∙★◇▶–—*-]\s*)+|[(（]?(?:\d{1,2}|[a-z]|[一二三四五六七八九十]{1,3})[)）.、．]", re.IGNORECASE
)
_PROSE_CHARS: Final = 16
_RUNNING_CHARS: Final = 9
_FULL_LINE: Final = 0.88
_NOTE: Final = re.compile(
    r"\s*(?:注|备注|说明|资料来源|数据来源|来源|单位)\s*\d*\s*[:：]|\s*(?:Notes?|Sources?)\s*[:：.]|\s*续表",
    re.IGNORECASE,
)


def three_line_grids(rules: Rules, glyphs: Sequence[Glyph], taken: Sequence[Rect], frame: Frame) -> list[Grid]:
    """Return tables between horizontal rules of the same extent, three of them at least, that no grid has taken."""
    width, _ = frame.size
    strokes = sorted(merge_strokes(rules.across), key=lambda one: one[1])
    long = [one for one in strokes if one[2] - one[0] > _MIN_RULE * width]
    found: list[Grid] = []
    if len(long) > _MAX_RULES:
        return found
    for group in _groups(long):
        for first, last in _table_runs(group, glyphs):
            rect = (group[first][0], group[first][1], group[first][2], group[last][1])
            if any(_overlap(rect, other) for other in taken) or any(_overlap(rect, grid.rect) for grid in found):
                continue
            floors = tuple(stroke[1] for stroke in group[first + 1 : last])
            head: float | None = floors[0]
            if not _is_head(inside(glyphs, (*rect[:3], floors[0]))):
                # Values right below the first rule: the headings, and perhaps more rows, stand above it.
                edges, values = _above_rule(rect, glyphs)
                head = rect[1] if edges and not values else None
                floors = (*edges[1:], rect[1], *floors) if values else floors
                rect = (rect[0], min([rect[1], *edges]), rect[2], rect[3])
            partial = tuple(
                stroke
                for stroke in strokes
                if rect[1] + 2 < stroke[1] < rect[3] - 2
                and stroke[0] > rect[0] - _SAME_EXTENT
                and stroke[2] < rect[2] + _SAME_EXTENT
                and stroke[2] - stroke[0] < 0.97 * (rect[2] - rect[0])
            )
            grid = open_grid(TableFrame(rect, floors, partial, head), inside(glyphs, rect))
            table = grid is not None and looks_tabular(grid, ruled=True) and not _is_drawing(grid, rules)
            if grid is not None and table and not _lacks_labels(grid, glyphs):
                found.append(grid)
    return found


def aligned_grids(
    lines: Sequence[Line],
    glyphs: Sequence[Glyph],
    frame: Frame,
    rules: Rules | None = None,
    known: Known | None = None,
) -> list[Grid]:
    """Return tables without any rule: short texts in common columns over three rows of text or more.

    ``rules`` may stand in heads and at sums; upright ones elsewhere than between columns are those of a drawing.
    Columns of the page are parted first, so that no table reaches across a gutter.
    """
    found: list[Grid] = []
    if sum(len(row) > 1 for row in _rows(lines)) < _MIN_ROWS:
        return found
    pieces = build_lines(_without_signs(glyphs), gap=_CELL_GAP, row_gap=_CELL_GAP, known=known)
    long = [(line.x0, line.x1) for line in lines if line.x1 - line.x0 > _LONG_LINE * line.size]
    columns = page_columns(long, frame.size[0])
    # A gutter between labels and amounts looks like one between columns of the page.
    told = _statements(_rows(pieces), glyphs, rules) if len(columns) > 1 else []
    found += [stack.grid for stack in told]
    if told:
        pieces = [piece for piece in pieces if not any(_overlap(piece.rect, grid.rect) for grid in found)]
    for left, right in columns:
        rows = _rows([piece for piece in pieces if left <= piece.x0 and piece.x1 <= right])
        told = _statements(rows, glyphs, rules)
        found += [stack.grid for stack in told]
        for part in _without(rows, told):
            stacks = stacked_tables(part, glyphs)
            found += [stack.grid for stack in stacks]
            for rest in _without(part, stacks):
                found += _aligned(rest, glyphs, frame)
    return [grid for grid in found if rules is None or not _is_drawing(grid, rules)]


def _statements(rows: Sequence[Sequence[Line]], glyphs: Sequence[Glyph], rules: Rules | None) -> list[Stack]:
    told = statement_tables(rows, glyphs, rules.across if rules is not None else ())
    for stack in told:
        # Places left empty in a statement are no reason to look again, where the text is that of the file.
        stack.grid.aligned = rules is None
    return told


def _is_drawing(grid: Grid, rules: Rules) -> bool:
    """Tell whether upright strokes in a table stand at more places than its columns have edges, as those of boxes."""
    inner = sorted(x for x, y0, y1 in rules.down if grid.x0 < x < grid.x1 and y0 < grid.y1 and y1 > grid.y0)
    places = sum(two - one > _SAME_PLACE for one, two in pairwise([float("-inf"), *inner]))
    return places > max(2 * grid.columns, _MIN_PLACES)


def _without(rows: Sequence[Sequence[Line]], stacks: Sequence[Stack]) -> list[Sequence[Sequence[Line]]]:
    """Return the rows of text before, between and behind tables."""
    stops = [0, *(stack.stop for stack in stacks)]
    return [rows[stop:first] for stop, first in zip(stops, [*(one.first for one in stacks), len(rows)], strict=True)]


def _aligned(rows: Sequence[Sequence[Line]], glyphs: Sequence[Glyph], frame: Frame) -> list[Grid]:
    found: list[Grid] = []
    start = 0
    while start < len(rows):
        stop = _run_end(rows, start)
        first = _head_start(rows, start, stop)
        grid = _from_rows(rows[first:stop], glyphs, frame) if stop - start >= 3 else None
        if grid is None and first < start:
            bare = _from_rows(rows[start:stop], glyphs, frame)
            grid = bare if bare is not None and bare.columns > 2 else None
        if grid is not None:
            found.append(grid)
        start = stop if grid is not None else start + 1
    return found


def _without_signs(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Leave out signs of currencies that are set off from their amounts: they bridge the gap between two columns."""
    if CURRENCY.isdisjoint(map(TEXT_OF, glyphs)):
        return list(glyphs)
    following: list[Glyph | None] = [*glyphs[1:], None]
    return [
        glyph
        for glyph, after in zip(glyphs, following, strict=True)
        if glyph.text not in CURRENCY
        or (after is not None and -glyph.size < after.x0 - glyph.x1 < _SET_OFF * glyph.size)
    ]


def _is_head(glyphs: Sequence[Glyph]) -> bool:
    """Tell whether text between the first two rules may be headings: not values alone, nor many rows of them."""
    rows = text_rows(glyphs)
    values = sum(_is_value_row(_pieces(row)) for row in rows)
    return values <= _HEAD_VALUES and not 0 < len(rows) == values


def _pieces(row: TextRow) -> list[str]:
    return [line.text for line in build_lines(row.glyphs, gap=_CELL_GAP, row_gap=_CELL_GAP)]


def _is_value_row(texts: Sequence[str]) -> bool:
    numbers = [text for text in texts[1:] if NUMBER.match(text) and not (text.isdecimal() and len(text) == 4)]
    return len(numbers) * 2 > len(texts)


def _above_rule(rect: Rect, glyphs: Sequence[Glyph]) -> tuple[list[float], bool]:
    """Return the upper edges of the rows of short texts right above a rule and whether values are in them."""
    edges: list[float] = []
    top = rect[1]
    near = [g for g in glyphs if rect[0] - 2 < g.x0 and g.x1 < rect[2] + 2 and top - _ABOVE < g.y0 and g.y1 < top + 2]
    for row in reversed(text_rows(near)):
        texts = _pieces(row)
        if top - row.y1 > row.size or len(texts) < 3:
            break
        top = row.y0 - 1
        edges.insert(0, top)
        if not _is_value_row(texts):
            return edges, len(edges) > 1
    return edges, bool(edges)


def _lacks_labels(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether rules only stand at the amounts of a table, as below sums: its labels are to the left of them."""
    first = [cell for cell in grid.cells if cell.column == 0 and cell.text and not cell.header]
    if sum(_WORDS.search(cell.text) is None for cell in first) < _NEARLY_ALL * len(first):
        return False
    left = [(glyph.y0 + glyph.y1) / 2 for glyph in glyphs if glyph.x1 < grid.x0]
    labelled = sum(any(cell.rect[1] < middle < cell.rect[3] for middle in left) for cell in first)
    return labelled > _MOST * len(first)


def _groups(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Group rules of one extent, from the top; a double rule counts once."""
    groups: list[list[Stroke]] = []
    for stroke in strokes:
        for group in groups:
            if _same_extent(group[0], stroke):
                if stroke[1] - group[-1][1] > _SAME_RULE:
                    group.append(stroke)
                break
        else:
            groups.append([stroke])
    return [group for group in groups if len(group) >= 3]


def _table_runs(group: Sequence[Stroke], glyphs: Sequence[Glyph]) -> list[tuple[int, int]]:
    """Return (first, last) rule of each run of rules between which there is text of a table and nothing else."""
    tabular = [_is_tabular(one, two, glyphs) for one, two in pairwise(group)]
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(tabular):
        stop = start
        while stop < len(tabular) and tabular[stop]:
            stop += 1
        if stop - start >= 2:
            found.append((start, stop))
        start = max(stop, start + 1)
    return found


def _is_tabular(above: Stroke, below: Stroke, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether what stands between two rules may be part of a table: no caption or note, no lines of prose."""
    rect = (above[0], above[1], above[2], below[1])
    if rect[3] - rect[1] > _MAX_RULE_STEP:
        return False
    rows = text_rows(inside(glyphs, rect))
    if not rows:
        return False
    width = rect[2] - rect[0]
    prose = 0
    for row in rows:
        lines = build_lines(row.glyphs, gap=1.0, row_gap=1.0)
        if len(lines) == 1 and (is_caption(lines[0].text) or _NOTE.match(lines[0].text)):
            return False
        prose += len(lines) == 1 and lines[0].x1 - lines[0].x0 > _PROSE_WIDTH * width
        if prose > _MAX_PROSE * len(rows):
            return False
    return True


def _same_extent(one: Stroke, two: Stroke) -> bool:
    return abs(one[0] - two[0]) < _SAME_EXTENT and abs(one[2] - two[2]) < _SAME_EXTENT


def _overlap(one: Rect, two: Rect) -> bool:
    return one[0] < two[2] and one[2] > two[0] and one[1] < two[3] and one[3] > two[1]


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.middle):
        if rows and abs(rows[-1][0].middle - line.middle) < 0.45 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda one: one.x0) for row in rows]


def _run_end(rows: Sequence[Sequence[Line]], start: int) -> int:
    """Return the end of the run of rows of text from ``start`` that keep to common columns."""
    if len(rows[start]) < 2 or any(piece.count > _SHORT for piece in rows[start]):
        return start
    least = 3 if len(rows[start]) >= 3 else 2
    columns = sorted((piece.x0, piece.x1) for piece in rows[start])
    widest = 0.0
    end = start + 1
    while end < len(rows):
        row = rows[end]
        pitch = row[0].middle - rows[end - 1][0].middle
        limit = _MAX_PITCH * row[0].size if end < start + 3 else max(1.3 * widest, _ROW_PITCH * row[0].size)
        merged = _widen(columns, row)
        if pitch > limit or len(merged) < max(least, len(columns) - (end == start + 1)) or _is_other(row):
            break
        columns = merged
        widest = max(widest, pitch)
        end += 1
    while end > start and len(rows[end - 1]) == 1 and end - start > 1 and _stands_apart(rows, end - 1):
        end -= 1
    return end


def _is_other(row: Sequence[Line]) -> bool:
    """Tell whether a row of one text is the caption or a note of a table rather than part of it."""
    text = row[0].text
    return len(row) == 1 and (is_caption(text) or _NOTE.match(text) is not None)


def _head_start(rows: Sequence[Sequence[Line]], start: int, stop: int) -> int:
    """Take along rows close above the run that hold headings over several of its columns."""
    if stop - start < 3:
        return start
    left = min(piece.x0 for row in rows[start:stop] for piece in row)
    right = max(piece.x1 for row in rows[start:stop] for piece in row)
    first = start
    while first > 0 and start - first < 2:
        row = rows[first - 1]
        size = row[0].size
        width = sum(piece.x1 - piece.x0 for piece in row)
        if (
            rows[first][0].middle - row[0].middle > _HEAD_PITCH * size
            or _is_other(row)
            or width > _MAX_HEAD_SHARE * (right - left)
            or min(piece.x0 for piece in row) < left - size
            or max(piece.x1 for piece in row) > right + size
            or (len(row) == 1 and row[0].x0 < left + 2 * size)
            or not _HEAD_SMALLER < size / rows[first][0].size < _HEAD_LARGER
        ):
            break
        first -= 1
    return first


def _widen(columns: Sequence[tuple[float, float]], row: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the columns with the pieces of one more row projected into them."""
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted([*columns, *((piece.x0, piece.x1) for piece in row)]):
        if merged and x0 < merged[-1][1] + _MIN_GUTTER:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def _stands_apart(rows: Sequence[Sequence[Line]], at: int) -> bool:
    """Tell whether the row of text ``at`` is further from the one above than the size of a wrapped line."""
    return rows[at][0].middle - rows[at - 1][0].middle > 1.6 * rows[at][0].size


def _from_rows(rows: Sequence[Sequence[Line]], glyphs: Sequence[Glyph], frame: Frame) -> Grid | None:
    pieces = [piece for row in rows for piece in row]
    rect = (
        min(piece.x0 for piece in pieces) - 1,
        min(piece.y0 for piece in pieces) - 1,
        max(piece.x1 for piece in pieces) + 1,
        max(piece.y1 for piece in pieces) + 1,
    )
    if rect[2] - rect[0] < _MIN_WIDTH * frame.size[0] or _is_prose(rows):
        return None
    inner = inside(glyphs, rect)
    grid = open_grid(TableFrame(rect), inner)
    if grid is None or not looks_tabular(grid, ruled=False):
        return None
    if grid.rows < _MIN_ROWS or not _is_regular(grid, inner) or _has_running_columns(grid, inner):
        return None
    if grid.columns == 2 and not _is_two_column(grid, rows):
        return None
    filled = sum(cell.row_span * cell.column_span for cell in grid.cells if cell.text) / (grid.rows * grid.columns)
    if filled < (_FILLED_FEW if grid.rows <= _FEW_ROWS else _FILLED):
        return None
    full = sum(sum(1 for cell in grid.cells if cell.row == row and cell.text) >= 2 for row in range(grid.rows))
    return grid if full >= max(2, 0.6 * grid.rows) else None


def _is_prose(rows: Sequence[Sequence[Line]]) -> bool:
    """Tell whether long texts stand side by side in most rows: columns of running text."""
    return sum(sum(piece.count > _PROSE_CHARS for piece in row) >= 2 for row in rows) > 0.4 * len(rows)


def _is_regular(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether most columns keep an edge or their middle, none is one of list marks, and the text has one size."""
    sizes = sorted(glyph.size for glyph in glyphs)
    usual = sizes[len(sizes) // 2]
    if sum(abs(size - usual) > _SAME_SIZE * usual for size in sizes) > _OTHER_SIZES * len(sizes):
        return False
    edges = sorted({cell.rect[0] for cell in grid.cells} | {grid.x1})
    amounts = grid.columns > 2 and _holds_amounts(grid)
    keeping = 0
    for left, right in pairwise(edges):
        own = [
            [
                g
                for g in glyphs
                if left <= (g.x0 + g.x1) / 2 < right and cell.rect[1] <= (g.y0 + g.y1) / 2 < cell.rect[3]
            ]
            for cell in grid.cells
            if cell.rect[0] == left and cell.column_span == 1 and cell.text and not cell.header
        ]
        texts = [cell.text for cell in grid.cells if cell.rect[0] == left and cell.text and not cell.header]
        marks = 0 if amounts else sum(_MARK.fullmatch(text) is not None for text in texts)  # (3) may be minus 3
        if texts and marks >= _MARKS * len(texts):
            return False
        sides = [(min(g.x0 for g in held), max(g.x1 for g in held)) for held in own if held]
        keeping += any(
            _mostly_same(values, _KEPT_EDGE * usual)
            for values in ([x0 for x0, _ in sides], [x1 for _, x1 in sides], [(x0 + x1) / 2 for x0, x1 in sides])
        ) or (amounts and left == edges[0])  # labels may be indented
    return keeping >= _REGULAR * (len(edges) - 1)


def _holds_amounts(grid: Grid) -> bool:
    """Tell whether nothing but amounts stands beside the first column."""
    texts = [cell.text for cell in grid.cells if cell.column > 0 and cell.text and not cell.header]
    amounts = sum(NUMBER.match(text) is not None or not _WORDS.search(text) for text in texts)
    return amounts >= _NEARLY_ALL * len(texts)


def _mostly_same(values: Sequence[float], slack: float, share: float = _MOST) -> bool:
    """Tell whether a share of the values, most of them, lie within ``slack`` of their median."""
    if not values:
        return True
    middle = median(values)
    return sum(abs(value - middle) <= slack for value in values) >= share * len(values)


def _has_running_columns(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether half of the columns are running text: lines of words that fill the width one after the other."""
    edges = sorted({cell.rect[0] for cell in grid.cells} | {grid.x1})
    running = 0
    for left, right in pairwise(edges):
        lines = [
            line
            for line in build_lines([g for g in glyphs if left <= (g.x0 + g.x1) / 2 < right], gap=1.0, row_gap=1.0)
            if parse_value(line.text) is None
        ]
        widest = max((line.x1 - line.x0 for line in lines), default=0.0)
        full = sum(line.x1 - line.x0 > _FULL_LINE * widest and line.count >= _RUNNING_CHARS for line in lines)
        running += len(lines) >= 3 and full >= 0.6 * len(lines)
    return running * 2 >= len(edges) - 1


def _is_two_column(grid: Grid, rows: Sequence[Sequence[Line]]) -> bool:
    """Two columns are a table only where both are short, keep an edge, and are no list and no contents page."""
    left = [cell.text for cell in grid.cells if cell.column == 0 and cell.text]
    right = [cell.text for cell in grid.cells if cell.column == 1 and cell.text]
    if len(left) < 3 or len(right) < 3 or len(left) < 0.8 * grid.rows or len(right) < 0.8 * grid.rows:
        return False
    if any(starts_item(text) or is_contents_line(text) for text in left):
        return False
    if all(text.isdecimal() for text in right) and _is_rising([int(text) for text in right]):
        return False
    pairs = [row for row in rows if len(row) == 2]
    if len(pairs) < 3 or len(pairs) < 0.7 * len(rows):
        return False
    size = median(row[0].size for row in pairs)
    gap = min(row[1].x0 for row in pairs) - max(row[0].x1 for row in pairs)
    keeps = [
        _mostly_same(edges, 0.3 * size, _NEARLY_ALL)
        for edges in (
            [row[0].x0 for row in pairs],
            [row[1].x0 for row in pairs],
            [row[1].x1 for row in pairs],
            [(row[1].x0 + row[1].x1) / 2 for row in pairs],
        )
    ]
    return keeps[0] and any(keeps[1:]) and gap > size and max(map(len, left)) <= 24 and median(map(len, right)) <= 24


def _is_rising(numbers: Sequence[int]) -> bool:
    """Tell whether numbers are those of pages in a table of contents."""
    return len(numbers) > 3 and all(one <= two for one, two in pairwise(numbers))
