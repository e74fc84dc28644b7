"""Numbers, units, dates and codes in Chinese and English text, normalised so that two ways of writing compare equal."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

# unit as written (folded) → (dimension, factor to the dimension's base unit)
_UNITS: dict[str, tuple[str, float]] = {}
_TABLE: tuple[tuple[str, float, str], ...] = (
    ("percent", 1, "% ％ percent"),
    ("point", 1, "个百分点 百分点 percentage_points percentage_point"),
    ("permille", 1, "‰ per_mille"),
    ("celsius", 1, "℃ °c 摄氏度 度c"),
    ("ampere", 1, "a 安 安培 amp amps ampere amperes"),
    ("ampere", 1e3, "ka 千安"),
    ("ampere", 1e-3, "ma 毫安"),
    ("volt", 1, "v 伏 伏特 volt volts"),
    ("volt", 1e3, "kv 千伏 kilovolt kilovolts"),
    ("watt", 1, "w 瓦 watt watts"),
    ("watt", 1e3, "kw 千瓦 kilowatt kilowatts"),
    ("watt", 1e6, "mw 兆瓦 megawatt megawatts"),
    ("voltampere", 1e3, "kva 千伏安"),
    ("watthour", 1e3, "kwh 千瓦时 度电 kilowatt_hour kilowatt_hours"),
    ("hertz", 1, "hz 赫兹 赫"),
    ("ohm", 1, "ω 欧 欧姆 ohm ohms"),
    ("ohm", 1e3, "kω"),
    ("ohm", 1e6, "mω 兆欧"),
    ("metre", 1, "m 米 公尺 metre metres meter meters"),
    ("metre", 1e3, "km 千米 公里 kilometre kilometres kilometer kilometers"),
    ("metre", 1e-2, "cm 厘米 公分 centimetre centimetres centimeter centimeters"),
    ("metre", 1e-3, "mm 毫米 millimetre millimetres millimeter millimeters"),
    ("metre", 1609.344, "mile miles 英里"),
    ("metre", 0.3048, "foot feet ft 英尺"),
    ("metre", 0.0254, "inch inches 英寸"),
    ("area", 1, "m2 ㎡ 平方米 平米 square_metres square_metre square_meters square_meter"),
    ("area", 1e6, "km2 平方公里 平方千米 square_kilometres square_kilometers"),
    ("area", 1e-4, "cm2 平方厘米"),
    ("area", 1e-6, "mm2 平方毫米"),
    ("area", 1e4, "hectare hectares 公顷"),
    ("area", 4046.8564224, "acre acres 英亩"),
    ("area", 2000 / 3, "亩"),
    ("area", 0.09290304, "square_feet square_foot 平方英尺"),
    ("area", 2589988.110336, "square_miles square_mile 平方英里"),
    ("volume", 1, "m3 立方米"),
    ("gram", 1, "g 克 gram grams"),
    ("gram", 1e3, "kg 千克 公斤 kilogram kilograms"),
    ("gram", 1e6, "t 吨 ton tons tonne tonnes"),
    ("litre", 1, "l 升 litre litres liter liters"),
    ("second", 1, "s 秒 秒钟 second seconds"),
    ("second", 1e-3, "ms 毫秒 millisecond milliseconds"),
    ("second", 60, "min 分钟 minute minutes"),
    ("second", 3600, "h 小时 个小时 钟头 个钟头 hour hours operating_hours operating_hour"),
    ("day", 1, "天 日 day days 个自然日 自然日 calendar_days"),
    ("workday", 1, "工作日 个工作日 working_days working_day business_days business_day"),
    ("week", 1, "周 星期 个星期 礼拜 week weeks"),
    ("month", 1, "个月 月 month months"),
    ("year", 1, "年 周年 years year"),
    ("age", 1, "岁 周岁"),
    ("yuan", 1, "元 块 圆 rmb cny yuan 人民币 元人民币"),
    ("dollar", 1, "美元 美金 usd dollar dollars"),
    ("euro", 1, "欧元 eur euro euros"),
    ("pound", 1, "英镑 gbp"),
    ("yen", 1, "日元 日圆 jpy yen"),
    ("person", 1, "人 名 位 people persons employees"),
    ("times", 1, "次 回 times"),
    ("fold", 1, "倍"),
    ("piece", 1, "个 件 台 套 张 项 份 条 只 pcs"),
    ("byte", 1e6, "mb"),
    ("byte", 1e9, "gb"),
    ("byte", 1e3, "kb"),
    ("decibel", 1, "db 分贝"),
    ("pascal", 1e6, "mpa 兆帕"),
    ("pascal", 1e3, "kpa"),
)
for _dimension, _factor, _names in _TABLE:
    for _name in _names.split():
        _UNITS[_name.replace("_", " ")] = (_dimension, _factor)
#: Words that count rather than measure: they may be dropped or swapped without changing the statement.
COUNTERS = frozenset({"piece", "times", "person"})

_MULTIPLIERS = {
    "十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "万亿": 1e12,
    "百万": 1e6, "千万": 1e7,
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_CURRENCY = {
    "¥": "yuan",
    "￥": "yuan",
    "rmb": "yuan",
    "cny": "yuan",
    "$": "dollar",
    "usd": "dollar",
    "us$": "dollar",
    "€": "euro",
    "eur": "euro",
    "gbp": "pound",
    "£": "pound",
}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
}
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}

_NUMBER = r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?"
_CHINESE = r"[零〇一二两兩三四五六七八九十][零〇一二两兩三四五六七八九十百千]*(?:点[零一二三四五六七八九]+)?"
# One-character units that begin other words: 5 安全帽 is no current, 20 欧洲 no resistance.
_NOT_UNIT = {
    "安": "全装排", "欧": "洲元盟", "升": "级至高降压", "日": "本期常", "项": "目", "年": "级限",
    "人": "民", "元": "旦素件", "名": "称", "天": "津然", "条": "款例", "位": "置", "台": "湾风", "个": "人别",
    "月": "薪球", "米": "饭", "次": "数序", "块": "样石砖板玻木屏电田土肉布",
}  # fmt: skip
_UNIT = "|".join(
    re.escape(u).replace(r"\ ", r"\s") + (f"(?![{_NOT_UNIT[u]}])" if u in _NOT_UNIT else "")
    for u in sorted(_UNITS, key=len, reverse=True)
)
_GAP = r"[^\S\n]?"
_SCALE = "|".join(sorted(_MULTIPLIERS, key=len, reverse=True))


@cache
def _quantity() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?P<currency>us\$|[¥￥$€£]|\b(?:rmb|cny|usd|eur|gbp)){_GAP})?(?<![A-Za-z0-9.])(?<![A-Za-z0-9]-)(?P<low>{_NUMBER})"
        rf"(?:{_GAP}(?P<lscale>{_SCALE}))?(?:{_GAP}(?P<lunit>{_UNIT}))?"
        rf"(?:{_GAP}(?:-|~|–|—|至|到|to){_GAP}(?P<high>{_NUMBER}))?(?:{_GAP}(?P<scale>{_SCALE}))?(?:{_GAP}(?P<unit>{_UNIT})(?![a-z]))?",
        re.IGNORECASE,
    )


@cache
def _chinese_quantity() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![第{{零一二三四五六七八九十百千}}])(?P<number>{_CHINESE})(?P<scale>万亿|亿|万)?(?P<unit>{_UNIT})"
    )


_PERCENT_ZH = re.compile(rf"百分之(?P<number>{_CHINESE}|\d+(?:\.\d+)?)")
_MONTHS = {
    m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_MONTH = (
    "(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    r"(?P<y>\d{4})\s?(?:年\s?(?P<m>\d{1,2})\s?月(?:\s?(?P<d>\d{1,2})\s?[日号])?|[-/.](?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})(?!\d))"
    r"|(?<![\d年])(?P<m3>\d{1,2})\s?月\s?(?P<d3>\d{1,2})\s?[日号]"
    rf"|\b{_MONTH.format('mon')}\.?\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y4>\d{{4}}))?\b"
    rf"|\b{_MONTH.format('mon6')}\.?,?\s(?P<y6>[12]\d{{3}})\b"
    rf"|(?<![A-Za-z\d]-)\b(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH.format('mon5')}\.?,?(?:\s(?P<y5>\d{{4}}))?\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9./-]*[A-Za-z])(?=[A-Za-z0-9./-]*\d)[A-Za-z0-9]+(?:[-/.][A-Za-z0-9]+)*(?![A-Za-z0-9])"
)


@cache
def _unit_token() -> re.Pattern[str]:
    return re.compile(rf"(?:\d[\d.,]*)?(?:{_UNIT})", re.IGNORECASE)


_BOUND_BEFORE = re.compile(
    r"(?P<most>不[得应宜能可]?超过|不[得应宜能可]?[高大多晚迟]于|低于|小于|少于|至多|最多|最高|上限|[≤<]"
    r"|no more than|not exceed|at most|up to"
    r"|within|no later than|capped at|maximum|less than|below|under)"
    r"|(?P<least>不[得应宜能可]?[少低小短早]于|起码|高于|大于|多于|超过|至少|最少|最低|下限|[≥>]"
    r"|no less than|not less than|at least"
    r"|minimum|more than|above|over)"
)
_CURRENCY_BEFORE = re.compile(r"(?:rmb|cny|usd|us\$|eur|gbp|人民币|[¥$€£])\s?$")
_BOUND_AFTER = re.compile(r"\s?\(?(?:(?P<most>及?以[下内]|之内|or less|or below)|(?P<least>及?以上|or more|or above))")

_DECADE = re.compile(r"[12]\d\d0s")

# A unit that is not in the table still tells one number from another: 1000MΩ, 78 N·m, 20pC.
_OTHER_UNIT = re.compile(r"[A-Za-z]{1,4}(?![A-Za-z0-9.-])|\s?(?=[A-Za-z]{0,2}[Ωμ·])[A-Za-zΩμ·]{1,5}(?![A-Za-z])")


@cache
def _named_unit() -> re.Pattern[str]:
    return re.compile(
        rf"(?:[(\[]\s?(?:单位\s?:?\s?)?|单位\s?:\s?|\|\s?)(?P<unit>{_UNIT})(?=\s?[)\]/|,,;·]|\s*$)", re.IGNORECASE
    )


@cache
def _asked_unit() -> re.Pattern[str]:
    return re.compile(
        rf"(?:多少|几|幾)\s?(?P<unit>{_UNIT})(?![a-z])"
        rf"|(?:how many|in|number of)\s(?:us\s|calendar\s)?(?P<unit_en>{_UNIT})(?![a-z])",
        re.IGNORECASE,
    )


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, range or date. ``low``/``high`` are in the base unit of ``dimension`` (None: no unit was written).

    A date has kind ``date`` and ``date`` as ``YYYY-MM-DD``, ``YYYY-MM`` or ``--MM-DD``. ``start``/``end`` are
    offsets in the NFKC form of the text.
    """

    kind: Literal["number", "date"]
    low: float
    high: float
    dimension: str | None
    start: int
    end: int
    date: str = ""


