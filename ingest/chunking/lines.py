"""Where a part of a block stands: the boxes of the lines it covers."""

from wenyuan.documents import Block, Box


def boxes_of(block: Block, start: int, end: int) -> tuple[Box, ...]:
    """Return the boxes of block text [start:end]: of its lines where they are known, else of the whole block.

    Lines that stand below each other in one column become one box.
    """
    boxes = [line.box for line in block.lines if line.start < end and start < line.end]
    if not boxes:
        return block.boxes
    joined = boxes[:1]
    for box in boxes[1:]:
        if _continues(joined[-1], box):
            joined[-1] = union(joined[-1], box)
        else:
            joined.append(box)
    return tuple(joined)


def union(first: Box, second: Box) -> Box:
    """Return the smallest box around two boxes of one page."""
    return Box(
        first.page,
        min(first.x0, second.x0),
        min(first.y0, second.y0),
        max(first.x1, second.x1),
        max(first.y1, second.y1),
    )


def _continues(above: Box, box: Box) -> bool:
    """Whether ``box`` is the next line of the column that ``above`` stands in."""
    height = box.y1 - box.y0
    return (
        above.page == box.page
        and min(above.x1, box.x1) > max(above.x0, box.x0)
        and -height / 2 <= box.y0 - above.y1 <= height
    )
