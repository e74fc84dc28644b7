"""What both adapters share: names, the fingerprint, and an order that does not depend on the engine."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from retrieval.lexical import FINGERPRINT
from wenyuan.answers import Hit

DENSE: Final = "dense"
LEXICAL: Final = "lexical"
POLICY: Final = "policy"
DOCUMENT: Final = "document"
VERSION: Final = "version"

#: Points written in one call to the engine.
BATCH: Final = 128
#: Points read in one page of a scroll.
PAGE: Final = 4096
#: Fetched beyond the limit, to see whether the last place is tied.
_MARGIN: Final = 8
#: The most that is fetched beyond the limit to settle a tie. Among more equals than this the engine's order stays.
_MAX_MARGIN: Final = 8192

Arm = Literal["dense", "sparse"]


class Scored(NamedTuple):
    """A point as the engine returned it."""

    chunk_id: str
    score: float


def fingerprint(embedder: str) -> str:
    """Return what the vectors of an index depend on: the embedder and the tokenisation."""
    return f"{embedder}+{FINGERPRINT}"


def first_fetch(limit: int) -> int:
    """Return how many points to fetch first for ``limit`` places."""
    return limit + _MARGIN


def next_fetch(found: Sequence[Scored], asked: int, limit: int) -> int | None:
    """Return how many to fetch instead when equals may stand outside ``found``, else None.

    Engines cut equals in an order of their own; only with all equals of the last place at hand is the cut by
    chunk id the same everywhere. ``found`` is ordered by falling score.
    """
    if len(found) < asked or found[-1].score < found[limit - 1].score or asked >= limit + _MAX_MARGIN:
        return None
    return min(limit + (asked - limit) * 8, limit + _MAX_MARGIN)


def ranked(found: Sequence[Scored], limit: int, arm: Arm) -> list[Hit]:
    """Return the best ``limit`` as hits, by falling score, equals by chunk id."""
    ordered = sorted(found, key=lambda point: (-point.score, point.chunk_id))[:limit]
    return [
        Hit(
            chunk_id=point.chunk_id,
            score=point.score,
            rank=rank,
            dense=point.score if arm == "dense" else None,
            sparse=point.score if arm == "sparse" else None,
        )
        for rank, point in enumerate(ordered, start=1)
    ]
