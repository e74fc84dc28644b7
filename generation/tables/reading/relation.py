"""A table as a relation: what heads each column and each row, what each cell holds, which lines sum up others."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Final

from generation.guard.personal.scan import find_personal
from generation.tables.reading.words import plain, words_of
from wenyuan.documents import Cell, Table, ValueKind
from wenyuan.text import squeeze
from wenyuan.words.written.sums import names_whole

#: Larger tables are left to the text of their rows.
MAX_CELLS: Final = 20_000
_NIL: Final = frozenset({"-", "--", "---", "—", "——", "–", "―", "$ —", "$—", "$ -", "$-", "¥ —", "—%", "-%"})
#: A share that is negative, as statements of account write it.
_LESS: Final = re.compile(r"[(（](\d{1,6}(?:\.\d{1,6})?)[)）]\s?[%％]")
_PERIOD: Final = re.compile(
    r"(?:(?:19|20)\d\d|fy\s?'?\d\d(?:\d\d)?)\s?[年度末初aef]*"
    r"|(?:(?:19|20)\d\d)[-/年.].{0,8}|(?:q[1-4]|[一二三四]季度|第[一二三四]季度.*|\d{1,2}月份?)"
    r"|\d{1,2}\s[a-z]{3,9}\.?,?\s(?:19|20)\d\d"
    r"|(?:[a-z]{3,9}\.?\s)?(?:\d{1,2},?\s)?(?:19|20)\d\d(?:\s?\(.*\))?",
)
#: What stands beside a period in a head: a sign of money, a footnote, how the figures were come by.
_BESIDE: Final = re.compile(
    r"\([^()]*\)|[$€£¥]\s?'?(?:000s?|m|mn|bn)?(?!\w)|\b(?:re-?stated|un-?audited|audited)\d*|\*"
)
_SAME: Final = 1e-9
#: A number with what it counts: 16,080 tons, 14次/年.
_COUNT: Final = re.compile(
    r"(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
    r"(\s(?:tons?|tonnes|lbs\.?|units|pounds|barrels|gallons|times)|\s?[次例台件套个名人家](?:/[年月天日周])?)"
)
#: Characters of a head that a row does not hold by chance.
_TELLING: Final = 6
#: How rows are numbered, from the outermost; what is not numbered is within all of them.
_DEPTHS: Final = (
    re.compile(r"[一二三四五六七八九十]{1,3}、"),
    re.compile(r"[(（][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"\d{1,2}[.．、](?!\d)"),
    re.compile(r"[(（]\d{1,2}[)）]"),
)
#: A number without signs, as codes are written: shorter ones tell nobody.
_LONG: Final = re.compile(r"\d{7,}")
_MOST_HEAD: Final = 6
#: Years at the end of a line: (Millions) 2018 2017 2016.
_YEARS_LAST: Final = re.compile(r"(?:(?<!\S)(?:19|20)\d\d(?:-(?:19|20)\d\d)?\*?(?:\s+|$)){2,}$")
#: Names of columns that a page may have left above its table.
_BALANCES: Final = re.compile(
    r"(?:期末|期初|年末|年初)(?:账面)?(?:余额|价值|数)|(?:本期|上期|本年|上年)(?:发生额|金额|数)"
)
#: Two columns and that of their difference.
_COMPARED: Final = 3
#: A longer line above a table is a sentence beside it rather than its title.
TITLE_CHARS: Final = 120
#: Lines above a table that count as its captions.
_ABOVE: Final = 3
#: Boxes to tick, numbers of pages and the like say nothing of a table that stands below them.
_NOISE: Final = re.compile(
    r"[√□☑☐✓]\s?(?:适用|是)\s?[√□☑☐✓]\s?(?:不适用|否)|其他说明\s?[:：]?|\d+\s?/\s?\d+|第?\s?\d+\s?页?|[\W_]+"
)
_UNIT_LINE: Final = re.compile(r"(?:金额)?单位\s?[:：].{0,24}|\(?(?:in|amounts in)\s.{0,40}\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a position of the grid. ``low`` is the number; ``high`` the end of a range, where it is one.

    ``personal``: a number that is somebody's, of a telephone or a card: nothing is reckoned or compared with it.
    """

    text: str = ""
    low: float | None = None
    high: float | None = None
    ranged: bool = False
    unit: str = ""
    date: str = ""
    cell: Cell | None = None
    personal: bool = False

    @property
    def number(self) -> float | None:
        """The number that it holds, None for words, dates and ranges. A sign of nothing in a column of numbers is 0."""
        return None if self.ranged else self.low


