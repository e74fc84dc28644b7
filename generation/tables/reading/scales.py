"""Scales of numbers: what heads, captions and the lines above a table give for its cells."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from generation.tables.reading.mentions import scale_of
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain

_SCALE: Final = re.compile(
    r"\bin\s(?:[a-z]{2,3}\$?\s|us\$?\s|u\.s\.\s)?(?:dollars?\s|\$\s?|€\s?|£\s?)?(?P<a>thousands?|millions?|billions?)\b"
    r"|(?<![\d.]\s)\b(?P<b>thousands?|millions?|billions?)\sof\s|[$€£]\s?(?:in\s)?(?P<c>thousands?|millions?|billions?|000s?|m|bn)\b"
    r"|[(（]\s?(?:[$€£]|us\$|rmb)?\s?(?P<d>'?000s?|m|mn|bn|millions?|thousands?|billions?)\s?(?:[)）]|,\s(?:except|unless))"
    r"|[$€£](?P<e>m|bn|'000)\b|\b(?:usd|eur|gbp|rmb|us\$|nok|sek|inr|aud|cad)\s?(?P<f>m|mn|bn|thousands?|millions?|'000)\b"
)
_NAMES: Final = {"t": "thousand", "m": "million", "b": "billion", "0": "thousand", "'": "thousand"}
_UNSCALED: Final = re.compile(
    r"per share|per[- ](?:unit|option|ordinary)|percent"
    r"|%|\bratio\b|\brate\b|\byield\b|volatility|number of|headcount|employees|years?\)"
    r"|每股|率|比例|占比|天数|人数|\bage\b|\blife\b|margin"
)
#: What a head says is in no scale beside those that are.
_EXCEPT: Final = re.compile(r"\b(?:except|unless)\b[^()]*")
_TOLD: Final = re.compile(r"[$€£¥]\s?(\d[\d,.]*\d)\s(million|billion|thousand)\b")
_BELOW: Final = {"billion": "million", "million": "thousand", "thousand": ""}
#: Numbers of thousands have so many characters at least.
_THOUSANDS: Final = 4
FACTORS: Final = {
    "亿": Decimal(10) ** 8, "万": Decimal(10) ** 4, "千": Decimal(10) ** 3, "百万": Decimal(10) ** 6,
    "billion": Decimal(10) ** 9, "million": Decimal(10) ** 6, "thousand": Decimal(10) ** 3,
}  # fmt: skip


def scale_in(texts: Iterable[str]) -> str:
    """Return the scale that a caption or head gives for a table: thousand, million or billion, empty for none."""
    for text in texts:
        match = _SCALE.search(plain(text))
        if match:
            return _NAMES[next(group for group in match.groups() if group)[0]]
    return ""


def scale_at(relation: Relation, row: int, column: int) -> str:
    """Return the scale of a cell: what its heads give, or the table as a whole, unless it is a share or a count."""
    place = relation.at(row, column)
    heads = relation.heads(row, column)
    label = relation.row(row).path if row >= relation.head else ()
    own = " ".join((*label, *heads, relation.row(row).group if label else ""))
    if place.unit in {"%", "‰"} or _UNSCALED.search(_EXCEPT.sub("", plain(own))) or scale_of(place.unit)[1] > 1:
        return ""
    corner = [text for column in relation.columns for text in column.path]
    return scale_in((own, *corner, *reversed(relation.titles))) or _scale_told(relation)


def _scale_told(relation: Relation) -> str:
    """Return the scale in which the text above a table tells numbers that stand in it.

    $879 million, and a cell 879; or $45.0 million rounded from a cell of 45,007 thousand.
    """
    told = [match for title in relation.titles for match in _TOLD.finditer(plain(title))]
    if not told:
        return ""
    places = [place for line in relation.grid for place in line if place.number is not None]
    written = {text for place in places if len(text := place.text.strip("$€£¥() ")) > 2}
    found = {_NAMES[match[2][0]] for match in told if match[1] in written}
    cells = {abs(place.number or 0.0) / 1000 for place in places if len(place.text) > _THOUSANDS}
    for match in () if found else told:
        digits = len(match[1].partition(".")[2])
        if digits and match[1] in {f"{cell:,.{digits}f}" for cell in cells}:
            found.add(_BELOW[match[2]])
    return found.pop() if len(found) == 1 else ""
