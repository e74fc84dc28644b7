"""What parts of a version can be named: its headings, its sheets, its tables."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wenyuan.documents import Block, BlockKind, Table
from wenyuan.parts.addresses import read_range
from wenyuan.parts.lines import lines_of
from wenyuan.parts.marks import sheet_of
from wenyuan.parts.rules import comparable

HEADING, SHEET, TABLE = "heading", "sheet", "table"


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading, sheet or table. ``path``: for a heading with its own text, for a table the headings that it is below.

    ``sheet``: its name, for a sheet that has one. ``rows``: the last row of a sheet, or the rows of a table.
    ``columns``: what the head of its first table says.
    """

    kind: str
    path: tuple[str, ...]
    page: int | None = None
    sheet: str | None = None
    rows: int = 0
    columns: tuple[str, ...] = ()


def outline_of(blocks: Iterable[Block]) -> list[Entry]:
    """Return the entries in reading order; the tables of a sheet are told of by the sheet."""
    found: list[Entry] = []
    sheets: dict[str, int] = {}
    path: list[tuple[int, str]] = []
    for block in blocks:
        page = block.boxes[0].page if block.boxes else None
        sheet = sheet_of(block)
        place = read_range(block.anchor)
        if sheet is not None or place is not None:  # a file of comma-separated rows is a sheet without a name
            at = sheets.setdefault(sheet or "", len(found))
            found += [Entry(SHEET, (), None, _written(block, sheet))] if at == len(found) else []
            rows = found[at].rows if place is None else max(found[at].rows, place.bottom)
            columns = found[at].columns or (() if block.table is None else _columns(block.table))
            found[at] = replace(found[at], rows=rows, columns=columns)
        elif block.kind is BlockKind.TITLE:
            level = max(block.level, 1)
            path = [*(one for one in path if one[0] < level), (level, block.text)]
            found.append(Entry(HEADING, tuple(text for _, text in path), page))
        elif block.table is not None:
            above = tuple(text for _, text in path)
            found.append(Entry(TABLE, above, page, None, block.table.rows, _columns(block.table)))
    return found


def _written(block: Block, sheet: str | None) -> str | None:
    """Return the name of a block's sheet as people write it."""
    texts = (*block.heading_path[:1], block.text)
    return next((text for text in texts if comparable(text) == sheet), sheet)


def _columns(table: Table) -> tuple[str, ...]:
    """Return what stands in the last row of the head, or the first row, without what stands there twice."""
    deep = max((cell.row + cell.row_span for cell in table.cells if cell.header), default=1)
    row = max(deep - 1, 0)
    said = lines_of(table)[row] if table.rows > row else {}
    texts = [cell.text for cell in table.cells if cell.row <= row < cell.row + cell.row_span]
    once = [text for text in said.values() if text]
    return tuple(text for text in texts if once.count(comparable(text)) == 1)