@dataclass(frozen=True, slots=True)
class Line:
    """A row or column of values: the labels over it from the outermost, and what it is for."""

    index: int
    path: tuple[str, ...]
    group: str = ""
    total: bool = False

    @property
    def name(self) -> str:
        """What it is called: all its labels."""
        return " ".join(self.path)


@dataclass(frozen=True)
class Relation:
    """A table to be asked. ``rows`` and ``columns`` are those that hold values, ``head`` is the number of head rows.

    ``labels`` are the columns at the left that name rows rather than hold values. ``titles`` says what the whole is
    about. Row and column numbers are those of the table.
    """

    table: Table
    grid: tuple[tuple[Place, ...], ...]
    head: int
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    labels: tuple[int, ...]
    titles: tuple[str, ...] = ()
    segments: dict[int, dict[int, tuple[str, ...]]] = field(default_factory=dict)

    def at(self, row: int, column: int) -> Place:
        """Return what stands at a position."""
        return self.grid[row][column]

    def heads(self, row: int, column: int) -> tuple[str, ...]:
        """Return the labels over a cell: a table may have heads of its own further down."""
        own = self.segments.get(row)
        return own.get(column, ()) if own is not None else self.column(column).path

    def column(self, index: int) -> Line:
        """Return the column of that number."""
        return self._columns[index]

    def row(self, index: int) -> Line:
        """Return the row of that number."""
        return self._rows[index]

    @cached_property
    def _columns(self) -> dict[int, Line]:
        return {line.index: line for line in self.columns}

    @cached_property
    def _rows(self) -> dict[int, Line]:
        return {line.index: line for line in self.rows}

    @cached_property
    def measures(self) -> tuple[int, ...]:
        """The columns that do not name rows."""
        return tuple(line.index for line in self.columns if line.index not in self.labels)

    def has_number(self, row: int, column: int) -> bool:
        """Whether a number stands at a position."""
        return self.at(row, column).number is not None

    @cached_property
    def numeric(self) -> frozenset[int]:
        """The columns most of whose values are numbers."""
        found = set()
        for line in self.columns:
            held = [self.at(row.index, line.index) for row in self.rows]
            numbers = sum(place.number is not None for place in held)
            words = sum(place.number is None and bool(place.text) for place in held)
            if numbers > words or (numbers and numbers == words):
                found.add(line.index)
        return frozenset(found)

    @cached_property
    def records(self) -> tuple[Line, ...]:
        """The rows that stand for one thing each: no totals, and none that says itself what it is a figure of."""
        heads = {plain(line.path[-1]) for line in self.columns if line.path and line.index not in self.labels}
        heads = {head for head in heads if len(head) >= _TELLING}
        return tuple(row for row in self.rows if not row.total and not any(head in plain(row.name) for head in heads))

    @cached_property
    def said(self) -> str:
        """All labels, in small letters."""
        lines = [text for line in (*self.rows, *self.columns) for text in (*line.path, line.group)]
        return plain("\n".join(dict.fromkeys(lines)))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words of all labels, without their endings."""
        return frozenset(word.text for word in words_of(self.said))


def captions(lines: Iterable[str]) -> list[str]:
    """Return of the lines above a table those that may say what it is of: the last that tell something, and units."""
    kept: list[str] = []
    told = 0
    for line in reversed([one for one in lines if one.strip() and not _NOISE.fullmatch(one.strip())]):
        if told == _ABOVE:
            break
        told += not is_unit_line(line)
        kept.append(line)
    return kept[::-1]


def is_unit_line(line: str) -> bool:
    """Whether a line says in what numbers are told, and nothing else."""
    return _UNIT_LINE.fullmatch(line.strip()) is not None


def read_relation(table: Table, titles: Iterable[str] = ()) -> Relation | None:
    """Return the table as a relation, None for one without heads and values, or too large."""
    if not 1 < table.rows * table.columns <= MAX_CELLS:
        return None
    grid = _grid(table)
    head = _head_rows(table, grid)
    labels = _label_columns(grid, head, table.columns)
    tops = [_spread(grid[row], table, last=row == head - 1) for row in range(head)]
    paths = {column: _path(top[column] for top in tops) for column in range(table.columns)}
    titles = tuple(titles)
    if not any(paths.values()):
        paths |= _heads_above(titles, [column for column in range(table.columns) if column not in labels])
    paths = _with_changes(grid, paths, [column for column in range(table.columns) if column not in labels])
    if table.rows - head < 1:
        return None
    start = 0 if _is_list_of_facts(table, grid, head) else head
    rows, segments, wide = _rows(table, grid, start, labels, paths)
    if not rows:
        return None
    columns = tuple(Line(column, paths[column], total=any(map(names_whole, paths[column][-1:]))) for column in paths)
    grid = _with_percents(_with_personal(grid, paths), rows, paths)
    rows = _with_totals(grid, rows, [c for c in range(table.columns) if c not in labels])
    return Relation(table, grid, head, rows, columns, labels, (*titles, *wide), segments)


def _grid(table: Table) -> tuple[tuple[Place, ...], ...]:
    grid = [[Place() for _ in range(table.columns)] for _ in range(table.rows)]
    for cell in table.cells:
        place = _place(cell)
        for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
            for column in range(cell.column, min(cell.column + cell.column_span, table.columns)):
                grid[row][column] = place
    return tuple(map(tuple, grid))


def _place(cell: Cell) -> Place:
    text, value = squeeze(cell.text), cell.value
    if value is None:
        if less := _LESS.fullmatch(text):
            return Place(text, low=-float(less[1]), unit="%", cell=cell)
        if cell.column and (counted := _COUNT.fullmatch(text)):  # the first column names rows
            return Place(text, low=float(counted[1].replace(",", "")), unit=counted[2].strip(), cell=cell)
        return Place(text, low=0.0 if text in _NIL else None, cell=cell)
    unit = value.unit or ""
    if value.kind is ValueKind.DATE:
        return Place(text, date=value.date or "", cell=cell)
    if value.kind is ValueKind.RANGE:
        return Place(text, value.low, value.high, ranged=True, unit=unit, cell=cell)
    unit = "%" if value.kind is ValueKind.PERCENT and not unit else unit
    return Place(text, value.low, unit=unit, cell=cell)


def _with_personal(grid: Sequence[Sequence[Place]], paths: dict[int, tuple[str, ...]]) -> tuple[tuple[Place, ...], ...]:
    """Return the grid with telephone numbers, numbers of cards and the like marked as such."""
    return tuple(
        tuple(
            replace(place, personal=True) if _is_personal(place, paths[column]) else place
            for column, place in enumerate(line)
        )
        for line in grid
    )


def _with_percents(
    grid: Sequence[Sequence[Place]], rows: Sequence[Line], paths: dict[int, tuple[str, ...]]
) -> tuple[tuple[Place, ...], ...]:
    """Return the grid with the sign of percent where a head is that sign, or the first and last of a group have it."""
    marked = [list(line) for line in grid]
    for _, some in groupby(rows, key=lambda row: row.group):
        group = list(some)
        for column in range(len(marked[0])):
            held = [row.index for row in group if grid[row.index][column].number is not None]
            ends = [grid[row][column].unit for row in (*held[:1], *held[-1:])]
            if (len(held) > 2 and ends == ["%", "%"]) or not {"%", "％", "(%)"}.isdisjoint(paths[column]):
                for row in held:
                    place = grid[row][column]
                    marked[row][column] = place if place.unit else replace(place, unit="%")
    return tuple(map(tuple, marked))


def _is_personal(place: Place, path: Sequence[str]) -> bool:
    if place.number is None or not _LONG.fullmatch(place.text):
        return False
    lead = f"{' '.join(path)}："
    return any(one.end > len(lead) for one in find_personal(lead + place.text))


def is_period(text: str) -> bool:
    """Whether a label names a span of time and nothing else: a year, a quarter, the end of a month."""
    return _PERIOD.fullmatch(_BESIDE.sub("", plain(text)).strip(" ,")) is not None


def _valued(place: Place) -> bool:
    """Whether a place holds a value rather than a label; a year alone is a label."""
    return (place.low is not None or place.high is not None) and not is_period(place.text) and bool(place.text)


def _head_rows(table: Table, grid: Sequence[Sequence[Place]]) -> int:
    """Return how many rows at the top are head: those marked and periods below them, or all before the first value."""
    last = min(_MOST_HEAD, table.rows - 1)
    before = 0
    while before < last and not any(map(_valued, grid[before][1:])) and not any(map(_day, grid[before][1:])):
        before += 1
    marked = {cell.row + down for cell in table.cells if cell.header for down in range(cell.row_span)}
    marked -= {row for row in marked if any(cell.row == row and not cell.header for cell in table.cells)}
    count = 0
    while count in marked and count < table.rows - 1:
        count += 1
    if count > before and not any(map(_valued, grid[0][1:])):
        return count
    if marked and count:
        while count < before and _goes_on(grid, count):
            count += 1
        return min(count, before)
    filled = [row for row in range(before) if any(place.text for place in grid[row][1:])]
    valueless = before == last and not any(map(_valued, grid[last][1:]))
    return min(1, len(filled)) if valueless else filled[-1] + 1 if filled else 0


def _day(place: Place) -> bool:
    return bool(place.date) and not is_period(place.text)


def _is_list_of_facts(table: Table, grid: Sequence[Sequence[Place]], head: int) -> bool:
    """Whether two columns are names and what goes by them in words: then what looks like a head may be such a pair."""
    values = sum(_valued(line[1]) for line in grid[head:]) if table.columns == 2 else table.rows
    return head == 1 and values * 2 < table.rows


def _goes_on(grid: Sequence[Sequence[Place]], row: int) -> bool:
    """Whether a row below marked head rows goes on with the head: it is made of periods, or of units."""
    filled = [place for place in grid[row][1:] if place.text]
    return bool(filled) and all(is_period(place.text) for place in filled)


def _spread(line: Sequence[Place], table: Table, *, last: bool) -> list[str]:
    """Return the texts of a head row by column; where a table marks no spans, a text goes on to the next one's left."""
    texts = [place.text for place in line]
    if last or any(cell.column_span > 1 for cell in table.cells):
        return texts
    for column in range(2, len(texts)):
        texts[column] = texts[column] or texts[column - 1]
    told = [column for column in range(1, len(texts)) if line[column].text]
    if len(told) == 1:  # one text in the middle is over all
        return [texts[0], *[texts[told[0]]] * (len(texts) - 1)]
    return texts


