"""Characters of parsed text: radicals that stand for ideographs, joining of lines, what is CJK."""

import re
import unicodedata
from typing import Final

# Radicals of U+2E80–2EF3 that fonts map ideographs to and that NFKC leaves alone; those of U+2F00–2FDF it maps.
_RADICALS: Final = dict(
    zip(
        "⺁⺇⺊⺌⺍⺕⺘⺝⺟⺠⺡⺣⺦⺨⺩⺪⺫⺬⺭⺮⺯⺰⺳⺴⺵⺶⺷⺸⺻⺼⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻎⻏⻐⻑⻓⻔⻖⻘⻙⻚⻛⻜⻝⻞⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻰⻱⻳",
        "厂几卜小小彐扌月母民氵灬丬犭王疋目示礻竹糸纟罒罒罒羊羊羊聿肉艹艹艹虎衤覀西见角角讠贝足车辶辶阝钅長长门阝青韦页风飞食食食饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿龙龜龟",
        strict=True,
    )
)
_LIGATURES: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_KANGXI: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_COMPATIBILITY: Final = {
    code: mapped
    for first, last in ((0xF900, 0xFAFF), (0x2F800, 0x2FA1D))
    for code in range(first, last + 1)
    if (mapped := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}
# Bullets of the symbol fonts, whose code points are private.
_SYMBOLS: Final = dict.fromkeys(
    (0xF06C, 0xF06E, 0xF071, 0xF075, 0xF076, 0xF09F, 0xF0A7, 0xF0A8, 0xF0B7, 0xF0D8, 0xF0E8, 0xF0FC), "•"
)
_SPACES: Final = dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2009, 0x202F), " ")
_INVISIBLE: Final = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF))

NORMAL: Final[dict[int, str | None]] = {
    **{ord(radical): ideograph for radical, ideograph in _RADICALS.items()},
    **_LIGATURES,
    **_KANGXI,
    **_COMPATIBILITY,
    **_SYMBOLS,
    **_SPACES,
    **_INVISIBLE,
}
"""For ``str.translate``. Full-width punctuation and digits stay: how a document looks matters where it is quoted."""

_LINK: Final = re.compile(r"://|www\.|@")
_RUNS: Final = re.compile(r"[ \t\u3000]+")


def normalise(text: str) -> str:
    """Return ``text`` with radicals, ligatures and symbol-font bullets mapped to what they stand for."""
    return text.translate(NORMAL)


def is_wide(char: str) -> bool:
    """Tell whether ``char`` is an ideograph or full-width sign, next to which no space is written."""
    # Most characters are told by the first comparisons.
    return char >= "\u2e80" and (
        char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\ufe30" <= char <= "\ufe4f"
        or "\uff00" <= char <= "\uffef"
        or "\U00020000" <= char <= "\U0003134f"
    )


def squeeze(text: str) -> str:
    """Return ``text`` with runs of blanks made one and the ends stripped."""
    return _RUNS.sub(" ", text).strip()


def glue(first: str, second: str) -> str:
    """Return what stands between two lines of one paragraph; a backspace when the hyphen at the end of ``first`` goes.

    No space next to a CJK character. A hyphen at the end of a Latin line goes when a lower-case letter follows a
    letter, and stays otherwise (``COVID-`` + ``19``) or when its word has another (``state-of-`` + ``the-art``).
    """
    if not first or not second:
        return ""
    if first[-1] in "-\u2010" and len(first) > 1 and first[-2].isalpha() and not is_wide(first[-2]):
        word = first[:-1].rpartition(" ")[2]
        return "\b" if second[0].islower() and "-" not in word and not _LINK.search(word) else ""
    if is_wide(first[-1]) or is_wide(second[0]) or first[-1] == "/":
        return ""
    return " "


def join_lines(first: str, second: str) -> str:
    """Join two lines of one paragraph, as ``glue`` says."""
    between = glue(first, second)
    return first[:-1] + second if between == "\b" else f"{first}{between}{second}"
