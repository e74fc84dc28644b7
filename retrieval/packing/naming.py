"""Which document a question names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from retrieval.query.kind import Asked
from wenyuan.answers import Evidence
from wenyuan.text import is_cjk
from wenyuan.words.terms import normalise, stem, tokens

_EXTENSION: Final = re.compile(r"\.[a-z0-9]{2,5}$")
_MARKS: Final = re.compile(r"[\W_]+")
#: What people call a thing that is written, whatever stands on it.
_WRITTEN: Final = re.compile(
    r"(?:的|里|中)?(?:[那这]|哪)?(?:一?[篇份个本部封])?的?(?:文件|文档|资料|材料|文章|论文|册子|pdf)$"
    r"|\b(?:document|file|paper|article|pdf|booklet|brochure)s?$"
)
_OF_A_KIND: Final = re.compile(r"的?[那这]一?[篇份个本部封](?=[^篇份个本部封]{2,4}$)")
_SMALL: Final = frozenset(("the", "a", "an", "of", "on", "for", "about", "our", "的", "和", "与", "及", "之", "关于"))
#: A shorter name is part of too many titles.
_SHORTEST: Final = 3
#: Characters of the words that have to tell it.
_LEAST_SAID: Final = 4


@dataclass(slots=True)
class _Names:
    """What a document may be called: its title, and the headings that it begins with."""

    title: str
    whole: str = ""
    words: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Take ``text`` as one of the names."""
        plain = normalise(text).replace("_", " ")
        self.whole += f"\n{plain}"
        self.words |= {stem(plain[start:end]) for start, end in tokens(plain)}

    def hold(self, word: str) -> bool:
        """Say whether one of the names holds a word; Chinese ones stand in longer ones, long ones in two parts."""
        if not is_cjk(word[0]):
            return stem(word) in self.words
        half = len(word) // 2
        return word in self.whole or (half > 1 and word[:half] in self.whole and word[half:] in self.whole)


def named_documents(asked: Asked, found: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the documents of ``found`` that the question names, in the order of the question; () if it is unclear.

    A name is a whole title, or the part of exactly one, or holds exactly one, or says words that exactly one document
    has all of in its title or the headings of its first page. Of equal titles the best ranked is meant.
    """
    names: dict[str, _Names] = {}
    for piece in found:
        known = names.get(piece.document_id)
        if known is None:
            known = names[piece.document_id] = _Names(_bare(piece.document_title))
            known.add(_EXTENSION.sub("", piece.document_title.strip()))
        if piece.heading_path and 1 in piece.pages:
            known.add(piece.heading_path[0])
    named = [_named(name, names) for name in asked.titles or (asked.subject,)]
    known_ones = tuple(dict.fromkeys(document for document in named if document is not None))
    return known_ones if len(named) == sum(document is not None for document in named) else ()


def _named(asked: str, names: dict[str, _Names]) -> str | None:
    name = _bare(asked)
    if len(name) < _SHORTEST:
        return None
    for document, known in names.items():
        if known.title == name:
            return document
    for parts in (
        [document for document, known in names.items() if name in known.title],
        [document for document, known in names.items() if len(known.title) >= _SHORTEST and known.title in name],
    ):
        if parts:
            return parts[0] if len(parts) == 1 else None
    said = _words(asked)
    if sum(map(len, said)) < _LEAST_SAID:
        return None
    parts = [document for document, known in names.items() if all(known.hold(word) for word in said)]
    return parts[0] if len(parts) == 1 else None


def _words(asked: str) -> list[str]:
    """Return the words that tell what is meant, without what it is written on."""
    plain = _OF_A_KIND.sub("", _WRITTEN.sub("", normalise(asked).strip()))
    words = (plain[start:end] for start, end in tokens(plain))
    return [word for word in words if word not in _SMALL and (len(word) > 1 or not is_cjk(word))]


def _bare(text: str) -> str:
    return _MARKS.sub("", _EXTENSION.sub("", normalise(text).strip()))
