"""Numbers, units, dates and bounds: does the passage say the same of the same thing?"""

import re
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places, outdone
from generation.grounding.words import same_amount, scaled
from generation.units import UnitKind
from wenyuan.words.quantities import COUNTERS, Quantity, bound_of, dimensions

#: A number of the passage in whose place the statement's number stands must fit this much better to be the one meant.
MARGIN: Final = 0.06
#: A number that only stands where little else of the statement does is another number.
_RELATED: Final = 0.4
_DATE_MOST: Final = re.compile(r"(?:\b(?:before|until|by|prior to)\s(?:the\s)?$)|(?:不晚于|不迟于|截至|直到)$")
_DATE_LEAST: Final = re.compile(r"(?:\b(?:after|since|from)\s(?:the\s)?$)|(?:自从?|从)$")
_BEHIND_MOST: Final = re.compile(r"\s?(?:年|月|日)?(?:之|以)?前")
_BEHIND_LEAST: Final = re.compile(r"\s?(?:年|月|日)?(?:之|以)?后")
_SPANS: Final = frozenset(("second", "day", "workday", "week", "month", "year"))
_LATER: Final = re.compile(r"\s?(?:之|以)?后")
_SINCE: Final = re.compile(r"\bafter\s$")
_WITHIN: Final = re.compile(r"\s?(?:之|以)?内")
_FEWER: Final = re.compile(r"(?:不到|不足|未满|不满|近|fewer than|nearly|almost|at most|maximum of|as many as)\s?$")
_MORE: Final = re.compile(r"(?:突破|逾|满|至少[^\d，,。]{0,6}|不短于|minimum of|in excess of|exceeds?|exceeding)\s?$")


def figure_reasons(statement: Reading, places: Places) -> list[str]:
    """Return ``number``, ``unit``, ``date`` or ``range`` for what the passages do not say of the same thing."""
    reasons = []
    given = [(unit, token) for unit, token in places.of_kind(Kind.QUANTITY)]
    claimed = [t.quantity for t in statement.tokens if t.quantity]
    for token in statement.tokens:
        if token.quantity is None or _article(token, statement):
            continue
        reason = _against(statement, token, token.quantity, claimed, given, places)
        if reason:
            reasons.append(reason)
    return reasons


def _article(token: Token, statement: Reading) -> bool:
    return statement.plain[token.start : token.end].lower() in ("1", "one", "一个") and token.quantity is not None


def _against(
    statement: Reading,
    token: Token,
    asked: Quantity,
    claimed: list[Quantity],
    given: list[tuple[int, Token]],
    places: Places,
) -> str:
    right = 0.0
    rivals: list[tuple[float, int]] = []
    match: tuple[int, Token] | None = None
    unknown_unit = False
    for unit, other in given:
        if other.quantity is None:
            continue
        if same_amount(asked, other.quantity):
            if not _known_unit(asked, other.quantity, places.units[unit].text.plain, places.units[unit].around.plain):
                unknown_unit = True
                continue
            near = places.affinity(statement, token, unit, other)
            if match is None or near > right:
                right, match = near, (unit, other)
        elif _comparable(asked, other.quantity, cell=places.units[unit].unit.kind is UnitKind.ROW) and not any(
            same_amount(c, other.quantity) for c in claimed
        ):
            rivals.append((places.affinity(statement, token, unit, other), unit))
    date = asked.kind == "date" or asked.dimension == "year"
    if match is None:
        around = any(same_amount(asked, t.quantity) for u in places.units for t in u.around.tokens if t.quantity)
        if date and around:
            return ""
        same_value = unknown_unit or any(_same_value(asked, t.quantity) for _, t in given if t.quantity)
        return "date" if date else "unit" if same_value else "number"
    if places.share(token, match[0]) < _RELATED * places.best(token):
        return "date" if date else "number"
    if outdone(token, places, (right, match[0]), rivals, MARGIN):
        return "date" if date else "number"
    source = places.units[match[0]].text
    return "range" if _bounds_differ(statement, token, source, match[1]) else ""


def _known_unit(asked: Quantity, given: Quantity, text: str, around: str) -> bool:
    if asked.kind == "date" or asked.dimension is None or given.dimension is not None or asked.dimension in COUNTERS:
        return True
    return asked.dimension in dimensions(f"{text}\n{around}")


def _comparable(asked: Quantity, given: Quantity, *, cell: bool) -> bool:
    """Say whether two quantities could stand for each other; a cell of a table may leave its unit to the header."""
    if asked.kind == "date" or given.kind == "date":
        return asked.kind == given.kind
    one, other = scaled(asked)[0], scaled(given)[0]
    return (
        asked.dimension == given.dimension or (cell and given.dimension is None) or (one == other and one is not None)
    )


def _same_value(asked: Quantity, given: Quantity) -> bool:
    return asked.kind == given.kind == "number" and (asked.low, asked.high) == (given.low, given.high)


def _bounds_differ(statement: Reading, token: Token, source: Reading, other: Token) -> bool:
    said, given = bound(statement, token), bound(source, other)
    return bool(said and given and said != given)


def bound(text: Reading, token: Token) -> str:
    """Return ``most``, ``least`` or nothing: how the words around a quantity or date bound it."""
    if token.quantity is None:
        return ""
    before, after = text.lowered[max(0, token.start - 12) : token.start], text.lowered[token.end : token.end + 5]
    if token.quantity.kind == "date" or (
        token.quantity.dimension in ("year", None) and 1000 <= token.quantity.low < 2200
    ):
        if _DATE_MOST.search(before) or _BEHIND_MOST.match(after):
            return "most"
        return "least" if _DATE_LEAST.search(before) or _BEHIND_LEAST.match(after) else ""
    if token.quantity.dimension in _SPANS:
        if _LATER.match(after) or _SINCE.search(before):
            return "least"
        if _WITHIN.match(after):
            return "most"
    if _FEWER.search(before):
        return "most"
    return bound_of(text.lowered, token.quantity) or ("least" if _MORE.search(before) else "")
