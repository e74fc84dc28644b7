"""Tables of a Word document as cells with spans."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ingest.parsing.office.package import whole
from ingest.parsing.office.word.inline import MC, chosen
from ingest.parsing.office.word.styles import W, child_value, flag, w
from wenyuan.documents import Cell

_MAX_COLUMNS: Final = 1000
_MAX_CELLS: Final = 500_000
_WRAPPERS: Final = frozenset(W + name for name in ("ins", "moveTo", "customXml", "sdt", "sdtContent", "smartTag"))


@dataclass(slots=True)
class RawCell:
    """A cell and its element: where it begins, how far it reaches, whether it heads or is hidden."""

    node: Any
    row: int
    column: int
    across: int = 1
    down: int = 1
    header: bool = False
    hidden: bool = False
    more: list[Any] = field(default_factory=list)


def children(node: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """Yield children with these local names, also those inside content controls and other wrappers."""
    for child in node:
        if child.tag in _WRAPPERS:
            yield from children(child, names)
        elif child.tag == MC + "AlternateContent":
            yield from children(chosen(child), names)
        elif child.tag.startswith(W) and child.tag.removeprefix(W) in names:
            yield child


def raw_cells(table: Any) -> list[RawCell]:
    """Return the cells of ``w:tbl`` by their place in its grid; cells merged down are one, rows deleted are none."""
    found: list[RawCell] = []
    above: dict[int, RawCell] = {}
    row = 0
    heading = True
    for tr in children(table, ("tr",)):
        properties = tr.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            continue
        heading = heading and properties is not None and bool(flag(properties, "tblHeader"))
        hidden = properties is not None and bool(flag(properties, "hidden"))
        column = _number(properties, "gridBefore", 0)
        current: dict[int, RawCell] = {}
        for tc in children(tr, ("tc",)):
            own = tc.find(W + "tcPr")
            across = _number(own, "gridSpan", 1)
            merge = own.find(W + "vMerge") if own is not None else None
            continues = merge is not None and w(merge, "val") in (None, "continue")
            upper = above.get(column)
            beside = own is not None and child_value(own, "hMerge") == "continue" and bool(current)
            if beside:
                last = current[max(current)]
                last.across += across
                last.more.append(tc)
            elif continues and upper is not None and upper.across == across:
                upper.down += 1
                upper.more.append(tc)
                current[column] = upper
            else:
                current[column] = RawCell(tc, row, column, across, 1, heading, hidden)
                found.append(current[column])
            column += across
            if column > _MAX_COLUMNS or len(found) > _MAX_CELLS:
                raise_too_large()
        above = current
        row += 1
    return found


def raise_too_large() -> None:
    """Refuse a table whose grid no reader could hold."""
    from wenyuan.errors import FileUnsafe

    raise FileUnsafe(reason="table size")


def to_cell(raw: RawCell, text: str) -> Cell:
    """Return the cell with its text."""
    return Cell(raw.row, raw.column, text, raw.down, raw.across, raw.header)


def without_rows(cells: list[Cell], hidden: set[int]) -> list[Cell]:
    """Return the cells with hidden rows taken out and the rows below moved up."""
    if not hidden:
        return cells
    kept = []
    for cell in cells:
        rows = [row for row in range(cell.row, cell.row + cell.row_span) if row not in hidden]
        if rows:
            kept.append(replace(cell, row=rows[0] - sum(row < rows[0] for row in hidden), row_span=len(rows)))
    return kept


def _number(node: Any, name: str, default: int) -> int:
    value = child_value(node, name) if node is not None else None
    return max(whole(value, default), default)
