"""Text layers that decode to characters, but to the wrong ones."""

from collections import Counter
from functools import lru_cache
from statistics import correlation
from string import ascii_letters, ascii_lowercase, punctuation
from typing import Final

_MIN_CHARS: Final = 60
# Kinds of characters as bits.
_LATIN_1, _ASCII_LETTER, _SIGN, _LEADER, _HAN, _RARE_HAN, _HANGUL_KANA, _VOWEL = (1 << bit for bit in range(8))
_RANGES: Final = (
    (_LATIN_1, "\u00a1", "\u00ff"),
    (_HAN, "\u3400", "\u9fff"),
    (_HAN, "\U00020000", "\U0003134f"),
    (_HANGUL_KANA, "\u3040", "\u30ff"),
    (_HANGUL_KANA, "\uac00", "\ud7af"),
)
_SETS: Final = {
    _ASCII_LETTER: frozenset(ascii_letters),
    _SIGN: frozenset(punctuation),
    _LEADER: frozenset("._-=*…·~"),
    _VOWEL: frozenset("aeiouyAEIOUY"),
}
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
# Percent of each letter in running English, a to z; other languages are far nearer to it than swapped letters are.
_USUAL: Final = (
    8.2, 1.5, 2.8, 4.3, 12.7, 2.2, 2.0, 6.1, 7.0, 0.2, 0.8, 4.0, 2.4,
    6.7, 7.5, 1.9, 0.1, 6.0, 6.3, 9.1, 2.8, 1.0, 2.4, 0.2, 2.0, 0.1,
)  # fmt: skip
_ENOUGH_LETTERS: Final = 300
_UNLIKE: Final = 0.25
_UNEVEN: Final = 0.85
_SMALL_LETTERS: Final = 0.7


def is_nonsense(text: str) -> bool:
    """Tell whether ``text`` (a page without blanks) is what a wrong encoding makes of real text.

    Western letters with accents and hardly a plain one (GB read as Latin-1), a salad of ASCII signs (shifted codes),
    ideographs that no common character set has, Latin words without vowels or with their letters swapped.
    """
    total = len(text)
    if total < _MIN_CHARS:
        return False
    counts = Counter(text)
    kinds: Counter[int] = Counter()
    for char, count in counts.items():
        kinds[_kinds(char)] += count
    plain, han = _count(kinds, _ASCII_LETTER) / total, _count(kinds, _HAN) / total
    if _count(kinds, _LATIN_1) > _MOJIBAKE * total and plain + han < _MOJIBAKE:
        return True
    signs = (_count(kinds, _SIGN) - _count(kinds, _LEADER)) / total
    if signs > _SALAD * (1 - han) and plain < _FEW_LETTERS and sum(char in _SETS[_SIGN] for char in counts) > _SIGNS:
        return True
    if han > _MOST and _count(kinds, _HANGUL_KANA) < 0.02 * total and _count(kinds, _RARE_HAN) > _RARE * han * total:
        return True
    if plain <= _MOST:
        return False
    vowels = _count(kinds, _VOWEL) / total
    return (plain * total > _MIN_LETTERS and vowels < _NO_VOWELS * plain) or _is_swapped(counts)


def _is_swapped(counts: Counter[str]) -> bool:
    """Tell whether letters are as uneven as in a language, but the frequent ones are others than in any.

    Keys and sequences are even, or have capitals throughout.
    """
    small = [counts[letter] for letter in ascii_lowercase]
    every = [count + counts[letter.upper()] for letter, count in zip(ascii_lowercase, small, strict=True)]
    if sum(every) < _ENOUGH_LETTERS or sum(small) < _SMALL_LETTERS * sum(every) or min(every) == max(every):
        return False
    return correlation(every, _USUAL) < _UNLIKE and correlation(sorted(every), sorted(_USUAL)) > _UNEVEN


def _count(kinds: Counter[int], kind: int) -> int:
    return sum(count for own, count in kinds.items() if own & kind)


@lru_cache(maxsize=8192)
def _kinds(char: str) -> int:
    kind = sum(bit for bit, members in _SETS.items() if char in members)
    kind |= sum(bit for bit, first, last in _RANGES if first <= char <= last)
    return kind | _RARE_HAN if kind & _HAN and not _is_common(char) else kind


def _is_common(char: str) -> bool:
    """Tell whether GB 2312 or the common half of Big5 or Shift JIS has an ideograph."""
    for encoding, end in _COMMON:
        try:
            code = char.encode(encoding)
        except UnicodeEncodeError:
            continue
        if code[0] < end:
            return True
    return False
