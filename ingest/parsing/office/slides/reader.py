"""Presentations as pieces, slide by slide in the order a person reads: title, then the shapes by their places."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from ingest.parsing.office.drawing.charts import chart_pieces, diagram_pieces
from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.office.package import MAX_FIGURES, Package, R, active_parts, whole
from ingest.parsing.office.pieces import COMMENT, Piece, Reading, first_title
from ingest.parsing.office.slides.backdrop import Backdrop
from ingest.parsing.office.slides.geometry import A, Frame, P, Shape, box_of, in_reading_order, transform_of
from ingest.parsing.office.slides.layouts import Layouts, placeholder
from ingest.parsing.office.slides.text import paragraphs, plain_text
from ingest.parsing.office.word.inline import MC, chosen, shown_nodes
from wenyuan.documents import BlockKind, Cell, Hidden
from wenyuan.errors import FileUnsafe
from wenyuan.text import squeeze

_C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_TITLES: Final = ("title", "ctrTitle")
_RUNNING: Final = ("ftr", "dt", "hdr")
_MAX_DEPTH: Final = 20
_MAX_CELLS: Final = 100_000


def read_slides(path: Path) -> Reading:
    """Read a PPTX: titles, text, tables, charts, SmartArt, pictures, then speaker notes and comments of each slide.

    Blocks are anchored ``slide N``. What is not seen in a show (a hidden slide or shape, tiny text, white on
    white, shapes beside the slide) is marked with why. Warns ``slide-hidden:N``, ``macros`` and ``embedded-object:N``.
    """
    pieces: list[Piece] = []
    warnings: list[str] = []
    with Package.open(path) as package:
        main = package.main_part()
        root = package.xml(main)
        relations = package.relations(main)
        size = root.find(P + "sldSz")
        extent = (float(size.get("cx", 0)), float(size.get("cy", 0))) if size is not None else None
        layouts = Layouts(package)
        parts = [relations[key] for node in root.iter(P + "sldId") if (key := node.get(R + "id")) in relations]
        for number, relation in enumerate(parts, 1):
            if relation.external or not package.has(relation.target):
                continue
            slide = _Slide(package, relation.target, number, layouts, extent)
            if slide.hidden:
                warnings.append(f"slide-hidden:{number}")
            pieces.extend(slide.pieces())
        warnings.extend(active_parts(package))
    return Reading(tuple(_bounded(pieces)), first_title(pieces), tuple(warnings))


class _Slide:
    """One slide."""

    def __init__(
        self, package: Package, part: str, number: int, layouts: Layouts, extent: tuple[float, float] | None
    ) -> None:
        self._package = package
        self._part = part
        self._number = number
        self._layouts = layouts
        self._extent = extent
        self._root = package.xml(part)
        self._backdrop = Backdrop(package, part, self._root, layouts)
        self._titled = False
        self.hidden = self._root.get("show") in ("0", "false")

    def pieces(self) -> Iterator[Piece]:
        """Yield what the slide shows, its notes and its comments."""
        tree = self._root.find(f"{P}cSld/{P}spTree")
        shapes = self._shapes(tree, Frame(), 0) if tree is not None else []
        for piece in (*self._read(shapes, 0), *self._notes(), *self._comments()):
            hidden = Hidden.MARKED if self.hidden else piece.hidden
            yield replace(piece, anchor=f"slide {self._number}", section=self._number, hidden=hidden)

    def _shapes(self, tree: Any, frame: Frame, depth: int) -> list[Shape]:
        """Return the shapes of a tree or group with their places on the slide."""
        found: list[Shape] = []
        for node in tree:
            if node.tag == MC + "AlternateContent":
                if depth <= _MAX_DEPTH:
                    found += self._shapes(chosen(node), frame, depth + 1)
            elif node.tag in (P + "sp", P + "grpSp", P + "graphicFrame", P + "pic", P + "cxnSp", P + "contentPart"):
                found.append(self._shape(node, frame))
        return found

    def _shape(self, node: Any, frame: Frame) -> Shape:
        role = placeholder(node)
        box = box_of(node) or (self._layouts.box(self._part, role) if role is not None else None)
        place = frame.place(box) if box is not None else (0.0, 0.0, 0.0, 0.0)
        return Shape(node, *place, placed=box is not None, title=role is not None and role[0] in _TITLES)

    def _read(self, shapes: list[Shape], depth: int, frame: Frame | None = None) -> Iterator[Piece]:
        frame = frame or Frame()
        for shape in in_reading_order(shapes):
            hidden = self._unseen(shape)
            for piece in self._one(shape, frame, depth):
                yield piece if piece.hidden is not None else replace(piece, hidden=hidden)

    def _one(self, shape: Shape, frame: Frame, depth: int) -> Iterator[Piece]:
        node = shape.node
        if node.tag == P + "grpSp":
            if depth <= _MAX_DEPTH:
                transform = transform_of(node)
                inner = frame.inside(transform) if transform is not None else frame
                yield from self._read(self._shapes(node, inner, depth + 1), depth + 1, inner)
        elif node.tag == P + "graphicFrame":
            yield from self._graphic(node)
        elif node.tag == P + "pic":
            yield from self._picture(node)
        else:
            yield from self._text(node, shape)

    def _unseen(self, shape: Shape) -> Hidden | None:
        properties = next(shape.node.iter(P + "cNvPr"), None)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return Hidden.MARKED
        if self._extent is None or not shape.placed:
            return None
        width, height = self._extent
        outside = shape.x1 <= 0 or shape.y1 <= 0 or shape.x0 >= width or shape.y0 >= height
        return Hidden.OFF_PAGE if outside and (shape.x1 > shape.x0 or shape.y1 > shape.y0) else None

    def _text(self, node: Any, shape: Shape) -> Iterator[Piece]:
        body = node.find(P + "txBody")
        fill = node.find(f"{P}spPr/{A}blipFill/{A}blip")
        if fill is not None and (name := self._target(fill.get(R + "embed"))):
            yield Piece(BlockKind.FIGURE, _alt_text(node), media=name)
        if body is None:
            return
        role = placeholder(node)
        kind = role[0] if role is not None else None
        if kind == "sldNum":
            return
        listed = kind in ("body", "obj") and self._layouts.bulleted(self._part, role)
        unreadable = partial(self._backdrop.hides, shape=shape)
        for found in paragraphs(body, self._package.relations(self._part), unreadable):
            for reason, words in found.hidden:
                if words.text:
                    yield Piece(BlockKind.PARAGRAPH, words.text, hidden=reason)
            words = found.words
            if not words.text:
                continue
            if shape.title and not self._titled:
                self._titled = True
                yield Piece(BlockKind.TITLE, words.text, 1, links=words.links, size=words.size)
            elif kind in _RUNNING:
                yield Piece(BlockKind.FOOTER, words.text)
            else:
                item = found.item if found.item is not None else listed
                yield Piece(_kind(words.text, item=item), _unwrapped(words.text), links=words.links, size=words.size)

    def _graphic(self, node: Any) -> Iterator[Piece]:
        for table in node.iter(A + "tbl"):
            found = make_table(_cells(table))
            if found is not None:
                yield Piece(BlockKind.TABLE, table_text(found), table=found)
        for chart in node.iter(_C + "chart"):
            if name := self._target(chart.get(R + "id")):
                yield from chart_pieces(self._package, name)
        for diagram in node.iter(_DGM + "relIds"):
            if name := self._target(diagram.get(R + "dm")):
                yield from diagram_pieces(self._package, name)
        for picture in shown_nodes(node, P + "pic"):
            if picture.tag == P + "pic":
                yield from self._picture(picture)

    def _picture(self, node: Any) -> Iterator[Piece]:
        for blip in node.iter(A + "blip"):
            if name := self._target(blip.get(R + "embed")):
                yield Piece(BlockKind.FIGURE, _alt_text(node), media=name)

    def _target(self, key: str | None) -> str | None:
        relation = self._package.relations(self._part).get(key or "")
        usable = relation is not None and not relation.external and self._package.has(relation.target)
        return relation.target if relation is not None and usable else None

    def _notes(self) -> Iterator[Piece]:
        for part in self._package.related(self._part, "notesSlide"):
            for node in self._package.xml(part).iter(P + "sp"):
                role = placeholder(node)
                body = node.find(P + "txBody")
                if body is not None and role is not None and role[0] == "body":
                    for found in paragraphs(body, self._package.relations(part)):
                        if found.words.text:
                            yield Piece(BlockKind.PARAGRAPH, found.words.text, links=found.words.links)

    def _comments(self) -> Iterator[Piece]:
        for part in self._package.related(self._part, "comments"):
            for node in self._package.xml(part):
                if node.tag.rpartition("}")[2] != "cm":
                    continue
                text = squeeze(node.findtext(P + "text") or plain_text(node))
                if text:
                    yield Piece(BlockKind.FOOTNOTE, f"{COMMENT}: {text}")


def _kind(text: str, *, item: bool) -> BlockKind:
    if text.startswith("$") and text.endswith("$") and text.count("$") == 2:
        return BlockKind.FORMULA
    return BlockKind.LIST if item else BlockKind.PARAGRAPH


def _unwrapped(text: str) -> str:
    return text[1:-1] if _kind(text, item=False) is BlockKind.FORMULA else text


def _alt_text(node: Any) -> str:
    properties = next(node.iter(P + "cNvPr"), None)
    return squeeze(properties.get("descr") or properties.get("title") or "") if properties is not None else ""


def _cells(table: Any) -> list[Cell]:
    properties = table.find(A + "tblPr")
    headed = properties is not None and properties.get("firstRow") in ("1", "true")
    cells: list[Cell] = []
    rows = table.findall(A + "tr")
    for row, tr in enumerate(rows):
        for column, tc in enumerate(tr.findall(A + "tc")):
            if tc.get("hMerge") in ("1", "true") or tc.get("vMerge") in ("1", "true"):
                continue
            down, across = _span(tc.get("rowSpan")), _span(tc.get("gridSpan"))
            cells.append(
                Cell(row, column, clean_cell(plain_text(tc)), min(down, len(rows) - row), across, headed and row == 0)
            )
            if len(cells) > _MAX_CELLS:
                raise FileUnsafe(reason="table size")
    return cells


def _span(value: str | None) -> int:
    return max(whole(value, 1), 1)


def _bounded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    figures = 0
    for piece in pieces:
        figures += piece.kind is BlockKind.FIGURE
        if piece.kind is not BlockKind.FIGURE or figures <= MAX_FIGURES:
            yield piece
