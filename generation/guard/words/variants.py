"""Ways to write around a list: other characters of the same sound, Latin letters for the sound, characters in parts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from wenyuan.text import is_cjk
from wenyuan.words.background import listed

_TOKEN: Final = re.compile(r"[a-z]+|.", re.DOTALL)
_LONGEST: Final = 8
_LATIN_LETTERS: Final = 6
#: Words this common are meant as they are written.
_COMMON: Final = 1e-6


@lru_cache(maxsize=30_000)
def _sound(char: str) -> str:
    from pypinyin import lazy_pinyin

    return lazy_pinyin(char, v_to_u=False)[0] if is_cjk(char) else ""


@cache
def _words() -> frozenset[str]:
    known = {word for word, frequency in listed("zh") if frequency >= _COMMON and len(word) > 1}
    return frozenset(known | {word for word, frequency in listed("en") if frequency >= _COMMON})


class Sounds:
    """Chinese entries by how they sound."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Take the entries that are Chinese throughout."""
        self._by_sound: defaultdict[str, list[str]] = defaultdict(list)
        for entry in entries:
            if len(entry) > 1 and all(map(is_cjk, entry)):
                self._by_sound["".join(map(_sound, entry))].append(entry)
        self._longest = max(map(len, self._by_sound), default=0)

    def find(self, letters: str) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, entry) where ``letters`` (folded) sound like an entry and are written otherwise."""
        tokens = [(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(letters)]
        said = [token if token.isascii() else _sound(token) for _, _, token in tokens]
        for first in range(len(tokens)):
            sound = ""
            for last in range(first, min(len(tokens), first + _LONGEST)):
                if not said[last]:
                    break
                sound += said[last]
                if len(sound) > self._longest:
                    break
                for entry in self._by_sound.get(sound, ()):
                    written = [token for _, _, token in tokens[first : last + 1]]
                    if _is_variant(written, entry):
                        yield tokens[first][0], tokens[last][1], entry


def _is_variant(written: list[str], entry: str) -> bool:
    whole = "".join(written)
    if whole == entry or whole in _words():
        return False
    if len(written) == 1:
        return len(whole) >= _LATIN_LETTERS
    if any(token.isascii() for token in written):
        return any(token in entry for token in written)
    same = sum(one == other for one, other in zip(written, entry, strict=False))
    return len(written) == len(entry) and (same > 0 or len(entry) > 3) and not _made_of_words(whole)


def _made_of_words(text: str) -> bool:
    return len(text) > 2 and any(text[:cut] in _words() and text[cut:] in _words() for cut in range(2, len(text) - 1))


def joined_parts(letters: str, splits: Mapping[str, str]) -> str:
    """Return ``letters`` with characters in place of their parts."""
    for parts, whole in splits.items():
        if parts in letters:
            letters = letters.replace(parts, whole)
    return letters
