"""Rows that a comparison of the question keeps, and which column names the rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from generation.tables.plans.limits import SIGNS, meets
from generation.tables.plans.wanting import HOW_MUCH, wants
from generation.tables.reading.asking import Asked, Comparison, Op
from generation.tables.reading.mentions import Mention, scale_of
from generation.tables.reading.relation import Place, Relation
from generation.tables.reading.words import plain
from wenyuan.words.quantities import Quantity

_NAMING: Final = re.compile(r"姓名|名称|品名|产品|项目|型号|名字|\bnames?\b|\bmodels?\b|\btitle\b|\bitem\b|\bproduct\b")
#: A head that says of no row what its amount is of.
_AMOUNT: Final = re.compile(r"(?:金额|数额|数量|amounts?|values?)(?:\s?[(（].*[)）])?")
#: Asks for what came or went in a span of time, for its start, or for another span.
_MOVED: Final = re.compile(r"[本上当][期年]|发生|[期年]初|计提|转[入出回销]|增|减(?!值)|变动")
#: Asks for what there is, and not for what came in a span of time.
_HELD: Final = re.compile(r"[期年][末底]|余额|还有|还剩|剩余|结余")
_NOW_AND_THEN: Final = (
    (re.compile(r"[期年]末(?!.*比例)"), re.compile(r"[期年]初(?!.*比例)")),
    (re.compile(r"本[期年](?:发生额|数|金额)$"), re.compile(r"上[期年](?:同期)?(?:发生额|数|金额)$")),
)
_PARTLY: Final = 0.4
_YEARS: Final = (1900, 2100)


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that the comparisons keep, and the column that the first of them is about."""

    lines: frozenset[int]
    places: frozenset[int]
    column: int


def compared_rows(asked: Asked, relation: Relation, columns: Sequence[Mention]) -> Kept | None:
    """Return the rows that every comparison of the question keeps, None where it has none that fits the table."""
    kept = frozenset(row.index for row in relation.rows)
    places: frozenset[int] = frozenset()
    about = None
    for comparison in asked.comparisons:
        found = _compared(comparison, asked, relation, columns)
        if found is None:
            continue
        kept &= found.lines
        places |= found.places
        about = found.column if about is None else about
    return None if about is None else Kept(kept, places, about)


def _compared(comparison: Comparison, asked: Asked, relation: Relation, columns: Sequence[Mention]) -> Kept | None:
    sign = SIGNS[comparison.sign]
    free = [one for one in columns if not one.places <= comparison.places]
    free = [one for one in free if one.coverage >= _PARTLY or _measured_alike(comparison, relation, one)]
    before = [one for one in free if asked.words[one.first].start < comparison.after]
    after = [one for one in free if asked.words[one.first].start >= comparison.after]
    if comparison.value is None:
        return _columns_compared(sign, comparison, relation, before, after)
    value = comparison.value
    for one in sorted(before or after, key=lambda m: (-asked.weight(m.places) + m.missing, -m.first)):
        column = min(one.lines)
        if _is_personal(relation, column):
            return None  # who compares often enough knows the number
        if any(_comparable(relation.at(row.index, column)) for row in relation.rows):
            return Kept(_kept(comparison, value, relation, column), comparison.places | one.places, column)
    dated = [c.index for c in relation.columns if any(relation.at(row.index, c.index).date for row in relation.rows)]
    numeric = [c for c in relation.measures if c in relation.numeric]
    only = dated if _YEARS[0] < value.low < _YEARS[1] and len(dated) == 1 else numeric
    if len(only) != 1 or _is_personal(relation, only[0]):
        return None
    return Kept(_kept(comparison, value, relation, only[0]), comparison.places, only[0])


def _is_personal(relation: Relation, column: int) -> bool:
    return any(relation.at(row.index, column).personal for row in relation.rows)


def _measured_alike(comparison: Comparison, relation: Relation, mention: Mention) -> bool:
    """Whether a column of which the head is hardly named holds values in the dimension of what is compared."""
    asked = comparison.value.dimension if comparison.value else None
    units = {relation.at(row.index, line).unit for row in relation.rows for line in mention.lines} - {""}
    return asked is not None and bool(units) and all(scale_of(unit)[0] == asked for unit in units)


