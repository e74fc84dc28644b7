"""What floats over the cells of a sheet: comments, pictures, charts, text boxes."""

from collections.abc import Iterator
from typing import Any, Final

from ingest.parsing.formats.rows import cell_range
from ingest.parsing.office.drawing.charts import chart_pieces, diagram_pieces
from ingest.parsing.office.grid import clean_cell
from ingest.parsing.office.package import MAX_FIGURES, Package, R, whole
from ingest.parsing.office.pieces import COMMENT, Piece
from ingest.parsing.office.sheets.book import Book, S, SheetEntry, rich_text
from ingest.parsing.office.sheets.grid import position
from wenyuan.documents import BlockKind
from wenyuan.text import squeeze

_XDR: Final = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_THREADED: Final = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"


def comment_pieces(package: Package, entry: SheetEntry, section: int) -> Iterator[Piece]:
    """Yield the comments of a sheet, each anchored at its cell; threads take the place of their plain copies."""
    threads = package.related(entry.part, "threadedComment")
    notes: list[tuple[str, str, str]] = []
    for part in threads:
        notes += [
            (node.get("ref", ""), "", "".join(leaf.text or "" for leaf in node.iter(_THREADED + "text")))
            for node in package.xml(part).iter(_THREADED + "threadedComment")
        ]
    for part in package.related(entry.part, "comments") if not threads else ():
        root = package.xml(part)
        authors = [node.text or "" for node in root.iter(S + "author")]
        for node in root.iter(S + "comment"):
            text = node.find(S + "text")
            number = node.get("authorId", "")
            author = authors[whole(number)] if whole(number) < len(authors) else ""
            notes.append((node.get("ref", ""), author, rich_text(text) if text is not None else ""))
    for reference, author, text in notes:
        place = position(reference)
        if place is None or not text.strip():
            continue
        name = f" ({squeeze(author)})" if author.strip() else ""
        anchor = cell_range(entry.name, *place, *place)
        yield Piece(BlockKind.FOOTNOTE, f"{COMMENT} {reference}{name}: {squeeze(text)}", anchor=anchor, section=section)


def drawing_pieces(package: Package, entry: SheetEntry, section: int) -> Iterator[Piece]:
    """Yield pictures, charts, SmartArt and text boxes in the order of the rows they begin in."""
    for part in package.related(entry.part, "drawing"):
        anchors = [node for node in package.xml(part) if node.tag.startswith(_XDR)]
        for node in sorted(anchors, key=_corner)[:MAX_FIGURES]:
            row, column = _corner(node)
            anchor = cell_range(entry.name, row, column, row, column)
            yield from _shapes(package, part, node, anchor, section)


def _corner(node: Any) -> tuple[int, int]:
    found = node.find(_XDR + "from")
    if found is None:
        return 1, 1
    row, column = found.findtext(_XDR + "row", "0"), found.findtext(_XDR + "col", "0")
    return whole(row) + 1, whole(column) + 1


def _shapes(package: Package, part: str, node: Any, anchor: str, section: int) -> Iterator[Piece]:
    relations = package.relations(part)
    for blip in node.iter(_A + "blip"):
        relation = relations.get(blip.get(R + "embed", ""))
        if relation is not None and not relation.external and package.has(relation.target):
            yield Piece(BlockKind.FIGURE, _alt_text(blip), anchor=anchor, section=section, media=relation.target)
    for chart in node.iter(_C + "chart"):
        relation = relations.get(chart.get(R + "id", ""))
        if relation is not None and package.has(relation.target):
            yield from chart_pieces(package, relation.target, anchor=anchor, section=section)
    for diagram in node.iter(_DGM + "relIds"):
        relation = relations.get(diagram.get(R + "dm", ""))
        if relation is not None and package.has(relation.target):
            yield from diagram_pieces(package, relation.target, anchor=anchor, section=section)
    for body in node.iter(_XDR + "txBody"):
        lines = ["".join(leaf.text or "" for leaf in p.iter(_A + "t")) for p in body.iter(_A + "p")]
        text = "\n".join(filter(None, map(squeeze, lines)))
        if text:
            yield Piece(BlockKind.PARAGRAPH, text, anchor=anchor, section=section)


def _alt_text(blip: Any) -> str:
    picture = next(blip.iterancestors(_XDR + "pic"), None)
    names = picture.iter(_XDR + "cNvPr") if picture is not None else ()
    return clean_cell(next((name.get("descr") or "" for name in names), ""))


def cell_pictures(book: Book) -> dict[str, str]:
    """Return the parts of pictures that stand in cells, by the name that the cell's formula gives."""
    found: dict[str, str] = {}
    for part in book.package.related(book.part, "cellImage"):
        relations = book.package.relations(part)
        for picture in book.package.xml(part).iter(_XDR + "pic"):
            name = next((node.get("name", "") for node in picture.iter(_XDR + "cNvPr")), "")
            blip = next(picture.iter(_A + "blip"), None)
            relation = relations.get(blip.get(R + "embed", "")) if blip is not None else None
            if name and relation is not None and book.package.has(relation.target):
                found[name] = relation.target
    return found
