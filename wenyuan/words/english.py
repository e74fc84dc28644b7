"""Words of alphabetic scripts: what is folded away, what is read in two ways, and their roots."""

import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from Stemmer import Stemmer

_CLITIC: Final = re.compile(r"(?<=[a-z])(?:n['’]t|['’](?:s|re|ve|ll|d|m))(?![a-z])")
_COMPOUND: Final = re.compile(r"(?<![a-z0-9\-])[a-z]{1,20}(?:-[a-z]{1,20}){1,2}(?![a-z0-9\-])")
_CAMEL: Final = re.compile(r"[A-Z]?[a-z]{2,20}(?:[A-Z][a-z]{1,20}){1,4}(?![A-Za-z])")
_HUMP: Final = re.compile(r"[A-Z]?[a-z]+")
_MIXED: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]{1,24}\d|\d{1,24}[a-z])[a-z0-9]{0,40}(?![a-z0-9])")
_EVEN: Final = re.compile(r"[a-z]{2,}|\d{2,}")
_LETTERS: Final = re.compile(r"[a-z]{4,40}")
_STEMMERS: Final = threading.local()


def without_clitics(lowered: str) -> str:
    """Return lower-case text without possessives and contracted verbs: *firm's* to *firm*, *don't* to *do not*."""
    return _CLITIC.sub(lambda match: " not" if match.group()[0] == "n" else "", lowered)


def readings(plain: str, lowered: str) -> Iterator[str]:
    """Yield further words of text (as written, and in lower case) that is joined or parted in more than one way.

    *e-mail* as *email*, *PowerPoint* as *power* and *point*, *kyn28a* as *kyn* and *28*.
    """
    for match in _COMPOUND.finditer(lowered):
        yield match.group().replace("-", "")
    for match in _CAMEL.finditer(plain):
        yield from (part.lower() for part in _HUMP.findall(match.group()))
    for match in _MIXED.finditer(lowered):
        yield from _EVEN.findall(match.group())


@lru_cache(maxsize=50_000)
def root(word: str) -> str | None:
    """Return the root of an English word by the Snowball stemmer (Porter 2): *invested*, *investing*: *invest*.

    None for what is no word of four ASCII letters or more.
    """
    if not _LETTERS.fullmatch(word):
        return None
    return str(_stemmer().stemWord(word))


def _stemmer() -> "Stemmer":
    """Return the stemmer of this thread: one is not to be shared."""
    if not hasattr(_STEMMERS, "english"):
        from Stemmer import Stemmer

        _STEMMERS.english = Stemmer("english", 0)
    return _STEMMERS.english
