"""Vertical writing: lines from the top down, columns from right to left, tiers from the top.

A column is laid on its side, so that columns from right to left become rows from the top and paragraphs are found as in
horizontal writing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from ingest.ocr.page.lines import TextLine, body_size
from ingest.ocr.page.texts import Setting, text_blocks
from ingest.ocr.tables import group_rows
from wenyuan.documents import Block

# Columns stand closer than this, in their own widths; tiers farther apart than that, in heights of a character.
_COLUMN_GAP: Final = 1.6
_TIER_GAP: Final = 2.5
_MIN_TIER: Final = 3


def vertical_blocks(lines: Sequence[TextLine], page: int) -> Iterator[Block]:
    """Yield the blocks of vertical lines in reading order."""
    across = max(line.x1 for line in lines)
    body = body_size(lines)
    for tier in _tiers(lines, body):
        laid = [replace(line, x0=line.y0, x1=line.y1, y0=across - line.x1, y1=across - line.x0) for line in tier]
        column = min(line.x0 for line in laid), max(line.x1 for line in laid)
        yield from text_blocks(group_rows(laid), Setting(page, body, across), column)


def vertical_groups(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Group vertical lines that stand side by side on a page of horizontal ones."""
    groups: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda one: -one.x1):
        for group in groups:
            last = group[-1]
            near = last.x0 - line.x1 < _COLUMN_GAP * median(one.width for one in group)
            if near and min(last.y1, line.y1) > max(last.y0, line.y0):
                group.append(line)
                break
        else:
            groups.append([line])
    return groups


def _tiers(lines: Sequence[TextLine], body: float) -> list[list[TextLine]]:
    """Part the lines where a wide empty band runs from side to side, several columns above and below."""
    ordered = sorted(lines, key=lambda line: line.y0)
    tiers: list[list[TextLine]] = [[]]
    bottom = ordered[0].y1
    for line in ordered:
        if line.y0 - bottom > _TIER_GAP * body:
            tiers.append([])
        tiers[-1].append(line)
        bottom = max(bottom, line.y1)
    return tiers if min(map(len, tiers)) >= _MIN_TIER else [ordered]
