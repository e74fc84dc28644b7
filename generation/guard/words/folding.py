"""Texts as words are compared: one number a letter, without what is put between letters."""

import unicodedata
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wenyuan.words.terms import normalise

Codes = NDArray[np.uint32]
_SIZE: Final = 0x110000
_PLAIN: Final = 0x10000
_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lo", "Lm", "Nd", "Nl"})
#: Letters that are put in the place of others: Cyrillic and Greek ones that look Latin, signs that stand for letters.
_ALIKE: Final = dict(zip("авеорсхукмнтіјѕαβεικνορτυχ$@", "abeopcxykmhtijsabeiknoptuxsa", strict=True))


@cache
def table() -> Codes:
    """Return for each code point the one it is compared as; 0 for what counts as nothing: space, signs, the unseen."""
    points = np.zeros(_SIZE, np.uint32)
    points[0x20000:0x32000] = np.arange(0x20000, 0x32000)
    for code in range(_PLAIN):
        if 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        simple = _ALIKE.get(char) or normalise(char)
        base = unicodedata.normalize("NFD", simple)[:1]
        if base and unicodedata.category(base) in _LETTERS:
            points[code] = ord(base)
    points.flags.writeable = False
    return points


@cache
def _narrow() -> tuple[bytes, bytes]:
    """Return the same for ASCII, as ``bytes.translate`` takes it: what becomes of a letter, and what is left out."""
    plain = table()
    return bytes(int(plain[code]) for code in range(128)) + bytes(128), bytes(
        code for code in range(128) if not plain[code]
    )


def folded(text: str) -> Codes:
    """Return the letters of ``text`` as they are compared."""
    if text.isascii():
        into, out = _narrow()
        return np.frombuffer(text.encode().translate(into, out), np.uint8).astype(np.uint32)
    plain = _plain(text)
    letters: Codes = plain[plain != 0]
    return letters


def places(text: str) -> NDArray[np.intp]:
    """Return where in ``text`` each of its ``folded`` letters stands."""
    return np.flatnonzero(_plain(text))


def _plain(text: str) -> Codes:
    plain: Codes = table()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]
    return plain
