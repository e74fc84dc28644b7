"""Pages that lie on their side or stand on their head: where a box of the turned page stands on the page as it is."""

from collections.abc import Sequence
from dataclasses import replace

from wenyuan.documents import Block, Box


def turned_size(quarters: int, width: float, height: float) -> tuple[float, float]:
    """Size of a page after ``quarters`` turns of 90 degrees against the clock."""
    return (height, width) if quarters % 2 else (width, height)


def turn_back(blocks: Sequence[Block], quarters: int, width: float, height: float) -> tuple[Block, ...]:
    """Move the boxes of blocks, and of table cells, from the page turned by ``quarters`` to the page itself.

    ``width`` and ``height`` are those of the page itself.
    """
    if not quarters:
        return tuple(blocks)

    def back(box: Box) -> Box:
        (x0, y0), (x1, y1) = (_point(quarters, x, y, width, height) for x, y in ((box.x0, box.y0), (box.x1, box.y1)))
        return Box(box.page, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    turned = []
    for block in blocks:
        table = block.table
        if table is not None:
            cells = tuple(replace(cell, box=back(cell.box)) if cell.box else cell for cell in table.cells)
            table = replace(table, cells=cells)
        turned.append(replace(block, boxes=tuple(map(back, block.boxes)), table=table))
    return tuple(turned)


def _point(quarters: int, x: float, y: float, width: float, height: float) -> tuple[float, float]:
    if quarters == 1:
        return width - y, x
    if quarters == 2:
        return width - x, height - y
    return y, height - x
