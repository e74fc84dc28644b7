"""Do two spans of evidence about the same thing say different things of it?"""

from dataclasses import dataclass
from typing import Final

from generation.grounding.polarity import opposed
from generation.grounding.reading import Kind, Reading, Token, read
from generation.grounding.words import likeness, same_amount, scaled

#: The share of words that both spans need to be about the same thing, by the shorter one.
_ABOUT: Final = 0.5
_ALIKE: Final = 0.85
_RIVALS: Final = (Kind.NAME, Kind.CODE, Kind.RARE)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What two spans differ in: ``number``, ``date``, ``name`` or ``negation``; how it is written in each."""

    kind: str
    one: str
    other: str


def disagree(one: str, other: str) -> Disagreement | None:
    """Return in what two spans about the same thing differ, None when they agree or are about different things.

    About the same: at least half of the words of the shorter span, by weight, stand in the longer. Then a number of the
    same measure, a date, a name in the same place, or a denial on one side alone is a difference. Spans of different
    languages are not compared.
    """
    left, right = read(one), read(other)
    if left.language != right.language or _alike(left, right) < _ABOUT:
        return None
    for kind, found in (("figure", _figures(left, right)), ("name", _names(left, right))):
        if found is not None:
            first, second = found
            named = kind if kind == "name" else "date" if _is_date(first) else "number"
            return Disagreement(named, _written(left, first), _written(right, second))
    return Disagreement("negation", one, other) if opposed(left, right) else None


def _alike(left: Reading, right: Reading) -> float:
    short, long = sorted((_words(left), _words(right)), key=lambda tokens: sum(t.weight for t in tokens))
    total = sum(t.weight for t in short)
    held = sum(t.weight * max((likeness(t.key, o.key) for o in long), default=0.0) for t in short)
    return held / total if total else 0.0


def _words(text: Reading) -> list[Token]:
    return [t for t in text.tokens if t.kind is not Kind.QUANTITY]


def _figures(left: Reading, right: Reading) -> tuple[Token, Token] | None:
    """Return a figure of each side, of one measure and in one place, that the other side does not hold."""
    pairs = _left_over(left, right, (Kind.QUANTITY,))
    fitting = [(a, b) for a, b in pairs if _measure(a) == _measure(b)]
    return max(fitting, key=lambda pair: _fit(left, right, *pair), default=None)


def _names(left: Reading, right: Reading) -> tuple[Token, Token] | None:
    fitting = [(a, b) for a, b in _left_over(left, right, _RIVALS) if _fit(left, right, a, b) > 0]
    return max(fitting, key=lambda pair: _fit(left, right, *pair), default=None)


def _left_over(left: Reading, right: Reading, kinds: tuple[Kind, ...]) -> list[tuple[Token, Token]]:
    ours = [t for t in left.tokens if t.kind in kinds and not any(_same(t, o) for o in right.tokens)]
    theirs = [t for t in right.tokens if t.kind in kinds and not any(_same(t, o) for o in left.tokens)]
    return [(a, b) for a in ours for b in theirs]


def _same(one: Token, other: Token) -> bool:
    if one.quantity is not None or other.quantity is not None:
        return bool(one.quantity and other.quantity and same_amount(one.quantity, other.quantity))
    return one.key in other.key or other.key in one.key


def _measure(token: Token) -> str | None:
    if token.quantity is None:
        return None
    return "date" if _is_date(token) else scaled(token.quantity)[0] or token.quantity.dimension


def _is_date(token: Token) -> bool:
    return token.quantity is not None and (
        token.quantity.kind == "date" or (token.quantity.dimension == "year" and token.quantity.low > 1000)
    )


def _fit(left: Reading, right: Reading, one: Token, other: Token) -> int:
    """Return how many of the two words on each side of the one stand beside the other as well."""
    near = [t.key for t in left.tokens if 0 < abs(t.place - one.place) <= 2]
    there = [t.key for t in right.tokens if 0 < abs(t.place - other.place) <= 2]
    return sum(any(likeness(a, b) >= _ALIKE for b in there) for a in near)


def _written(text: Reading, token: Token) -> str:
    return text.plain[token.start : token.end]
