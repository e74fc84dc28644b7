"""Times in words, resolved to days: 去年, 上个月, 2024年第三季度, last quarter, since March.

A rule is a pattern and what it makes of a match and of today. The longest match at a place counts. What has no year of
its own and no word for one (3月, March) is left alone, except behind *since*.
"""

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from wenyuan.text import fold
from wenyuan.words.filters import Period


@dataclass(frozen=True, slots=True)
class Mention:
    """A time as it stands in a text, the days it means, and how documents write it, if they do."""

    text: str
    period: Period
    written: tuple[str, ...]


_ENDLESS: Final = date.max
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_HALF_MONTHS, _QUARTER_MONTHS = 6, 3
_DIGITS: Final = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"两": 2}
_COUNT: Final = r"(?P<count>\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_YEARS_ZH: Final = {"今": 0, "本": 0, "去": -1, "上": -1, "前": -2, "明": 1, "下": 1}
_STEPS: Final = {"本": 0, "这": 0, "上": -1, "下": 1, "this": 0, "last": -1, "previous": -1, "past": -1, "next": 1}
_DAYS: Final = {
    "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2,
    "yesterday": -1, "today": 0, "tomorrow": 1,
}  # fmt: skip
_UNITS: Final = {"天": "day", "日": "day", "周": "week", "星期": "week", "月": "month", "季度": "quarter", "年": "year"}
_MONTHS: Final = [name.lower() for name in calendar.month_name][1:]
_MONTH: Final = (
    "(?P<month_name>" + "|".join(f"{name}|{name[:3]}" if len(name) > 3 else name for name in _MONTHS) + r"|sept)\.?"
)
_YEAR_ZH: Final = r"(?:(?P<year>(?:19|20|21)\d\d)年?|(?P<near>[今本去前明])年)(?:度|的)?"

_Made = tuple[Period, tuple[str, ...]] | None
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], _Made]]


def local_today() -> date:
    """Return the day it is where the service runs."""
    return datetime.now().astimezone().date()


def read_period(text: str, today: date) -> Period | None:
    """Return the days that the whole of ``text`` means, None if it is no time that is known."""
    plain = fold(text).strip()
    for pattern, make in _RULES:
        match = pattern.fullmatch(plain)
        made = match and make(match, today)
        if made:
            return made[0]
    return None


def find_times(text: str, today: date) -> tuple[Mention, ...]:
    """Return the relative times of ``text``, and the quarters and halves of years, in order, not overlapping."""
    plain = fold(text)
    if len(plain) != len(text):
        text = plain
    found: list[tuple[int, int, Mention]] = []
    for pattern, make in _RULES:
        for match in pattern.finditer(plain):
            made = make(match, today)
            if made and made[1]:
                start, end = match.span()
                found.append((start, end, Mention(text[start:end], *made)))
    found.sort(key=lambda one: (one[0], -one[1]))
    kept: list[Mention] = []
    reached = 0
    for start, end, mention in found:
        if start >= reached:
            kept.append(mention)
            reached = end
    return tuple(kept)


def _year(year: int) -> Period | None:
    return Period(date(year, 1, 1), date(year + 1, 1, 1)) if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _months(year: int, month: int, count: int = 1) -> Period:
    """Return ``count`` months from a month on, which may lie outside of 1..12."""
    first, last = year * 12 + month - 1, year * 12 + month - 1 + count
    return Period(date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, 1))


def _day(year: int, month: int, day: int) -> Period | None:
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    start = date(year, month, day)
    return Period(start, start + timedelta(days=1))


def _written_months(period: Period) -> tuple[str, ...]:
    start = period.start
    return (f"{start.year}年{start.month}月", f"{calendar.month_name[start.month]} {start.year}")


def _written_quarter(period: Period) -> tuple[str, ...]:
    quarter = (period.start.month - 1) // _QUARTER_MONTHS
    return (f"{period.start.year}年第{'一二三四'[quarter]}季度", f"Q{quarter + 1} {period.start.year}")


def _written_days(period: Period) -> tuple[str, ...]:
    start = period.start
    return (f"{start.year}年{start.month}月{start.day}日",)


