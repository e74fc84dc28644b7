"""Words that a narrow cell broke without a hyphen: ``employ ees`` is put together where the document has the word."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from wenyuan.documents import Block, BlockKind, Table

_WORD: Final = re.compile(r"[A-Za-z]+")
_BROKEN: Final = re.compile(r"(?<![A-Za-z])([A-Za-z]{4,}) (?=([a-z]+)(?![A-Za-z]))")
_ENDING: Final = 3

Mend = Callable[[Table], Table]


def mender(blocks: Sequence[Block]) -> Mend:
    """Return what puts the words of a table of ``blocks`` together again.

    Only cells with a place on a page are broken by their width: what people typed into a sheet stays as it is. A break
    is one where the document has the whole word and no running text has its second part, nor its first one unless the
    second is a mere ending.
    """
    running = _words(block.text for block in blocks if block.kind is not BlockKind.TABLE)
    whole = running | _words(block.text for block in blocks if block.kind is BlockKind.TABLE)

    def joined(found: re.Match[str]) -> str:
        first, second = found[1].lower(), found[2]
        apart = second in running or (first in running and len(second) > _ENDING)
        return found[1] if first + second in whole and not apart else found[0]

    def mend(table: Table) -> Table:
        cells = tuple(
            cell if cell.box is None else replace(cell, text=_BROKEN.sub(joined, cell.text)) for cell in table.cells
        )
        return table if cells == table.cells else replace(table, cells=cells)

    return mend


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))
