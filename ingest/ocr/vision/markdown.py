"""Markdown that a vision model wrote of a page, as blocks that stand on the page as a whole."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from ingest.parsing.numbering import starts_item
from wenyuan.documents import Block, BlockKind, Box, Cell, Table
from wenyuan.text import join_lines

_HEADING: Final = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_TABLE: Final = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^```\w*\s*$", re.MULTILINE)
_PICTURE: Final = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
_MAX_SPAN: Final = 200
_MAX_CELLS: Final = 20_000


def page_of_markdown(text: str, page: int, width: float, height: float) -> tuple[Block, ...]:
    """Return the blocks of a page of ``width`` by ``height``; there is no confidence, since the model gives none."""
    box = (Box(page, 0.0, 0.0, width, height),)
    text = _FENCE.sub("", text)
    blocks: list[Block] = []
    at = 0
    for match in _TABLE.finditer(text):
        blocks += _texts(text[at : match.start()], box)
        blocks += _table(_html_rows(match[0]), box)
        at = match.end()
    return (*blocks, *_texts(text[at:], box))


def _texts(text: str, box: tuple[Box, ...]) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if lines and all("|" in line for line in lines) and any(_RULE.fullmatch(line) for line in lines):
            rows = [_pipes(line) for line in lines if not _RULE.fullmatch(line)]
            yield from _table(_placed([[(text, 1, 1) for text in row] for row in rows]), box)
            continue
        held: list[str] = []
        for line in lines:
            heading = _HEADING.fullmatch(line)
            if heading or starts_item(line):
                yield from _paragraph(held, box)
                held = []
            if heading:
                yield Block(BlockKind.TITLE, _plain(heading[2]), box, level=len(heading[1]))
            else:
                held.append(line)
        yield from _paragraph(held, box)


def _paragraph(lines: list[str], box: tuple[Box, ...]) -> Iterator[Block]:
    text = _plain(join_lines(lines))
    if text:
        yield Block(BlockKind.LIST if starts_item(text) else BlockKind.PARAGRAPH, text, box)


def _plain(text: str) -> str:
    return _MARKS.sub(lambda match: match[1] or match[2], _PICTURE.sub(r"\1", text)).strip()


def _pipes(line: str) -> list[str]:
    return [_plain(cell) for cell in line.strip().strip("|").split("|")]


def _table(cells: tuple[Cell, ...], box: tuple[Box, ...]) -> Iterator[Block]:
    if not cells:
        return
    rows = max(cell.row + cell.row_span for cell in cells)
    columns = max(cell.column + cell.column_span for cell in cells)
    lines: list[list[str]] = [[] for _ in range(rows)]
    for cell in cells:
        lines[cell.row].append(cell.text.replace("|", "｜"))
    text = "\n".join(" | ".join(line) for line in lines if any(line))
    if text:
        yield Block(BlockKind.TABLE, text, box, table=Table(rows, columns, cells))


def _placed(rows: list[list[tuple[str, int, int]]]) -> tuple[Cell, ...]:
    """Give (text, row span, column span) their places in a grid; spans that would overlap are cut."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, line in enumerate(rows):
        column = 0
        for text, down, across in line:
            while (row, column) in taken:
                column += 1
            high = min(down, len(rows) - row)
            wide = next((step for step in range(1, across) if (row, column + step) in taken), across)
            taken |= {(row + y, column + x) for y in range(high) for x in range(wide)}
            if len(taken) > _MAX_CELLS:
                return ()
            cells.append(Cell(row, column, text, high, wide, header=row == 0))
            column += wide
    return tuple(cells)


def _html_rows(html: str) -> tuple[Cell, ...]:
    reader = _TableReader()
    reader.feed(html)
    return _placed(reader.rows)


class _TableReader(HTMLParser):
    """Collects rows of (text, row span, column span)."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, int, int]]] = []
        self._cell: tuple[int, int] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            known = dict(attrs)
            self._cell = _span(known.get("rowspan")), _span(known.get("colspan"))
            self._text = []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.rows[-1].append((join_lines("".join(self._text).splitlines()), *self._cell))
            self._cell = None


def _span(value: str | None) -> int:
    return min(max(int(value), 1), _MAX_SPAN) if value is not None and value.isdecimal() else 1
