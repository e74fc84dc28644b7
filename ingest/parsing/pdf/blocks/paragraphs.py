"""Lines in reading order become drafts of blocks: paragraphs across lines and columns, items, captions, code."""

import re
from collections.abc import Sequence
from typing import Final

from ingest.parsing.characters import glue, is_wide
from ingest.parsing.numbering import (
    DOTTED,
    is_caption,
    is_contents_line,
    item_number,
    scheme_of,
    starts_bullet,
    starts_item,
)
from ingest.parsing.order import Placed, reading_order
from ingest.parsing.pdf.blocks.stacks import Measure, measure
from ingest.parsing.pdf.blocks.tabular import table_draft
from ingest.parsing.pdf.model import Draft, Grid, Item, Line, Mark, PageLayout, Part, Picture

_SAME_SIZE: Final = 0.12
_PITCH_SLACK: Final = 1.3
_HEADING_PITCH: Final = 1.8
_MIN_COLUMN: Final = 10
_INDENT: Final = 1.2
_HANGING: Final = 3.5
_LARGE: Final = 1.15
_SENTENCE_END: Final = tuple("。！？!?；;：:")
_UNBREAKABLE: Final = re.compile(
    r"[（(《“‘「【\[]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。、；：！？）》”’」】]*", re.UNICODE
)
_LATIN_WIDTH: Final = 0.55
_MIN_ROOM: Final = 2.2
_FULL_ROOM: Final = 1.3
_OPEN_ROOM: Final = 2.2
_OPEN_WIDTH: Final = 8.0
_CENTRED: Final = 1.2
_MONO_SHARE: Final = 0.85
_MONO_WIDTH: Final = 0.6
_CODE_PITCH: Final = 2.2


def page_drafts(page: PageLayout, body_size: float, *, mono_body: bool) -> list[Draft]:
    """Return the drafts of one page in reading order; running heads, footnotes and hidden text are not among them."""
    items: list[Item] = [*page.lines, *page.grids, *page.pictures]
    placed = reading_order(items)
    builder = _Builder(page, body_size, measure(placed), mono_body=mono_body)
    for one in placed:
        builder.add(one)
    drafts = builder.drafts
    for frame, line in page.side_lines:
        drafts.append(line_draft("paragraph", line, Part(page.number, frame, line.rect)))
    return drafts


def line_draft(kind: str, line: Line, part: Part) -> Draft:
    """Return a draft of one line."""
    draft = Draft(kind, line.text, [part], line.size, line.bold, math=line.math)
    draft.marks = [Mark(0, len(line.text), Part(part.page, part.frame, part.rect))]
    draft.links = list(line.links)
    return draft


def extend(draft: Draft, line: Line, part: Part, between: str) -> None:
    """Append a line to a draft: its text, where it stands and its links; boxes are the caller's."""
    start = draft.append(line.text, between)
    draft.marks.append(Mark(start, len(draft.text), part))
    draft.links += [(one + start, two + start, target) for one, two, target in line.links]
    draft.bold = draft.bold and line.bold
    draft.math += line.math


