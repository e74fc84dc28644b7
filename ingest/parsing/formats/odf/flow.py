"""Running content of an OpenDocument file as pieces: headings, paragraphs, lists, tables, notes, frames."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ingest.parsing.formats.odf.styles import Look, Styles, number_text
from ingest.parsing.office.grid import MAX_SPAN, clean_cell, make_table, table_text
from ingest.parsing.office.pieces import Piece
from ingest.parsing.office.spans import Span, by_visibility, join_spans
from ingest.xmltree import attribute, local
from wenyuan.documents import BlockKind, Cell, Hidden
from wenyuan.text import squeeze

_SKIPPED: Final = frozenset(
    ("tracked-changes", "table-of-content", "annotation", "annotation-end", "forms", "sequence-decls", "ruby-text",
     "bibliography", "alphabetical-index", "illustration-index", "table-index", "settings", "notes", "title", "desc",
     "page-number", "page-count")
)  # fmt: skip
_GROUPS: Final = frozenset(("table-header-rows", "table-rows", "table-row-group"))
_MAX_REPEAT: Final = 1_000
_MAX_SPACES: Final = 100
_MAX_CELLS: Final = 50_000
_MAX_FIGURES: Final = 500


class Flow:
    """Reads elements in order; ``section`` and ``anchor`` go to every piece."""

    def __init__(self, styles: Styles, *, section: int = 0, anchor: str | None = None) -> None:
        self._styles = styles
        self._section = section
        self._anchor = anchor
        self._lists: list[tuple[str, int]] = []
        self._behind: list[Piece] = []
        self._figures = 0

    def read(self, holder: Any) -> Iterator[Piece]:
        """Yield the pieces of an element's children."""
        for node in holder:
            name = local(node)
            if name in _SKIPPED or not name:
                continue
            if name in ("h", "p"):
                yield from self._paragraph(node, name)
            elif name == "list":
                yield from self._list(node, 1, None)
            elif name == "table":
                yield from self.table(node)
            elif name == "section" and self._hides(node):
                yield from self._concealed("".join(node.itertext()), Hidden.MARKED)
            elif name == "frame":
                self._frame(node)
                yield from self._after()
            else:
                yield from self.read(node)

    def table(self, node: Any) -> Iterator[Piece]:
        """Yield a table with its spans; tables in its cells are read as their words."""
        cells: list[Cell] = []
        row = 0
        for tr, in_head in _rows(node, head=False):
            column = 0
            for cell in tr:
                name = local(cell)
                if name not in ("table-cell", "covered-table-cell"):
                    continue
                repeat = _count(cell, "number-columns-repeated")
                if name == "table-cell":
                    text = clean_cell(self._cell_text(cell))
                    down, across = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
                    for index in range(repeat if text else 1):
                        cells.append(
                            Cell(row, column + index, text, min(down, MAX_SPAN), min(across, MAX_SPAN), in_head)
                        )
                        if len(cells) > _MAX_CELLS:
                            raise ValueError("table too large")
                column += repeat
            row += 1 if not len(tr) else min(_count(tr, "number-rows-repeated"), 1)
        table = make_table([_within(cell, row) for cell in cells])
        if table is not None:
            yield self._piece(BlockKind.TABLE, table_text(table), table=table)
        yield from self._after()

    def spans(self, node: Any, names: Sequence[str | None], link: str | None = None) -> Iterator[Span]:
        """Yield the words of a paragraph with their looks; what is anchored in it waits to follow it."""
        look = self._styles.look(names)
        yield self._span(node.text, look, link)
        for child in node:
            name = local(child)
            if name == "s":
                yield self._span(" " * min(_count(child, "c"), _MAX_SPACES), look, link)
            elif name == "tab":
                yield self._span("\t", look, link)
            elif name == "line-break":
                yield self._span("\n", look, link)
            elif name == "note":
                self._note(child)
            elif name == "frame":
                self._frame(child)
            elif name in ("hidden-text", "hidden-paragraph"):
                yield Span("".join(child.itertext()), hidden=Hidden.MARKED)
            elif name == "a":
                yield from self.spans(child, [*names, attribute(child, "style-name")], attribute(child, "href"))
            elif name and name not in _SKIPPED:
                yield from self.spans(child, [*names, attribute(child, "style-name")], link)
            yield self._span(child.tail, look, link)

    def _span(self, text: str | None, look: Look, link: str | None) -> Span:
        # White space of the source counts as one space; spaces that count are elements.
        words = text or ""
        if words not in ("\n", "\t") and not words.isspace():
            lead, trail = words[:1].isspace(), words[-1:].isspace()
            words = " " * lead + squeeze(words) + " " * trail if words else ""
        target = link if link and not link.startswith("#") else None
        return Span(words, target, look.hidden, look.size, look.bold)

    def _paragraph(self, node: Any, name: str, mark: str = "", *, listed: bool = False) -> Iterator[Piece]:
        style = attribute(node, "style-name")
        level = attribute(node, "outline-level") or ""
        depth = int(level) if name == "h" and level.isdecimal() and len(level) < 3 else 0
        depth = depth or (1 if name == "h" else self._styles.level(style))
        seen, hidden = by_visibility(list(self.spans(node, [style])))
        kind = BlockKind.TITLE if depth else BlockKind.LIST if listed else BlockKind.PARAGRAPH
        words = join_spans([Span(f"{mark} "), *seen] if mark and any(span.text.strip() for span in seen) else seen)
        if words.text:
            yield self._piece(kind, words.text, level=depth, links=words.links, size=words.size, bold=words.bold)
        for why, spans in hidden.items():
            yield from self._concealed("".join(span.text for span in spans), why)
        yield from self._after()

    def _list(self, node: Any, depth: int, inherited: str | None) -> Iterator[Piece]:
        style = attribute(node, "style-name") or inherited
        numbering = self._styles.lists.get((style or "", depth))
        number = numbering.start if numbering else 1
        for item in node:
            if local(item) not in ("list-item", "list-header"):
                continue
            start = attribute(item, "start-value") or ""
            number = int(start) if start.isdecimal() and len(start) < 7 else number
            mark = number_text(number, numbering) if numbering and local(item) == "list-item" else ""
            number += 1
            for child in item:
                name = local(child)
                if name in ("p", "h"):
                    yield from self._paragraph(child, name, mark, listed=True)
                    mark = ""
                elif name == "list":
                    yield from self._list(child, depth + 1, style)
                else:
                    yield from self.read([child])

    def _cell_text(self, cell: Any) -> str:
        parts: list[str] = []
        for node in cell.iter():
            if local(node) in ("p", "h") and not _in_note(node, cell):
                seen, hidden = by_visibility(list(self.spans(node, [attribute(node, "style-name")])))
                # A white word in a coloured cell is seen; what its paragraph cannot tell is not held against it.
                seen += hidden.pop(Hidden.COLOUR, [])
                parts.append(join_spans(seen).text)
                for why, spans in hidden.items():
                    self._behind += self._concealed("".join(span.text for span in spans), why)
        return " ".join(part for part in parts if part)

    def _note(self, node: Any) -> None:
        body = next((child for child in node if local(child) == "note-body"), None)
        words = squeeze(" ".join("".join(part.itertext()) for part in body)) if body is not None else ""
        if words:
            self._behind.append(self._piece(BlockKind.FOOTNOTE, words))

    def _frame(self, node: Any) -> None:
        """A frame holds a picture, a text box or a table; its first content is the one that is shown."""
        told = [squeeze("".join(part.itertext())) for part in node if local(part) in ("title", "desc")]
        for child in node:
            name = local(child)
            if name == "image" and self._figures < _MAX_FIGURES:
                self._figures += 1
                target = (attribute(child, "href") or "").removeprefix("./")
                if target:
                    self._behind.append(self._piece(BlockKind.FIGURE, " ".join(filter(None, told)), media=target))
                return
            if name in ("text-box", "table"):
                inner = Flow(self._styles, section=self._section, anchor=self._anchor)
                self._behind += inner.read(child) if name == "text-box" else inner.table(child)
                return

    def _after(self) -> list[Piece]:
        behind, self._behind = self._behind, []
        return behind

    def _hides(self, node: Any) -> bool:
        return attribute(node, "display") in ("none", "condition") or self._styles.is_hidden(
            attribute(node, "style-name")
        )

    def _concealed(self, text: str, why: Hidden) -> list[Piece]:
        words = squeeze(text)
        return [self._piece(BlockKind.PARAGRAPH, words, hidden=why)] if words else []

    def _piece(self, kind: BlockKind, text: str, **more: Any) -> Piece:
        return Piece(kind, text, section=self._section, anchor=self._anchor, **more)


def _rows(node: Any, *, head: bool) -> Iterator[tuple[Any, bool]]:
    for child in node:
        name = local(child)
        if name == "table-row":
            yield child, head
        elif name in _GROUPS:
            yield from _rows(child, head=head or name == "table-header-rows")


def _in_note(node: Any, cell: Any) -> bool:
    return any(local(above) in ("note-body", "annotation") for above in _until(node, cell))


def _until(node: Any, end: Any) -> Iterator[Any]:
    above = node.getparent()
    while above is not None and above is not end:
        yield above
        above = above.getparent()


def _count(node: Any, name: str) -> int:
    value = attribute(node, name) or "1"
    return min(max(int(value), 1), _MAX_REPEAT) if value.isdecimal() and len(value) < 10 else 1


def _within(cell: Cell, rows: int) -> Cell:
    down = min(cell.row_span, max(rows - cell.row, 1))
    return Cell(cell.row, cell.column, cell.text, down, cell.column_span, cell.header)
