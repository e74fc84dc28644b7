"""Several questions in one: each is searched for itself beside the whole, and what they find is taken in turn.

People also ask one thing twice in other words, and then the whole finds it best: of 108 legal questions with several
question marks, 88 share words between their sentences, and parting these lost .05 of nDCG@10 by the dense arm. So only
questions of few common words are parted, and the whole keeps the first turn.
"""

import asyncio
import re
from collections.abc import Sequence
from itertools import combinations, zip_longest
from typing import Final

from retrieval.query.condense import condense
from retrieval.query.instructions import read_instructions
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence
from wenyuan.ports import Retriever
from wenyuan.text import content_terms

#: Questions of one that are searched apart; of more the whole is searched as it is.
MAX_PARTS: Final = 4
#: A longer text brings its own material, and its questions mean it.
_LONGEST: Final = 300
#: The share of the shorter question's terms that two questions may have in common.
_COMMON: Final = 0.2
_QUESTION: Final = re.compile(r"[^?？]+[?？]+")


def split_questions(text: str) -> tuple[str, ...]:
    """Return the questions of ``text`` that can be searched apart: ``text`` alone unless it is nothing but questions.

    Each ends with a question mark, up to ``MAX_PARTS``. What leans on the one before it (它怎么办？) is made whole.
    """
    plain = text.strip()
    found = [match.group().strip() for match in _QUESTION.finditer(plain)]
    if not 2 <= len(found) <= MAX_PARTS or len(plain) > _LONGEST or sum(map(len, found)) + len(found) < len(plain):
        return (text,)
    parts: list[str] = []
    for question in found:
        parts.append(condense(question, parts[-1:]).text)
    terms = [set(content_terms(part, bare=True)) for part in parts]
    return tuple(parts) if all(terms) and all(map(_apart, *zip(*combinations(terms, 2), strict=True))) else (text,)


def _apart(one: set[str], other: set[str]) -> bool:
    return len(one & other) < _COMMON * min(len(one), len(other))


class InTurn:
    """:class:`wenyuan.ports.Retriever` that asks another one each question of several."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        """Return up to ``limit`` passages: the best of the whole and of each part, then the second, and so on."""
        parts = split_questions(read_instructions(question).text)
        searched = parts if len(parts) == 1 else (question, *parts)
        found = await asyncio.gather(*(self._retriever.retrieve(scope, one, limit) for one in searched))
        return in_turn(found)[:limit]


def in_turn(lists: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """Return what stands in the lists rank by rank, each passage once."""
    merged: dict[str, Evidence] = {}
    for same_rank in zip_longest(*lists):
        for piece in same_rank:
            if piece is not None:
                merged.setdefault(piece.chunk_id, piece)
    return list(merged.values())
