"""The text of one cell as a typed value: number, percentage, date or range, or none of them."""

import datetime as dt
import re
import unicodedata
from typing import Final

from ingest.tables.typed.units import is_unit, joined_unit
from wenyuan.documents import CellValue, ValueKind
from wenyuan.words.quantities import chinese_number, month_number

_MAX_CHARS: Final = 60
_NONE: Final = frozenset(
    {"", "-", "--", "---", "/", "—", "——", "–", "―", "N/A", "NA", "n/a", "na", "无", "不适用", "...", "…", "*"}
)
_DIGITS: Final = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:\s\d{3})+(?![\d])|\d+)(?:\.\d+)?"
_NUMBER: Final = rf"[+-]?\s?{_DIGITS}"
_SCALE: Final = r"(?:万亿|百万|千万|万|亿|千)"
_CURRENCY: Final = r"(?:人民币|RMB|CNY|USD|US\$|HK\$|[¥$€£])"
_WORDS: Final = r"(?:同比|环比|较上年|较上年同期|较去年同期|比上年|比上年同期|约|达到|达)"
_UP: Final = r"(?:增长|增加|上升|提高|提升|上涨|增)"
_DOWN: Final = r"(?:减少|下降|降低|下滑|下跌|减)"
_TAIL: Final = r"(?P<scale>" + _SCALE + r")?\s?(?P<unit>[^\d\s+\-~±≤≥<>()*]{0,10}(?:\d(?=$|/))?[^\d\s()*]{0,6})?"
_PLAIN: Final = re.compile(
    rf"(?P<words>{_WORDS}{{0,2}})\s?(?P<way>{_UP}|{_DOWN})?(?:了)?\s?(?P<before>{_CURRENCY}(?=\s?\())?\s?(?P<open>\()?"
    rf"(?P<currency>{_CURRENCY})?\s?(?P<number>{_NUMBER})(?P<behind>-)?\s?{_TAIL}(?P<close>\))?(?P<stars>\*{{1,3}})?"
)
_RANGE: Final = re.compile(
    rf"(?P<currency>{_CURRENCY})?\s?(?P<low>{_NUMBER})\s?(?P<one>[^\d\s+\-~±≤≥<>()至到—–]{{0,8}})"
    r"\s?(?:~|-|–|—|至|到|to)\s?"
    rf"(?P<high>{_NUMBER})\s?{_TAIL}"
)
_TOLERANCE: Final = re.compile(rf"(?P<middle>{_NUMBER})?\s?(?:±|\+/-)\s?(?P<half>{_DIGITS})\s?{_TAIL}")
_BOUND: Final = re.compile(
    rf"(?P<sign>≤|≥|<=|>=|<|>|≦|≧|不超过|不大于|不高于|不低于|不小于|不少于|至少|至多|最多|最少|大于|小于|低于|高于|超过)\s?"
    rf"(?P<currency>{_CURRENCY})?\s?(?P<number>{_NUMBER})\s?{_TAIL}"
)
_OPEN_END: Final = re.compile(
    rf"(?P<currency>{_CURRENCY})?\s?(?P<number>{_NUMBER})\s?(?P<scale>{_SCALE})?\s?(?P<unit>[^\d\s()]{{0,6}}?)\s?"
    r"\(?(?:含\)?)?(?P<side>及?以上|及?以下|以内|之内|or more|or less)\)?"
)
_LEAST: Final = frozenset({"≥", ">=", ">", "≧", "不低于", "不小于", "不少于", "至少", "最少", "大于", "高于", "超过"})
_PERCENT: Final = ("%", "‰", "个百分点", "百分点")

_HAN: Final = "零〇一二三四五六七八九十"
_DATE_HAN: Final = re.compile(
    rf"(?P<y>[零〇一二三四五六七八九]{{4}})年(?:(?P<m>[{_HAN}]{{1,2}})月(?:(?P<d>[{_HAN}]{{1,3}})[日号])?)?"
)
_DATE: Final = re.compile(
    r"(?P<y>\d{4})\s?年\s?(?:(?P<m>\d{1,2})\s?月\s?(?:(?P<d>\d{1,2})\s?[日号])?)?(?P<span>度|末|底|初)?"
    r"|(?P<y2>\d{4})(?P<sep>[-/.])(?P<m2>\d{1,2})(?:(?P=sep)(?P<d2>\d{1,2}))?"
)
_DATE_EN: Final = re.compile(
    r"(?P<mon>[A-Za-z]{3,9})\.?\s(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s)?(?P<y>\d{4})"
    r"|(?P<d2>\d{1,2})(?:st|nd|rd|th)?[\s-](?P<mon2>[A-Za-z]{3,9})\.?,?[\s-](?P<y2>\d{4})"
)
_CLOCK: Final = re.compile(r"[\sT](?P<clock>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)$")
_FIRST_YEAR: Final = 1000
_ALIKE: Final = 3


