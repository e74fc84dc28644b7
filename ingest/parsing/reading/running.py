"""Running heads and feet of recognised pages: what stands at the same edge of several pages and says the same."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wenyuan.documents import Block, BlockKind, Page

# Share of a page's height at its top and bottom where running heads stand.
_MARGIN: Final = 0.1
_MIN_PAGES: Final = 3
_MIN_SHARE: Final = 0.3
_MAX_CHARS: Final = 60
_DIGITS: Final = re.compile(r"[0-9]+|[一二三四五六七八九十百〇零]+(?=页)")
_BLANKS: Final = re.compile(r"\W+")
_TEXTS: Final = (BlockKind.PARAGRAPH, BlockKind.TITLE, BlockKind.LIST)


def with_running_heads(
    read: Mapping[int, tuple[Block, ...]], pages: Mapping[int, Page]
) -> dict[int, tuple[Block, ...]]:
    """Return the recognised pages with their running heads and feet marked as such.

    Numbers aside, the same words must stand at the same edge of three pages, and of three in ten of the pages read.
    """
    marks = Counter(
        mark for number, blocks in read.items() for mark in {mark for mark, _ in _edges(blocks, pages[number])}
    )
    least = max(_MIN_PAGES, _MIN_SHARE * sum(bool(blocks) for blocks in read.values()))
    marked = {}
    for number, blocks in read.items():
        running = {at: mark[0] for mark, at in _edges(blocks, pages[number]) if marks[mark] >= least}
        marked[number] = tuple(
            replace(block, kind=running[at], level=0) if at in running else block for at, block in enumerate(blocks)
        )
    return marked


def _edges(blocks: Sequence[Block], page: Page) -> Iterator[tuple[tuple[BlockKind, str], int]]:
    """Yield kind and words, and the place, of the short blocks at the edges of a page."""
    for at, block in enumerate(blocks):
        if block.kind not in _TEXTS or not block.boxes or len(block.text) > _MAX_CHARS:
            continue
        words = _BLANKS.sub("", _DIGITS.sub("", block.text))
        if not words:
            continue
        if block.boxes[0].y1 < page.height * _MARGIN:
            yield (BlockKind.HEADER, words), at
        elif block.boxes[0].y0 > page.height * (1 - _MARGIN):
            yield (BlockKind.FOOTER, words), at
