"""From a question to plans: what it names in a table, put together in the ways its wording allows, the best first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from generation.tables.plans.conditions import compared_rows, default_columns, naming_column
from generation.tables.plans.limits import asks_whether, meets
from generation.tables.plans.ordering import Named, ordered_pair, time_of
from generation.tables.plans.pairing import Pairing
from generation.tables.plans.picking import AGAIN, MISSING, Picker, Rows, joined
from generation.tables.plans.plan import Plan, fits
from generation.tables.plans.several import rows_between, stepped_plans
from generation.tables.plans.wanting import (
    ALL,
    EACH,
    IN_PERIODS,
    PERCENT,
    WHICH_THING,
    WHICH_TIME,
    are_things,
    are_times,
    may_answer,
    wants,
    wants_a_name,
)
from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import Mention, is_span, periods, title_places
from generation.tables.reading.relation import TITLE_CHARS, Relation
from generation.tables.reading.words import match_label, plain

#: Weight that may be left of a question without a place in the table: less than one word, or two characters.
_LEFT: Final = 1.5
_STRONG: Final = (Op.GROWTH, Op.DIFFERENCE, Op.MEAN, Op.RATIO, Op.SHARE, Op.MAX, Op.MIN)
_PAIRS: Final = (Op.GROWTH, Op.DIFFERENCE, Op.RATIO, Op.SHARE)
_WEAK_WORDS: Final = frozenset(
    {"over", "/", "占", "多", "most", "top", "best", "list", "which", "总", "共", "more", "rise"}
)
_SPANNING: Final = ("到", "至", "-", "–", "~", " to ", "through", "between", "from", "—")
#: Lines right above a table that may be its name, and how much of a question they have to be.
_CAPTIONS: Final = 3
_CALLED: Final = 2.0
_COMPUTED: Final = 0.4
_TOLD: Final = 0.1
#: Rows that one name may stand for.
_READINGS: Final = 3
#: What an operation that is left undone weighs.
_UNDONE: Final = 2.0
#: Operations that others do on their way.
_IMPLIED: Final = {
    Op.GROWTH: (Op.DIFFERENCE, Op.SHARE, Op.RATIO),
    Op.SHARE: (Op.RATIO,),
    Op.RATIO: (Op.SHARE,),
    Op.LIST: (Op.DIFFERENCE, Op.MAX, Op.MIN),
    Op.COUNT: (Op.DIFFERENCE, Op.MAX, Op.MIN),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan with how well it explains the question: the weight explained less what labels have beyond it.

    ``own`` is the weight that the labels of its cells and the wording of its operation explain.
    """

    plan: Plan
    score: float
    left: float
    places: frozenset[int]
    own: float


