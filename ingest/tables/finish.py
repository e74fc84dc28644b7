"""The last step for the tables of a document, whatever its format: parts and broken words joined, values typed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ingest.parsing.office.grid import table_text
from ingest.tables.broken import mender
from ingest.tables.continued import join_continued
from ingest.tables.typed import typed_table
from wenyuan.documents import Block, BlockKind, Page

_ABOVE: Final = 3
_MAX_LINE: Final = 80
_RUNNING: Final = (BlockKind.HEADER, BlockKind.FOOTER)


def finish_tables(blocks: Sequence[Block], pages: Sequence[Page]) -> tuple[Block, ...]:
    """Return the blocks with continued tables joined, broken words put together and the cells of all tables typed.

    Units are also looked for in up to three short lines right above a table.
    """
    if all(block.table is None for block in blocks):
        return tuple(blocks)
    finished: list[Block] = []
    above: list[str] = []
    mend = mender(blocks)
    for block in join_continued(blocks, pages):
        if block.kind is BlockKind.TABLE and block.table is not None:
            mended = mend(block.table)
            text = block.text if mended is block.table else table_text(mended)
            finished.append(replace(block, table=typed_table(mended, reversed(above)), text=text))
            above = []
            continue
        finished.append(block)
        if block.kind not in _RUNNING:
            above = [*above, block.text][-_ABOVE:] if len(block.text) <= _MAX_LINE else []
    return tuple(finished)
