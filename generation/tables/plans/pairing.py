"""Two cells that a question sets against each other: named both, or one beside what goes without saying."""

import re
from collections.abc import Sequence
from typing import Final

from generation.tables.plans.ordering import Named, is_change, time_of
from generation.tables.plans.picking import Rows
from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import Mention, periods, title_places
from generation.tables.reading.relation import TITLE_CHARS, Relation
from generation.tables.reading.words import plain

_THAN: Final = re.compile(
    r"(?:比|较|相对于?|\bthan(?:\sin)?|\bfrom|\bsince|\bcompared\s(?:to|with)|\bversus|\bvs\.?|\bover)\s*$"
)

#: The whole of which a share is asked for.
_WHOLE: Final = re.compile(
    r"(?:percent(?:age)?|share|portion|proportion)\sof\s(?:the\s)?((?:total\s)?\w+)|占([^的，,？?]{1,16}?)的?(?:比|百分)"
)

_IN_ALL: Final = re.compile(r"合计|总|全部|所有|\btotal\b|\ball\b")


class Pairing:
    """Finds the two cells for one question over one table."""

    def __init__(self, asked: Asked, relation: Relation) -> None:
        self._asked = asked
        self._relation = relation

    def fits_formula(self, rows: Rows | None, columns: Sequence[Mention]) -> bool:
        """Whether rows or columns named are the two operands of the formula that the question gives, if any."""
        second = self._asked.formula
        if second is None:
            return True
        named = [[one.first for one in rows.operands] if rows else [], _own_places(columns)]
        return any(any(at < second for at in places) and any(at >= second for at in places) for places in named)

    def cells(self, op: Op, rows: Rows | None, columns: Sequence[Mention]) -> list[Named] | None:
        """Return the two cells, each with where in the question it is named; None where there are not two."""
        relation = self._relation
        if rows is None or any(len(one.lines) != 1 for one in rows.operands):
            return None
        told_at = [min(one.places - self._asked.soft, default=one.first) for one in rows.operands]
        lines = [min(one.lines) for one in rows.operands]
        named = sorted(zip(lines, told_at, strict=True), key=lambda one: one[1])
        told = zip(columns, _own_places(columns), strict=True)
        across = [(line, at) for one, at in told for line in sorted(one.lines)]
        across = [one for one in across if all(self._relation.has_number(row, one[0]) for row, _ in named)] or across
        if op in {Op.SHARE, Op.RATIO} and len(named) == 1 and len(across) < 2:
            total = self._total_row(named[0][0])
            if total is not None and self._is_whole(total):
                named.append((total, len(self._asked.words)))
        if len(named) == 1 and len(across) < 2:
            spans = periods(relation, self._asked) or self._now_and_then()
            spans = [c for c in spans if self._relation.has_number(named[0][0], c)]
            if across and across[0][0] in spans:
                spans = self._alike(across[0][0], spans)
                other = self._beside(op, columns[0], across[0][0], spans)
                if other is None:
                    return None
                across.append((other, -1))
            elif len(spans) == 2 and not across:
                across = [(spans[0], -1), (spans[1], -1)]
        if len(named) == 2 and not across:
            values = [c for c in relation.measures if relation.has_number(named[0][0], c)]
            across = [(values[0], -1)] if len(values) == 1 else []
        if len(named) * len(across) != 2:
            return None
        return [((row, column), max(at, ahead)) for row, at in named for column, ahead in across]

    def _alike(self, column: int, spans: Sequence[int]) -> list[int]:
        """Return the spans of time that are of what a column is of: 账面余额 under 期末 and under 期初."""
        leaf = self._relation.column(column).path[1:]
        alike = [one for one in spans if self._relation.column(one).path[1:] == leaf]
        return alike if leaf and len(alike) > 1 else list(spans)

    def _now_and_then(self) -> list[int]:
        """Return the columns of this and of the last span of time, which have no other name."""
        return [c.index for c in self._relation.columns if c.path and time_of(c.path) in {(0,), (1,)}]

    def _beside(self, op: Op, named: Mention, column: int, spans: Sequence[int]) -> int | None:
        """Return the span of time to compare a named one with: that before it, or after "than in 2019" the last."""
        if op not in {Op.DIFFERENCE, Op.GROWTH} or not is_change(self._asked):
            return None
        times = {one: time_of(self._relation.column(one).path) for one in spans}
        if not all(times.values()) or len(set(times.values())) < len(times):
            return None
        ahead = plain(self._asked.text)[: self._asked.words[named.first].start]
        if _THAN.search(ahead):
            later = [one for one in spans if times[one] > times[column]]
            return max(later, key=lambda one: times[one], default=None)
        return max((one for one in spans if times[one] < times[column]), key=lambda one: times[one], default=None)

    def _total_row(self, row: int) -> int | None:
        """Return the row that sums up the rows around one: the next total below it."""
        return next((one.index for one in self._relation.rows if one.index > row and one.total), None)

    def _is_whole(self, total: int) -> bool:
        """Whether a row may be the whole that the question names, if it names one: no other word is behind "of"."""
        asked = self._asked
        match = _WHOLE.search(plain(asked.text))
        if match is None or _IN_ALL.search(match[0]):
            return True
        start, end = match.span(match.lastindex or 0)
        places = frozenset(i for i, word in enumerate(asked.words) if start <= word.start < end) - asked.soft
        titles = [title for title in self._relation.titles[-3:] if len(title) <= TITLE_CHARS]
        said = (*self._relation.row(total).path, *titles, self._relation.row(total).group)
        return not asked.weight(places) or bool(places & title_places(asked, said))


def _own_places(columns: Sequence[Mention]) -> list[int]:
    """Return where each column is named first by words that do not name them all: the span over several is no one's."""
    shared = frozenset.intersection(*(one.places for one in columns)) if columns else frozenset()
    return [min(one.places - shared or one.places) for one in columns]
