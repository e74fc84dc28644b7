"""Plain text as pieces."""

import re
from collections.abc import Iterator
from dataclasses import replace
from statistics import quantiles

from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.pieces import Piece, Reading, first_title
from wenyuan.documents import BlockKind
from wenyuan.text import join_lines

_BULLET = re.compile(r"[-*•·●○■□◆▪–]\s+\S|\(?\d{1,3}[.)、．）]\s*\S|[（(][一二三四五六七八九十\d]{1,3}[）)]")
_RULE = re.compile(r"[-=_*~#+—─]{3,}")
_ENDS_SENTENCE = re.compile(r"[。；;，,：:！？!?.]$")
_LOG_LINE = re.compile(
    r"\s*\[?(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{2}:\d{2}:\d{2}|[A-Z][a-z]{2}\s+\d{1,2}\s\d{2}:\d{2}"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL)\b|\d{1,3}(?:\.\d{1,3}){3}\s)"
)
_LOG_SAMPLE = 400
_MIN_LOG = 5
_LOG_SHARE = 0.6
_LOG_LINES = 40
_LOG_CHARS = 2_000
_MAX_HEADING = 60
_WRAPPED_SHARE = 0.6
_MIN_WIDTH = 24


def read_plain(text: str) -> Reading:
    """Read text: paragraphs by blank lines, wrapped lines joined, headings recovered by their numbering.

    The first line is the title when it stands alone and is not a sentence. A log is read in runs of lines, anchored
    ``lines 1–40``.
    """
    lines = text.split("\n")
    if _is_log(lines):
        return Reading(tuple(_log_pieces(lines)))
    pieces = list(plain_pieces(text))
    if pieces and pieces[0].bold and not _ENDS_SENTENCE.search(pieces[0].text):
        pieces[0] = replace(pieces[0], kind=BlockKind.TITLE, level=1)
    pieces = recover_headings(pieces)
    return Reading(tuple(pieces), first_title(pieces))


def _is_log(lines: list[str]) -> bool:
    """Most lines of a log begin with a moment or a level; each is a record of its own."""
    sample = [line for line in lines[:_LOG_SAMPLE] if line.strip()]
    return len(sample) >= _MIN_LOG and sum(_LOG_LINE.match(line) is not None for line in sample) >= _LOG_SHARE * len(
        sample
    )


def _log_pieces(lines: list[str]) -> Iterator[Piece]:
    first = 0
    while first < len(lines):
        last, size = first, 0
        while last < len(lines) and last - first < _LOG_LINES and (size := size + len(lines[last])) <= _LOG_CHARS:
            last += 1
        last = max(last, first + 1)
        run = "\n".join(line.rstrip() for line in lines[first:last] if line.strip())
        if run:
            yield Piece(BlockKind.CODE, run, anchor=f"lines {first + 1}–{last}")
        first = last


def plain_pieces(text: str) -> Iterator[Piece]:
    """Yield paragraphs and list items; lines drawn with characters are left out.

    Without wrapped lines, each line is a paragraph of its own. A short line with blank lines around it counts as bold:
    that is how plain text sets off a heading.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = ["" if _RULE.fullmatch(line.strip()) else line for line in lines]
    width = _wrap_width(lines)
    gathered: list[str] = []
    blank_before = True
    for line in [*lines, ""]:
        opens = _BULLET.match(line.strip()) is not None or line.startswith(("\u3000\u3000", "\t", "    "))
        if gathered and (not line.strip() or opens or not _runs_on(gathered[-1], width)):
            alone = blank_before and not line.strip() and len(gathered) == 1 and len(gathered[0]) <= _MAX_HEADING
            yield replace(_piece(gathered), bold=alone)
            gathered = []
            blank_before = False
        if line.strip():
            gathered.append(line)
        else:
            blank_before = True


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
