"""Whether a text is one that is not answered or not sent, and in which category."""

from collections.abc import Iterator
from typing import Final

from generation.guard.words.folding import folded, places
from generation.guard.words.lists import Lists, Part, Term
from generation.guard.words.matcher import Matcher
from generation.guard.words.variants import Sounds, joined_parts

#: Letters between an act and the thing that it is done with.
_NEAR: Final = 24
#: Texts up to this length are looked at for variants too.
_VARIANTS: Final = 4000
Hit = tuple[int, int, Term]


class Words:
    """The lists, ready to be found."""

    def __init__(self, lists: Lists) -> None:
        """Build the tables."""
        self._splits = lists.splits
        self._terms = lists.terms
        self._matcher = Matcher((folded(entry), found) for entry, found in lists.terms.items())
        self._single = {entry: found for entry, found in lists.terms.items() if len(entry) == 1}
        strong = {Part.WORD, Part.THING}
        self._sounds = Sounds(entry for entry, found in lists.terms.items() if any(one.part in strong for one in found))

    def category(self, text: str) -> str | None:
        """Return the category that ``text`` falls into, None for none."""
        category = _judged([*self._hits(text), *self._acts(text)])
        if category is not None or len(text) > _VARIANTS:
            return category
        letters = joined_parts(_letters(text), self._splits)
        return _judged([*self._hits(letters), *self._acts(letters), *self._sounding(letters)])

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, entry) where entries stand in ``text``, as they are in the lists or nearly so."""
        for start, end, term in self._hits(text):
            yield start, end, term.entry

    def _hits(self, text: str) -> Iterator[Hit]:
        where = None
        for start, end, terms in self._matcher.find(folded(text)):
            where = places(text) if where is None else where
            begin, stop = int(where[start]), int(where[end - 1]) + 1
            if _stands_alone(text, begin, stop):
                yield from ((begin, stop, term) for term in terms)

    def _acts(self, text: str) -> Iterator[Hit]:
        """Yield acts of one character, which are looked for in short texts alone."""
        if len(text) <= _VARIANTS:
            for place, char in enumerate(text):
                yield from ((place, place + 1, term) for term in self._single.get(char, ()))

    def _sounding(self, letters: str) -> Iterator[Hit]:
        for start, end, entry in self._sounds.find(letters):
            yield from ((start, end, term) for term in self._terms[entry])


def _letters(text: str) -> str:
    return "".join(map(chr, folded(text).tolist()))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin entry is no part of a longer word."""
    return not (_same_word(text, start - 1, start) or _same_word(text, end - 1, end))


def _same_word(text: str, one: int, other: int) -> bool:
    if one < 0 or other >= len(text):
        return False
    return all(char.isascii() and char.isalnum() for char in (text[one], text[other]))


def _judged(hits: list[Hit]) -> str | None:
    for _, _, term in hits:
        if term.part is Part.WORD:
            return term.category
    if any(term.part is Part.UNLESS for _, _, term in hits):
        return None
    acts = [hit for hit in hits if hit[2].part is Part.ACT]
    for start, end, thing in hits:
        if thing.part is Part.THING and any(
            act.category == thing.category and max(start - done, begun - end) <= _NEAR for begun, done, act in acts
        ):
            return thing.category
    return None
