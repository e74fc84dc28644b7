"""Two sentences side by side: what both say word for word, and what stands in its place where they differ."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from generation.grounding.reading import Reading, Token, word_key
from generation.grounding.words import same_amount

_WORD: Final = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
#: Sentences longer than that are not compared: the time grows with the square.
_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands in one place of each sentence: offsets in ``Reading.plain``, an empty span where nothing does."""

    one: tuple[int, int]
    other: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Alignment:
    """``common``: how many characters (Chinese) or words (else) both have in one order; ``share``: of the shorter."""

    common: int
    share: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    key: str
    start: int
    end: int


def align(one: Reading, other: Reading) -> Alignment:
    """Lay two sentences side by side; amounts are one sign each, however they are written."""
    left, right = _signs(one), _signs(other, one.tokens)
    if not left or not right or max(len(left), len(right)) > _MOST:
        return Alignment(0, 0.0, ())
    matcher = SequenceMatcher(None, [s.key for s in left], [s.key for s in right], autojunk=False)
    common, gaps = 0, []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            common += b - a
        else:
            gaps.append(Gap(_span(left, a, b), _span(right, c, d)))
    return Alignment(common, common / min(len(left), len(right)), tuple(gaps))


def _signs(text: Reading, known: Sequence[Token] = ()) -> list[_Sign]:
    """Return the signs of a text; an amount that is one of ``known`` takes its key."""
    found = []
    amounts = [t for t in text.tokens if t.quantity is not None]
    for token in amounts:
        same = (k for k in known if k.quantity and token.quantity and same_amount(token.quantity, k.quantity))
        found.append(_Sign(f"={next(same, token).key}", token.start, token.end))
    found += [
        _Sign(word_key(match.group()), *match.span())
        for match in _WORD.finditer(text.lowered)
        if not any(t.start < match.end() and match.start() < t.end for t in amounts)
    ]
    return sorted(found, key=lambda sign: sign.start)


def _span(signs: Sequence[_Sign], first: int, last: int) -> tuple[int, int]:
    if first < last:
        return signs[first].start, signs[last - 1].end
    at = signs[first - 1].end if first else 0
    return at, at
