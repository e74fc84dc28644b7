"""Numbers as Word writes them: Chinese, formal Chinese, Roman, letters, circled, full-width."""

from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_FORMAL: Final = "零壹贰叁肆伍陆柒捌玖"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_COUNTS: Final = frozenset(
    ["chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"]
)
_FORMALS: Final = frozenset(["chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"])
_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def written(value: int, kind: str) -> str:
    """Return ``value`` in the number format ``kind`` of Word; unknown kinds are decimal."""
    if not 0 < value < 10_000:
        return str(value)
    if kind in _COUNTS:
        return chinese_number(value)
    if kind in _FORMALS:
        return chinese_number(value, _FORMAL, ("", "拾", "佰", "仟"), "壹")
    if kind in ("upperRoman", "lowerRoman"):
        return roman(value) if kind == "upperRoman" else roman(value).lower()
    if kind in ("upperLetter", "lowerLetter"):
        # Word doubles the letter behind z: aa, bb.
        letter = chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if kind == "upperLetter" else letter.lower()
    return _signs(value, kind)


def _signs(value: int, kind: str) -> str:
    if kind in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese", "ideographEnclosedCircle"):
        return _circled(value)
    first = {"decimalEnclosedParen": 0x2474, "decimalEnclosedFullstop": 0x2488}.get(kind)
    if first is not None and value <= 20:
        return chr(first + value - 1)
    if kind in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(value)).replace("零", "〇")
    if kind in ("decimalFullWidth", "decimalFullWidth2"):
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))
    cycle = {"ideographTraditional": _STEMS, "ideographZodiac": _BRANCHES}.get(kind, "")
    if value <= len(cycle):
        return cycle[value - 1]
    return _plain(value, kind)


def _plain(value: int, kind: str) -> str:
    if kind == "decimalZero":
        return f"{value:02d}"
    if kind == "ordinal":
        return f"{value}{'th' if value % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"
    return "" if kind == "none" else str(value)


def _circled(value: int) -> str:
    if value <= 20:
        return chr(0x2460 + value - 1)
    if value <= 35:
        return chr(0x3251 + value - 21)
    return chr(0x32B1 + value - 36) if value <= 50 else str(value)


def roman(value: int) -> str:
    """Return a Roman number in capitals."""
    text = ""
    for number, letters in _ROMAN:
        text += letters * (value // number)
        value %= number
    return text


def chinese_number(
    value: int, digits: str = _DIGITS, units: tuple[str, ...] = ("", "十", "百", "千"), kept_one: str = ""
) -> str:
    """Write 1 … 9999 as Word numbers chapters: 十, 十二, 二十, 一百零三. With ``kept_one`` ten is 壹拾."""
    text = ""
    figures = str(value)
    for index, digit in enumerate(figures):
        unit = units[len(figures) - index - 1]
        if digit != "0":
            text += digits[int(digit)] + unit
        elif not text.endswith(digits[0]) and int(figures[index:]) > 0:
            text += digits[0]
    return text[1:] if 10 <= value < 20 and not kept_one else text
