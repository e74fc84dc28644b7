"""Footnotes: small lines at the foot of a page or of its columns, below a short stroke or opened by a mark."""

import re
from collections.abc import Sequence
from typing import Final

from ingest.parsing.characters import glue
from ingest.parsing.numbering import is_caption
from ingest.parsing.order import reading_order
from ingest.parsing.pdf.blocks.paragraphs import extend, line_draft
from ingest.parsing.pdf.blocks.stacks import measure
from ingest.parsing.pdf.model import Draft, Line, PageLayout, Part

_FOOT: Final = 0.5
_SMALLER: Final = 0.94
_MIN_RULE: Final = 0.06
_MAX_RULE: Final = 0.45
_BELOW_RULE: Final = 3.0
_NEXT_LINE: Final = 2.0
_MAX_LINES: Final = 8
_LEFT_LINES: Final = 3
_MARKER: Final = re.compile(
    r"[①-⑳❶-❿*＊†‡§¹²³⁴-⁹]|\[\d{1,2}\](?!\s*[A-Z\u4e00-\u9fff].*[.．]\s)|\d{1,2}(?:[\s)）](?=\S)|(?=[A-Z\u4e00-\u9fff“《]))"
)
_ABOUT: Final = re.compile(
    r"[\[【]?(?:收稿日期|修回日期|基金项目|作者简介|第一作者|通[讯信]作者|资助项目"
    r"|Received|Corresponding author|Foundation)"
    r"[\]】]?\s*(?:[:：]|\d)",
    re.IGNORECASE,
)


def split_notes(page: PageLayout, body_size: float) -> None:
    """Move the lines of footnotes from ``page.lines`` to ``page.notes``.

    A note stands in the lower half, with body text above it in its column. It begins below a short stroke, or it is set
    smaller than the body and begins with a mark (①, an asterisk, a raised number) or says when a paper was received.
    """
    height = page.frame.size[1]
    low = sorted((line for line in page.lines if line.y0 > _FOOT * height), key=lambda line: line.middle)
    if not low:
        return
    taken: list[Line] = []
    for rule in _rules(page):
        taken += _below(rule, low, page, body_size)
    for line in reversed(low):
        if line not in taken and _is_marked(line, body_size):
            run = _run_down(line, low, body_size)
            if run and not any(one in taken for one in run) and _ends_page(run, low, taken):
                taken += run
    if not taken or len(taken) == len(page.lines):
        return
    ids = {id(line) for line in taken}
    page.notes = [line for line in page.lines if id(line) in ids]
    page.lines = [line for line in page.lines if id(line) not in ids]


def note_drafts(page: PageLayout) -> list[Draft]:
    """Return a draft for each note of a page."""
    drafts: list[Draft] = []
    placed = reading_order(page.notes)
    measures = measure(placed)
    last: Line | None = None
    for one in placed:
        line = one.item
        part = Part(page.number, page.frame, line.rect)
        opens = (
            last is None
            or _MARKER.match(line.text)
            or _ABOUT.match(line.text)
            or line.middle < last.middle
            or measures[id(last)].right - last.x1 > 4 * last.size
        )
        if opens:
            drafts.append(line_draft("footnote", line, part))
        else:
            draft = drafts[-1]
            extend(draft, line, part, glue(draft.text, line.text))
            x0, y0, x1, y1 = draft.parts[-1].rect
            draft.parts[-1].rect = (min(x0, line.x0), min(y0, line.y0), max(x1, line.x1), max(y1, line.y1))
        last = line
    return drafts


def _rules(page: PageLayout) -> list[tuple[float, float, float]]:
    width, height = page.frame.size
    return [
        (x0, y, x1)
        for x0, y, x1 in page.separators
        if y > _FOOT * height
        and _MIN_RULE * width < x1 - x0 < _MAX_RULE * width
        # The bar of a fraction does not stand where the lines of the column begin.
        and sum(abs(line.x0 - x0) < 4 for line in page.lines) >= _LEFT_LINES
    ]


def _below(rule: tuple[float, float, float], low: Sequence[Line], page: PageLayout, body_size: float) -> list[Line]:
    """Return the lines below a stroke at whose left end they begin, when all of them are notes."""
    x0, y, _ = rule
    under = [line for line in low if line.y0 > y - 2 and line.x1 > x0 - 2]
    edge = _column_end(x0, page)
    under = [line for line in under if line.x0 < edge]
    first = next(iter(under), None)
    if first is None or first.y0 - y > _BELOW_RULE * first.size or abs(first.x0 - x0) > 3 * first.size:
        return []
    if any(line.size > 1.02 * body_size for line in under) or any(is_caption(line.text) for line in under):
        return []
    above = [line for line in page.lines if line.y1 < y + 2 and line.x0 < edge and line.x1 > x0]
    if not above or max(line.size for line in above) < first.size:
        return []
    smaller = first.size <= _SMALLER * body_size
    return under if smaller or _MARKER.match(first.text) else []


def _column_end(x0: float, page: PageLayout) -> float:
    """The left edge of the column to the right of ``x0``, or the page's right edge."""
    width = page.frame.size[0]
    starts = sorted(line.x0 for line in page.lines if line.x0 > max(x0 + 0.25 * width, 0.48 * width))
    columns = [one for one, other in zip(starts, starts[4:], strict=False) if other - one < 2]
    return columns[0] - 2 if columns and x0 < 0.4 * width else width


def _is_marked(line: Line, body_size: float) -> bool:
    if line.size > _SMALLER * body_size or is_caption(line.text):
        return _ABOUT.match(line.text) is not None and line.size < 0.98 * body_size
    return _MARKER.match(line.text) is not None or _ABOUT.match(line.text) is not None


def _run_down(first: Line, low: Sequence[Line], body_size: float) -> list[Line]:
    """Return ``first`` and the small lines that follow it closely in its column."""
    run = [first]
    for line in low:
        if line.middle <= run[-1].middle or line.x0 > run[-1].x1 or line.x1 < first.x0:
            continue
        if line.size > _SMALLER * body_size or line.middle - run[-1].middle > _NEXT_LINE * run[-1].size:
            break
        run.append(line)
    return run if len(run) <= _MAX_LINES else []


def _ends_page(run: Sequence[Line], low: Sequence[Line], taken: Sequence[Line]) -> bool:
    """Tell whether nothing but notes stands below the run in its column."""
    ids = {id(line) for line in (*run, *taken)}
    bottom, left, right = run[-1].y1, min(line.x0 for line in run), max(line.x1 for line in run)
    return not any(id(line) not in ids and line.y0 > bottom and line.x0 < right and line.x1 > left for line in low)
