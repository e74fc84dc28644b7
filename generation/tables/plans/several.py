"""Plans of several steps: what is done with two sums or means, as a question names them in one breath."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from generation.tables.plans.ordering import Named, ordered_pair, time_of
from generation.tables.plans.plan import Plan, Step
from generation.tables.plans.wanting import years_in
from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import Mention, is_span
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain

_OUTER: Final = (Op.DIFFERENCE, Op.GROWTH, Op.RATIO, Op.SHARE)
#: The average of a year: of what stands at its beginning and at its end.
_OF_YEAR: Final = re.compile(r"\b((?:19|20)\d\d)(?:\s(?:and|to|versus|vs\.?|-)\s((?:19|20)\d\d))?(?:'s)?\saverage\b")

_FROM_TO: Final = re.compile(r"到|至|[-–~—]|\bto\b|\bthrough\b")


def stepped_plans(
    asked: Asked, relation: Relation, rows: Sequence[Mention], columns: Sequence[int], spans: Sequence[int]
) -> Iterator[tuple[Plan, frozenset[int]]]:
    """Yield plans with the places of the words that name what they do.

    ``rows`` are the rows named, each one line; ``columns`` those named, ``spans`` all that stand for time.
    """
    lines = [(min(one.lines), one.first) for one in rows]
    outer = [op for op in _OUTER if asked.names(op)]
    if asked.said(Op.MEAN):
        said = asked.said(Op.MEAN)
        yield from ((plan, said) for plan in _of_year(asked, relation, lines, spans))
        across = list(columns) or list(spans)
        if len(lines) == 2 and len(across) > 1:
            steps = [Step(Op.MEAN, tuple((line, column) for column in across)) for line, _ in lines]
            for op in outer[:1]:
                plan = _ordered(op, asked, relation, steps, [((line, across[0]), at) for line, at in lines])
                yield plan, said | asked.said(op)
    if asked.said(Op.SUM) and len(lines) > 1:
        said = asked.said(Op.SUM)
        if len(columns) == 2:
            steps = [Step(Op.SUM, tuple((line, column) for line, _ in lines)) for column in columns]
            named: list[Named] = [((lines[0][0], column), at) for at, column in enumerate(columns)]
            for op in outer[:1]:
                yield _ordered(op, asked, relation, steps, named), said | asked.said(op)
        elif len(columns) == 1 and len(lines) > 2 and asked.names(Op.SHARE):
            yield from ((plan, said | asked.said(Op.SHARE)) for plan in _shared(asked, relation, lines, columns[0]))


def _ordered(op: Op, asked: Asked, relation: Relation, steps: Sequence[Step], named: Sequence[Named]) -> Plan:
    """Return what is done with two steps, in the order of the cells that they are named by."""
    first, second, magnitude = ordered_pair(op, asked, relation, named)
    place = [one[0] for one in named]
    return Plan(op, steps=(steps[place.index(first[0])], steps[place.index(second[0])]), magnitude=magnitude)


def _of_year(
    asked: Asked, relation: Relation, lines: Sequence[tuple[int, int]], spans: Sequence[int]
) -> Iterator[Plan]:
    """The average of a year is that of its two ends; of one row over one or two years, or of two rows."""
    match = _OF_YEAR.search(plain(asked.text))
    if match is None:
        return
    ends = {time_of(relation.column(column).path)[:1]: column for column in spans}
    means = []
    for year in (int(written) for written in match.groups() if written):
        now, before = ends.get((year,)), ends.get((year - 1,))
        if now is None or before is None:
            return
        means.append((now, before))
    steps = [Step(Op.MEAN, tuple((line, column) for column in ends_of)) for line, _ in lines for ends_of in means]
    if len(steps) == 1 and not any(asked.names(op) for op in _OUTER):
        yield Plan(Op.MEAN, cells=steps[0].cells)
    if len(steps) == 2:
        op = next((op for op in _OUTER if asked.names(op)), None)
        if op is not None:
            named: list[Named] = [(step.cells[0], at) for at, step in enumerate(steps)]
            yield _ordered(op, asked, relation, steps, named)


def _shared(asked: Asked, relation: Relation, lines: Sequence[tuple[int, int]], column: int) -> Iterator[Plan]:
    """The share of several rows together in a whole: the row behind 占, or the one that sums up others."""
    split = asked.split
    wholes = [line for line, at in lines if (at > split if split is not None else relation.row(line).total)]
    parts = [line for line, _ in lines if line not in wholes]
    if len(wholes) == 1 and len(parts) > 1:
        whole = Step(Op.SUM, ((wholes[0], column),))
        yield Plan(Op.SHARE, steps=(Step(Op.SUM, tuple((line, column) for line in parts)), whole))


def rows_between(asked: Asked, relation: Relation, named: list[int]) -> list[int]:
    """Return the rows named; from one year to another means those between them too."""
    labels = [row.index for row in relation.rows if row.path and is_span(row.path[0])]
    if len(named) != 2 or not set(named) <= set(labels):
        return named
    years = [years_in(relation.row(row).path) for row in named]
    first, second = ([word for word in asked.words if word.text in year][:1] for year in years)
    if not first or not second or not _FROM_TO.search(plain(asked.text)[first[0].end : second[0].start]):
        return named
    start, end = sorted(map(labels.index, named))
    return labels[start : end + 1]
