"""Numbers in words, written in figures: 一万二千 as 12000, 四分之一 as 25%, *twenty-five* as 25."""

import re
from typing import Final

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_STEPS: Final = {"十": 10, "百": 100, "千": 1000}
_NUMERAL: Final = "零〇一二两兩三四五六七八九十百千"
_COMPOUND: Final = re.compile(
    rf"(?<![第{_NUMERAL}万亿\d])(?=[{_NUMERAL}]*[十百千万亿])[一二两兩三四五六七八九十][{_NUMERAL}万亿]+(?!分之|[几多{_NUMERAL}万亿])"
)
_FIGURED_YEAR: Final = re.compile(r"(?<![零〇一二三四五六七八九])[一二][零〇一二三四五六七八九]{3}(?=年)")
_FRACTION: Final = re.compile(
    rf"(?<![百千万{_NUMERAL}])([二三四五六七八九十]{{1,3}}|\d{{1,3}})分之([{_NUMERAL}]{{1,3}}|\d{{1,3}})(?![\d.])"
)
_TENTHS: Final = re.compile(
    r"(?:(?<![一-鿿])|(?<=[约近达占的为有付过超到逾收扣降升涨增减少多是足满]))([一二三四五六七八九])成(?![为功立员就人长年])"
)
_SMALL_PART: Final = re.compile(
    r"([百千])分之([零〇一二两三四五六七八九十百]{1,5}(?:点[零一二三四五六七八九]+)?|(?<=千分之)\d+(?:\.\d+)?)"
)
#: 一年零两个月.
_YEARS_MONTHS: Final = re.compile(
    r"(?<![\d一二三四五六七八九十])([一二两三四五六七八九十]|\d{1,2})年(?:零|又)?([一二两三四五六七八九十]|\d{1,2})个月"
)
#: Few things that are counted: 三具, 五家; 一 is mostly an article.
_FEW: Final = re.compile(
    r"(?<![第零〇一二两兩三四五六七八九十百千万几数张李王赵])([二两兩三四五六七八九])"
    r"(?=[栋幢辆]|具(?![有体备])|支(?![付持出撑部])|根(?![据本源])|座(?![谈位])|层(?![次面级])|家(?![里庭长具电属])"
    r"|户(?![口外])|笔(?![记试录])|批(?![准评发复示量])|块(?!里))"
)
_HALVES: Final = (
    (re.compile(r"过半数?(?!天)"), "超过50%"),
    (re.compile(r"一半|半数"), "50%"),
    (re.compile(r"半年"), "6个月"),
    (re.compile(r"半(?:个)?(?:小时|钟头)"), "30分钟"),
    (re.compile(r"一刻钟"), "15分钟"),
    (re.compile(r"半分钟"), "30秒"),
    (re.compile(r"(?<![大小前后上下])半(?=(?:个月|天|[厘毫分]?米|公里|公?斤|吨|升))"), "0.5"),
    (re.compile(r"\bhalf an hour\b", re.IGNORECASE), "30 minutes"),
    (re.compile(r"\b(?:half a|a half) minute\b", re.IGNORECASE), "30 seconds"),
    (re.compile(r"\b(?:a )?quarter of an hour\b", re.IGNORECASE), "15 minutes"),
    (re.compile(r"\bhalf a year\b", re.IGNORECASE), "6 months"),
    (re.compile(r"\bhalf (?:a|of one) per ?cent\b", re.IGNORECASE), "0.5%"),
)
_ONES: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_WORD: Final = "|".join(sorted((*_ONES, *_TENS), key=len, reverse=True))
_ENGLISH: Final = re.compile(
    rf"\b(?!one\b(?![\s-](?:hundred|thousand)))(?:{_WORD})(?:[\s-](?:and\s)?(?:{_WORD}|hundred|thousand)\b)*",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"\b(?P<over>a|one|two|three|four|\d)[\s-](?P<under>half|thirds?|quarters?|fourths?|fifths?|tenths?)\b"
    r"(?=\s(?:of|the|lower|less|more|higher|fewer|from|over|to)\b)"
    r"|(?P<half>\bhalf\b(?=\s(?:of|the|lower|less|more|higher|over|from)\b))",
    re.IGNORECASE,
)
_SHARE: Final = re.compile(
    r"(?<=\b)(?P<before>at most|up to|by|less than|more than|exceed|at least|about)\s"
    r"(?:(?P<over>a|one|two|three)[\s-])?"
    r"(?P<under>half|thirds?|quarters?|fifths?|tenths?)\b"
    r"(?!\s(?:an?\s)?(?:hours?|years?|days?|months?|million|billion|final))",
    re.IGNORECASE,
)
#: Two in five, 3 out of 10: a share of people or things.
_OUT_OF: Final = re.compile(
    rf"\b(?P<over>{_WORD}|\d{{1,2}})\s(?:in|out of)(?: every)?\s(?P<under>{_WORD}|\d{{1,2}})"
    r"(?=\s(?:of\b|[a-z]+s\b))",
    re.IGNORECASE,
)
_CENTS: Final = re.compile(r"(?<![\d.,])(\d{1,2}) (?:us )?cents\b", re.IGNORECASE)
_UNDER: Final = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}


