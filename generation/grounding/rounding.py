"""Amounts that a statement rounds and says so, or that two amounts of the passages give."""

import re
from collections.abc import Sequence
from itertools import permutations
from typing import Final

from generation.grounding.reading import Reading, Token
from generation.grounding.words import same_amount
from wenyuan.words.quantities import Quantity

_ABOUT: Final = re.compile(
    r"(?:(?:约|大概)(?:占[^，。；\d]{1,6})?"
    r"|\b(?:about|around|approximately|roughly|circa|some|an estimated)\s[$€£¥]?)\s?$"
)
_BELOW: Final = re.compile(r"(?:近|接近|\b(?:nearly|almost|close to|just under)\s[$€£¥]?)\s?$")
_ABOVE: Final = re.compile(r"(?:超过?|突破|逾|高于|大于|多于|\b(?:over|above|more than|just over)\s[$€£¥]?)\s?$")
_BEHIND_ABOUT: Final = re.compile(r"\s?(?:左右|上下|or so\b)")
_BEHIND_ABOVE: Final = re.compile(r"\s?(?:多|余|出头)|[^，。；]{0,2}以上")
#: How far from what is written a rounded amount may be, as a share of it.
_NEAR: Final = 0.06
_BESIDE: Final = 0.1
#: Lengths of time in days, as people round them.
_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
#: Amounts of a sentence that are added up or divided, at most, and figures that a result has at least.
_MOST: Final = 6
_LEAST: Final = 10.0


def carries(text: Reading, asked: Token, given: Quantity) -> bool:
    """Say whether ``given`` is the amount that the token ``asked`` of ``text`` says, exactly or as it rounds it."""
    if asked.quantity is None:
        return False
    return same_amount(asked.quantity, given) or _rounded(text, asked, asked.quantity, given)


def _rounded(text: Reading, token: Token, asked: Quantity, given: Quantity) -> bool:
    if "date" in (asked.kind, given.kind) or asked.low != asked.high or asked.low <= 0:
        return False
    written, exact = _together(asked, given)
    if not exact or max(written, exact) > (1 + 2 * _BESIDE) * min(written, exact):
        return False
    before, behind = text.lowered[max(0, token.start - 20) : token.start], text.lowered[token.end : token.end + 6]
    if _ABOUT.search(before) or _BEHIND_ABOUT.match(behind):
        return abs(written - exact) <= min(_half_step(written), _NEAR * exact)
    if _BELOW.search(before):
        return (1 - _BESIDE) * written <= exact < written
    if _ABOVE.search(before) or _BEHIND_ABOVE.match(behind):
        return written < exact <= (1 + _NEAR) * written
    return False


def _together(asked: Quantity, given: Quantity) -> tuple[float, float]:
    """Return both amounts in one unit, 0 for the second where they have none in common."""
    if asked.dimension == given.dimension or None in (asked.dimension, given.dimension):
        return asked.low, given.low
    if asked.dimension in _DAYS and given.dimension in _DAYS:
        return asked.low * _DAYS[asked.dimension], given.low * _DAYS[given.dimension]
    return asked.low, 0.0


def _half_step(value: float) -> float:
    """Return half of the last figure that is written of a rounded value: 50 for 1,900."""
    step = 1.0
    while value % (10 * step) == 0:
        step *= 10
    while step > 1e-6 and abs(value / step - round(value / step)) > 1e-9:
        step /= 10
    return step / 2


def reckoned(asked: Quantity, given: Sequence[Quantity]) -> bool:
    """Say whether an amount is the sum, difference, ratio or share of two amounts of one sentence, or years of a span.

    Small whole numbers are so by chance: they are not looked at.
    """
    if asked.kind == "date" or asked.low != asked.high:
        return False
    plain = [q for q in given if q.kind == "number" and q.low == q.high][:_MOST]
    if asked.dimension == "year" and asked.low < _LEAST:
        years = [q.low for q in plain if q.dimension == "year" and q.low > 1000]
        years += [float(q.date[:4]) for q in given if q.kind == "date" and q.date[:4].isdigit()]
        years += [end for q in given if q.dimension == "year" and q.low < q.high for end in (q.low, q.high)]
        return any(later - first in (asked.low, asked.low - 1) for first in years for later in years if later > first)
    for one, other in permutations(plain, 2):
        if one.dimension != other.dimension or not other.low:
            continue
        if (
            asked.dimension == one.dimension
            and asked.low >= _LEAST
            and asked.low in (one.low + other.low, one.low - other.low)
        ):
            return True
        if asked.dimension == "percent" and abs(asked.low - 100 * one.low / other.low) <= _half_step(asked.low):
            return True
    return False
