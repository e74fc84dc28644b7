"""What both adapters share: names, the fingerprint, hits out of points, and an order that is not the engine's."""

import math
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from retrieval.lexical import FINGERPRINT
from wenyuan.answers import Hit
from wenyuan.ids import chunk_of
from wenyuan.ports import IndexPoint, VectorField

DENSE: Final = "dense"
LEXICAL: Final = "lexical"
POLICY: Final = "policy"
DOCUMENT: Final = "document"
VERSION: Final = "version"
#: What a point stands for; a text carries none.
FIELD: Final = "field"

#: Points written in one call to the engine.
BATCH: Final = 128
#: Points read in one page of a scroll.
PAGE: Final = 4096
#: Fetched beyond the limit, to see whether the last place is tied.
_MARGIN: Final = 8
#: What is fetched beyond the need when a first round brought too few chunks.
_SPARE: Final = 1.25
#: The most that is fetched beyond the limit to settle a tie. Among more equals than this the engine's order stays.
_MAX_MARGIN: Final = 8192

_IDF: Final = "+idf"
_LEXICAL_MARK: Final = "+bm25-"

Arm = Literal["dense", "sparse"]


class Scored(NamedTuple):
    """A chunk with the score of its best point, and that of its text, None where that was not among the points."""

    chunk_id: str
    score: float
    text: float | None


class Round(NamedTuple):
    """What one request brought: its chunks by falling score, how many points it had, and the last point's score."""

    chunks: list[Scored]
    points: int
    lowest: float


def lexical_fingerprint(*, corpus_idf: bool = False) -> str:
    """Return what the lexical side of an index depends on: the tokenisation, and whether the engine weighs terms."""
    return f"{FINGERPRINT}{_IDF if corpus_idf else ''}"


def fingerprint(embedder: str, lexical: str = FINGERPRINT) -> str:
    """Return what an index depends on: the embedder and the lexical side."""
    return f"{embedder}+{lexical}"


def split_fingerprint(both: str) -> tuple[str, str]:
    """Return the embedder and the lexical side that ``fingerprint`` joined; the latter is '' where there is none."""
    embedder, mark, rest = both.partition(_LEXICAL_MARK)
    return embedder, f"{mark[1:]}{rest}"


def weighs_terms(lexical: str) -> bool:
    """Return whether the engine of an index with that lexical side multiplies terms by their rarity in it."""
    return lexical.endswith(_IDF)


def knows_terms(lexical: str) -> bool:
    """Return whether the terms of a question are found in an index with that lexical side."""
    return lexical.removesuffix(_IDF) == FINGERPRINT


def payload(point: IndexPoint) -> dict[str, str | int]:
    """Return what is stored beside the vectors of a point: ids, no text."""
    ids: dict[str, str | int] = {POLICY: point.policy_id, DOCUMENT: point.document_id, VERSION: point.version_id}
    return ids if point.field is VectorField.TEXT else ids | {FIELD: point.field.value}


def by_policy(points: Iterable[str], parts: Mapping[str, int]) -> dict[int, list[str]]:
    """Return the points whose chunks are in ``parts``, in order, by the policy given there."""
    found: dict[int, list[str]] = {}
    for point in sorted(points):
        policy = parts.get(chunk_of(point))
        if policy is not None:
            found.setdefault(policy, []).append(point)
    return found


def grouped(points: Iterable[tuple[str, float]]) -> Round:
    """Return the chunks of points that come by falling score."""
    best: dict[str, float] = {}
    texts: dict[str, float] = {}
    count, lowest = 0, math.inf
    for point, score in points:
        chunk = chunk_of(point)
        if chunk == point:
            texts[chunk] = score
        best.setdefault(chunk, score)
        count, lowest = count + 1, score
    return Round([Scored(chunk, score, texts.get(chunk)) for chunk, score in best.items()], count, lowest)


def first_fetch(limit: int) -> int:
    """Return how many points to fetch first for ``limit`` places."""
    return limit + _MARGIN


def next_fetch(found: Round, asked: int, limit: int) -> int | None:
    """Return how many points to fetch instead of ``asked`` when places or equals are missing, else None.

    A chunk of several points takes several of those asked for, so more are fetched until there are ``limit`` chunks
    or no more points. Engines cut equals in an order of their own; only with all equals of the last place at hand is
    the cut by chunk id the same everywhere.
    """
    if found.points < asked:
        return None
    places = len(found.chunks)
    if places < limit:
        return max(asked * 2, math.ceil(asked * limit * _SPARE / max(places, 1)))
    if found.lowest < found.chunks[limit - 1].score:
        return None
    # What several points of a chunk took is no margin: with one point a chunk ``places`` is ``asked``.
    margin = places - limit
    if margin >= _MAX_MARGIN:
        return None
    return asked - margin + min(max(margin, _MARGIN) * 8, _MAX_MARGIN)


def nearest(found: Round, limit: int) -> list[Scored]:
    """Return the ``limit`` chunks with the best points, equals by chunk id."""
    return sorted(found.chunks, key=lambda one: (-one.score, one.chunk_id))[:limit]


def lacking(chunks: Iterable[Scored]) -> list[str]:
    """Return the chunks whose text was not among the points."""
    return [one.chunk_id for one in chunks if one.text is None]


def ranked(chunks: Iterable[Scored], texts: Mapping[str, float], arm: Arm) -> list[Hit]:
    """Return hits by falling score, equals by chunk id; ``texts`` holds the scores of texts that were lacking.

    A chunk's score is the mean of that of its text and that of its best point: a question alone would pull its
    passage up for everything that is asked in like words.
    """
    scored = [
        (one.chunk_id, (one.score + (texts.get(one.chunk_id, one.score) if one.text is None else one.text)) / 2)
        for one in chunks
    ]
    scored.sort(key=lambda pair: (-pair[1], pair[0]))
    return [
        Hit(
            chunk_id=chunk_id,
            score=score,
            rank=rank,
            dense=score if arm == "dense" else None,
            sparse=score if arm == "sparse" else None,
        )
        for rank, (chunk_id, score) in enumerate(scored, start=1)
    ]