def number(text: str) -> int:
    """Return a number below a thousand in digits or in Chinese (十二, 三十)."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, ones = text.split("十", 1)
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[digit]) for digit in text))


def _named_year(match: re.Match[str], today: date) -> int:
    return int(match["year"]) if match["year"] else today.year + _YEARS_ZH[match["near"]]


def _relative(match: re.Match[str]) -> bool:
    """Whether the match says its year by a word: only then does a text need to be told which one is meant."""
    return match.groupdict().get("near") is not None


def _whole_year(match: re.Match[str], today: date) -> _Made:
    period = _year(_named_year(match, today))
    if period is None:
        return None
    return period, ((f"{period.start.year}年",) if _relative(match) else ())


def _bare_year(match: re.Match[str], _today: date) -> _Made:
    period = _year(int(match["year"]))
    return None if period is None else (period, ())


def _half(match: re.Match[str], today: date) -> _Made:
    year = _named_year(match, today)
    period = _months(year, 1 if match["half"] == "上" else 7, _HALF_MONTHS)
    return period, (f"{year}年{match['half']}半年",)


def _quarter(match: re.Match[str], today: date) -> _Made:
    period = _months(_named_year(match, today), (number(match["quarter"]) - 1) * _QUARTER_MONTHS + 1, _QUARTER_MONTHS)
    return period, _written_quarter(period)


def _month_day(match: re.Match[str], today: date) -> _Made:
    year, month = _named_year(match, today), number(match["month"])
    if not 1 <= month <= 12:
        return None
    if match["day"] is None:
        period = _months(year, month)
        return period, (_written_months(period) if _relative(match) else ())
    day = _day(year, month, number(match["day"]))
    return None if day is None else (day, _written_days(day) if _relative(match) else ())


def _iso(match: re.Match[str], _today: date) -> _Made:
    year, month = int(match["year"]), int(match["month"])
    if not 1 <= month <= 12:
        return None
    period = _months(year, month) if match["day"] is None else _day(year, month, int(match["day"]))
    return None if period is None else (period, ())


def _near_day(match: re.Match[str], today: date) -> _Made:
    start = today + timedelta(days=_DAYS[match.group()])
    return Period(start, start + timedelta(days=1)), ()


def _step(match: re.Match[str], today: date) -> _Made:
    """Return the whole week, month, quarter or year before, of, or after today."""
    unit = _UNITS.get(match["unit"], match["unit"])
    step = _STEPS[match["step"]]
    if unit == "week":
        start = today + timedelta(days=7 * step - today.weekday())
        return Period(start, start + timedelta(days=7)), ()
    if unit == "month":
        period = _months(today.year, today.month + step)
        return period, _written_months(period)
    if unit == "quarter":
        quarter = (today.month - 1) // _QUARTER_MONTHS + step
        period = _months(today.year, quarter * _QUARTER_MONTHS + 1, _QUARTER_MONTHS)
        return period, _written_quarter(period)
    whole = _year(today.year + step)
    return None if whole is None else (whole, (f"{whole.start.year}年",))


def _back(match: re.Match[str], today: date) -> _Made:
    """Return the last days, weeks, months or years up to today."""
    count, unit = number(match["count"]), _UNITS.get(match["unit"], match["unit"].rstrip("s"))
    end = today + timedelta(days=1)
    if unit in ("day", "week"):
        return Period(end - timedelta(days=count * (7 if unit == "week" else 1)), end), ()
    months = count * {"month": 1, "quarter": _QUARTER_MONTHS, "year": 12}[unit]
    first = _months(today.year, today.month - months).start
    day = min(today.day, calendar.monthrange(first.year, first.month)[1])
    return Period(first.replace(day=day), end), ()


def _english_month(match: re.Match[str], _today: date) -> _Made:
    month = _month_number(match["month_name"])
    if match["day"] is None:
        return _months(int(match["year"]), month), ()
    day = _day(int(match["year"]), month, int(match["day"]))
    return None if day is None else (day, ())


def _since(match: re.Match[str], today: date) -> _Made:
    """Return the time from a month on: the last one of that name."""
    month = _month_number(match["month_name"])
    start = _months(today.year - (month > today.month), month)
    return Period(start.start, _ENDLESS), _written_months(start)


def _month_number(name: str) -> int:
    return next(at for at, month in enumerate(_MONTHS, start=1) if month.startswith(name[:3]))


def _rules(given: Sequence[tuple[str, Callable[[re.Match[str], date], _Made]]]) -> tuple[_Rule, ...]:
    return tuple((re.compile(pattern), make) for pattern, make in given)


_RULES: Final = _rules([
    (r"(?:(?P<year>(?:19|20|21)\d\d)|(?P<near>[今本去前明]))年", _whole_year),
    (r"(?<![\d.])(?P<year>(?:19|20|21)\d\d)(?![\d.])", _bare_year),
    (_YEAR_ZH + r"(?P<half>[上下])半年", _half),
    (_YEAR_ZH + r"第?(?P<quarter>[一二三四1-4])季度?", _quarter),
    (r"(?P<year>(?:19|20|21)\d\d)[ \-]?q(?P<quarter>[1-4])(?!\d)", _quarter),
    (r"(?<![a-z0-9])q(?P<quarter>[1-4])[ ,]*(?:of )?(?P<year>(?:19|20|21)\d\d)(?!\d)", _quarter),
    (_YEAR_ZH + r"(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:份|(?P<day>\d{1,2})[日号])?", _month_day),
    (
        r"(?<![\d.])(?P<year>(?:19|20|21)\d\d)(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?(?![\d.])",
        _iso,
    ),
    (r"前天|昨[天日]|今[天日]|明[天日]|后天|(?<![a-z])(?:yesterday|today|tomorrow)(?![a-z])", _near_day),
    (r"(?P<step>[本这上下])(?:一|1)?个?(?P<unit>周|星期|月|季度)(?![一二三四五六日末])", _step),
    (r"(?<![a-z])(?P<step>this|last|previous|past|next) (?P<unit>week|month|quarter|year)(?![a-z])", _step),
    (rf"(?:最近|过去|近)的?{_COUNT}个?(?P<unit>天|日|周|星期|月|季度|年)(?:以?来|内)?", _back),
    (
        r"(?<![a-z])(?:last|past|previous) (?P<count>\d{1,3}) (?P<unit>days?|weeks?|months?|quarters?|years?)(?![a-z])",
        _back,
    ),
    (rf"(?<![a-z]){_MONTH}(?: (?P<day>\d{{1,2}})(?:st|nd|rd|th)?)?,? (?P<year>(?:19|20|21)\d\d)(?!\d)", _english_month),
    (rf"(?<![a-z])since {_MONTH}(?![a-z]|\s+\d)", _since),
])  # fmt: skip
