"""Telephone numbers: mainland mobile and landline, North America, and others with their country code."""

import re
from collections.abc import Iterator
from typing import Final

from generation.guard.personal.context import is_personal, is_serial
from generation.guard.personal.kinds import Found, Kind

_LEFT: Final = r"(?<![0-9A-Za-z+])(?<![0-9][.,-])"
_RIGHT: Final = r"(?![0-9A-Za-z]|[.,][0-9]|-[0-9])"
_COUNTRY: Final = r"(?:(?:\(?\+86\)?|0086|\(86\)|86(?=[ -]))[ -]?)?"
_MOBILE: Final = re.compile(
    _LEFT
    + _COUNTRY
    + r"1(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])"
    + r"(?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4}|[0-9] [0-9]{3} [0-9]{4}|[ -][0-9]{8}|[0-9]-[0-9]{3}-[0-9]{4}"
    + r"|[ -][0-9]{3}[ -][0-9]{5})"
    + _RIGHT
)
_AREA: Final = (
    r"(?:10|2[0-57-9]|3[1379][0-9]|335|349|35[0-9]|4[1-8][0-9]|5[1-9][0-9]|6[36][0-9]|69[12]|7[0-9]{2}"
    r"|8[1-9][0-9]|9[0-9]{2})"
)
_LANDLINE: Final = re.compile(
    _LEFT
    + r"(?:\(0"
    + _AREA
    + r"\)[ -]?|(?:(?:\(?\+86\)?|0086)[ -]?\(?0?|0)"
    + _AREA
    + r"(?:\)[ -]?|[ -]|(?=[2-8])))[2-8][0-9]{2,3}[ -]?[0-9]{4}(?:(?:-|转| ?ext\.? ?| ?x)[0-9]{1,6})?"
    + _RIGHT,
    re.IGNORECASE,
)
_AMERICAN: Final = re.compile(
    _LEFT + r"(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
    r"(?: ?(?:ext\.?|x) ?[0-9]{1,5})?" + _RIGHT
)
_ABROAD: Final = re.compile(
    r"(?<![0-9A-Za-z+])(?:\+|00)(?!86)[1-9][0-9]{0,2}(?:[ .-]?\(0?[0-9]{1,4}\))?(?:[ .-]?[0-9]){5,13}" + _RIGHT
)
_NATIONAL: Final = re.compile(_LEFT + r"0[1-9](?:[ -]?[0-9]){8,9}" + _RIGHT)
_AMOUNT: Final = re.compile(r" ?(?:元|%|％|万|亿|美元|吨|人|次|件|usd|units?|percent)", re.IGNORECASE)
_DIGITS: Final = range(8, 16)


def find_phones(text: str, start: int, end: int) -> Iterator[Found]:
    """Yield telephone numbers in ``text[start:end]`` (folded text)."""
    for kind, pattern in ((Kind.MOBILE, _MOBILE), (Kind.LANDLINE, _LANDLINE), (Kind.PHONE, _AMERICAN)):
        for match in pattern.finditer(text, start, end):
            if not is_serial(text, match.start()) and not _AMOUNT.match(text, match.end()):
                yield Found(kind, *match.span())
    for match in _ABROAD.finditer(text, start, end):
        said = match.group()
        digits = sum(char.isdigit() for char in said)
        grouped = sum(char in " .-" for char in said) > 0
        certain = is_personal(text, match.start()) or (
            said[0] == "+" and (grouped or not is_serial(text, match.start()))
        )
        if digits in _DIGITS and certain and not _AMOUNT.match(text, match.end()):
            yield Found(Kind.PHONE, *match.span())
    for match in _NATIONAL.finditer(text, start, end):
        if is_personal(text, match.start()):
            yield Found(Kind.PHONE, *match.span())
