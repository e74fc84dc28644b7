"""Tables that alignment leaves in doubt are marked here; the recognition child looks at them with its model."""

from collections.abc import Sequence
from typing import Final

from ingest.parsing.pdf.model import Glyph, PageLayout, Quarter
from ingest.tables.image.structure import doubts
from ingest.tables.ruled import inside
from wenyuan.documents import Block, BlockKind, Box

# Above this share of texts and positions that speak against a table (``doubts``) it is worth another look.
_DOUBTFUL: Final = 0.08


def mark_doubtful(layout: PageLayout, glyphs: Sequence[Glyph]) -> None:
    """Note in ``layout.doubtful`` the boxes of grids that alignment found and that much speaks against.

    ``glyphs`` are those of the page without the dots that lead to amounts.
    """
    aligned = [grid for grid in layout.grids if grid.aligned]
    if not aligned or layout.frame.quarter is not Quarter.RIGHT:
        return
    for grid in aligned:
        if doubts(grid, inside(glyphs, grid.rect)) >= _DOUBTFUL:
            layout.doubtful.append(grid.rect)


def doubtful_blocks(layouts: Sequence[PageLayout], blocks: Sequence[Block]) -> list[int]:
    """Return the ordinals of the blocks that are the tables marked."""
    marked = {Box(layout.number, *(round(side, 2) for side in rect)) for layout in layouts for rect in layout.doubtful}
    return [
        at
        for at, block in enumerate(blocks)
        if block.kind is BlockKind.TABLE and block.boxes and block.boxes[0] in marked
    ]