def _path(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _heads_above(titles: Sequence[str], columns: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the heads that stand in the lines above a table of which the rows begin with values.

    They are years at the end of one line, or the names of balances and spans, which a page may have torn into lines.
    """
    for line in reversed(titles[-_ABOVE:]):
        found = _YEARS_LAST.search(line.strip())
        years = found[0].split() if found else []
        if len(years) == len(columns) > 1:
            return {column: (year,) for column, year in zip(columns, years, strict=True)}
    named = [found[0] for line in titles[-_ABOVE:] for found in _BALANCES.finditer(line)]
    if len(named) != len(columns) or len(columns) < 2:
        return {}
    return {column: (name,) for column, name in zip(columns, named, strict=True)}


def _with_changes(
    grid: Sequence[Sequence[Place]], paths: dict[int, tuple[str, ...]], columns: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Say of the last column that it holds changes where it has the head of another and is the first less that one."""
    if len(columns) != _COMPARED or not paths[columns[2]] or paths[columns[2]] != paths[columns[1]]:
        return paths
    held = [[line[column].number for column in columns] for line in grid]
    full = [[number for number in line if number is not None] for line in held]
    checked = [line for line in full if len(line) == _COMPARED]
    if len(checked) < 2 or any(abs(a - b - c) > _SAME * max(1.0, abs(a)) for a, b, c in checked):
        return paths
    return paths | {columns[2]: (*paths[columns[2]], "Change")}


def _label_columns(grid: Sequence[Sequence[Place]], head: int, columns: int) -> tuple[int, ...]:
    """Return the columns at the left that hold words: as far as there are such before the first with values."""
    found: list[int] = []
    for column in range(columns - 1):
        held = [grid[row][column] for row in range(head, len(grid)) if grid[row][column].text]
        values = sum(map(_valued, held))
        if column and (values * 2 > len(held) or not held):
            break
        found.append(column)
    return tuple(found) or (0,)


def _rows(
    table: Table,
    grid: Sequence[Sequence[Place]],
    head: int,
    labels: Sequence[int],
    paths: dict[int, tuple[str, ...]],
) -> tuple[tuple[Line, ...], dict[int, dict[int, tuple[str, ...]]], list[str]]:
    """Return the rows with values, heads further down by row, and the texts of rows that are one cell."""
    groups, found, wide = _Groups(), [], []
    segments: dict[int, dict[int, tuple[str, ...]]] = {}
    current: dict[int, tuple[str, ...]] | None = None
    for row in range(head, table.rows):
        line = grid[row]
        filled = [column for column in range(table.columns) if line[column].text]
        if not filled:
            continue
        if table.columns > 1 and line[0].cell is not None and line[0].cell.column_span == table.columns:
            groups.open(line[0].text)
            wide.append(line[0].text)
            continue
        if len(filled) == 1 and filled[0] == 0:
            groups.open(line[0].text)
            continue
        if row > head and row + 1 < table.rows and _is_head(grid, row, filled, paths):
            current = {column: _path([line[column].text]) for column in range(table.columns)}
            if line[0].text:
                groups.open(line[0].text)
            continue
        if current is not None:
            segments[row] = current
        name = tuple(dict.fromkeys(line[column].text for column in labels if line[column].text))
        found.append(
            Line(row, name, groups.over(name), total=any(map(names_whole, name)) or _is_one_value(line, table, labels))
        )
    return tuple(found), segments, wide


class _Groups:
    """Lines above rows that say what these are of; numbered ones (一、 to (1)) hold those of a deeper number."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def open(self, text: str) -> None:
        """Begin a group: it ends those of its own depth and deeper."""
        depth = _depth(text)
        self._open = [one for one in self._open if one[0] < depth]
        self._open.append((depth, text))

    def over(self, name: Sequence[str]) -> str:
        """Return the innermost group that holds a row of that name, empty for none."""
        depth = _depth(name[0]) if name else len(_DEPTHS)
        return next((text for level, text in reversed(self._open) if level < depth or level == len(_DEPTHS)), "")


def _depth(text: str) -> int:
    return next((depth for depth, pattern in enumerate(_DEPTHS) if pattern.match(text)), len(_DEPTHS))


def _is_one_value(line: Sequence[Place], table: Table, labels: Sequence[int]) -> bool:
    """Whether one merged cell stands under all heads of values: it is of none of them."""
    cells = {id(place.cell) for column, place in enumerate(line) if column not in labels and place.cell is not None}
    wide = any(place.cell is not None and place.cell.column_span > 2 for place in line)
    return wide and len(cells) == 1 and table.columns - len(labels) > 2


def _is_head(
    grid: Sequence[Sequence[Place]], row: int, filled: Sequence[int], paths: dict[int, tuple[str, ...]]
) -> bool:
    """Whether a row further down is a head: made of periods, or of what the columns are headed above."""
    own = [column for column in filled if column]
    if not own or any(_valued(grid[row][column]) for column in own):
        return False
    below = any(_valued(place) for place in grid[row + 1][1:])
    periods = sum(is_period(grid[row][column].text) for column in own)
    again = sum(grid[row][column].text in paths[column] for column in own)
    return below and len(own) > 1 and max(periods, again) * 2 >= len(own)


def _with_totals(grid: Sequence[Sequence[Place]], rows: tuple[Line, ...], columns: Sequence[int]) -> tuple[Line, ...]:
    """Mark the last row as a total where it is the sum of those before it, in two rows or more, whatever its label."""
    if len(rows) < 4 or rows[-1].total:
        return rows
    checked = 0
    for column in columns:
        numbers = [grid[row.index][column].number for row in rows if not row.total]
        *parts, last = [number or 0.0 for number in numbers] or [0.0]
        if numbers and numbers[-1] is not None and sum(1 for number in numbers if number) > 2:
            if abs(sum(parts) - last) > _SAME * max(1.0, abs(last)):
                return rows
            checked += 1
    if not checked:
        return rows
    last_row = rows[-1]
    return (*rows[:-1], Line(last_row.index, last_row.path, last_row.group, total=True))
