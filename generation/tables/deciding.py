"""Which table answers a question, and how: one plan that explains it, or none where two would and differ."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from generation.tables.amounts import scale_of_cells
from generation.tables.beside import text_says_more, told_amounts
from generation.tables.execute import OutOfReach, Result, execute, is_personal
from generation.tables.plans.plan import Plan
from generation.tables.plans.planner import Candidate, Planner
from generation.tables.reading.asking import Asked, Op, read_question
from generation.tables.reading.lexicon import in_words_of
from generation.tables.reading.relation import Relation, is_unit_line
from generation.tables.reading.words import plain

_TRIED: Final = 4
#: Scores this near are as good as each other.
_MARGIN: Final = 0.3
_LEAST: Final = 1.5
#: What a table loses for each that the retrieval put before it.
_LATER: Final = 0.2


#: What it costs that a table has other words for what the question names.
_OTHER_WORDS: Final = 0.2
#: What it costs that a table is of a parent company alone and the question is not.
_OTHER_BOOKS: Final = 1.0
#: Asks for words: no number answers it.
_TELLS: Final = re.compile(
    r"^why\b|^how\s(?:was|were|is|are)\b|\bconsists?\sof\b|\brelates?\sto\b|\bdue\sto\swhat\b|\bmeant?\sby\b"
    r"|为什么|为何|怎么|如何|什么原因|原因是"
)
_PARENT: Final = re.compile(r"(?<!归属)(?<!归属于)母公司|\bparent[- ]company\b|\bparent[- ]only\b")


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan, executed; ``relation`` is that of the table ``plan.table``."""

    plan: Plan
    result: Result
    relation: Relation
    score: float


def decide(question: str, tables: Sequence[Relation]) -> Decision | None:
    """Return what answers the question, None where nothing does for certain; see ``by_rules``."""
    found = by_rules(read_question(question), tables)
    return found[0] if len(found) == 1 else None


def by_rules(asked: Asked, tables: Sequence[Relation], beside: Sequence[str] = ()) -> list[Decision]:
    """Return what the rules find: the best plan, with others that are as good and say something else; empty for none.

    ``beside`` are the texts around the tables: a plan is left out where a sentence of them says more of the question.
    """
    candidates: list[Candidate] = []
    for number, relation in enumerate(tables):
        words = in_words_of(relation, asked.text)
        own = asked if words == asked.text else read_question(words)
        less = _LATER * min(number, 5)
        if own is not asked:  # longer words for the same tell no more
            less += _OTHER_WORDS + max(0.0, _told_by(own) - _told_by(asked))
        parent = any(map(_of_parent, relation.titles))
        if _of_parent(asked.text) and not parent:
            continue
        less += _OTHER_BOOKS * (parent and not _of_parent(asked.text))
        told = told_amounts((*relation.titles, *beside))
        candidates += [
            replace(one, score=one.score - less)
            for one in Planner(own, relation, number).plans()[:_TRIED]
            if not text_says_more(asked, told, one.own, one.plan.op)
        ]
    found: list[Decision] = []
    for candidate in sorted(candidates, key=lambda one: -one.score):
        if candidate.score < _LEAST or (found and candidate.score < found[0].score - _MARGIN):
            break
        relation = tables[candidate.plan.table]
        if is_personal(candidate.plan, relation):
            return []
        made = executed(candidate.plan, relation, candidate.score)
        if made is None:
            continue
        if _is_number(made) and _TELLS.search(plain(asked.text)):
            continue
        if not found or (_alike(made, found[0]) and outcome(made) not in map(outcome, found)):
            found.append(made)
    return found


def _is_number(decision: Decision) -> bool:
    numbers = all(one.number is not None for one in decision.result.operands)
    return decision.result.number is not None or (decision.plan.op is Op.LOOKUP and numbers)


def _told_by(asked: Asked) -> float:
    return asked.weight(frozenset(range(len(asked.words))))


def _of_parent(text: str) -> bool:
    return _PARENT.search(plain(text)) is not None


def _alike(one: Decision, other: Decision) -> bool:
    """Whether nothing but chance tells two decisions apart: they are of one table, or of tables with one head."""
    if one.plan.table == other.plan.table:
        return True
    heads = [[line.path for line in decision.relation.columns] for decision in (one, other)]
    names = [{line.path for line in decision.relation.rows} for decision in (one, other)]
    return heads[0] == heads[1] and len(names[0] & names[1]) * 5 >= 4 * len(names[0] | names[1])


def executed(plan: Plan, relation: Relation, score: float = 0.0) -> Decision | None:
    """Return what a plan that fits the table comes to, None where it cannot be executed."""
    try:
        result = execute(replace(plan, table=0), relation)
    except OutOfReach:
        return None
    if (
        plan.op not in {Op.LOOKUP, Op.CHECK}
        and len({scale_of_cells(relation, (one,)) for one in result.operands if one.number}) > 1
    ):
        return None  # thousands and amounts a share are not reckoned together
    return Decision(plan, replace(result, plan=plan), relation, score)


def outcome(decision: Decision) -> tuple[str, ...]:
    """Return what a decision says, to tell whether two say the same."""
    result = decision.result
    if result.holds is not None:
        return (str(result.holds), _written(result.operands[0].number))
    if result.number is not None:
        return (_written(result.number),)
    if result.plan.op is Op.LOOKUP:
        return tuple(one.text if one.number is None else _written(one.number) for one in result.operands)
    return tuple(sorted(told(decision)))


def _written(number: Decimal | None) -> str:
    """Write a number to compare it, without the zeros that a reckoned one ends with."""
    return f"{float(number or 0):.9g}"


def told(decision: Decision) -> list[str]:
    """Return the texts of the lines that a list or a rank tells, in their order."""
    plan, relation = decision.plan, decision.relation
    texts = []
    for line in decision.result.found:
        if plan.along == "rows":
            show = plan.show if plan.show is not None else relation.labels[0]
            texts.append(relation.at(line, show).text)
        else:
            heads = [head for head in relation.heads(plan.measure or 0, line) if not is_unit_line(head)]
            texts.append(heads[-1] if heads else "")
    return texts
