"""A vocabulary of offices that every space has: what people say, and what documents write for it.

Abbreviations (capex, 2FA), lines of financial statements, and ratios by the lines that they are made of. It is the same
for everybody and comes from ``configs/vocabulary.yaml``; what administrators of a space say goes before it.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS
from wenyuan.text import is_cjk
from wenyuan.words.phrases import Units, head, units
from wenyuan.words.terms import normalise, tokens

FILE: Final = CONFIGS / "vocabulary.yaml"
LANGUAGES: Final = ("zh", "en")
#: Words of one question that are followed.
MAX_MATCHES: Final = 8
#: Capitals of an abbreviation that is too short to be known in small letters.
_SHORT: Final = 3
#: Characters from which a Chinese word is one wherever it stands; shorter ones begin and end as the text is cut.
_SURE: Final = 3
_ABBREVIATION: Final = re.compile(r"[A-Z0-9][A-Z0-9&/]{1,7}")
_WORD: Final = re.compile(r"[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing: by language the words that people use for it, the usual one first, and what documents write.

    ``where`` are the statements that it stands on; a statement is an entry as well. A ``ratio`` is computed from what
    is written.
    """

    words: Mapping[str, tuple[str, ...]]
    written: Mapping[str, tuple[str, ...]]
    where: tuple["Entry", ...] = ()
    statement: bool = False
    ratio: bool = False

    @property
    def usual(self) -> frozenset[Units]:
        """What documents write for it, in units."""
        lists = (*(said[:1] for said in self.words.values()), *self.written.values())
        return frozenset(units(word) for words in lists for word in words)

    def searched(self, language: str) -> tuple[str, ...]:
        """Return what is searched for it in documents of a language, without the titles of its statements."""
        said, written = self.words.get(language, ()), self.written.get(language, ())
        return tuple(dict.fromkeys((*said[:1], *written))) if written else said


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the vocabulary in a text, at ``start`` to ``end`` of its NFKC form."""

    start: int
    end: int
    text: str
    entry: Entry

    @property
    def rare(self) -> bool:
        """Whether documents that answer rarely hold the word: that of a ratio or a statement, or not the usual one."""
        return self.entry.ratio or self.entry.statement or units(self.text) not in self.entry.usual


class Vocabulary:
    """The entries, found by their words."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Index the words of the entries."""
        self._entries = tuple(entries)
        self._phrases: defaultdict[str, list[tuple[Units, Entry]]] = defaultdict(list)
        self._exact: dict[str, Entry] = {}
        self._loose: dict[str, Entry] = {}
        for entry in entries:
            for word in (word for said in entry.words.values() for word in said):
                if _ABBREVIATION.fullmatch(word):
                    short = len(word) <= _SHORT and word.isalpha()
                    (self._exact if short else self._loose)[word if short else word.lower()] = entry
                elif phrase := units(word):
                    self._phrases[head(phrase)].append((phrase, entry))
        known = sorted(map(re.escape, (*self._exact, *self._loose)), key=len, reverse=True)
        any_of = "|".join(known)
        self._abbreviations = re.compile(rf"(?<![A-Za-z0-9&])(?:{any_of})(?=s?(?![A-Za-z0-9&]))", re.IGNORECASE)

    def words(self, language: str) -> tuple[str, ...]:
        """Return every word of a language that is recognised."""
        return tuple(word for entry in self._entries for word in entry.words.get(language, ()))

    def find(self, text: str) -> tuple[Match, ...]:
        """Return the words that stand in ``text``, in order; of words inside each other the longer one."""
        plain = unicodedata.normalize("NFKC", text)
        found = sorted((*self._short(plain), *self._long(plain)), key=lambda one: (one.start - one.end, one.start))
        kept: list[Match] = []
        for one in found:
            if all(one.end <= other.start or other.end <= one.start for other in kept):
                kept.append(one)
        return tuple(sorted(kept, key=lambda one: one.start))[:MAX_MATCHES]

    def _short(self, plain: str) -> Iterator[Match]:
        for match in self._abbreviations.finditer(plain) if self._exact or self._loose else ():
            entry = self._exact.get(match.group()) or self._loose.get(match.group().lower())
            if entry is not None:
                yield Match(*match.span(), match.group(), entry)

    def _long(self, plain: str) -> Iterator[Match]:
        spans = [match.span() for match in _WORD.finditer(plain)]
        each = [units(plain[start:end]) for start, end in spans]
        sequence = tuple(unit[0] if unit else "" for unit in each)
        borders: list[int] | None = None
        for place in range(len(sequence)):
            for phrase, entry in self._phrases.get(head(sequence[place : place + 2]), ()):
                if sequence[place : place + len(phrase)] != phrase:
                    continue
                start, end = spans[place][0], spans[place + len(phrase) - 1][1]
                if is_cjk(plain[start]) and len(phrase) < _SURE:
                    borders = _borders(plain) if borders is None else borders
                    if not (_in(borders, start) and _in(borders, end)):
                        continue
                yield Match(start, end, plain[start:end], entry)


def _borders(plain: str) -> list[int]:
    """Return the places at which a Chinese word begins or ends."""
    lowered = normalise(plain)
    if len(lowered) != len(plain):
        return list(range(len(plain) + 1))
    return sorted({place for span in tokens(lowered) for place in span})


def _in(borders: Sequence[int], place: int) -> bool:
    at = bisect_left(borders, place)
    return at < len(borders) and borders[at] == place


@cache
def vocabulary(path: Path = FILE) -> Vocabulary:
    """Return the vocabulary of a file, read once; raises ``SettingsError`` for one that is none."""
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        statements = {key: _entry(given, {}, statement=True) for key, given in content["statements"].items()}
        entries = [_entry(given, statements) for given in content["terms"]]
        entries += [_entry(given, statements, ratio=True) for given in content["ratios"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise SettingsError(reason=f"{path.name}: no vocabulary ({error})") from error
    return Vocabulary([*statements.values(), *entries])


def _entry(given: Any, statements: Mapping[str, Entry], *, statement: bool = False, ratio: bool = False) -> Entry:
    lists = {key: tuple(map(str, value)) for key, value in given.items()}
    return Entry(
        {language: lists.get(language, ()) for language in LANGUAGES},
        {language: lists.get(f"written_{language}", ()) for language in LANGUAGES},
        tuple(statements[name] for name in lists.get("where", ())),
        statement,
        ratio,
    )
