"""Rows that a comparison of the question keeps, and which column names the rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Final

from generation.tables.reading.asking import Asked, Comparison
from generation.tables.reading.mentions import Mention, scale_of
from generation.tables.reading.relation import Place, Relation
from generation.tables.reading.words import plain

_SIGNS: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_NAMING: Final = re.compile(r"姓名|名称|品名|产品|项目|型号|名字|\bnames?\b|\bmodels?\b|\btitle\b|\bitem\b|\bproduct\b")
#: Further apart than this, two numbers are told in different scales.
_APART: Final = 200.0
_SCALES: Final = (1e3, 1e6, 1e9)
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
    sign = _SIGNS[comparison.sign]
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
        test = _number_test(relation, column, value.low, value.dimension, sign, comparison.sign)
        lines = frozenset(row.index for row in relation.rows if test(relation.at(row.index, column)))
        if any(_comparable(relation.at(row.index, column)) for row in relation.rows):
            return Kept(lines, comparison.places | one.places, column)
    dated = [c.index for c in relation.columns if any(relation.at(row.index, c.index).date for row in relation.rows)]
    numeric = [c for c in sorted(relation.numeric) if c not in relation.labels]
    only = dated if _YEARS[0] < value.low < _YEARS[1] and len(dated) == 1 else numeric
    if len(only) != 1 or _is_personal(relation, only[0]):
        return None
    test = _number_test(relation, only[0], value.low, value.dimension, sign, comparison.sign)
    lines = frozenset(row.index for row in relation.rows if test(relation.at(row.index, only[0])))
    return Kept(lines, comparison.places, only[0])


def _is_personal(relation: Relation, column: int) -> bool:
    return any(relation.at(row.index, column).personal for row in relation.rows)


def _measured_alike(comparison: Comparison, relation: Relation, mention: Mention) -> bool:
    """Whether a column of which the head is hardly named holds values in the dimension of what is compared."""
    asked = comparison.value.dimension if comparison.value else None
    units = {relation.at(row.index, line).unit for row in relation.rows for line in mention.lines} - {""}
    return asked is not None and bool(units) and all(scale_of(unit)[0] == asked for unit in units)


def meets(comparison: Comparison, place: Place) -> bool:
    """Whether a number meets a comparison with a number, told in the scale of the table or in full."""
    if comparison.value is None or place.number is None or place.personal:
        return False
    sign, asked = _SIGNS[comparison.sign], comparison.value
    factor = next((one for one in _SCALES if asked.low >= one and asked.low > _APART * abs(place.number)), 1.0)
    near = [one for one in _SCALES if place.number and asked.low / one <= _APART * abs(place.number)]
    return sign(place.number, asked.low / (near[0] if factor > 1.0 and near else 1.0))


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


def _number_test(
    relation: Relation,
    column: int,
    value: float,
    dimension: str | None,
    sign: Callable[[float, float], bool],
    written: str,
) -> Callable[[Place], bool]:
    units = {relation.at(row.index, column).unit for row in relation.rows} - {""}
    same = bool(units) and dimension is not None and all(scale_of(unit)[0] == dimension for unit in units)

    def test(place: Place) -> bool:
        if place.date:
            return sign(float(place.date[:4]), value)
        factor = scale_of(place.unit)[1] if same else 1.0
        if place.ranged:
            end = place.high if written.startswith("<") else place.low
            return end is not None and (end * factor <= value if written.startswith("<") else end * factor >= value)
        return place.number is not None and bool(place.text) and sign(place.number * factor, value)

    return test


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
