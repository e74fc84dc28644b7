"""Numbers, units, dates and bounds: does the passage say the same of the same thing?"""

import re
from collections.abc import Sequence
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.rounding import carries, reckoned
from generation.grounding.source import Places, outdone
from generation.grounding.verdict import Finding
from generation.grounding.words import same_amount, scaled
from generation.units import UnitKind
from wenyuan.words.quantities import COUNTERS, Quantity, bound_of, dimensions

#: A number of the passage in whose place the statement's number stands must fit this much better to be the one meant.
MARGIN: Final = 0.06
#: A number that only stands where little else of the statement does is another number.
_RELATED: Final = 0.4
#: How far behind an amount may be that stands beside the names of the statement.
_NEARLY: Final = 0.12
#: A sentence whose amounts may be added up says this much of what the best one says of the statement.
_ENOUGH_SAID: Final = 0.7
_DATE_MOST: Final = re.compile(r"(?:\b(?:before|until|by|prior to)\s(?:the\s)?$)|(?:不晚于|不迟于|截至|直到)$")
_DATE_LEAST: Final = re.compile(r"(?:\b(?:after|since|from)\s(?:the\s)?$)|(?:自从?|从)$")
_BEHIND_MOST: Final = re.compile(r"\s?(?:年|月|日)?(?:之|以)?前")
_BEHIND_LEAST: Final = re.compile(r"\s?(?:年|月|日)?(?:之|以)?后")
_NO_FIGURE: Final = re.compile(r"[^\d.\-–~至到]|(?<!\d)[.\-–~至到]|[.\-–~至到](?!\d)")
_SPANS: Final = frozenset(("second", "day", "workday", "week", "month", "year"))
_LATER: Final = re.compile(r"\s?(?:之|以)?后")
_SINCE: Final = re.compile(r"\bafter\s$")
_WITHIN: Final = re.compile(r"\s?(?:之|以)?内")
_FEWER: Final = re.compile(r"(?:不到|不足|未满|不满|近|fewer than|nearly|almost|at most|maximum of|as many as)\s?$")
_MORE: Final = re.compile(r"(?:突破|逾|满|至少[^\d，,。]{0,6}|不短于|minimum of|in excess of|exceeds?|exceeding)\s?$")


def figure_reasons(statement: Reading, places: Places) -> list[Finding]:
    """Return ``number``, ``unit``, ``date`` or ``range`` for what the passages do not say of the same thing."""
    given = places.of_kind(Kind.QUANTITY)
    asked = [t for t in statement.tokens if t.quantity is not None and not _article(t, statement)]
    found = (_against(statement, token, token.quantity, given, places) for token in asked if token.quantity)
    return [finding for finding in found if finding is not None]


def _article(token: Token, statement: Reading) -> bool:
    return statement.plain[token.start : token.end].lower() in ("1", "one", "一个") and token.quantity is not None


def _against(
    statement: Reading, token: Token, asked: Quantity, given: Sequence[tuple[int, Token]], places: Places
) -> Finding | None:
    date = asked.kind == "date" or asked.dimension == "year"
    same, unknown_unit = _same(statement, token, asked, given, places)
    if not same:
        around = any(same_amount(asked, t.quantity) for u in places.units for t in u.around.tokens if t.quantity)
        if date and (around or _reckoned(token, asked, places)):
            return None
        same_value = unknown_unit or any(_same_digits(token, t) for _, t in given if t.quantity)
        reason = "date" if date else "unit" if same_value else "number"
        return Finding(reason, sure=not _reckoned(token, asked, places))
    right, unit, other = max(same, key=lambda one: one[0])
    source = places.units[unit].text
    rivals = _rivals(statement, token, asked, given, places, beside=bound(source, other))
    elsewhere = places.share(token, unit) < _RELATED * places.best(token) and not places.whole(token, unit)
    if elsewhere or outdone(token, places, (right, unit), rivals, MARGIN):
        return Finding("date" if date else "number")
    if not date and any(_of_another(token, places, (right, unit), rival) for rival in rivals):
        return Finding("number")
    return Finding("range") if _bounds_differ(statement, token, source, other) else None


