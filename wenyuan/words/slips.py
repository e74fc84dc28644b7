"""Slips of the keyboard in English words and of the Chinese input method, by lists that are the same for everybody.

Nothing of the index is looked at: what a correction tells is what the installation's word lists hold.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import Final

from wenyuan.words.background import background
from wenyuan.words.english import root
from wenyuan.words.pinyin import sound_slips
from wenyuan.words.terms import stem

#: Slips of one question that are followed.
MAX_SLIPS: Final = 4
#: Frequency per word from which a word is meant rather than another slip, and how much more frequent than the next.
_MEANT: Final = 1e-5
_CLEARLY: Final = 10
#: Names begin with a capital, codes hold digits; a shorter word is one letter away from too many others.
_WORD: Final = re.compile(r"(?<![A-Za-z0-9\-'’])[a-z]{6,20}(?![A-Za-z0-9\-'’])")


@dataclass(frozen=True, slots=True)
class Slip:
    """A word as it was typed, and the one that was meant."""

    text: str
    meant: str


def find_slips(text: str) -> tuple[Slip, ...]:
    """Return words of ``text`` that no list knows and that are one slip away from exactly one common word.

    A slip is a letter too many, missing, or another one, or two neighbours swapped (Damerau, CACM 7(3), 1964), and
    never the first letter; or a sound, see :mod:`wenyuan.words.pinyin`.
    """
    found = dict(sound_slips(text))
    found.update((word, meant) for word in _WORD.findall(text) if word not in found and (meant := _meant(word)))
    return tuple(Slip(word, meant) for word, meant in found.items())[:MAX_SLIPS]


@lru_cache(maxsize=4096)
def _meant(word: str) -> str | None:
    if _frequency(word) > 0:
        return None
    likely = sorted(((value, near) for near in _near(word) if (value := _frequency(near)) >= _MEANT), reverse=True)
    likely = [(value, near) for value, near in likely if background().known(f"s{root(near)}")]
    if not likely:
        return None
    best, meant = likely[0]
    others = (value for value, near in likely[1:] if stem(near) != stem(meant))
    return meant if best > _CLEARLY * next(others, 0.0) else None


def _frequency(word: str) -> float:
    term = f"w{stem(word)}"
    table = background()
    return table.frequency(term) if table.known(term) else 0.0


def _near(word: str) -> set[str]:
    """Return everything one slip away that begins alike."""
    near: set[str] = set()
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        near.update(head + letter + tail for letter in ascii_lowercase)
        if tail:
            near.add(head + tail[1:])
            near.update(head + letter + tail[1:] for letter in ascii_lowercase)
        if len(tail) > 1:
            near.add(head + tail[1] + tail[0] + tail[2:])
    near.discard(word)
    return near
