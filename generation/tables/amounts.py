"""Numbers as they are told: digits as exact as their sources, units and scales that heads and captions give."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from generation.tables.execute import Operand, Result
from generation.tables.reading.asking import Op
from generation.tables.reading.mentions import scale_of
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain

_SCALE: Final = re.compile(
    r"\bin\s(?:[a-z]{2,3}\$?\s|us\$?\s|u\.s\.\s)?(?:dollars?\s|\$\s?|€\s?|£\s?)?(?P<a>thousands?|millions?|billions?)\b"
    r"|\b(?P<b>thousands?|millions?|billions?)\sof\s|[$€£]\s?(?:in\s)?(?P<c>thousands?|millions?|billions?|000s?|m|bn)\b"
    r"|[(（]\s?(?:[$€£]|us\$|rmb)?\s?(?P<d>'?000s?|m|mn|bn|millions?|thousands?|billions?)\s?[)）]"
    r"|[$€£](?P<e>m|bn|'000)\b|\b(?:usd|eur|gbp|rmb|us\$|nok|sek|inr|aud|cad)\s?(?P<f>m|mn|bn|thousands?|millions?|'000)\b"
)
_NAMES: Final = {"t": "thousand", "m": "million", "b": "billion", "0": "thousand", "'": "thousand"}
_UNSCALED: Final = re.compile(
    r"per share|per[- ](?:unit|option|ordinary)|percent"
    r"|%|\bratio\b|\brate\b|\byield\b|volatility|number of|headcount|employees|years?\)"
    r"|每股|率|比例|占比|天数|人数|\bage\b|\blife\b|margin"
)
_TOLD: Final = re.compile(r"[$€£¥]\s?(\d[\d,.]*\d)\s(million|billion|thousand)\b")
_ASKED: Final = re.compile(
    r"多少\s?(?P<zh>亿|万|千|百万)(?=[元吨人股户头台件毫千瓦]|$)|\bin\s(?:usd\s|us\sdollar\s|dollars?\s)?(?P<en>billions?|millions?|thousands?)\b"
)
_FACTORS: Final = {
    "亿": Decimal(10) ** 8, "万": Decimal(10) ** 4, "千": Decimal(10) ** 3, "百万": Decimal(10) ** 6,
    "billion": Decimal(10) ** 9, "million": Decimal(10) ** 6, "thousand": Decimal(10) ** 3,
}  # fmt: skip
_MONEY: Final = frozenset("$€£¥")
_DIGITS: Final = 2
_MOST_DIGITS: Final = 6


def scale_in(texts: Iterable[str]) -> str:
    """Return the scale that a caption or head gives for a table: thousand, million or billion, empty for none."""
    for text in texts:
        match = _SCALE.search(plain(text))
        if match:
            return _NAMES[next(group for group in match.groups() if group)[0]]
    return ""


def scale_of_cells(relation: Relation, operands: Sequence[Operand]) -> str:
    """Return the scale of cells: what their heads give, or the table as a whole, unless they are shares or counts."""
    if not operands:
        return ""
    first = operands[0]
    place = relation.at(first.row, first.column)
    heads = relation.heads(first.row, first.column)
    label = relation.row(first.row).path if first.row >= relation.head else ()
    own = " ".join((*label, *heads, relation.row(first.row).group if label else ""))
    if place.unit in {"%", "‰"} or _UNSCALED.search(plain(own)) or scale_of(place.unit)[1] > 1:
        return ""
    corner = [text for column in relation.columns for text in column.path]
    return scale_in((own, *corner, *reversed(relation.titles))) or _scale_told(relation)


def _scale_told(relation: Relation) -> str:
    """Return the scale in which the text above a table tells numbers that stand in it: $879 million, and a cell 879."""
    found = {
        _NAMES[match[2][0]]
        for title in relation.titles
        for match in _TOLD.finditer(plain(title))
        if match[1] in _written(relation)
    }
    return found.pop() if len(found) == 1 else ""


def _written(relation: Relation) -> set[str]:
    """Return the numbers of a table of three digits and more, as they are written without signs."""
    texts = (place.text.strip("$€£¥() ") for line in relation.grid for place in line if place.number is not None)
    return {text for text in texts if len(text) > 2}


def converted(question: str, number: Decimal, unit: str, scale: str) -> tuple[Decimal, str, str] | None:
    """Return a number in the scale that the question names, with unit and scale; None where it names no other."""
    match = _ASKED.search(plain(question))
    if match is None or unit in {"%", "‰"}:
        return None
    if match["zh"]:
        base = re.sub(r"^[十百千万亿]+", "", unit)
        own = _FACTORS.get(unit.removesuffix(base), Decimal(1)) if unit else Decimal(1)
        own *= _FACTORS.get(scale, Decimal(1))
        wanted = match["zh"] + base
        return (number * own / _FACTORS[match["zh"]], wanted, "") if wanted != unit else None
    name = match["en"].rstrip("s")
    if name == scale or not scale:
        return None
    return number * _FACTORS[scale] / _FACTORS[name], unit, name


def told_number(number: Decimal, digits: int | None = None) -> str:
    """Return a number with separators of thousands, rounded to so many digits, or as exact as it is, up to six."""
    if digits is None:
        digits = min(_MOST_DIGITS, max(0, -int(number.normalize().as_tuple().exponent)))
    rounded = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded:,f}"


def digits_of(result: Result) -> int | None:
    """Return how many digits a result is told with: those of its operands, two for what is divided."""
    if {result.plan.op, *(step.op for step in result.plan.steps)} & {Op.GROWTH, Op.SHARE, Op.RATIO, Op.MEAN}:
        return _DIGITS
    if result.plan.op is Op.COUNT:
        return 0
    exact = [
        0 if one.number is None else max(0, -int(one.number.normalize().as_tuple().exponent)) for one in result.operands
    ]
    return min(_MOST_DIGITS, max(exact, default=0))


def with_unit(number: str, unit: str, scale: str, language: str) -> str:
    """Return a number with its unit: signs of money before it, a scale behind it, words after a space."""
    sign = unit[:1] if unit and unit[0] in _MONEY else ""
    rest = unit[len(sign) :]
    minus = "-" if sign and number.startswith("-") else ""
    said = f"{minus}{sign}{number.removeprefix('-') if minus else number}"
    if scale:
        said += {"thousand": "千", "million": "百万", "billion": "十亿"}[scale] if language == "zh" else f" {scale}"
    if not rest:
        return said
    tight = rest in {"%", "‰"} or not rest[0].isascii() or rest[0] == "°"
    return said + rest if tight else f"{said} {rest}"
