"""Numbers, dates and numbered parts as terms that do not depend on how they were written.

``8.5亿元`` and ``￥850,000,000`` share a term, ``2024年3月1日`` and ``2024-03-01``, ``第十二条`` and ``第12条``.
"""

import re
from collections.abc import Iterator
from typing import Final

from wenyuan.words.quantities import COUNTERS, Quantity, chinese_number, quantities

_NUMERAL: Final = "零〇一二两三四五六七八九十百千"
_PART: Final = re.compile(
    rf"第(?:(?P<written>[{_NUMERAL}]{{1,9}})|(?P<figure>\d{{1,9}}))(?P<unit>[条章节款项编篇目页届次期批号卷集级类])"
)
# Where a quantity may stand: figures, Chinese numerals that no word of one character explains, 百分之.
_SIGN: Final = re.compile(
    rf"\d+|百分之|[{_NUMERAL}]{{2,}}|[{_NUMERAL}](?=[年月日天元圆块万亿岁周星小分秒米公千克吨倍升度])"
)
_WRITTEN_DATE: Final = re.compile(
    r"(?P<year>[〇零一二三四五六七八九]{4})年(?:(?P<month>十[一二]?|[一二三四五六七八九])月"
    r"(?:(?P<day>[一二]?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])[日号])?)?"
)
#: What may belong to a quantity before its first figure (a month, a currency) and behind it (a scale, a unit).
_BEFORE: Final = 12
_BEHIND: Final = 24
#: Dimensions whose unit is written in one size, so that the value is the number that was written.
_ONE_SIZE: Final = COUNTERS | {None, "yuan", "dollar", "euro", "percent", "year", "month", "day", "workday", "age"}
_FIGURES: Final = re.compile(r"\d{1,15}(?:\.\d+)?")
#: Values from here on have more figures than a float holds.
_LARGEST: Final = 1e15


def measures(plain: str) -> Iterator[str]:
    """Yield terms of NFKC text: ``q…`` of a value with its unit or a date, ``p…`` of a numbered part, ``w…`` or ``c…``.

    The bare value is given where its figures do not stand in the text as they are: ``w850000000`` of 8.5亿, ``w30`` of
    三十日. A date also gives its month of the year, its day of the month and its year.
    """
    for match in _PART.finditer(plain):
        number = chinese_number(match["written"]) if match["written"] else float(match["figure"])
        yield f"p第{number:.15g}{match['unit']}"
    figured = _WRITTEN_DATE.sub(_in_figures, plain)
    for start, end in _windows(figured):
        part = figured[start:end]
        for quantity in quantities(part):
            if quantity.kind == "date":
                yield from _date(quantity.date)
            else:
                yield from _number(quantity, part[quantity.start : quantity.end])


def _in_figures(match: re.Match[str]) -> str:
    given = ((match[name], unit) for name, unit in (("year", "年"), ("month", "月"), ("day", "日")))
    return "".join(f"{chinese_number(written):g}{unit}" for written, unit in given if written)


def _windows(plain: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text that may hold quantities: most of it holds none, and looking for them takes long."""
    start = end = 0
    for match in _SIGN.finditer(plain):
        if match.start() - _BEFORE > end:
            if end:
                yield start, end
            start = max(0, match.start() - _BEFORE)
        end = match.end() + _BEHIND
    if end:
        yield start, min(end, len(plain))


def _date(date: str) -> Iterator[str]:
    if date.startswith("--"):
        yield f"q{date}"
        return
    year, *rest = date.split("-")
    yield f"q{int(year)}year"
    yield f"q{date}"
    if len(rest) == 2:
        yield f"q{year}-{rest[0]}"
        yield f"q--{rest[0]}-{rest[1]}"


def _number(quantity: Quantity, written: str) -> Iterator[str]:
    stands = set(_FIGURES.findall(written))
    for value in dict.fromkeys((abs(quantity.low), abs(quantity.high))):
        if not value < _LARGEST:
            continue
        figures = f"{value:.15g}"
        if quantity.dimension is not None and quantity.dimension not in COUNTERS:
            yield f"q{figures}{quantity.dimension.lower()}"
        if quantity.dimension in _ONE_SIZE and figures not in stands and "e" not in figures:
            yield f"c{figures}" if "." in figures else f"w{figures}"
