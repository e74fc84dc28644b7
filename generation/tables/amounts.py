"""Numbers as they are told: digits as exact as their sources, units and scales that heads and captions give."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from generation.tables.execute import Operand, Result
from generation.tables.reading.asking import Op
from generation.tables.reading.relation import Relation
from generation.tables.reading.scales import FACTORS, scale_at
from generation.tables.reading.words import plain

_ASKED: Final = re.compile(
    r"多少\s?(?P<zh>亿|万|千|百万)(?=[元吨人股户头台件毫千瓦]|$)|\bin\s(?:usd\s|us\sdollar\s|dollars?\s)?(?P<en>billions?|millions?|thousands?)\b"
)
_MONEY: Final = frozenset("$€£¥")
_DIGITS: Final = 2
_MOST_DIGITS: Final = 6


def scale_of_cells(relation: Relation, operands: Sequence[Operand]) -> str:
    """Return the scale of cells: thousand, million or billion, empty for none."""
    return scale_at(relation, operands[0].row, operands[0].column) if operands else ""


def converted(question: str, number: Decimal, unit: str, scale: str) -> tuple[Decimal, str, str] | None:
    """Return a number in the scale that the question names, with unit and scale; None where it names no other."""
    match = _ASKED.search(plain(question))
    if match is None or unit in {"%", "‰"}:
        return None
    if match["zh"]:
        base = re.sub(r"^[十百千万亿]+", "", unit)
        own = FACTORS.get(unit.removesuffix(base), Decimal(1)) if unit else Decimal(1)
        own *= FACTORS.get(scale, Decimal(1))
        wanted = match["zh"] + base
        return (number * own / FACTORS[match["zh"]], wanted, "") if wanted != unit else None
    name = match["en"].rstrip("s")
    if name == scale or not scale:
        return None
    return number * FACTORS[scale] / FACTORS[name], unit, name


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
