"""Packing: where a run of pieces is cut into chunks.

The cheapest cuts of all are found by dynamic programming: a chunk costs by how far it falls short of the size that is
aimed at, a cut by where it stands. Both depend only on text near by, so the cuts far from an edit come out as before.
"""

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.chunking.pieces import Cut, Piece

# What a cut costs, against SHORTFALL for a chunk that is nearly empty.
COST: Final = {
    Cut.ARTICLE: 0.0,
    Cut.PARAGRAPH: 0.1,
    Cut.ITEM: 0.25,
    Cut.SENTENCE: 0.35,
    Cut.CLAUSE: 0.5,
    Cut.LED_IN: 1.5,
    Cut.WORDS: 2.0,
}
SHORTFALL: Final = 2.0
# A chunk that is filled so far is as good as a full one.
FULL: Final = 0.9
TOPIC: Final = 0.5
# Cuts that cost the same are told apart by their text, not by their place: an edit leaves that order as it is.
NOISE: Final = 0.04
# Cutting an article apart that would fit into one chunk.
APART: Final = 0.6


def cut_costs(pieces: Sequence[Piece], budget: int, cohesion: Sequence[float] | None) -> list[float]:
    """Return what it costs to begin a chunk at each piece.

    ``cohesion`` says of each piece how much the text before and behind its beginning have in common (-1..1).
    """
    costs = [COST[piece.cut] + NOISE * zlib.crc32(piece.text.encode()) / 2**32 for piece in pieces]
    if cohesion is not None:
        costs = [cost + TOPIC * shared for cost, shared in zip(costs, cohesion, strict=True)]
    starts = [index for index, piece in enumerate(pieces) if piece.cut is Cut.ARTICLE]
    for begin, end in pairwise([*starts, len(pieces)]):
        if sum(piece.tokens for piece in pieces[begin:end]) <= budget:
            for inside in range(begin + 1, end):
                costs[inside] += APART
    return costs


def pack(sizes: Sequence[int], costs: Sequence[float], budget: int) -> list[tuple[int, int]]:
    """Return the spans of pieces that make the chunks. Only a piece that is larger itself makes one over ``budget``."""
    aim = max(1.0, budget * FULL)
    best = [0.0]
    origin = [0]
    for end in range(1, len(sizes) + 1):
        lowest, start_of_lowest = float("inf"), end - 1
        size = 0
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            if size > budget and start < end - 1:
                break
            short = 1 - size / aim
            cost = best[start] + (costs[start] if start else 0.0) + (SHORTFALL * short * short if short > 0 else 0.0)
            if cost < lowest:
                lowest, start_of_lowest = cost, start
        best.append(lowest)
        origin.append(start_of_lowest)
    spans: list[tuple[int, int]] = []
    end = len(sizes)
    while end:
        spans.append((origin[end], end))
        end = origin[end]
    return spans[::-1]
