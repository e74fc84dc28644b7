"""Decode text of unknown encoding: UTF-8, UTF-16, UTF-32, GB18030, Big5, Shift-JIS, EUC — or refuse it as binary."""

import codecs
from itertools import repeat
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the start of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_CHARS: Final = 20_000
# Below this share of characters that people write, the bytes are not text in that encoding.
_MIN_PLAUSIBLE: Final = 0.90
# Frequent characters of running Chinese, simplified then traditional: they tell GB18030 from Big5, which both
# decode almost any bytes.
_FREQUENT: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "這個們來為國說時會對於過發後裡種經學現當沒動還進樣開從實與將應該無關問題業務員請單電"
)


_MARKS: Final = frozenset("，。、；：？！“”（）《》「」『』・　")
_EAST_ASIAN: Final = ("gb18030", "big5", "big5hkscs", "cp932", "euc_jp")
_COMMON_LEADS: Final = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "big5hkscs": (0xA4, 0xC6)}
_MAX_BROKEN: Final = 0.005
_MIN_WIDE: Final = 6
_MIN_COMMON: Final = 0.95
_COMMON_SHARE: Final = 0.3
_JAPANESE: Final = ("cp932", "euc_jp")


def decode_text(data: bytes) -> tuple[str, str] | None:
    """Return the decoded text and the encoding's name, or None when the bytes are not text.

    The order is: byte order mark, UTF-8, UTF-32 and UTF-16 without a mark, then the most likely of the East Asian sets;
    last a text of which a few bytes are broken.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = _strict(data, name)
            return (text, name) if text is not None and plausible(text) else None
    if b"\0" in data[:4096]:
        return _utf32_without_mark(data) or _utf16_without_mark(data) or _utf16_of_ideographs(data)
    text = _strict(data, "utf-8")
    if text is not None:
        return (text, "utf-8") if plausible(text) else None
    wide = _utf16_of_ideographs(data)
    if wide is not None:
        return wide
    found = [
        (_likeness(text, name), text, name)
        for name in _EAST_ASIAN
        if (text := _strict(data, name)) is not None and plausible(text)
    ]
    if not found:
        return _nearly(data)
    _, text, name = max(found, key=lambda candidate: candidate[0])
    return text, name


def plausible(text: str) -> bool:
    """Tell whether ``text`` looks written: few control, private-use, unassigned or rare characters."""
    sample = text[:_SAMPLE_CHARS]
    if not sample.strip():
        return True
    good = sum(1 for char in sample if _ordinary(ord(char)))
    return good >= _MIN_PLAUSIBLE * len(sample) and not any(ord(char) < 9 for char in sample)


def _ordinary(code: int) -> bool:
    if code < 0x20:
        return code in (9, 10, 12, 13)
    return (
        code < 0x7F
        or 0xA0 <= code < 0x0530
        or 0x1E00 <= code < 0x2E00
        or 0x3000 <= code < 0x3400
        or 0x4E00 <= code < 0xA000
        or 0xAC00 <= code < 0xD7A4
        or 0xFE30 <= code < 0xFE50
        or 0xFF00 <= code < 0xFFF0
        or 0x1F300 <= code < 0x1FB00
    )


def _likeness(text: str, encoding: str) -> float:
    """Tell how much of the text beyond ASCII is what people write most in the languages of an encoding.

    Half-width kana are what Chinese bytes look like when they are read as Shift-JIS, so they count against it.
    """
    wide = [char for char in text[:_SAMPLE_CHARS] if char > "\x7f"]
    usual = sum(char in _FREQUENT or char in _MARKS for char in wide)
    if encoding in _JAPANESE:
        usual += sum("\u3041" <= char <= "\u30fc" for char in wide)
    odd = sum("\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff" for char in wide)
    return (usual - odd + _COMMON_SHARE * sum(map(_in_common_plane, wide, repeat(encoding)))) / max(len(wide), 1)


def _in_common_plane(char: str, encoding: str) -> bool:
    """Tell whether the encoding keeps ``char`` among its few thousand common ideographs (GB 2312 and Big5 level 1)."""
    lead = char.encode(encoding)[0]
    first, last = _COMMON_LEADS.get(encoding, (256, 0))
    return first <= lead <= last


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _nearly(data: bytes) -> tuple[str, str] | None:
    """A long text may hold a few broken bytes: they become replacement characters."""
    for name in ("utf-8", "gb18030"):
        text = data.decode(name, "replace")
        if text.count("\ufffd") <= _MAX_BROKEN * len(text) and plausible(text):
            return text, name
    return None


def _utf32_without_mark(data: bytes) -> tuple[str, str] | None:
    """Every fourth byte is zero in UTF-32, and the one beside it nearly always."""
    head = data[:4096]
    if len(data) % 4 or len(head) < 8:
        return None
    for name, first in (("utf-32-le", 3), ("utf-32-be", 0)):
        if head[first::4].count(0) * 4 == len(head) - len(head) % 4:
            text = _strict(data, name)
            if text is not None and plausible(text):
                return text, name
    return None


def _utf16_without_mark(data: bytes) -> tuple[str, str] | None:
    """Of the two byte orders the one whose characters are common; the other one gives rare ones."""
    found = [
        (_common_share(text), text, name)
        for name in ("utf-16-le", "utf-16-be")
        if (text := _strict(data, name)) is not None and plausible(text)
    ]
    share, text, name = max(found, default=(0.0, "", ""))
    return (text, name) if share >= _MIN_PLAUSIBLE else None


def _common_share(text: str) -> float:
    sample = text[:_SAMPLE_CHARS]
    common = sum(char < "\u0500" or char in _MARKS or _is_common(char) for char in sample)
    return common / len(sample)


def _is_common(char: str) -> bool:
    """Tell whether the national sets have ``char`` among their few thousand common ideographs."""
    if char.encode("gb2312", "ignore"):
        return True
    big5 = char.encode("big5", "ignore")
    return bool(big5) and _COMMON_LEADS["big5"][0] <= big5[0] <= _COMMON_LEADS["big5"][1]


def _utf16_of_ideographs(data: bytes) -> tuple[str, str] | None:
    """Ideographs alone leave no zero byte: then nearly all must be common ones, which no other bytes give by chance."""
    for name in ("utf-16-le", "utf-16-be"):
        text = _strict(data, name)
        if text is None or len(set(text)) < _MIN_WIDE:
            continue
        sample = text[:_SAMPLE_CHARS]
        common = sum(char in _MARKS or (char >= "\u4e00" and _is_common(char)) for char in sample)
        if common >= _MIN_COMMON * len(sample):
            return text, name
    return None
