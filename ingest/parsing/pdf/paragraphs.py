"""Lines in reading order become drafts of blocks: paragraphs across lines and columns, items, captions, tables."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import is_wide, join_lines
from ingest.parsing.numbering import is_caption, is_contents_line, scheme_of, starts_item
from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.order import Placed, reading_order
from ingest.parsing.pdf.model import Draft, Grid, Item, Line, PageLayout, Part, Picture
from wenyuan.documents import Box, Cell

_SAME_SIZE: Final = 0.12
_PITCH_SLACK: Final = 1.3
_DEFAULT_PITCH: Final = 2.0
_HEADING_PITCH: Final = 1.8
_MIN_COLUMN: Final = 10
_INDENT: Final = 1.2
_HANGING: Final = 3.5
_ITEM_SCHEMES: Final = ("dot1", "han", "han-bracket")
_LARGE: Final = 1.15
_SENTENCE_END: Final = tuple("。！？!?；;：:")
_UNBREAKABLE: Final = re.compile(
    r"[（(《“‘「【\[]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。、；：！？）》”’」】]*", re.UNICODE
)
_LATIN_WIDTH: Final = 0.55
_MIN_ROOM: Final = 2.2
_SEPARATE: Final = "  "


def page_drafts(page: PageLayout, body_size: float) -> list[Draft]:
    """Return the drafts of one page in reading order, running heads not among them."""
    items: list[Item] = [*page.lines, *page.grids, *page.pictures]
    placed = reading_order(items)
    builder = _Builder(page, body_size, _pitches(placed))
    for one in placed:
        builder.add(one)
    drafts = builder.drafts
    for frame, line in page.side_lines:
        part = Part(page.number, frame, line.rect)
        drafts.append(Draft("paragraph", line.text, [part], line.size, line.bold))
    return drafts


def _pitches(placed: Sequence[Placed[Item]]) -> dict[float, float]:
    """Return the usual distance of baselines for each size of text on the page."""
    found: dict[float, Counter[float]] = {}
    for one, two in pairwise(placed):
        above, below = one.item, two.item
        if isinstance(above, Line) and isinstance(below, Line) and above.size == below.size:
            pitch = below.middle - above.middle
            if 0.9 < pitch / above.size < 3:
                found.setdefault(above.size, Counter())[round(pitch * 2) / 2] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in found.items()}


class _Builder:
    def __init__(self, page: PageLayout, body_size: float, pitches: dict[float, float]) -> None:
        self.drafts: list[Draft] = []
        self._page = page
        self._body = body_size
        self._pitches = pitches
        self._draft: Draft | None = None
        self._lines: list[Line] = []
        self._column = (0.0, 0.0)

    def add(self, placed: Placed[Item]) -> None:
        item = placed.item
        if isinstance(item, Grid):
            self._end()
            self.drafts.append(_table(item, self._page))
        elif isinstance(item, Picture):
            self._end()
            rect = (item.x0, item.y0, item.x1, item.y1)
            self.drafts.append(Draft("figure", "", [Part(self._page.number, self._page.frame, rect)]))
        else:
            self._line(item, (placed.left, placed.right))

    def _line(self, line: Line, column: tuple[float, float]) -> None:
        draft = self._draft
        if draft is not None:
            last = self._lines[-1]
            if _beside(last, line):
                self._extend(draft, line, draft.text + _SEPARATE + line.text)
                return
            if self._continues(last, line):
                self._extend(draft, line, join_lines(draft.text, line.text))
                return
            if line.middle < last.middle and self._jumps(draft, line, column):
                self._column = column
                draft.parts.append(self._part(line))
                self._lines = [line]
                draft.text = join_lines(draft.text, line.text)
                self._close(draft)
                return
        self._start(line, column)

    def _start(self, line: Line, column: tuple[float, float]) -> None:
        self._column = column
        kind = "caption" if is_caption(line.text) else "list" if starts_item(line.text) else "paragraph"
        self._draft = Draft(kind, line.text, [self._part(line)], line.size, line.bold)
        self._draft.indented = line.x0 > column[0] + _INDENT * line.size
        self._lines = [line]
        self.drafts.append(self._draft)
        self._close(self._draft)

    def _extend(self, draft: Draft, line: Line, text: str) -> None:
        draft.text = text
        draft.bold = draft.bold and line.bold
        part = draft.parts[-1]
        x0, y0, x1, y1 = part.rect
        part.rect = (min(x0, line.x0), min(y0, line.y0), max(x1, line.x1), max(y1, line.y1))
        self._lines.append(line)
        self._close(draft)

    def _close(self, draft: Draft) -> None:
        last = self._lines[-1]
        draft.open_end = not last.text.endswith((*_SENTENCE_END, ".")) and self._room(last) < 2.2 * last.size

    def _end(self) -> None:
        self._draft = None
        self._lines = []

    def _part(self, line: Line) -> Part:
        return Part(self._page.number, self._page.frame, line.rect)

    def _room(self, line: Line) -> float:
        """Space between the end of the line and the right edge of its column."""
        return self._column[1] - line.x1

    def _continues(self, last: Line, line: Line) -> bool:
        """Tell whether the line below ``last`` belongs to its paragraph."""
        if opens_block(line.text) or not _same_size(last.size, line.size):
            return False
        pitch = line.middle - last.middle
        if pitch <= 0 or line.x0 > last.x1 or line.x1 < last.x0:
            return False
        if last.size >= _LARGE * self._body and len(self._lines) < 3 and _same_style(last, line):
            # Lines of a large heading, whatever their alignment.
            return pitch <= _HEADING_PITCH * last.size
        if self._bold_heading() and not line.bold:
            return False
        if pitch > _PITCH_SLACK * self._usual_pitch(line.size):
            return False
        if is_contents_line(last.text):
            return False
        return self._aligned(line) and self._room(last) < _first_word(line)

    def _usual_pitch(self, size: float) -> float:
        if len(self._lines) >= 2:
            last, before = self._lines[-1], self._lines[-2]
            if last.middle - before.middle > 0.5 * size:
                return last.middle - before.middle
        return self._pitches.get(size, _DEFAULT_PITCH * size)

    def _aligned(self, line: Line) -> bool:
        """A line further in than those before it opens a paragraph; the second of an item may hang."""
        first, slack = self._lines[0], _INDENT * line.size
        if len(self._lines) == 1:
            item = starts_item(first.text) or scheme_of(first.text) in _ITEM_SCHEMES or self._bold_heading()
            hanging = _HANGING * line.size if item else slack
            return line.x0 <= first.x0 + hanging
        left = min(one.x0 for one in self._lines[1:])
        return abs(line.x0 - left) <= slack

    def _bold_heading(self) -> bool:
        return all(line.bold for line in self._lines) and scheme_of(self._lines[0].text) is not None

    def _jumps(self, draft: Draft, line: Line, column: tuple[float, float]) -> bool:
        """Tell whether the first line of the next column goes on with the paragraph that ended the one before."""
        return (
            draft.open_end
            and column != self._column
            and min(self._column[1] - self._column[0], column[1] - column[0]) > _MIN_COLUMN * line.size
            and draft.kind != "caption"
            and not opens_block(line.text)
            and _same_size(draft.size, line.size)
            and line.x0 <= column[0] + _INDENT * line.size
            and draft.size < _LARGE * self._body
        )


def continues_on_next_page(before: Draft, after: Draft) -> bool:
    """Tell whether ``after``, the first text of a page, goes on with ``before`` from the page before."""
    return (
        before.open_end
        and before.kind in ("paragraph", "list")
        and after.kind == "paragraph"
        and not after.indented
        and not opens_block(after.text)
        and _same_size(before.size, after.size)
        and before.bold == after.bold
    )


def opens_block(text: str) -> bool:
    """Tell whether a line with this text starts a block of its own: an item, a numbered heading, a caption."""
    if starts_item(text) or is_caption(text):
        return True
    scheme = scheme_of(text)
    # "3 个月" at a line start is text; "3. 范围" and "3 范围" after a short line are not, which the room decides.
    return scheme is not None and not (scheme == "dot1" and text[:3].strip().isdigit() and " " in text[:3])


def _beside(last: Line, line: Line) -> bool:
    return abs(last.middle - line.middle) < 0.4 * max(last.size, line.size) and line.x0 >= last.x1 - 1


def _same_style(one: Line, two: Line) -> bool:
    return one.bold == two.bold and abs(one.size - two.size) < 0.6


def _same_size(one: float, two: float) -> bool:
    return abs(one - two) <= _SAME_SIZE * max(one, two)


def _first_word(line: Line) -> float:
    """Width that the line before must lack for it to be full: what cannot be parted at the head of ``line``.

    Between ideographs a line may break anywhere, but not after an opening nor before a closing mark.
    """
    head = _UNBREAKABLE.match(line.text)
    word = head[0] if head else line.text[:1]
    width = sum(line.size if is_wide(char) else _LATIN_WIDTH * line.size for char in word)
    return max(width + 0.8 * line.size, _MIN_ROOM * line.size if is_wide(line.text[0]) else 0.0)


def _table(grid: Grid, page: PageLayout) -> Draft:
    def box(rect: tuple[float, float, float, float]) -> Box:
        return Box(page.number, *(round(value, 2) for value in page.frame.leave(rect)))

    table = make_table(
        [
            Cell(cell.row, cell.column, clean_cell(cell.text), cell.row_span, cell.column_span, box=box(cell.rect))
            for cell in grid.cells
        ]
    )
    draft = Draft("table", table_text(table) if table else "", [Part(page.number, page.frame, grid.rect)])
    draft.table = table
    return draft
