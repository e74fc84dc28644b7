"""Text layers that decode to characters, but to the wrong ones."""

import re
from collections import Counter
from typing import Final

_MIN_CHARS: Final = 60
_LATIN_1: Final = re.compile("[\u00a1-\u00ff]")
_ASCII_LETTER: Final = re.compile("[A-Za-z]")
_SIGN: Final = re.compile(r"[!-/:-@\[-`{-~]")
_LEADER: Final = re.compile(r"[._\-=*…·~]")
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003134f]")
_HANGUL_KANA: Final = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_VOWEL: Final = re.compile(r"[aeiouy]", re.IGNORECASE)
# Lead bytes from these on are for rare ideographs.
_COMMON: Final = (("gb2312", 0xFF), ("big5", 0xC9), ("shift_jis", 0x98))
_MOJIBAKE: Final = 0.35
_SALAD: Final = 0.3
_SIGNS: Final = 10
_FEW_LETTERS: Final = 0.15
_MOST: Final = 0.5
_RARE: Final = 0.25
_NO_VOWELS: Final = 0.18
_MIN_LETTERS: Final = 120


def is_nonsense(text: str) -> bool:
    """Tell whether ``text`` (a page without blanks) is what a wrong encoding makes of real text.

    Western letters with accents and hardly a plain one (GB read as Latin-1), a salad of ASCII signs (shifted codes),
    ideographs that no common character set has, or Latin words without vowels.
    """
    total = len(text)
    if total < _MIN_CHARS:
        return False
    counts = Counter(text)
    plain = _share(_ASCII_LETTER, counts, total)
    han = _share(_HAN, counts, total)
    if _share(_LATIN_1, counts, total) > _MOJIBAKE and plain + han < _MOJIBAKE:
        return True
    signs = _share(_SIGN, counts, total) - _share(_LEADER, counts, total)
    if signs > _SALAD * (1 - han) and plain < _FEW_LETTERS and sum(bool(_SIGN.match(char)) for char in counts) > _SIGNS:
        return True
    if han > _MOST and _share(_HANGUL_KANA, counts, total) < 0.02 and _rare(counts) > _RARE * han * total:
        return True
    vowels = _share(_VOWEL, counts, total)
    return plain * total > _MIN_LETTERS and plain > _MOST and vowels < _NO_VOWELS * plain


def _share(pattern: re.Pattern[str], counts: Counter[str], total: int) -> float:
    return sum(count for char, count in counts.items() if pattern.match(char)) / total


def _rare(counts: Counter[str]) -> int:
    """Count ideographs that neither GB 2312 nor the common half of Big5 or Shift JIS has."""
    return sum(count for char, count in counts.items() if _HAN.match(char) and not _is_common(char))


def _is_common(char: str) -> bool:
    for encoding, end in _COMMON:
        try:
            code = char.encode(encoding)
        except UnicodeEncodeError:
            continue
        if code[0] < end:
            return True
    return False
