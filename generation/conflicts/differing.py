"""Do two spans of evidence about the same thing say different things of it?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.conflicts.alignment import Alignment, Gap, align
from generation.grounding.polarity import denials, opposed
from generation.grounding.reading import Kind, Reading, Token, read
from generation.grounding.words import NEAR, likeness, same_amount, scaled

#: The share of words that both spans need to be about the same thing, by the shorter one.
_ABOUT: Final = 0.5
#: The same where they differ in a name or a denial, which are easily found where there is no disagreement.
_CLOSE: Final = 0.7
_ALIKE: Final = 0.85
_RIVALS: Final = (Kind.NAME, Kind.CODE, Kind.RARE)
#: Sentences of which so much is the same, and at least so many characters or words, are one sentence written twice.
_REWRITTEN: Final = 0.6
_COMMON: Final = {"zh": 14, "en": 8}
#: So much in common that other subjects are no explanation of what differs.
_OVERWHELMING: Final = {"zh": 36, "en": 20}
#: Words that deny or hedge; one sentence has them and its twin has not.
_DENYING: Final = re.compile(r"[不未没无非勿禁]|\b(?:not|no|never|without)\b|n['’]t\b")
_NUMERAL: Final = re.compile(r"第?[\d.,:%一二两三四五六七八九十百千万亿比]+[个次位名号条项年月日]?")
_CONTENT: Final = 0.3


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What two spans differ in: ``number``, ``date``, ``name``, ``negation`` or ``wording``; how each writes it.

    ``rewritten``: the spans are one sentence written twice with something else in places; ``verbatim``: so much of it
    is the same that other subjects are no explanation.
    """

    kind: str
    one: str
    other: str
    rewritten: bool = False
    verbatim: bool = False


def disagree(one: str, other: str) -> Disagreement | None:
    """Return in what two spans about the same thing differ, None when they agree or are about different things.

    Spans are about the same thing when they are one sentence written twice, or when at least half of the words of the
    shorter one, by weight, stand in the longer. Figures of another period or of another name are of another thing.
    Spans of different languages are not compared.
    """
    return differ(read(one), read(other))


def differ(left: Reading, right: Reading) -> Disagreement | None:
    """Return in what two readings differ, as :func:`disagree` does."""
    if left.language != right.language:
        return None
    aligned = align(left, right)
    if aligned.share >= _REWRITTEN and aligned.common >= _COMMON[left.language]:
        return _rewritten(left, right, aligned)
    alike = _alike(left, right)
    return _told(left, right, alike) if alike >= _ABOUT else None


def _rewritten(left: Reading, right: Reading, aligned: Alignment) -> Disagreement | None:
    """Return what was changed from one sentence to its twin."""
    figures = _left_over(left, right, (Kind.QUANTITY,))
    dates = [(a, b) for a, b in figures if _is_date(a) and _is_date(b)]
    amounts = [(a, b) for a, b in figures if not _is_date(a) and _measure(a) == _measure(b)]
    words = [gap for gap in aligned.gaps if _replaced(left, right, gap)]
    overwhelming = aligned.common >= _OVERWHELMING[left.language]
    if dates and (amounts or (words and not overwhelming)):
        return None  # the same of another time
    if amounts and not overwhelming and any(_opens(left, gap) for gap in words):
        return None  # the same of another one
    if dates or amounts:
        first, second = max(dates or amounts, key=lambda pair: _fit(left, right, *pair))
        return Disagreement(
            "date" if dates else "number", _written(left, first), _written(right, second), True, overwhelming
        )
    counted = next((gap for gap in aligned.gaps if _recounted(left, right, gap)), None)
    if counted:
        return Disagreement(
            "number", left.plain[slice(*counted.one)], right.plain[slice(*counted.other)], True, overwhelming
        )
    denied = next((gap for gap in aligned.gaps if _denies(left, right, gap)), None)
    if denied or opposed(left, right):
        return Disagreement("negation", left.plain, right.plain, True, overwhelming)
    if words:
        gap = words[0]
        named = [any(t.kind in _RIVALS for t in _inside(*side)) for side in ((left, gap.one), (right, gap.other))]
        kind = "name" if all(named) else "wording"
        return Disagreement(kind, left.plain[slice(*gap.one)], right.plain[slice(*gap.other)], True, overwhelming)
    return None


