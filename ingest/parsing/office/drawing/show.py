"""Values of cells as a spreadsheet shows them: number formats with sections, conditions, scales, dates and literals."""

import datetime as dt
import math
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

BUILT_IN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"¥"#,##0', 6: '"¥"#,##0', 7: '"¥"#,##0.00',
    8: '"¥"#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd hh:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: 'h"时"mm"分"', 35: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: "#,##0", 42: '"¥"#,##0', 43: "#,##0.00", 44: '"¥"#,##0.00', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"',
    54: 'm"月"d"日"', 55: 'h"时"mm"分"', 56: 'h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats that files name by number only; the date whose order depends on the reader's country is ISO 8601 here."""

_TOKEN: Final = re.compile(
    r"""(?P<text>"[^"]*"?)|[\\!](?P<char>.)|(?P<skip>[_*].)|\[(?P<bracket>[^\]]*)\]|(?P<general>general)"""
    r"""|(?P<half>am/pm|a/p|上午/下午)|(?P<exp>e[+-][0#?]+)|(?P<date>y+|m+|d+|h+|s+|aaaa?|bb+|e+|g+)"""
    r"""|(?P<digit>[0#?])|(?P<other>.)""",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)$")
_ELAPSED: Final = re.compile(r"(h+|m+|s+)$", re.IGNORECASE)
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MAX_SERIAL: Final = 2_958_466
_MAX_FORMAT: Final = 1000


class _Token(NamedTuple):
    kind: str
    text: str


class _Section(NamedTuple):
    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None
    is_date: bool


def show_number(value: float, code: str = "General", *, since_1904: bool = False) -> str:
    """Return ``value`` as the number format ``code`` shows it; a date serial in a date format becomes that date.

    A format that cannot show the value (a negative date, an unknown construct) gives the plain number.
    """
    if not math.isfinite(value):
        return str(value)
    sections = _sections(code[:_MAX_FORMAT])
    section, shown = _choose(sections, value)
    if section is None or any(token.kind == "general" for token in section.tokens):
        return _around_general(section, shown)
    if section.is_date:
        return _date(section, value, since_1904=since_1904)
    if not any(token.kind == "digit" for token in section.tokens):
        # ";;;" hides values and quoted words stand for them; text formats show the number as it is.
        literal = "".join(token.text for token in section.tokens if token.kind == "text")
        return literal if literal or not section.tokens else plain(value)
    return _digits(section, shown)


def plain(number: float) -> str:
    """Return a number without noise digits and, up to 21 digits, without an exponent."""
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    text = f"{number:.12g}"
    return f"{Decimal(text):f}" if "e-" in text and abs(number) > 1e-9 else text


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    found: list[_Section] = []
    tokens: list[_Token] = []
    condition: tuple[str, float] | None = None
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        text = match[kind]
        if kind == "bracket":
            if named := _CONDITION.match(text):
                condition = (named[1], float(named[2]))
            elif _ELAPSED.match(text):
                tokens.append(_Token("elapsed", text.lower()))
            elif text.startswith("$"):
                tokens.append(_Token("text", text[1:].partition("-")[0]))
        elif kind == "other" and text == ";":
            found.append(_Section(tuple(tokens), condition, _is_date(tokens)))
            tokens, condition = [], None
        elif kind != "skip":
            tokens.append(_literal(kind, text))
    found.append(_Section(tuple(tokens), condition, _is_date(tokens)))
    return tuple(found)


def _literal(kind: str, text: str) -> _Token:
    if kind == "text":
        return _Token("text", text.strip('"'))
    if kind == "char":
        return _Token("text", text)
    return _Token(kind, text.lower() if kind in ("date", "half", "exp") else text)


def _is_date(tokens: list[_Token]) -> bool:
    return any(token.kind in ("date", "elapsed", "half") for token in tokens)


def _choose(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, float]:
    """Return the section for a value, and the value it shows: a section for negatives shows them without sign."""
    if any(section.condition for section in sections[:2]):
        for section in sections:
            if section.condition is None or _holds(section.condition, value):
                return section, value
        return None, value
    if len(sections) >= 3 and value == 0:
        return sections[2], value
    if len(sections) >= 2 and value < 0:
        return sections[1], -value
    return sections[0], value


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, bound = condition
    return {
        "<": value < bound,
        ">": value > bound,
        "<=": value <= bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


def _around_general(section: _Section | None, value: float) -> str:
    if section is None:
        return plain(value)
    return "".join(plain(value) if token.kind == "general" else token.text for token in section.tokens)


def _digits(section: _Section, value: float) -> str:
    tokens = section.tokens
    if any(token.kind == "other" and token.text == "/" for token in tokens):
        return _fraction(value)
    if exponent := next((token for token in tokens if token.kind == "exp"), None):
        decimals = sum(token.kind == "digit" for token in tokens) - 1
        mantissa, _, power = f"{value:.{max(decimals, 0)}e}".partition("e")
        return f"{mantissa}E{power[0] if power[0] == '-' or '+' in exponent.text else ''}{power[1:]}"
    last = max(index for index, token in enumerate(tokens) if token.kind == "digit")
    point = next((i for i, token in enumerate(tokens) if token.kind == "other" and token.text == "."), None)
    whole_end = point if point is not None else last + 1
    scale, grouped = _commas(tokens, last, whole_end)
    percent = sum(token.kind == "other" and token.text in "%％" for token in tokens)
    decimals = sum(token.kind == "digit" for token in tokens[whole_end:])
    number = abs(Decimal(repr(value)) * (100**percent) / (Decimal(1000) ** scale))
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) if decimals < 16 else number
    whole, _, part = f"{rounded:f}".partition(".")
    sign = "-" if value < 0 and rounded else ""
    return sign + (_whole(tokens[:whole_end], whole, grouped=grouped) + _part(tokens[whole_end:], part)).strip()


