"""Parser of the sources: a small Markdown dialect with merged table cells.

Front matter between ``---`` lines gives the metadata. Every other line is one block or a part of one:

- ``## `` and ``### `` headings, ``> `` a note, ``- `` and ``1. `` list items, anything else a paragraph
- ``| a | b |`` table rows; ``<`` merges with the cell on the left, ``^`` with the cell above; ``|===|`` ends the header
- ``!caption TEXT`` names the table that follows, ``!figure NAME CAPTION`` places a drawing, ``!pagebreak`` a page break
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from scripts.demo_corpus.model import (
    Block,
    Cell,
    Document,
    Figure,
    Heading,
    Items,
    Note,
    PageBreak,
    Paragraph,
    Table,
)

_NUMBERED = re.compile(r"\d+\. ")
_HEADER_END = "|===|"


def read_document(path: Path) -> Document:
    """Parse one source file; raises ``ValueError`` with the file name when it is malformed."""
    try:
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        meta = dict(line.split(": ", 1) for line in front.splitlines())
        return Document(meta=meta, blocks=tuple(_blocks(body)))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _kind(line: str) -> str:
    if line.startswith("|"):
        return "table"
    if line.startswith("- "):
        return "bullets"
    if _NUMBERED.match(line):
        return "numbers"
    return "single"


def _blocks(body: str) -> list[Block]:
    blocks: list[Block] = []
    caption = ""
    # A blank line has a group of its own, so it also ends a list or a table.
    for kind, group in groupby(body.splitlines(), key=lambda line: _kind(line) if line.strip() else "blank"):
        lines = list(group)
        if kind == "table":
            blocks.append(_table(lines, caption))
            caption = ""
        elif kind == "bullets":
            blocks.append(Items(tuple(line[2:] for line in lines), numbered=False))
        elif kind == "numbers":
            blocks.append(Items(tuple(_NUMBERED.sub("", line, count=1) for line in lines), numbered=True))
        elif kind == "single":
            for line in lines:
                if line.startswith("!caption "):
                    caption = line.removeprefix("!caption ")
                else:
                    blocks.append(_single(line))
    return blocks


def _single(line: str) -> Block:
    if line.startswith("### "):
        return Heading(3, line[4:])
    if line.startswith("## "):
        return Heading(2, line[3:])
    if line.startswith("> "):
        return Note(line[2:])
    if line == "!pagebreak":
        return PageBreak()
    if line.startswith("!figure "):
        _, name, caption = line.split(" ", 2)
        return Figure(name, caption)
    if line.startswith("!"):
        raise ValueError(f"unknown directive: {line}")
    return Paragraph(line)


def _table(lines: list[str], caption: str) -> Table:
    header = lines.index(_HEADER_END)
    grid = [[text.strip() for text in line.strip("|").split("|")] for line in lines if line != _HEADER_END]
    width = len(grid[0])
    if any(len(row) != width for row in grid):
        raise ValueError(f"rows of unequal length in the table {caption or lines[0]!r}")
    cells = tuple(
        Cell(r, c, text, *_span(grid, r, c))
        for r, row in enumerate(grid)
        for c, text in enumerate(row)
        if text not in {"<", "^"}
    )
    return Table(cells, height=len(grid), width=width, header=header, caption=caption)


def _span(grid: list[list[str]], row: int, column: int) -> tuple[int, int]:
    """Rows and columns covered by the cell at (row, column): ``^`` below it and ``<`` to its right."""
    columns = 1
    while column + columns < len(grid[row]) and grid[row][column + columns] == "<":
        columns += 1
    rows = 1
    while row + rows < len(grid) and grid[row + rows][column] == "^":
        rows += 1
    return rows, columns