def _columns_compared(
    sign: Callable[[float, float], bool],
    comparison: Comparison,
    relation: Relation,
    before: Sequence[Mention],
    after: Sequence[Mention],
) -> Kept | None:
    """Compare two columns row by row: the one named before the sign with the one named behind it."""
    left = [one for one in before if one.lines <= relation.numeric]
    right = [one for one in after if one.lines <= relation.numeric]
    if not left or not right:
        return None
    a, b = max(left, key=lambda m: m.coverage), max(right, key=lambda m: m.coverage)
    first, second = min(a.lines), min(b.lines)
    lines = set()
    for row in relation.rows:
        x, y = relation.at(row.index, first).number, relation.at(row.index, second).number
        if x is not None and y is not None and sign(x, y):
            lines.add(row.index)
    return Kept(frozenset(lines), comparison.places | a.places | b.places, first)


def _comparable(place: Place) -> bool:
    return place.number is not None or place.ranged or bool(place.date)


def _kept(comparison: Comparison, value: Quantity, relation: Relation, column: int) -> frozenset[int]:
    """Return the rows whose number, date or range in a column meets a comparison."""
    sign = SIGNS[comparison.sign]

    def met(row: int) -> bool:
        place = relation.at(row, column)
        if place.date:
            return sign(float(place.date[:4]), value.low)
        if not place.ranged:
            return meets(comparison, relation, row, column)
        factor = scale_of(place.unit)[1] if value.dimension and scale_of(place.unit)[0] == value.dimension else 1.0
        below = comparison.sign.startswith("<")
        end = place.high if below else place.low
        return end is not None and (end * factor <= value.low if below else end * factor >= value.low)

    return frozenset(row.index for row in relation.rows if met(row.index))


def naming_column(relation: Relation) -> int:
    """Return the column that names the rows: one headed as a name, else the first with words, else the first."""
    texts = [c for c in relation.columns if c.index not in relation.numeric or c.index in relation.labels]
    headed = [c.index for c in texts if c.path and _NAMING.search(plain(c.path[-1]))]
    if headed and headed[0] in relation.labels:
        return headed[0]
    plain_words = [
        c
        for c in relation.labels
        if not any(place.ranged or place.date for row in relation.rows for place in [relation.at(row.index, c)])
    ]
    return plain_words[0] if plain_words else relation.labels[0]


def default_columns(asked: Asked, relation: Relation, lines: Sequence[int], named: int | None) -> list[int]:
    """Return the column that is meant when none is named: the only one with values, or the name of a row."""
    numbers = relation.numeric - set(relation.labels)
    own = {named} | (set(relation.labels) if numbers else set())
    values = [c.index for c in relation.columns if c.index not in own]
    values = [c for c in values if any(relation.at(line, c).text for line in lines)]
    if wants(HOW_MUCH, asked):
        values = [c for c in values if c in numbers] or values
    name = naming_column(relation)
    if asked.which and name != named:
        return [name]
    bare = [c for c in values if relation.column(c).path and _AMOUNT.fullmatch(plain(relation.column(c).path[-1]))]
    if len(values) == 1 or (len(bare) == 1 and wants(HOW_MUCH, asked)):
        return (values if len(values) == 1 else bare)[:1]
    if not values:
        return []
    last = values[-1]
    totals = [c for c in values if relation.column(c).total]
    if asked.said(Op.SUM) and (len(totals) == 1 or not relation.column(last).path):
        return [totals[0] if totals else last]
    return _at_end(asked, relation, values) if wants(HOW_MUCH, asked) and not wants(_MOVED, asked) else []


def _at_end(asked: Asked, relation: Relation, values: Sequence[int]) -> list[int]:
    """Return the one column of the end, or of this span of time, beside one of the start or of the last one."""
    heads = {c: plain(relation.column(c).path[-1]) for c in values if relation.column(c).path}
    for now, then in _NOW_AND_THEN[: 1 if wants(_HELD, asked) else None]:
        ends, starts = ([c for c, head in heads.items() if one.match(head)] for one in (now, then))
        if len(ends) == len(starts) == 1:
            return ends
    return []