def _of_another(token: Token, places: Places, right: tuple[float, int], rival: tuple[float, int]) -> bool:
    """Say whether the sentence with the amount lacks a name of the statement that the one with a rival has."""
    own, other = (places.all_but(token, unit) for unit in (right[1], rival[1]))
    return other and not own and rival[0] >= right[0] - _NEARLY


def _same(
    statement: Reading, token: Token, asked: Quantity, given: Sequence[tuple[int, Token]], places: Places
) -> tuple[list[tuple[float, int, Token]], bool]:
    """Return (affinity, unit, token) where the passages have the amount, and whether its unit is nowhere told."""
    found, unknown = [], False
    for unit, other in given:
        if other.quantity is None or not carries(statement, token, other.quantity):
            continue
        texts = places.units[unit].text.plain, places.units[unit].around.plain
        if _known_unit(asked, other.quantity, *texts):
            found.append((places.affinity(statement, token, unit, other), unit, other))
        else:
            unknown = True
    exact = [one for one in found if one[2].quantity and same_amount(asked, one[2].quantity)]
    return exact or found or _ends(statement, token, asked, given, places), unknown


def _ends(
    statement: Reading, token: Token, asked: Quantity, given: Sequence[tuple[int, Token]], places: Places
) -> list[tuple[float, int, Token]]:
    """Return where a sentence has both ends of a range: 已满10年不满20年 for 10年到20年."""
    if asked.kind == "date" or asked.low == asked.high:
        return []
    ends: dict[int, dict[float, Token]] = {}
    for unit, other in given:
        if (
            other.quantity
            and other.quantity.low == other.quantity.high
            and _comparable(asked, other.quantity, cell=False)
        ):
            ends.setdefault(unit, {})[other.quantity.low] = other
    both = ((unit, of[asked.low]) for unit, of in ends.items() if asked.low in of and asked.high in of)
    return [(places.affinity(statement, token, unit, other), unit, other) for unit, other in both]


def _rivals(
    statement: Reading,
    token: Token,
    asked: Quantity,
    given: Sequence[tuple[int, Token]],
    places: Places,
    *,
    beside: str,
) -> list[tuple[float, int]]:
    """Return (affinity, unit) of the amounts that the statement should have instead, none of those it has.

    Where the statement bounds its amount as the passage does (``beside``), what is not bounded so is none.
    """
    limit = bound(statement, token) if beside else ""
    claimed = [t for t in statement.tokens if t.quantity]
    return [
        (places.affinity(statement, token, unit, other), unit)
        for unit, other in given
        if other.quantity
        and _comparable(asked, other.quantity, cell=places.units[unit].unit.kind is UnitKind.ROW)
        and not any(carries(statement, c, other.quantity) for c in claimed)
        and not (limit == beside != "" and bound(places.units[unit].text, other) != limit)
    ]


def _reckoned(token: Token, asked: Quantity, places: Places) -> bool:
    """Say whether the amount follows from those of a sentence that says most of the rest, and of the one beside it."""
    for number, unit in enumerate(places.units):
        if places.share(token, number) < _ENOUGH_SAID * places.best(token):
            continue
        near = (
            u for u in places.units if u.unit.source == unit.unit.source and abs(u.unit.order - unit.unit.order) <= 1
        )
        if reckoned(asked, [t.quantity for u in near for t in u.text.tokens if t.quantity]):
            return True
    return False


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


def _same_digits(asked: Token, given: Token) -> bool:
    """Say whether two amounts are written with the same figures."""
    written = _NO_FIGURE.sub("", asked.key)
    return bool(written) and written == _NO_FIGURE.sub("", given.key)


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
