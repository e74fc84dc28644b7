"""Plain text as pieces."""

import re
from collections.abc import Iterator
from statistics import quantiles

from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.documents import BlockKind
from wenyuan.text import join_lines

_BULLET = re.compile(r"[-*•·●○■□◆▪–]\s+\S|\(?\d{1,3}[.)、．）]\s*\S|[（(][一二三四五六七八九十\d]{1,3}[）)]")
_WRAPPED_SHARE = 0.6
_MIN_WIDTH = 24


def read_plain(text: str) -> Reading:
    """Read text: paragraphs by blank lines, wrapped lines joined, headings recovered by their numbering."""
    return Reading(tuple(recover_headings(list(plain_pieces(text)))))


def plain_pieces(text: str) -> Iterator[Piece]:
    """Yield paragraphs and list items. Without wrapped lines, each line is a paragraph of its own."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    width = _wrap_width(lines)
    gathered: list[str] = []
    for line in [*lines, ""]:
        opens = _BULLET.match(line.strip()) is not None or line.startswith(("\u3000\u3000", "\t", "    "))
        if gathered and (not line.strip() or opens or not _runs_on(gathered[-1], width)):
            yield _piece(gathered)
            gathered = []
        if line.strip():
            gathered.append(line)


def _piece(lines: list[str]) -> Piece:
    kind = BlockKind.LIST if _BULLET.match(lines[0].strip()) else BlockKind.PARAGRAPH
    return Piece(kind, join_lines(lines))


def _runs_on(line: str, width: int | None) -> bool:
    """A line that was broken at the margin is nearly as wide as the text; half a line of slack is for long words."""
    return width is not None and _width(line) >= width * 0.75


def _wrap_width(lines: list[str]) -> int | None:
    """Return the width text was wrapped at, in half-width columns, or None when lines are paragraphs."""
    widths = [_width(line) for line in lines if line.strip()]
    if len(widths) < 4:
        return None
    margin = quantiles(widths, n=10)[-1]
    if margin < _MIN_WIDTH or max(widths) > margin * 1.3:
        return None
    full = sum(width >= margin * 0.75 for width in widths)
    return int(margin) if full >= len(widths) * _WRAPPED_SHARE else None


def _width(line: str) -> int:
    return sum(2 if char > "\u2e7f" else 1 for char in line.strip())
