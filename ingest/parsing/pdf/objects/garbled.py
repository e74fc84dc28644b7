"""Text layers that decode to characters, but to the wrong ones."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_MIN_CHARS: Final = 60
# Kinds of characters as bits.
_LATIN_1, _ASCII_LETTER, _SIGN, _LEADER, _HAN, _HANGUL_KANA, _VOWEL = (1 << bit for bit in range(7))
_KINDS: Final = (
    (_LATIN_1, re.compile("[\u00a1-\u00ff]")),
    (_ASCII_LETTER, re.compile("[A-Za-z]")),
    (_SIGN, re.compile(r"[!-/:-@\[-`{-~]")),
    (_LEADER, re.compile(r"[._\-=*…·~]")),
    (_HAN, re.compile("[\u3400-\u9fff\U00020000-\U0003134f]")),
    (_HANGUL_KANA, re.compile("[\u3040-\u30ff\uac00-\ud7af]")),
    (_VOWEL, re.compile(r"[aeiouy]", re.IGNORECASE)),
)
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
    kinds = [(_kinds(char), count) for char, count in counts.items()]
    plain, han = _count(kinds, _ASCII_LETTER) / total, _count(kinds, _HAN) / total
    if _count(kinds, _LATIN_1) > _MOJIBAKE * total and plain + han < _MOJIBAKE:
        return True
    signs = (_count(kinds, _SIGN) - _count(kinds, _LEADER)) / total
    if signs > _SALAD * (1 - han) and plain < _FEW_LETTERS and sum(bool(kind & _SIGN) for kind, _ in kinds) > _SIGNS:
        return True
    if han > _MOST and _count(kinds, _HANGUL_KANA) < 0.02 * total and _rare(counts) > _RARE * han * total:
        return True
    vowels = _count(kinds, _VOWEL) / total
    return plain * total > _MIN_LETTERS and plain > _MOST and vowels < _NO_VOWELS * plain


def _count(kinds: Sequence[tuple[int, int]], kind: int) -> int:
    return sum(count for own, count in kinds if own & kind)


@lru_cache(maxsize=8192)
def _kinds(char: str) -> int:
    return sum(bit for bit, pattern in _KINDS if pattern.match(char))


def _rare(counts: Counter[str]) -> int:
    """Count ideographs that neither GB 2312 nor the common half of Big5 or Shift JIS has."""
    return sum(count for char, count in counts.items() if _kinds(char) & _HAN and not _is_common(char))


@lru_cache(maxsize=8192)
def _is_common(char: str) -> bool:
    for encoding, end in _COMMON:
        try:
            code = char.encode(encoding)
        except UnicodeEncodeError:
            continue
        if code[0] < end:
            return True
    return False
