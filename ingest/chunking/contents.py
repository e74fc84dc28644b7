"""Lines of a table of contents: they hold the words of every question and the answer to none."""

from collections.abc import Sequence
from typing import Final

from ingest.parsing.numbering import without_page
from wenyuan.documents import Block, BlockKind

#: So many lines, with at most so many others between two of them, make a table of contents.
_LEAST: Final = 5
_BETWEEN: Final = 3
_LINES: Final = (BlockKind.LIST, BlockKind.PARAGRAPH)


def contents_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """Return the ordinals of lines that do nothing but name, in a row of such lines, a heading further down.

    What they say stands there again, so nothing is lost when they are not searched. ``blocks`` in reading order.
    """
    last = {_plain(block.text): ordinal for ordinal, block in enumerate(blocks) if block.kind is BlockKind.TITLE}
    named = [
        ordinal
        for ordinal, block in enumerate(blocks)
        if block.kind in _LINES
        and max(last.get(_plain(text), -1) for text in (block.text, without_page(block.text))) > ordinal
    ]
    found: set[int] = set()
    run: list[int] = []
    for ordinal in named:
        if run and ordinal - run[-1] > _BETWEEN + 1:
            found.update(_long_enough(run))
            run = []
        run.append(ordinal)
    return frozenset(found.union(_long_enough(run)))


def _long_enough(run: Sequence[int]) -> Sequence[int]:
    return run if len(run) >= _LEAST else ()


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
