"""A correction of a chunk is one of its blocks: the edit is traced back to the blocks that the chunk was cut from."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from ingest.revision.matching import Effort, differences
from wenyuan.documents import Block, BlockKind, BlockRange
from wenyuan.errors import CorrectionMisplaced

_MAX_CHARS: Final = 8_000


def block_texts(text: str, ranges: Sequence[BlockRange], edited: str, blocks: Mapping[int, Block]) -> dict[int, str]:
    """Return the new text of each block that changes when a chunk's ``text`` is to read ``edited``.

    Raises ``CorrectionMisplaced`` when an edit crosses from one block into another, falls into a table (its cells are
    corrected one by one) or into words that stand in their block more than once.
    """
    if max(len(text), len(edited)) > _MAX_CHARS:
        raise CorrectionMisplaced(reason="chunk too long")
    changed: dict[int, str] = {}
    for part, old, new in _parts(text, ranges, edited):
        block = blocks.get(part.ordinal)
        if block is None or block.kind is BlockKind.TABLE:
            raise CorrectionMisplaced(reason="table")
        now = changed.get(part.ordinal, block.text)
        if now.count(old) != 1:
            raise CorrectionMisplaced(reason="repeated words")
        changed[part.ordinal] = now.replace(old, new)
    return changed


def _edits(text: str, edited: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield (old start, old end, new start, new end) of each edit; line by line where there are as many as before."""
    old, new = [text], [edited]
    if text.count("\n") == edited.count("\n"):
        old, new = text.split("\n"), edited.split("\n")
    effort = Effort()
    at = to = 0
    for before, after in zip(old, new, strict=True):
        for a, b, c, d in differences(before, after, effort):
            yield at + a, at + b, to + c, to + d
        at, to = at + len(before) + 1, to + len(after) + 1


def _parts(text: str, ranges: Sequence[BlockRange], edited: str) -> list[tuple[BlockRange, str, str]]:
    """Return (range, old text, new text) of each range that an edit touches."""
    edits = list(_edits(text, edited))
    ordered = sorted(ranges, key=lambda part: part.start)
    if any(left.end > right.start for left, right in pairwise(ordered)):
        raise CorrectionMisplaced(reason="overlapping blocks")
    found = []
    placed = 0
    for part in ordered:
        mine = [edit for edit in edits if part.start <= edit[0] and edit[1] <= part.end]
        placed += len(mine)
        if not mine:
            continue
        new, at = "", part.start
        for a, b, c, d in mine:
            new += text[at:a] + edited[c:d]
            at = b
        found.append((part, text[part.start : part.end], new + text[at : part.end]))
    if placed != len(edits):
        raise CorrectionMisplaced(reason="several blocks")
    return found
