"""Slips of the Chinese input method, by how words sound: *baoxiao* and 抱消 for 报销.

What was typed in Latin letters is taken for the common word of that sound. Characters that make no known word are taken
for a word of the vocabulary alone (:mod:`wenyuan.words.vocabulary`): beside all common words, terms of a trade (保理,
菌株) sound like other ones (暴力, 君主), and one question in ten would be changed. Both lists are the installation's,
the same for everybody: what a correction tells is not what the index holds. The table of sounds is built at the first
text that may hold a slip.
"""

import math
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wenyuan.text import is_cjk
from wenyuan.words.background import background, listed
from wenyuan.words.terms import normalise, stem, tokens
from wenyuan.words.vocabulary import vocabulary

#: Frequency per word from which a word of two characters, and of more, may be meant.
_COMMON: Final = {2: 5e-6, 3: 1e-6, 4: 1e-6}
#: How much more common the word has to be than the next one of the same sound.
_CLEARLY: Final = 2.0
#: A character this common stands by itself more often than in a slip: 是, 在, 人.
_BY_ITSELF: Final = 1e-3
_LATIN: Final = re.compile(r"(?<![A-Za-z0-9_.@/\-'’])[a-z]{4,24}(?![A-Za-z0-9_.@/\-'’])")
_LONGEST: Final = 4
_LOCK: Final = threading.Lock()


class Sounds:
    """Common words by their sound, without tones."""

    def __init__(self) -> None:
        """Read every listed word of two to four characters."""
        from pypinyin import lazy_pinyin

        self._words: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        spoken = [word for word in vocabulary().words("zh") if 1 < len(word) <= _LONGEST and all(map(is_cjk, word))]
        self.terms = {"".join(lazy_pinyin(word, v_to_u=False)): word for word in reversed(spoken)}
        for written, frequency in listed("zh"):
            word = normalise(written)
            if frequency >= _COMMON.get(len(word), math.inf) and all(map(is_cjk, word)):
                self._words["".join(lazy_pinyin(word, v_to_u=False))].append((frequency, word))

    def meant(self, sound: str) -> str | None:
        """Return the word of a sound: that of the vocabulary, or the one that is clearly more common than the next."""
        if sound in self.terms:
            return self.terms[sound]
        likely = sorted(set(self._words.get(sound, ())), reverse=True)
        if not likely or (len(likely) > 1 and likely[0][0] < _CLEARLY * likely[1][0]):
            return None
        return likely[0][1]


def sound_slips(text: str) -> Iterator[tuple[str, str]]:
    """Yield what was typed in ``text`` for a Chinese word, and the word that was probably meant."""
    plain = normalise(text)
    if len(plain) != len(text):
        return
    yield from _typed(text)
    if any(map(is_cjk, plain)):
        yield from _written(plain)


def _typed(text: str) -> Iterator[tuple[str, str]]:
    """Yield words that were typed in Latin letters: *baoxiao*, *baoxiaoliucheng*."""
    for match in _LATIN.finditer(text):
        typed = match.group()
        if background().known(f"w{stem(typed)}"):
            continue
        meant = _spoken(typed)
        if meant is not None:
            yield typed, meant


@lru_cache(maxsize=4096)
def _spoken(typed: str) -> str | None:
    sounds = _sounds()
    if (whole := sounds.meant(typed)) is not None:
        return whole
    for at in range(4, len(typed) - 3):
        parts = [sounds.meant(part) for part in (typed[:at], typed[at:])]
        if all(parts):
            return "".join(part for part in parts if part)
    return None


def _written(plain: str) -> Iterator[tuple[str, str]]:
    """Yield what stands where no word is known, and sounds like a word of the vocabulary."""
    spans = [span for span in tokens(plain) if is_cjk(plain[span[0]])]
    reached = 0
    for first, (start, _) in enumerate(spans):
        for last in range(min(first + _LONGEST, len(spans)) - 1, first - 1, -1):
            end = spans[last][1]
            joined = sum(stop - begin for begin, stop in spans[first : last + 1])
            if start < reached or not 1 < end - start == joined <= _LONGEST:
                continue
            meant = _sounding(plain[start:end])
            if meant is not None:
                yield plain[start:end], meant
                reached = end


@lru_cache(maxsize=16_384)
def _sounding(written: str) -> str | None:
    """Return the word of the vocabulary that sounds like what no list knows."""
    table = background()
    if table.known(f"w{written}") or any(table.frequency(f"w{sign}") >= _BY_ITSELF for sign in written):
        return None
    from pypinyin import lazy_pinyin

    meant = _sounds().terms.get("".join(lazy_pinyin(written, v_to_u=False)))
    return meant if meant is not None and meant != written and len(meant) == len(written) else None


def _sounds() -> Sounds:
    with _LOCK:
        return _built()


@lru_cache(maxsize=1)
def _built() -> Sounds:
    return Sounds()


def sound(text: str) -> str:
    """Return the sound of Chinese text in Latin letters without tones and blanks: 张伟 is ``zhangwei``."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text, v_to_u=False))
