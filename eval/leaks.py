"""Leaks: what a person was shown, held against what an independent reading of the directory lets them see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from eval.metrics import normalise

NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Leak:
    """Something shown to ``user`` that should not have been; ``place`` says where, without the text itself."""

    user: str
    place: str
    what: str


def leaked_documents(user: str, place: str, shown: Iterable[str], readable: frozenset[str]) -> list[Leak]:
    """Return a leak for each document (by id) that was shown and may not be read."""
    return [Leak(user, place, document) for document in dict.fromkeys(shown) if document not in readable]


def leaked_strings(user: str, place: str, text: str, forbidden: Sequence[str]) -> list[Leak]:
    """Return a leak for each forbidden string that the text holds, white space, width and case aside."""
    plain = normalise(text)
    return [
        Leak(user, place, f"forbidden[{number}]") for number, word in enumerate(forbidden) if normalise(word) in plain
    ]


def leaked_status(user: str, place: str, status: int) -> list[Leak]:
    """Return a leak unless what the user may not see was answered as not found, like what does not exist."""
    return [] if status == NOT_FOUND else [Leak(user, place, f"HTTP {status}")]