class Planner:
    """Writes the plans for one question over one table."""

    def __init__(self, asked: Asked, relation: Relation, table: int = 0) -> None:
        self._asked = asked
        self._relation = relation
        self._table = table
        self._picker = Picker(asked, relation)

    def plans(self) -> list[Candidate]:
        """Return the plans that explain the question in full, the best first."""
        found = [
            one
            for one in self._candidates()
            if one.left < _LEFT and fits(one.plan, [self._relation] * (self._table + 1))
        ]
        return sorted(found, key=lambda one: -one.score)

    def _candidates(self) -> Iterator[Candidate]:
        rows = self._picker.rows()
        columns = self._picker.picked(rows)
        for given in (rows, None) if rows else (None,):
            across = columns if given is rows else self._picker.picked(None)
            if asks_whether(self._asked):
                yield from self._checks(given, across)
                continue
            yield from self._lookups(given, across)
            yield from self._pairs(given, across)
            yield from self._sums(given, across)
            yield from self._several(given, across)
            yield from self._ranks(given, across)
            yield from self._lists(given, across)

    # What is done

    def _scored(
        self,
        plan: Plan,
        rows: Rows | None,
        columns: Sequence[Mention],
        more: frozenset[int] = frozenset(),
        *,
        bonus: float = 0.0,
    ) -> Candidate:
        asked = self._asked
        places = more.union(*(one.places for one in columns))
        missing = sum(one.missing for one in columns)
        if rows is not None:
            places |= rows.places
            missing += rows.missing
        open_ = frozenset(range(len(asked.words))) - places - asked.soft
        labelled = self._labelled(plan)
        titled = open_ & (self._picker.titles | labelled)
        score = asked.weight(places) + 0.5 * asked.weight(titled) - MISSING * missing + bonus
        left = asked.weight(open_ - titled) + _UNDONE * self._undone(plan, places | titled)
        own = asked.weight((places | labelled) - asked.soft)
        return Candidate(replace(plan, table=self._table), score, left, places, own)

    def _undone(self, plan: Plan, places: frozenset[int]) -> int:
        """Return how many operations the question words that the plan leaves undone: an average of differences."""
        in_percent = any(PERCENT.fullmatch(one.text) for one in self._asked.wordings)
        done = {plan.op, *_IMPLIED.get(plan.op, ()), *(step.op for step in plan.steps)}
        return sum(
            one.op in _STRONG
            and one.op not in done
            and one.text not in _WEAK_WORDS
            and not self._telling(one.places) <= places
            and not (plan.op is Op.LOOKUP and (PERCENT.fullmatch(one.text) or (in_percent and one.op is Op.DIFFERENCE)))
            and not (plan.op is Op.LOOKUP and one.op is Op.SHARE and one.places <= places)
            for one in self._asked.wordings
        )

    def _labelled(self, plan: Plan) -> frozenset[int]:
        """Return the places of words that are in the labels of what a plan names: a label may be named twice."""
        relation = self._relation
        rows = {row for row, _ in plan.named} | ({plan.measure} if plan.along == "columns" else set())
        texts = [text for row in rows if row is not None for text in relation.row(row).path]
        if plan.along == "columns":
            texts += [text for line in plan.lines for text in relation.column(line).path]
        else:
            shown = {column for _, column in plan.named} | {plan.measure, plan.show}
            texts += [text for column in shown if column is not None for text in relation.column(column).path]
        return title_places(self._asked, texts)

    def _lookups(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """The cell of a row and a column; several rows or columns may be asked for at once."""
        if rows is None:
            yield from self._lone_record(columns)
            yield from self._whole(columns)
            return
        asked, relation = self._asked, self._relation
        label = rows.places.union(*(one.places for one in columns if one.coverage >= AGAIN))
        shares = self._in_percent(label)
        if asked.formula is not None or shares is None or (len(rows.operands) > 1 and asked.names(Op.RATIO)):
            return
        if any(not one.places <= label for one in asked.comparisons if one.value is not None):
            return
        if any(len(self._values_of(one.lines, columns)) > 1 for one in rows.operands):
            if len(rows.operands) == 1 and self._grouped(rows.operands[0].lines):
                for line in sorted(rows.operands[0].lines):  # each is a reading of its own
                    one = replace(rows.operands[0], lines=frozenset({line}))
                    yield from self._lookups(replace(rows, operands=(one,)), columns)
            return
        used = [one for one in columns if one.coverage >= AGAIN] or columns
        chosen = [line for one in self._picker.last_of(used) for line in sorted(one.lines)]
        if not chosen:
            lines = [line for one in rows.operands for line in one.lines]
            used, chosen = [], default_columns(asked, relation, lines, rows.column)
        if not chosen or len(chosen) * len(rows.operands) > 4:
            return
        cells = tuple((min(one.lines), column) for one in joined(asked, rows.operands) for column in chosen)
        if not may_answer(asked, relation, cells, percent=bool(shares)):
            return
        if all(
            any(char.isalnum() for char in relation.at(*cell).text) or self._relation.has_number(*cell)
            for cell in cells
        ):
            # What stands there as a total or a growth is meant rather than what would be reckoned.
            stands = any(self._telling(asked.said(op)) & label for op in (Op.SUM, Op.GROWTH))
            told = [one for one in used for _ in one.lines]
            yield self._scored(
                Plan(Op.LOOKUP, cells=cells), rows, told, shares, bonus=_COMPUTED + _TOLD if stands else 0.0
            )

    def _in_percent(self, label: frozenset[int]) -> frozenset[int] | None:
        """Return the places of an operation that a cell in percent answers; None where another is left undone.

        How much something grew, or what share it has, may stand in a cell. ``label``: the places that labels explain.
        """
        unsaid = [
            one
            for one in self._asked.wordings
            if one.op in _STRONG and one.text not in _WEAK_WORDS and not self._telling(one.places) <= label
        ]
        percent = any(PERCENT.fullmatch(one.text) or one.op is Op.SHARE for one in unsaid)
        known = [
            one
            for one in unsaid
            if PERCENT.fullmatch(one.text) or one.op is Op.SHARE or (percent and one.op is Op.DIFFERENCE)
        ]
        return frozenset().union(*(one.places for one in known)) if len(known) == len(unsaid) else None

    def _grouped(self, lines: frozenset[int]) -> bool:
        """Whether rows have one label and nothing but the group they stand in tells them apart."""
        rows = [self._relation.row(line) for line in lines]
        groups = {row.group for row in rows}
        return len({row.path for row in rows}) == 1 and len(groups) == len(rows) <= _READINGS

    def _telling(self, places: frozenset[int]) -> frozenset[int]:
        return frozenset(place for place in places if self._asked.words[place].weight)

    def _checks(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """Whether the one cell that is named meets a comparison."""
        if rows is None or (row := rows.lone) is None:
            return
        across = [line for one in columns for line in one.lines if self._relation.has_number(row, line)]
        across = across or [c for c in self._relation.measures if self._relation.has_number(row, c)]
        if len(across) == 1:
            limit = next(one for one in self._asked.comparisons if one.value is not None)
            plan = Plan(Op.CHECK, cells=((row, across[0]),), limit=limit)
            yield self._scored(plan, rows, columns, limit.places, bonus=_COMPUTED)

    def _lone_record(self, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """The cell of a column that is named in a table of one row."""
        rows = self._relation.rows
        sure = [one for one in columns if one.coverage >= AGAIN]
        chosen = [line for one in sure or columns for line in one.lines]
        if len(rows) == 1 and len(chosen) == 1 and self._relation.at(rows[0].index, chosen[0]).text:
            yield self._scored(Plan(Op.LOOKUP, cells=((rows[0].index, chosen[0]),)), None, columns)

    def _whole(self, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """The total, or the one row, of a table that a line above it calls what is asked for."""
        asked, relation = self._asked, self._relation
        sure = [line for one in columns if one.coverage >= AGAIN for line in one.lines]
        strong = any(one.op in _STRONG for one in asked.wordings)
        if len(sure) != 1 or strong or asked.comparisons or asked.which or self._picker.rows() is not None:
            return
        called = [match_label(title, asked.words) for title in relation.titles[-_CAPTIONS:]]
        places = frozenset[int]().union(*(one.places for one in called if one.coverage >= AGAIN))
        totals = [row.index for row in relation.rows if row.total] or [row.index for row in relation.rows]
        if asked.weight(places) >= _CALLED and len(totals) == 1 and self._relation.has_number(totals[0], sure[0]):
            found = self._scored(Plan(Op.LOOKUP, cells=((totals[0], sure[0]),)), None, columns, places)
            yield replace(found, own=found.own - asked.weight(places))

    def _values_of(self, lines: frozenset[int], columns: Sequence[Mention]) -> set[tuple[str, ...]]:
        shown = [c for one in columns for c in one.lines] or self._relation.measures
        return {tuple(self._relation.at(line, column).text for column in shown) for line in lines}

    def _names_one_of(self, lines: Sequence[int], name: int) -> bool:
        """Whether the question names one of these rows by what names the rows."""
        rows = self._picker.rows()
        return rows is not None and rows.column == name and any(one.lines & set(lines) for one in rows.operands)

    def _pairs(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """Two cells: their difference, growth, ratio, or the share of one in the other."""
        pairing = Pairing(self._asked, self._relation)
        for op in () if wants_a_name(self._asked) else _PAIRS:
            said = self._asked.said(op) | (self._asked.said(Op.DIFFERENCE) if op is Op.GROWTH else frozenset())
            if not self._asked.names(op):
                continue
            cells = pairing.cells(op, rows, columns)
            if cells is None or not pairing.fits_formula(rows, columns):
                continue
            if op is Op.SHARE and len(columns) < 2 and self._of_one_thing(cells):
                continue
            first, second, magnitude = ordered_pair(op, self._asked, self._relation, cells)
            plan = Plan(op, cells=(first[0], second[0]), magnitude=magnitude)
            yield self._scored(plan, rows, columns, said, bonus=_COMPUTED if op is not Op.DIFFERENCE else 0.0)

    def _of_one_thing(self, cells: Sequence[Named]) -> bool:
        """Whether two cells are one figure at two times: neither is a share of the other."""
        (first, _), (second, _) = cells
        times = [time_of(self._relation.heads(*cell)) for cell in (first, second)]
        return first[0] == second[0] and all(times) and times[0] != times[1]

    def _sums(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """Sums and means: of the cells named, of a row over its spans of time, of a column over its rows."""
        relation = self._relation
        for op in (Op.SUM, Op.MEAN):
            said = self._asked.said(op)
            if not said or self._asked.formula is not None or wants(EACH, self._asked):
                continue
            chosen = self._spanned(columns)
            if rows is not None and all(len(one.lines) == 1 for one in rows.operands):
                named = rows_between(self._asked, relation, [min(one.lines) for one in rows.operands])
                across = chosen or self._across(named)
                cells = tuple(
                    (row, column) for row in named for column in across if self._relation.has_number(row, column)
                )
                if len(cells) > 1:
                    yield self._scored(Plan(op, cells=cells), rows, columns, said, bonus=_COMPUTED)
            narrowed = [line for one in rows.operands for line in one.lines] if rows else []
            narrowed = [line for line in narrowed if not relation.row(line).total]
            conditions = compared_rows(self._asked, relation, self._picker.columns)
            lines = [row.index for row in relation.records]
            if rows is not None and rows.column == naming_column(relation):
                continue
            if rows is None and (self._picker.names_row or self._only_about()):
                continue
            if rows is not None:
                lines = [line for line in lines if line in narrowed]
            if conditions is not None:
                lines = [line for line in lines if line in conditions.lines]
            measures = [c for c in chosen if c in relation.numeric]
            if len(measures) == 1 and len(lines) > 1 and (rows is None or len(rows.operands) == 1):
                more = said | (conditions.places if conditions else frozenset())
                held = tuple(self._comparable(lines, measures[0]))
                plan = Plan(op, lines=held, measure=measures[0])
                yield self._scored(plan, rows, columns, more, bonus=_COMPUTED)

    def _several(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """What is done with sums or means, each of several cells."""
        relation = self._relation
        if rows is None or self._asked.formula is not None or any(len(one.lines) != 1 for one in rows.operands):
            return
        spans = [c for c in periods(relation, self._asked) if not relation.column(c).total]
        for plan, said in stepped_plans(self._asked, relation, rows.operands, self._spanned(columns), spans):
            if all(self._relation.has_number(*cell) for cell in plan.named):
                yield self._scored(plan, rows, columns, said, bonus=_COMPUTED)

    def _only_about(self) -> bool:
        """Whether the question names by words of the titles alone what it would have reckoned over all rows."""
        if wants(ALL, self._asked):
            return False
        heads = [text for line in self._relation.columns for text in line.path]
        told = title_places(self._asked, self._relation.titles) - title_places(self._asked, heads)
        return self._asked.weight(told - self._asked.soft) >= _UNDONE

    def _across(self, named: Sequence[int]) -> list[int]:
        """Return the columns to go over when none is named: the spans of time, or the only one with values."""
        relation = self._relation
        spans = [c for c in periods(relation, self._asked) if all(self._relation.has_number(row, c) for row in named)]
        if len(named) == 1:
            return spans
        values = [c for c in relation.measures if all(relation.has_number(row, c) for row in named)]
        return values if len(values) == 1 else []

    def _spanned(self, columns: Sequence[Mention]) -> list[int]:
        """Return the columns named; from one span of time to another means those between them too."""
        chosen = [line for one in columns for line in sorted(one.lines)]
        spans = periods(self._relation, self._asked)
        folded = plain(self._asked.text)
        if len(chosen) == 2 and set(chosen) <= set(spans) and any(sign in folded for sign in _SPANNING):
            start, end = sorted(map(spans.index, chosen))
            return spans[start : end + 1]
        return chosen

    def _ranks(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """The highest and lowest: of the rows by a column, or of the spans of time by a row."""
        for op in (Op.MAX, Op.MIN):
            said = self._asked.said(op)
            if said:
                yield from self._ranked_rows(op, said, rows, columns)
                yield from self._ranked_columns(op, said, rows, columns)

    def _ranked_rows(
        self, op: Op, said: frozenset[int], rows: Rows | None, columns: Sequence[Mention]
    ) -> Iterator[Candidate]:
        relation = self._relation
        numbers = [one for one in columns if one.lines <= relation.numeric]
        numbers.sort(key=lambda one: not one.places & said)
        measures = [line for one in numbers for line in one.lines]
        of = numbers[0].places if numbers else frozenset()
        if len(numbers) > 1 and all(one.places == of for one in numbers):
            return  # named by what is over all of them: none is meant
        sure = [one for one in columns if one.coverage >= AGAIN and not one.places <= of]
        if wants(WHICH_THING, self._asked):
            sure = [one for one in sure if one.places & {self._asked.target}]
        shown = [line for one in sure for line in one.lines if line in measures[1:]]
        shown = shown or [line for one in sure for line in one.lines if line not in measures]
        if not measures:
            values = [c for c in relation.measures if c in relation.numeric]
            measures = values if len(values) == 1 else []
        if not measures or len(shown) > 1:
            return
        if rows is None and self._picker.names_row:
            return
        if self._only_told_of(measures[0]):
            return
        lines = [row.index for row in relation.records]
        if rows is not None:
            named = {line for one in rows.operands for line in one.lines}
            lines = [line for line in lines if line in named]
        lines = self._comparable(lines, measures[0])
        if len(lines) < 2:
            return
        show = shown[0] if shown else naming_column(relation)
        groups = {relation.row(line).group for line in lines}
        said |= title_places(self._asked, groups) if len(groups) == 1 else frozenset()
        if wants(WHICH_TIME, self._asked) and not are_times([relation.at(line, show).text for line in lines]):
            return
        plan = Plan(op, lines=tuple(lines), measure=measures[0], show=show, take=self._asked.take or 1)
        yield self._scored(plan, rows, columns, said, bonus=_COMPUTED)

    def _only_told_of(self, measure: int) -> bool:
        """Whether a column is but a span of time, and nothing but a sentence above has words for what is ranked."""
        path = self._relation.column(measure).path
        if not path or not all(map(is_span, path)):
            return False
        short = [title for title in self._relation.titles if len(title) <= TITLE_CHARS]
        labels = [text for row in self._relation.rows for text in (*row.path, row.group)]
        told = self._picker.titles - title_places(self._asked, (*short, *path, *labels)) - self._asked.soft
        return self._asked.weight(told) >= _LEFT

    def _comparable(self, lines: Sequence[int], measure: int) -> list[int]:
        """Return the lines with a number, without shares of what stands above them."""
        held = [line for line in lines if self._relation.has_number(line, measure)]
        shares = [line for line in held if self._relation.at(line, measure).unit == "%"]
        return held if len(shares) == len(held) else [line for line in held if line not in shares]

    def _ranked_columns(
        self, op: Op, said: frozenset[int], rows: Rows | None, columns: Sequence[Mention]
    ) -> Iterator[Candidate]:
        relation = self._relation
        if rows is None or (row := rows.lone) is None:
            return
        chosen = self._spanned(columns)
        lines = chosen if len(chosen) > 1 else periods(relation, self._asked)
        if not lines:
            lines = list(relation.measures)
        lines = [line for line in lines if self._relation.has_number(row, line) and not relation.column(line).total]
        if wants(WHICH_THING, self._asked) and not are_things(relation, lines):
            return
        used = columns if len(chosen) > 1 else []
        if len(lines) > 1 and relation.head:
            plan = Plan(
                op, lines=tuple(lines), along="columns", measure=row, show=relation.head - 1, take=self._asked.take or 1
            )
            yield self._scored(plan, rows, used, said, bonus=_COMPUTED)

    def _periods_kept(self, rows: Rows | None) -> Iterator[Candidate]:
        """In which spans of time, or in how many, the value of a row meets a condition."""
        asked, relation = self._asked, self._relation
        valued = [one for one in asked.comparisons if one.value is not None]
        op = Op.COUNT if asked.said(Op.COUNT) else Op.LIST
        spans = periods(relation, asked)
        wanted = IN_PERIODS if op is Op.COUNT else WHICH_TIME
        if rows is None or (row := rows.lone) is None or len(valued) != 1 or not spans or not wants(wanted, asked):
            return
        held = tuple(column for column in spans if meets(valued[0], relation, row, column))
        if held:
            plan = Plan(op, lines=held, along="columns", measure=row)
            yield self._scored(plan, rows, [], valued[0].places | asked.said(op), bonus=_COMPUTED)

    def _lists(self, rows: Rows | None, columns: Sequence[Mention]) -> Iterator[Candidate]:
        """Rows that meet conditions, told or counted."""
        relation = self._relation
        yield from self._periods_kept(rows)
        if wants(WHICH_TIME, self._asked) and rows is not None:
            return
        conditions = compared_rows(self._asked, relation, self._picker.columns)
        if conditions is None and (rows is None or len(rows.operands) != 1):
            return
        lines = [row.index for row in relation.records]
        places: frozenset[int] = frozenset()
        if conditions is not None:
            lines, places = [line for line in lines if line in conditions.lines], conditions.places
        if rows is not None:
            named = rows.operands[0].lines
            lines = [line for line in lines if line in named]
        name = naming_column(relation)
        about = None if conditions is None else conditions.column
        target = self._asked.target
        told = [one for one in columns if one.coverage >= AGAIN or target in one.places]
        own = {about, rows.column if rows else None}
        shown = [line for one in told for line in one.lines if line not in relation.numeric and line not in own]
        counting, listing = self._asked.said(Op.COUNT), self._asked.said(Op.LIST)
        weak = rows is not None and rows.column == name and (conditions is None or len(lines) == 1)
        if not lines or weak:
            return
        if conditions is not None and rows is None and self._names_one_of(lines, name):
            return  # what it is made of is asked for, not itself
        used = [one for one in columns if conditions is not None or not one.lines & relation.numeric]
        if counting:
            yield self._scored(Plan(Op.COUNT, lines=tuple(lines), show=name), rows, used, places | counting)
        elif (listing or self._asked.which) and (conditions is not None or len(lines) > 1):
            show = shown[0] if shown else name
            yield self._scored(Plan(Op.LIST, lines=tuple(lines), show=show), rows, used, places | listing)
        elif conditions is not None and len(lines) == 1:
            asked = [line for one in columns for line in one.lines if line != conditions.column]
            if len(asked) == 1:
                yield self._scored(Plan(Op.LOOKUP, cells=((lines[0], asked[0]),)), rows, columns, places)