def _replaced(left: Reading, right: Reading, gap: Gap) -> bool:
    """Say whether words of weight stand in each of two places and none of one says what one of the other says."""
    ours, theirs = _inside(left, gap.one), _inside(right, gap.other)
    ours = [t for t in ours if t.weight >= _CONTENT and t.kind is not Kind.QUANTITY]
    theirs = [t for t in theirs if t.weight >= _CONTENT and t.kind is not Kind.QUANTITY]
    if not ours or not theirs:
        return False
    return not any(likeness(a.key, b.key) > NEAR and not _only_part(a, b) for a in ours for b in theirs)


def _recounted(left: Reading, right: Reading, gap: Gap) -> bool:
    """Say whether one number stands in the place of another that is no amount: of a gate, of a ratio, of a clause."""
    return bool(_NUMERAL.fullmatch(left.plain[slice(*gap.one)]) and _NUMERAL.fullmatch(right.plain[slice(*gap.other)]))


def _only_part(one: Token, other: Token) -> bool:
    """Say whether two words share a character without being synonyms or one within the other."""
    return likeness(one.key, other.key) < _ALIKE


def _inside(text: Reading, span: tuple[int, int]) -> list[Token]:
    """Return the tokens that a place cuts: a word of which one character was changed is another word."""
    return [t for t in text.tokens if t.start < span[1] and span[0] < t.end]


def _opens(left: Reading, gap: Gap) -> bool:
    """Say whether a place stands at the beginning, where a sentence names what it is about."""
    return not any(t.end <= gap.one[0] and t.weight >= _CONTENT for t in left.tokens)


def _denies(left: Reading, right: Reading, gap: Gap) -> bool:
    ours, theirs = left.lowered[slice(*gap.one)], right.lowered[slice(*gap.other)]
    if bool(_DENYING.search(ours)) is bool(_DENYING.search(theirs)):
        return False
    return denials(left.lowered) != denials(right.lowered)


def _told(left: Reading, right: Reading, alike: float) -> Disagreement | None:
    """Return what two sentences say differently of one thing."""
    figures = _left_over(left, right, (Kind.QUANTITY,))
    names = _left_over(left, right, (Kind.NAME, Kind.CODE))
    fitting = [(a, b) for a, b in figures if _measure(a) == _measure(b)]
    dated = [(a, b) for a, b in fitting if _is_date(a)]
    if fitting and not names and (not dated or (len(dated) == len(fitting) and alike >= _CLOSE)):
        first, second = max(fitting, key=lambda pair: _fit(left, right, *pair))
        return Disagreement("date" if dated else "number", _written(left, first), _written(right, second))
    if figures:
        return None
    placed = [(a, b) for a, b in _left_over(left, right, _RIVALS) if _fit(left, right, a, b) > 0]
    if placed:
        first, second = max(placed, key=lambda pair: _fit(left, right, *pair))
        same = _alike(left, right, (first, second)) >= _ALIKE
        return Disagreement("name", _written(left, first), _written(right, second)) if same else None
    if alike < _CLOSE:
        return None
    return Disagreement("negation", left.plain, right.plain) if opposed(left, right) else None


def _alike(left: Reading, right: Reading, without: Sequence[Token] = ()) -> float:
    words = [[t for t in _words(text) if t not in without] for text in (left, right)]
    short, long = sorted(words, key=lambda tokens: sum(t.weight for t in tokens))
    total = sum(t.weight for t in short)
    held = sum(t.weight * max((likeness(t.key, o.key) for o in long), default=0.0) for t in short)
    return held / total if total else 0.0


def _words(text: Reading) -> list[Token]:
    return [t for t in text.tokens if t.kind is not Kind.QUANTITY]


def _left_over(left: Reading, right: Reading, kinds: Sequence[Kind]) -> list[tuple[Token, Token]]:
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
