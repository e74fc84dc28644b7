"""Heading paths: which headings stand above a block."""

from collections.abc import Iterable
from dataclasses import replace

from wenyuan.documents import Block, BlockKind

_OUTSIDE = (BlockKind.HEADER, BlockKind.FOOTER)


def with_heading_paths(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return ``blocks`` in their order with heading paths; a title closes its own path, running heads have none."""
    path: list[tuple[int, str]] = []
    placed: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.TITLE:
            path = [entry for entry in path if entry[0] < block.level]
            path.append((block.level, " ".join(block.text.split())))
        names = () if block.kind in _OUTSIDE else tuple(name for _, name in path)
        placed.append(replace(block, heading_path=names))
    return tuple(placed)
