"""Clauses that say of one party, or of one span of time, what the passages say of another."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from generation.grounding.naming.roles import acting_party
from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places
from generation.grounding.verdict import Finding
from generation.grounding.words import likeness

#: How often something is done, by span of time.
_OFTEN: Final = re.compile(
    r"每(?:一|个)?(?P<zh>年度?|季度?|个?月|周|星期|天|日|小时)(?!\s?\d)|(?<![\u4e00-\u9fff])[逐按](?P<by>年|季|月|周|日)(?!期)"
    r"|\b(?:every|each|per|an?|once an?|twice an?)\s(?P<en>year|quarter|month|week|day|hour)\b(?!\w)"
    r"|\b(?P<ly>yearly|annually|quarterly|monthly|weekly|daily|hourly)\b"
)
_SPAN: Final = {
    "年": "year", "季": "quarter", "月": "month", "周": "week", "星": "week", "天": "day", "日": "day", "小": "hour",
    "yearly": "year", "annually": "year", "quarterly": "quarter", "monthly": "month", "weekly": "week",
    "daily": "day", "hourly": "hour",
}  # fmt: skip
#: How alike two words are that say the same, and the words of a clause that another one holds at least.
_SAME: Final = 0.7
_ENOUGH: Final = 0.55
_NEARLY_ALL: Final = 0.8
#: How much better the other clause has to fit than any that speaks of the same party or span.
_MARGIN: Final = 0.3
#: What the words of a clause weigh together at least.
_SAYS: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Said:
    """A clause: whom, or what span of time, it is about, and its other words."""

    about: frozenset[str]
    words: tuple[Token, ...]

    @property
    def weight(self) -> float:
        return sum(t.weight for t in self.words)


def other_reasons(statement: Reading, places: Places) -> list[Finding]:
    """Return ``role`` for what is said of another party, ``unit`` for what is done in other spans of time."""
    found = []
    for reason, read_clause in (("role", _of_whom), ("unit", _how_often)):
        given = [said for unit in places.units for said in _clauses(unit.text, read_clause)]
        lead = max((_lead(said, given) for said in _clauses(statement, read_clause)), default=0.0)
        if lead:
            found.append(Finding(reason, sure=lead >= _NEARLY_ALL))
    return found


def _clauses(text: Reading, about: Callable[[Reading, Sequence[Token]], frozenset[str]]) -> Iterator[_Said]:
    by: dict[int, list[Token]] = {}
    for token in text.tokens:
        by.setdefault(token.clause, []).append(token)
    for tokens in by.values():
        keys = about(text, tokens)
        words = tuple(t for t in tokens if t.kind is Kind.WORD and t.key not in keys and not _OFTEN.search(t.key))
        if len(keys) == 1:
            yield _Said(keys, words)


def _lead(said: _Said, given: Sequence[_Said]) -> float:
    """Return how much of a clause stands in one about another, 0 where one about the same has about as much of it."""
    if said.weight < _SAYS or not any(said.about == other.about for other in given):
        return 0.0
    right = max((_held(said, other) for other in given if said.about == other.about), default=0.0)
    best = max((_held(said, other) for other in given if said.about != other.about), default=0.0)
    return best if best >= max(_ENOUGH, right + _MARGIN) else 0.0


def _held(said: _Said, other: _Said) -> float:
    near = ((t.weight, max((likeness(t.key, o.key) for o in other.words), default=0.0)) for t in said.words)
    return sum(weight * like for weight, like in near if like >= _SAME) / said.weight


def _of_whom(text: Reading, tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(t.key for t in tokens if acting_party(text, t))


def _how_often(text: Reading, tokens: Sequence[Token]) -> frozenset[str]:
    found = _OFTEN.finditer(text.clause(tokens[0].clause))
    return frozenset(_SPAN.get(w, _SPAN.get(w[0], w)) for m in found for w in m.groups() if w)