def parse_value(text: str) -> CellValue | None:
    """Return the typed value of a cell's text, None for words, codes and signs of nothing (``—``, ``N/A``).

    Full-width digits, separators of thousands, brackets or a minus behind for negative amounts, 万 and 亿 (kept as part
    of the unit), ±, ranges, bounds (an open range) and changes (同比下降 3%) are understood. Dates must exist.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").replace("～", "~").split())
    if plain in _NONE or len(plain) > _MAX_CHARS or not any(char.isdigit() or char in _HAN for char in plain):
        return None
    return _date(plain) or _range(plain) or _number(plain)


def _date(plain: str) -> CellValue | None:
    clock = _CLOCK.search(plain)
    day_text = plain[: clock.start()] if clock else plain
    written = _written_date(day_text)
    if written is None or (clock and len(written) < len("2026-01-01")):
        return None
    return CellValue(ValueKind.DATE, date=written + (f"T{clock['clock']}" if clock else ""))


def _written_date(text: str) -> str | None:
    if match := _DATE_HAN.fullmatch(text):
        year = "".join(str(int(chinese_number(char))) for char in match["y"])
        month, day = (str(int(chinese_number(match[part]))) if match[part] else None for part in ("m", "d"))
        return _iso(year, month, day)
    if match := _DATE.fullmatch(text):
        if match["y"]:
            return _iso(match["y"], match["m"], match["d"])
        # 2026.03 and 1999/12 may be a number or a fraction; with a hyphen, or three parts, they are dates.
        if match["d2"] is None and (match["sep"] == "." or len(match["m2"]) < 2):
            return None
        return _iso(match["y2"], match["m2"], match["d2"])
    if match := _DATE_EN.fullmatch(text):
        month_name = match["mon"] or match["mon2"]
        number = month_number(month_name)
        return _iso(match["y"] or match["y2"], str(number), match["d"] or match["d2"]) if number else None
    return None


def _iso(year: str, month: str | None, day: str | None) -> str | None:
    if int(year) < _FIRST_YEAR:
        return None
    if month is None:
        return f"{int(year):04d}"
    if not 1 <= int(month) <= 12:
        return None
    if day is None:
        return f"{int(year):04d}-{int(month):02d}"
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _range(plain: str) -> CellValue | None:
    if match := _RANGE.fullmatch(plain):
        unit = _unit(match["currency"], match["scale"], match["unit"])
        first = _unit(match["currency"], None, match["one"])
        low, high = _float(match["low"]), _float(match["high"])
        if unit is not None and first is not None and low < high and _may_be_range(match):
            return CellValue(ValueKind.RANGE, low, high, unit or first or None)
        return None
    if match := _TOLERANCE.fullmatch(plain):
        unit = _unit(None, match["scale"], match["unit"])
        middle, half = _float(match["middle"] or "0"), _float(match["half"])
        if unit is None:
            return None
        digits = max(_decimals(match["middle"] or ""), _decimals(match["half"]))
        return CellValue(ValueKind.RANGE, round(middle - half, digits), round(middle + half, digits), unit or None)
    if match := _BOUND.fullmatch(plain):
        unit, value = _unit(match["currency"], match["scale"], match["unit"]), _float(match["number"])
        least = match["sign"] in _LEAST
    elif match := _OPEN_END.fullmatch(plain):
        unit, value = _unit(match["currency"], match["scale"], match["unit"]), _float(match["number"])
        least = match["side"].endswith(("上", "more"))
    else:
        return None
    if unit is None:
        return None
    return CellValue(ValueKind.RANGE, value if least else None, None if least else value, unit or None)


def _may_be_range(match: re.Match[str]) -> bool:
    """With a hyphen between, two numbers may also be a code: 010-62345678, 3-0012."""
    digits = [re.sub(r"\D", "", match[part].split(".")[0]) for part in ("low", "high")]
    plain = all(len(part) == 1 or not part.startswith("0") for part in digits)
    return plain and abs(len(digits[0]) - len(digits[1])) <= _ALIKE


def _number(plain: str) -> CellValue | None:
    match = _PLAIN.fullmatch(plain)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    written = match["number"]
    unit = _unit(match["before"] or match["currency"], match["scale"], match["unit"])
    digits = re.sub(r"\D", "", written.split(".")[0])
    if unit is None or (len(digits) > 1 and digits.startswith("0")):
        return None
    value = _float(written)
    negative = (bool(match["open"]), bool(match["behind"]), bool(match["way"] and re.match(_DOWN, match["way"])))
    if any(negative) and value > 0:
        value = -value
    kind = ValueKind.PERCENT if unit in _PERCENT else ValueKind.NUMBER
    return CellValue(kind, value, unit=unit or None)


def _unit(currency: str | None, scale: str | None, unit: str | None) -> str | None:
    """Return the unit, ``""`` when none is written, None when what is written is not a unit."""
    written = (unit or "").strip().replace("°C", "℃")
    if written and not is_unit(written):
        return None
    base = written or (currency or "")
    return joined_unit(scale, base) if scale else base


def _float(written: str) -> float:
    return float(re.sub(r"[,\s]", "", written))


def _decimals(written: str) -> int:
    return len(written.partition(".")[2])