def _commas(tokens: tuple[_Token, ...], last: int, whole_end: int) -> tuple[int, bool]:
    """Return by how many thousands a format scales, and whether it groups by thousands."""
    places = [index for index, token in enumerate(tokens) if token.kind == "other" and token.text == ","]
    digits = [index for index, token in enumerate(tokens[:whole_end]) if token.kind == "digit"]
    first, final = (digits[0], digits[-1]) if digits else (last, last)
    scale = sum(
        place > final and all(tokens[i].text == "," for i in range(final + 1, place)) for place in places
    ) or sum(place > last and all(tokens[i].text == "," for i in range(last + 1, place)) for place in places)
    return scale, any(first < place < final for place in places)


def _whole(tokens: tuple[_Token, ...], digits: str, *, grouped: bool) -> str:
    """Write the whole part into its placeholders from the right; what is left over stands at the first of them."""
    places = [index for index, token in enumerate(tokens) if token.kind == "digit"]
    digits = digits.lstrip("0")
    least = next((len(places) - i for i, place in enumerate(places) if tokens[place].text == "0"), 0)
    digits = digits.rjust(least, "0")
    if grouped:
        return "".join(_outside(tokens, places, f"{int(digits):,}".rjust(0) if digits else ""))
    out: list[str] = []
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind != "digit":
            out.append(_shown(token))
        elif places and index == places[0]:
            out.append(digits)
        elif digits:
            out.append(digits[-1])
            digits = digits[:-1]
    return "".join(reversed(out))


def _outside(tokens: tuple[_Token, ...], places: list[int], number: str) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if index == places[0]:
            yield number
        elif token.kind != "digit":
            yield _shown(token)


def _part(tokens: tuple[_Token, ...], digits: str) -> str:
    """Write the decimals; trailing zeros show only where the format has a 0."""
    kinds = [token.text for token in tokens if token.kind == "digit"]
    kept = len(digits)
    while kept and digits[kept - 1] == "0" and kept <= len(kinds) and kinds[kept - 1] != "0":
        kept -= 1
    out, at = "", 0
    for token in tokens:
        if token.kind == "digit":
            out += digits[at] if at < kept else ""
            at += 1
        elif not (token.text == "." and token.kind == "other" and kept == 0):
            out += _shown(token)
    return out


def _shown(token: _Token) -> str:
    return "" if token.kind == "other" and token.text == "," else token.text


def _fraction(value: float) -> str:
    found = Fraction(value).limit_denominator(99)
    whole, rest = divmod(abs(found.numerator), found.denominator)
    sign = "-" if value < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole} {rest}/{found.denominator}" if whole else f"{sign}{rest}/{found.denominator}"


# --- dates ------------------------------------------------------------------------------------------------------


def moment(serial: float, *, since_1904: bool = False) -> dt.datetime | None:
    """Return the moment a serial number stands for, to the second; None outside the calendar of spreadsheets."""
    days = serial + (1462 if since_1904 else 0)
    if not 0 <= days < _MAX_SERIAL:
        return None
    # Day 60 is a 29 February 1900 that never was; before it, dates are one day off.
    start = dt.datetime(1899, 12, 31) if days < 60 else dt.datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no zones
    return start + dt.timedelta(seconds=round(days * 86400))


def _date(section: _Section, value: float, *, since_1904: bool) -> str:
    when = moment(value, since_1904=since_1904)
    if when is None and not any(token.kind == "elapsed" for token in section.tokens):
        return plain(value)
    tokens = section.tokens
    halves = any(token.kind == "half" for token in tokens)
    out: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
            out.append(str(int(round(value * 86400) // unit)).rjust(len(token.text), "0"))
        elif token.kind == "date" and when is not None:
            out.append(_field(token.text, when, minutes=_means_minutes(tokens, index), halves=halves))
        elif token.kind == "half" and when is not None:
            names = ("上午", "下午") if "上" in token.text else ("AM", "PM")
            out.append(names[when.hour >= 12])
        elif token.kind == "digit":
            out.append("0")
        elif token.text != "@":
            out.append(token.text)
    return "".join(out).strip()


def _means_minutes(tokens: tuple[_Token, ...], index: int) -> bool:
    """An m is minutes behind hours or before seconds, else months."""
    if not tokens[index].text.startswith("m"):
        return False
    fields = [(i, t.text[0]) for i, t in enumerate(tokens) if t.kind in ("date", "elapsed")]
    at = next(place for place, (i, _) in enumerate(fields) if i == index)
    before = fields[at - 1][1] if at else ""
    after = fields[at + 1][1] if at + 1 < len(fields) else ""
    return before == "h" or after == "s"


def _field(token: str, when: dt.datetime, *, minutes: bool, halves: bool) -> str:
    width = len(token)
    hour = (when.hour % 12 or 12) if halves else when.hour
    kind = "n" if minutes else token[0]
    if kind in ("y", "e"):
        return f"{when.year % 100:02d}" if kind == "y" and width <= 2 else f"{when.year:04d}"
    if kind == "m" and width >= 3:
        return _MONTHS[when.month - 1][: {3: 3, 5: 1}.get(width)]
    if kind == "d" and width >= 3:
        return _DAYS[when.weekday()][: 3 if width == 3 else None]
    if kind == "a":
        return ("星期" if width == 4 else "") + "一二三四五六日"[when.weekday()]
    number = {"m": when.month, "d": when.day, "h": hour, "n": when.minute, "s": when.second}.get(kind)
    return "" if number is None else str(number).rjust(min(width, 2), "0")
