"""Which document a question names."""

import re
from collections.abc import Sequence
from typing import Final

from retrieval.query.kind import Asked
from wenyuan.answers import Evidence
from wenyuan.words.terms import normalise

_EXTENSION: Final = re.compile(r"\.[a-z0-9]{2,5}$")
_MARKS: Final = re.compile(r"[\W_]+")
#: A shorter name is part of too many titles.
_SHORTEST: Final = 3


def named_documents(asked: Asked, found: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the documents of ``found`` that the question names, in the order of the question; () if it is unclear.

    A name is a whole title, or the part of exactly one, or holds exactly one. Of equal titles the best ranked is meant.
    """
    titles: dict[str, str] = {}
    for piece in found:
        titles.setdefault(piece.document_id, _bare(piece.document_title))
    named = [_named(_bare(name), titles) for name in asked.titles or (asked.subject,)]
    known = tuple(dict.fromkeys(document for document in named if document is not None))
    return known if len(named) == sum(document is not None for document in named) else ()


def _named(name: str, titles: dict[str, str]) -> str | None:
    if len(name) < _SHORTEST:
        return None
    for document, title in titles.items():
        if title == name:
            return document
    for parts in (
        [document for document, title in titles.items() if name in title],
        [document for document, title in titles.items() if len(title) >= _SHORTEST and title in name],
    ):
        if parts:
            return parts[0] if len(parts) == 1 else None
    return None


def _bare(text: str) -> str:
    return _MARKS.sub("", _EXTENSION.sub("", normalise(text).strip()))