class _Builder:
    def __init__(self, page: PageLayout, body_size: float, measures: dict[int, Measure], *, mono_body: bool) -> None:
        self.drafts: list[Draft] = []
        self._page = page
        self._body = body_size
        self._measures = measures
        self._mono_body = mono_body
        self._draft: Draft | None = None
        self._lines: list[Line] = []
        self._measure = Measure(0, 0, 0)
        self._column = (0.0, 0.0)

    def add(self, placed: Placed[Item]) -> None:
        item = placed.item
        if isinstance(item, Grid):
            self._end()
            self.drafts.append(table_draft(item, self._page))
        elif isinstance(item, Picture):
            self._end()
            self.drafts.append(_figure(item, self._page))
        elif not self._mono_body and item.mono >= _MONO_SHARE * item.count and not is_wide(item.text[0]):
            self._code(item)
        else:
            self._line(item, (placed.left, placed.right))

    def _line(self, line: Line, column: tuple[float, float]) -> None:
        draft = self._draft if self._draft is not None and self._draft.kind != "code" else None
        if draft is not None:
            last = self._lines[-1]
            if _beside(last, line):
                self._extend(draft, line, " ")
                return
            if self._continues(last, line):
                self._extend(draft, line, glue(draft.text, line.text))
                return
            if line.middle < last.middle and self._jumps(draft, line, column):
                self._column, self._measure = column, self._measures[id(line)]
                draft.parts.append(self._part(line))
                extend(draft, line, self._part(line), glue(draft.text, line.text))
                self._lines = [line]
                self._close(draft)
                return
        self._start(line, column)

    def _start(self, line: Line, column: tuple[float, float]) -> None:
        self._column, self._measure = column, self._measures[id(line)]
        kind = "caption" if is_caption(line.text) else "list" if starts_item(line.text) else "paragraph"
        self._draft = line_draft(kind, line, self._part(line))
        self._draft.indented = line.x0 > self._measure.left + _INDENT * line.size
        self._lines = [line]
        self.drafts.append(self._draft)
        self._close(self._draft)

    def _code(self, line: Line) -> None:
        draft = self._draft
        if draft is not None and draft.kind == "code":
            first, last = self._lines[0], self._lines[-1]
            if 0 < line.middle - last.middle < _CODE_PITCH * line.size and line.x0 > first.x0 - 20 * line.size:
                indent = max(round((line.x0 - first.x0) / (_MONO_WIDTH * line.size)), 0)
                self._extend(draft, line, "\n" + " " * indent)
                return
        self._draft = line_draft("code", line, self._part(line))
        self._lines = [line]
        self.drafts.append(self._draft)

    def _extend(self, draft: Draft, line: Line, between: str) -> None:
        extend(draft, line, self._part(line), between)
        part = draft.parts[-1]
        x0, y0, x1, y1 = part.rect
        part.rect = (min(x0, line.x0), min(y0, line.y0), max(x1, line.x1), max(y1, line.y1))
        self._lines.append(line)
        self._close(draft)

    def _close(self, draft: Draft) -> None:
        last = self._lines[-1]
        draft.open_end = (
            not last.text.endswith((*_SENTENCE_END, "."))
            and self._room(last) < _OPEN_ROOM * last.size
            and (len(self._lines) > 1 or last.x1 - last.x0 > _OPEN_WIDTH * last.size)
        )

    def _end(self) -> None:
        self._draft = None
        self._lines = []

    def _part(self, line: Line) -> Part:
        return Part(self._page.number, self._page.frame, line.rect)

    def _room(self, line: Line) -> float:
        """Space between the end of the line and the right edge of the text around it."""
        return self._measures[id(line)].right - line.x1

    def _is_full(self, last: Line, line: Line) -> bool:
        """Tell whether ``last`` left no room for what ``line`` begins with, which is wider than one character."""
        room = self._room(last)
        return room < line.size or room < _first_word(line)

    def _continues(self, last: Line, line: Line) -> bool:
        """Tell whether the line below ``last`` belongs to its paragraph."""
        if not _same_size(last.size, line.size) or self._opens(last, line):
            return False
        pitch = line.middle - last.middle
        if pitch <= 0 or line.x0 > last.x1 or line.x1 < last.x0:
            return False
        if last.size >= _LARGE * self._body and len(self._lines) < 3 and _same_style(last, line):
            # Lines of a large heading, whatever their alignment.
            return pitch <= _HEADING_PITCH * last.size
        if self._bold_heading() and not line.bold:
            return False
        if pitch > _PITCH_SLACK * self._usual_pitch(line) or self._is_wide_heading(last):
            return False
        if is_contents_line(last.text):
            return False
        if self._draft is not None and self._draft.kind == "caption" and _centred_below(last, line):
            return True
        return self._aligned(line) and self._is_full(last, line)

    def _opens(self, last: Line, line: Line) -> bool:
        """Tell whether the line starts a block of its own; a number at its head may also be part of a sentence."""
        if not opens_block(line.text):
            return False
        if starts_bullet(line.text) or (is_caption(line.text) and is_caption(self._lines[0].text)):
            return True
        number = item_number(line.text)
        if number is not None and item_number(self._lines[0].text) == number - 1:
            return True
        flows = not last.text.endswith((*_SENTENCE_END, ".")) and self._is_full(last, line)
        level = abs(line.x0 - self._measures[id(line)].left) < 0.6 * line.size
        return not (flows and level and line.bold == last.bold)

    def _usual_pitch(self, line: Line) -> float:
        if len(self._lines) >= 2:
            last, before = self._lines[-1], self._lines[-2]
            if last.middle - before.middle > 0.5 * line.size:
                return last.middle - before.middle
        return self._measures[id(line)].pitch

    def _aligned(self, line: Line) -> bool:
        """A line further in than those before it opens a paragraph; the second of an item may hang."""
        first, slack = self._lines[0], _INDENT * line.size
        below = [one for one in self._lines if one.middle - first.middle > 0.5 * line.size]
        if not below:
            item = starts_item(first.text) or scheme_of(first.text) is not None or self._bold_heading()
            hanging = _HANGING * line.size if item else slack
            return line.x0 <= first.x0 + hanging
        left = min(one.x0 for one in below)
        return abs(line.x0 - left) <= slack

    def _bold_heading(self) -> bool:
        return all(line.bold for line in self._lines) and scheme_of(self._lines[0].text) is not None

    def _is_wide_heading(self, last: Line) -> bool:
        """Tell whether ``last`` is a numbered heading nearly as wide as the column, which justified text would fill."""
        numbered = len(self._lines) == 1 and scheme_of(last.text) in DOTTED[1:]
        return numbered and self._room(last) > _FULL_ROOM * last.size

    def _jumps(self, draft: Draft, line: Line, column: tuple[float, float]) -> bool:
        """Tell whether the first line of the next column goes on with the paragraph that ended the one before."""
        return (
            draft.open_end
            and column != self._column
            and min(self._column[1] - self._column[0], column[1] - column[0]) > _MIN_COLUMN * line.size
            and draft.kind != "caption"
            and (not opens_block(line.text) or (item_number(line.text) is not None and _is_level(self._measures, line)))
            and _same_size(draft.size, line.size)
            and line.x0 <= self._measures[id(line)].left + _INDENT * line.size
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


def _is_level(measures: dict[int, Measure], line: Line) -> bool:
    return abs(line.x0 - measures[id(line)].left) < 0.6 * line.size


def _beside(last: Line, line: Line) -> bool:
    return abs(last.middle - line.middle) < 0.4 * max(last.size, line.size) and line.x0 >= last.x1 - 1


def _centred_below(last: Line, line: Line) -> bool:
    """Tell whether a line of a caption goes on centred below a longer one."""
    off = abs((last.x0 + last.x1) - (line.x0 + line.x1)) / 2
    return off < _CENTRED * line.size and line.x1 <= last.x1 + line.size and not last.text.endswith(("。", "."))


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


def _figure(picture: Picture, page: PageLayout) -> Draft:
    draft = Draft("figure", "", [Part(page.number, page.frame, picture.rect)])
    labels: Sequence[Line] = sorted(picture.labels, key=lambda line: (round(line.middle / line.size), line.x0))
    for line in labels:
        extend(draft, line, Part(page.number, page.frame, line.rect), "\n" if draft.text else "")
    return draft