_DECADE: Final = re.compile(
    r"(?P<century>\d\d|[一二]?十[一二三四五六七八九]?)\s?世[纪紀]\s?(?P<ten>[1-9]0|[一二三四五六七八九]十)\s?年代"
    r"|([12]\d\d0)\s?年代"
)


def in_figures(text: str) -> str:
    """Return ``text`` with numbers in words as figures; words that only look like numbers (十分, *one of*) stay."""
    plain = _FIGURED_YEAR.sub(lambda m: "".join(str(_DIGITS[c]) for c in m.group()), text)
    plain = _DECADE.sub(_decade, plain)
    plain = _FRACTION.sub(_fraction, plain)
    plain = _SMALL_PART.sub(_small_part, plain)
    plain = _TENTHS.sub(lambda m: f"{10 * _DIGITS[m[1]]}%", plain)
    plain = _YEARS_MONTHS.sub(_months, plain)
    for pattern, written in _HALVES:
        plain = pattern.sub(written, plain)
    plain = _FEW.sub(lambda m: str(_DIGITS[m[1]]), plain)
    plain = _COMPOUND.sub(lambda m: str(chinese_integer(m.group())), plain)
    plain = _PART.sub(_part, _SHARE.sub(_share, _OUT_OF.sub(_out_of, plain)))
    return _CENTS.sub(_cents, _ENGLISH.sub(_english, plain))


def chinese_integer(written: str) -> int:
    """Return the value of a Chinese numeral with 万 and 亿: 一万二千 is 12,000."""
    total = section = digit = 0
    for char in written:
        if char in "万亿":
            factor = 10_000 if char == "万" else 100_000_000
            section += digit
            total = (total + section) * factor if char == "亿" else total + (section or 1) * factor
            section = digit = 0
        elif char in _STEPS:
            section += (digit or 1) * _STEPS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + section + digit


def _months(match: re.Match[str]) -> str:
    """Return 一年零两个月 as 14个月."""
    years, months = (int(g) if g.isdigit() else chinese_integer(g) for g in match.groups())
    return f"{12 * years + months}个月"


def _decade(match: re.Match[str]) -> str:
    """Return 20世纪30年代 and 1930年代 as 1930s."""
    if match["century"] is None:
        return f"{match[3]}s"
    century, ten = (int(g) if g.isdigit() else chinese_integer(g) for g in (match["century"], match["ten"]))
    return f"{century - 1}{ten}s"


def _fraction(match: re.Match[str]) -> str:
    under, over = (int(g) if g.isdigit() else chinese_integer(g) for g in match.groups())
    return f"{over / under * 100:.10g}%" if under else match.group()


def _small_part(match: re.Match[str]) -> str:
    """Return 百分之三 and 千分之一 as 3% and 0.1%."""
    value = match[2]
    if not value[0].isascii():
        whole, _, rest = value.partition("点")
        value = f"{chinese_integer(whole)}." + ("".join(str(_DIGITS[c]) for c in rest) or "0")
    return f"{float(value) / (1 if match[1] == '百' else 10):.10g}%"


def _out_of(match: re.Match[str]) -> str:
    over, under = (_small(match[name].lower()) for name in ("over", "under"))
    return f"{over / under * 100:.10g}%" if 0 < over < under else match.group()


def _small(word: str) -> int:
    return int(word) if word.isdigit() else _ONES.get(word, _TENS.get(word, 0))


def _cents(match: re.Match[str]) -> str:
    return f"0.{int(match[1]):02d}"


def _share(match: re.Match[str]) -> str:
    over = _ONES.get((match["over"] or "one").lower(), 1)
    return f"{match['before']} {over / _UNDER[match['under'].lower().removesuffix('s')] * 100:.10g}%"


def _part(match: re.Match[str]) -> str:
    if match["half"]:
        return "50%"
    written = match["over"].lower()
    over = int(written) if written.isdigit() else 1 if written == "a" else _ONES[written]
    return f"{over / _UNDER[match['under'].lower().removesuffix('s')] * 100:.10g}%"


def _english(match: re.Match[str]) -> str:
    total = value = 0
    for word in re.split(r"[\s-]+", match.group().lower()):
        if word == "hundred":
            value = (value or 1) * 100
        elif word == "thousand":
            total, value = total + (value or 1) * 1000, 0
        elif word != "and":
            number = _ONES.get(word, _TENS.get(word, 0))
            if (value % 10 and number < 100) or (value and value % 100 >= 10 and number >= 10):
                return match.group()  # two numbers beside each other, as in "one two" or "nineteen fifty"
            value += number
    return str(total + value)