def quantities(text: str) -> list[Quantity]:
    """Return every quantity in reading order; full-width digits, separators, 万/亿, ranges and dates are understood."""
    plain = unicodedata.normalize("NFKC", text)
    found = _dates(plain)
    taken = sorted((q.start, q.end) for q in found)
    for candidate in (*_percents(plain), *_numbers(plain), *_chinese_numbers(plain)):
        if not _overlaps(taken, candidate.start, candidate.end):
            found.append(candidate)
            taken = sorted([*taken, (candidate.start, candidate.end)])
    return sorted(found, key=lambda q: q.start)


def _overlaps(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    index = bisect_right(taken, (end, -1))
    return any(left < end and start < right for left, right in taken[max(0, index - 2) : index + 1])


def _dates(text: str) -> list[Quantity]:
    found = []
    for match in _DATE.finditer(text):
        part = match.groupdict()
        year = part["y"] or part["y4"] or part["y5"] or part["y6"]
        name = part["mon"] or part["mon5"] or part["mon6"]
        month = int(part["m"] or part["m2"] or part["m3"] or 0) or (_MONTHS[name[:3].lower()] if name else 0)
        day = int(part["d"] or part["d2"] or part["d3"] or part["d4"] or part["d5"] or 0)
        if not 1 <= month <= 12 or not 0 <= day <= 31:
            continue
        written = f"{int(year):04d}" if year else "-"
        written += f"-{month:02d}" + (f"-{day:02d}" if day else "")
        found.append(Quantity("date", 0, 0, "date", match.start(), match.end(), written))
    return found


def _numbers(text: str) -> list[Quantity]:
    found, position = [], 0
    while match := _quantity().search(text, position):
        number = _read_number(match, text)
        found.append(number)
        # "by 12.5% to 85 million": the second number is none of this one's range.
        position = max(number.end, match.end("low")) if match["high"] and number.low == number.high else match.end()
    return found


def _read_number(match: re.Match[str], text: str) -> Quantity:
    part = match.groupdict()
    unit, low_unit, end = part["unit"], part["lunit"], match.end()
    if part["high"] and low_unit and unit and _unit(low_unit, None)[0] != _unit(unit, None)[0]:
        part["high"] = None
    for name in ("unit", "lunit"):
        if part[name] == "a" and text[match.start(name) - 1].isspace():  # "600 a day" are no amperes
            end = match.start(name) - 1
            unit, low_unit = None, low_unit if name == "unit" else None
    if low_unit and not part["high"]:
        if low_unit[-1].isascii() and _word(text[match.end("lunit") : match.end("lunit") + 1]):
            low_unit, unit, end = None, None, match.end("lscale" if part["lscale"] else "low")
        else:
            unit, end = low_unit, match.end("lunit")  # what follows is no second unit: 800 yuan a day
    scale = (
        part["lscale"] if low_unit and not part["high"] else part["scale"] or (None if part["high"] else part["lscale"])
    )
    factor = _MULTIPLIERS[scale.lower()] if scale else 1.0
    low_factor = _MULTIPLIERS[part["lscale"].lower()] if part["lscale"] else factor
    dimension, base = _unit(unit, part["currency"])
    _, low_base = _unit(low_unit or unit, part["currency"])
    if dimension is None and (other := _OTHER_UNIT.match(text, end)):
        dimension, end = other.group().strip(), other.end()
    if _DECADE.fullmatch(text, match.start("low"), end):
        dimension, base, low_base = "decade", 1.0, 1.0
    low = _value(part["low"]) * low_factor * low_base
    high = _value(part["high"] or part["low"]) * factor * base
    return Quantity("number", low, high, dimension, match.start("low"), end)


def is_unit(word: str) -> bool:
    """Say whether ``word`` is a unit of measure that is known here."""
    return word.lower() in _UNITS


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum() and char != ""


def _unit(unit: str | None, currency: str | None) -> tuple[str | None, float]:
    if unit:
        return _UNITS[re.sub(r"\s", " ", unit.lower())]
    return (_CURRENCY[currency.lower()], 1.0) if currency else (None, 1.0)


def _value(digits: str) -> float:
    return float(digits.replace(",", ""))


def _percents(text: str) -> list[Quantity]:
    found = []
    for match in _PERCENT_ZH.finditer(text):
        number = match["number"]
        value = float(number) if number[0].isdigit() and number.isascii() else chinese_number(number)
        found.append(Quantity("number", value, value, "percent", match.start(), match.end()))
    return found


def _chinese_numbers(text: str) -> list[Quantity]:
    found = []
    for match in _chinese_quantity().finditer(text):
        dimension, factor = _UNITS[match["unit"].lower()]
        if dimension in COUNTERS and len(match["number"]) == 1 and match["number"] in "一两":
            continue  # 一个, 一条, 两位: an article rather than a measure
        value = chinese_number(match["number"]) * (_MULTIPLIERS[match["scale"]] if match["scale"] else 1.0) * factor
        found.append(Quantity("number", value, value, dimension, match.start(), match.end()))
    return found


def chinese_number(written: str) -> float:
    """Return the value of a Chinese numeral below 万, such as 三十五, 一百零二, 二〇二五 or 一点五."""
    whole, _, fraction = written.partition("点")
    if not any(c in _STEPS for c in whole):
        value = float("".join(str(_DIGITS[c]) for c in whole) or "0")
    else:
        value, digit = 0.0, 0
        for char in whole:
            if char in _STEPS:
                value += (digit or 1) * _STEPS[char]
                digit = 0
            else:
                digit = _DIGITS[char]
        value += digit
    return value + (float("0." + "".join(str(_DIGITS[c]) for c in fraction)) if fraction else 0.0)


def is_unit_word(word: str) -> bool:
    """Tell whether ``word`` is the name or sign of a unit, without scale and compounds: 元, kg, percent."""
    return word.lower() in _UNITS


def month_number(name: str) -> int:
    """Return 1 to 12 for the English name of a month or its abbreviation, else 0."""
    lowered = name.lower()
    whole = re.fullmatch(_MONTH.format("name"), lowered)
    return _MONTHS[lowered[:3]] if whole else 0


def agrees(asked: Quantity, given: Quantity) -> bool:
    """Say whether ``given`` (from a source) carries ``asked`` (from a statement).

    Values agree to one part in a billion after conversion to the base unit; a single value also agrees with an end of a
    range. A unit may be missing on one side (the header of a column may hold it), and counters (个, 次, 人) are free.
    """
    if asked.kind == "date" or given.kind == "date":
        return _dates_agree(asked, given)
    loose = (
        asked.dimension is None
        or given.dimension is None
        or (asked.dimension in COUNTERS and given.dimension in COUNTERS)
    )
    if not loose and asked.dimension != given.dimension:
        return False
    if asked.low != asked.high:
        return _close(asked.low, given.low) and _close(asked.high, given.high)
    return _close(asked.low, given.low) or _close(asked.low, given.high)


def _dates_agree(asked: Quantity, given: Quantity) -> bool:
    if asked.kind == given.kind == "date":
        full, short = sorted((asked.date, given.date), key=len, reverse=True)
        return full == short or full.startswith(short + "-") or (short.startswith("--") and full.endswith(short[1:]))
    number, date = (asked, given) if given.kind == "date" else (given, asked)
    if number is given:
        return False  # a full date is never carried by a bare number
    year = date.date.split("-")[0]
    if number.dimension == "year" or number.dimension is None:
        return bool(year) and number.low == float(year)
    parts = [p for p in date.date.split("-") if p]
    if number.dimension == "month":
        return number.low == float(parts[1] if year else parts[0])
    return number.dimension == "day" and len(parts) > 1 and number.low == float(parts[-1])


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def dimensions(text: str) -> set[str]:
    """Return the dimensions that ``text`` measures in: of its quantities, and as named in 单价 (元) or a cell."""
    plain = unicodedata.normalize("NFKC", text)
    named = {_UNITS[re.sub(r"\s", " ", m["unit"].lower())][0] for m in _named_unit().finditer(plain)}
    return named | {q.dimension for q in quantities(plain) if q.dimension}


def asked_dimension(question: str) -> str | None:
    """Return the dimension a question asks for (多少千伏, 几年, how many days, in euros), None when it names none."""
    match = _asked_unit().search(unicodedata.normalize("NFKC", question))
    unit = (match["unit"] or match["unit_en"]) if match else None
    dimension = _UNITS[re.sub(r"\s", " ", unit.lower())][0] if unit else None
    return None if dimension in COUNTERS else dimension


def bound_of(text: str, quantity: Quantity) -> Literal["most", "least", ""]:
    """Return whether the words around ``quantity`` make it an upper bound (不超过, at most), a lower one, or neither.

    ``text`` is the text that ``quantity`` was found in.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    after = _BOUND_AFTER.match(plain, quantity.end)
    start = len(_CURRENCY_BEFORE.sub("", plain[: quantity.start]))
    before = list(_BOUND_BEFORE.finditer(plain, max(0, start - 14), start))
    nearest = after or (before[-1] if before else None)
    if nearest is None:
        return ""
    return "most" if nearest.lastgroup == "most" else "least"


def holds(asked: Quantity, given: Quantity, text: str) -> float:
    """Return how well ``given``, found in ``text``, covers the number ``asked``: 1 when equal or inside a closed range.

    An open range (3000 米以上) holds every number beyond its bound, the better the nearer: bound / number. 0 when it
    does not hold.
    """
    if agrees(asked, given):
        return 1.0
    same = asked.dimension is None or given.dimension is None or asked.dimension == given.dimension
    if not (asked.kind == given.kind == "number" and same and asked.low == asked.high):
        return 0.0
    if given.low < given.high:
        return 1.0 if given.low <= asked.low <= given.high else 0.0
    bound = bound_of(text, given)
    if not bound or min(asked.low, given.low) <= 0 or (asked.low < given.low) is (bound == "least"):
        return 0.0
    return min(asked.low, given.low) / max(asked.low, given.low)


def codes(text: str) -> set[str]:
    """Return identifiers that mix letters and digits (``QX-200``, ``GB/T45438``), folded, without ``10kV``."""
    return {code for code, _, _ in codes_in(unicodedata.normalize("NFKC", text))}


def codes_in(plain: str) -> Iterator[tuple[str, int, int]]:
    """Yield the identifiers of NFKC text, folded, with their offsets."""
    for match in _CODE.finditer(plain):
        if not _unit_token().fullmatch(match.group()):
            yield match.group().lower(), *match.span()
