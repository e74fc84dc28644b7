"""Which of several alike a text speaks of: its years, quarters and counted occasions.

A sentence about 2020 has all other words of a question about 2021, and a figure of the right kind.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from wenyuan.words.quantities import chinese_number

Occasions = Mapping[str, frozenset[int]]

_NUMBERED: Final = r"(?:人|个|万|亿|元|米|公里|吨|名|km\b|people\b|m\b|yuan\b)"
_YEAR: Final = re.compile(rf"(?<![\d.,¥￥$€£])((?:1[5-9]|20)\d\d)(?![\d,]|\.\d)(?!\s?{_NUMBERED})")
_SHORT_YEAR: Final = re.compile(r"(?<!\d)(\d\d)年(?![代以前后内间])")
_SPAN: Final = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)年?\s?(?:[-–—~至到]|to)\s?((?:1[5-9]|20)\d\d)(?!\d)")
_COUNTED: Final = re.compile(r"第?\s?(\d{1,3}|[一二三四五六七八九十百]{1,4})(届|次会议|季度|赛季|世纪)")
_QUARTER: Final = re.compile(r"\bq([1-4])\b|\b(first|second|third|fourth) quarter\b", re.IGNORECASE)
_QUARTERS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_HALF: Final = re.compile(r"([上下])半年|\b(?:h([12])\b|(first|second) half\b)", re.IGNORECASE)
_HALVES: Final = {"上": 1, "下": 2, "1": 1, "2": 2, "first": 1, "second": 2}
#: Years of two digits up to this one are of this century.
_CENTURY: Final = 40
#: The longest span of years that is spelt out.
_LONGEST: Final = 200


def occasions(text: str) -> Occasions:
    """Return what ``text`` names by kind: ``year``, ``quarter``, ``half`` and the words that are counted (届 …)."""
    found: dict[str, set[int]] = {}
    for kind, number in _named(unicodedata.normalize("NFKC", text)):
        found.setdefault(kind, set()).add(number)
    return {kind: frozenset(numbers) for kind, numbers in found.items()}


def _named(text: str) -> Iterator[tuple[str, int]]:
    for match in _YEAR.finditer(text):
        yield "year", int(match[1])
    for match in _SHORT_YEAR.finditer(text):
        yield "year", int(match[1]) + (2000 if int(match[1]) < _CENTURY else 1900)
    for match in _SPAN.finditer(text):
        first, last = int(match[1]), int(match[2])
        yield from (("year", year) for year in range(first, min(last, first + _LONGEST) + 1))
    for match in _COUNTED.finditer(text):
        number = int(match[1]) if match[1].isdecimal() else int(chinese_number(match[1]))
        yield "quarter" if match[2] == "季度" else match[2], number
    for match in _QUARTER.finditer(text):
        yield "quarter", int(match[1]) if match[1] else _QUARTERS[match[2].lower()]
    for match in _HALF.finditer(text):
        yield "half", _HALVES[next(part for part in match.groups() if part).lower()]


def astray(asked: Occasions, text: str, context: str) -> float:
    """Return the share of what is ``asked`` of which ``text`` names another one, 0..1.

    Half where the ``context`` of the text (headings, title) names the one that is asked for.
    """
    if not asked:
        return 0.0
    own = occasions(text)
    away = [kind for kind, numbers in asked.items() if kind in own and not own[kind] & numbers]
    if not away:
        return 0.0
    around = occasions(context)
    return sum(0.5 if around.get(kind, frozenset()) & asked[kind] else 1.0 for kind in away) / len(asked)
