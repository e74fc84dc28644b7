"""No single member's uploads make up most of what an answer rests on where others say something on the matter."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from wenyuan.answers import Evidence

#: Another's passage is an alternative from this share of the best one's relevance on.
_ALTERNATIVE: Final = 0.5


def crowding(chosen: Sequence[Evidence], share: float) -> tuple[str, ...]:
    """Return who uploaded more than ``share`` of the passages, none where there is but one uploader's passage."""
    counts = Counter(piece.uploader for piece in chosen if piece.uploader)
    return tuple(one for one, count in counts.items() if count > max(1, int(share * len(chosen))))


def balanced(
    chosen: Sequence[Evidence], ranked: Sequence[Evidence], uploader: str, vouched: Collection[str], share: float
) -> list[Evidence]:
    """Return the passages with the last ones of ``uploader`` replaced by others' as far as there are alternatives.

    ``ranked``: all that was found, best first. ``vouched``: documents of the uploader that do not count as one
    member's word. The order is that of the ranks.
    """
    mine = [piece for piece in chosen if piece.uploader == uploader and piece.document_id not in vouched]
    excess = len(mine) - max(1, int(share * len(chosen)))
    if excess <= 0:
        return list(chosen)
    best = max(piece.score for piece in ranked)
    low = min(0.0, *(piece.score for piece in ranked))
    bound = low + _ALTERNATIVE * (best - low)
    taken = {piece.chunk_id for piece in chosen}
    others = [
        piece for piece in ranked if piece.uploader != uploader and piece.chunk_id not in taken and piece.score >= bound
    ][:excess]
    dropped = {piece.chunk_id for piece in mine[len(mine) - len(others) :]}
    kept = {piece.chunk_id for piece in chosen} - dropped | {piece.chunk_id for piece in others}
    return [piece for piece in ranked if piece.chunk_id in kept]
