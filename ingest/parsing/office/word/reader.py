"""Word documents as pieces, read from their XML: what a person sees on the page, in the order of the text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.package import MAX_FIGURES, Package, active_parts
from ingest.parsing.office.pieces import COMMENT, Piece, Reading, first_title
from ingest.parsing.office.spans import Span, by_visibility, join_spans
from ingest.parsing.office.word.document import Document
from ingest.parsing.office.word.drawings import drawn_pieces
from ingest.parsing.office.word.inline import MC, Content, Ground, Inline, chosen
from ingest.parsing.office.word.styles import Style, W, child_value, number_of, outline_level, w
from ingest.parsing.office.word.tables import RawCell, raw_cells, to_cell, without_rows
from wenyuan.documents import BlockKind, Hidden
from wenyuan.text import squeeze

_CONTENTS: Final = ("Table of Contents", "Table of Figures")
_NUMBERED: Final = re.compile(r"[（(]\s*[A-Z]?\d{1,3}(?:[.．\-–—]\d{1,3})*[a-z]?\s*[）)]")
_MAX_DEPTH: Final = 40


def read_word(path: Path) -> Reading:
    """Read a DOCX: headings by style or outline level, else recovered by numbering, size and weight.

    Computed numbers stand before headings and list items; tracked insertions are read, deletions are not. Foot- and
    endnotes and comments follow the paragraph that refers to them. What a reader does not see is marked with why.
    Warns ``macros`` and ``embedded-object:N`` for what is never run nor opened.
    """
    with Package.open(path) as package:
        document = Document(package)
        body = _Reader(document, document.part)
        pieces = list(body.blocks(document.body))
        heads = [piece for part in document.running_parts("header") for piece in _running(document, part)]
        feet = [piece for part in document.running_parts("footer") for piece in _running(document, part)]
        warnings = tuple(active_parts(package))
    pieces = list(_bounded(recover_headings(pieces)))
    return Reading(
        (*_once(heads), *pieces, *_once(feet)),
        body.title or first_title(pieces),
        warnings,
    )


class _Reader:
    """Reads the blocks of one part; ``title`` is the text of the first paragraph in the style of titles."""

    def __init__(self, document: Document, part: str, depth: int = 0) -> None:
        self._document = document
        self._part = part
        self._depth = depth
        self._inline = Inline(document.styles, document.package.relations(part), document.mark)
        self.title: str | None = None

    def blocks(self, container: Any, *, paper: str | None = "") -> Iterator[Piece]:
        """Yield the pieces of a body, cell, text box or note; ``paper`` is its colour, None where not known."""
        if self._depth > _MAX_DEPTH:
            return
        paper = self._document.paper if paper == "" else paper
        for node in container:
            if node.tag == W + "p":
                yield from self._paragraph(node, paper)
            elif node.tag == W + "tbl":
                yield from self._table(node, paper)
            elif node.tag == W + "sdt":
                if child_value(node.find(f"{W}sdtPr/{W}docPartObj"), "docPartGallery") not in _CONTENTS:
                    yield from self._nested(node.find(W + "sdtContent"), paper)
            elif node.tag == MC + "AlternateContent":
                yield from self._nested(chosen(node), paper)
            elif node.tag.startswith(W) and node.tag.removeprefix(W) in ("ins", "moveTo", "customXml", "smartTag"):
                yield from self._nested(node, paper)
            elif node.tag.rpartition("}")[2] in ("oMathPara", "oMath"):
                yield from self._paragraph([node], paper)

    def _nested(self, container: Any, paper: str | None) -> Iterator[Piece]:
        if container is not None:
            self._depth += 1
            yield from self.blocks(container, paper=paper)
            self._depth -= 1

    # --- paragraphs ---------------------------------------------------------------------------------------------

    def _paragraph(self, node: Any, paper: str | None) -> Iterator[Piece]:
        properties = node.find(W + "pPr") if hasattr(node, "find") else None
        key = child_value(properties, "pStyle")
        style = self._document.styles.paragraph(key)
        level = _level(style, properties)
        if level:
            self._inline.fields.close()
        content = self._inline.read(node, Ground(style.look, _paper(style, properties, paper)))
        spans, hidden = by_visibility(content.spans())
        if style.is_contents:
            return
        numbered = self._label(style, key, properties, seen=bool(spans) or not hidden)
        if any(isinstance(part, str) for part in content.parts) or _is_equation(spans):
            yield from self._equations(content)
        else:
            piece = self._worded(spans, numbered, style, level)
            if piece.text:
                if style.is_title and self.title is None:
                    self.title = squeeze(piece.text)
                yield piece
        yield from _hidden_pieces(hidden)
        yield from self._attached(content)

    def _worded(self, spans: list[Span], numbered: tuple[str, bool] | None, style: Style, level: int) -> Piece:
        if numbered is not None and numbered[0] and any(span.text.strip() for span in spans):
            first = next(span for span in spans if span.text.strip())
            spans = [Span(numbered[0], size=first.size, bold=first.bold), *_trimmed(spans)]
        words = join_spans(spans, verbatim=style.is_code)
        kind = BlockKind.PARAGRAPH
        if level:
            kind = BlockKind.TITLE
        elif style.is_caption:
            kind = BlockKind.CAPTION
        elif style.is_code:
            kind = BlockKind.CODE
        elif numbered is not None or style.is_list:
            kind = BlockKind.LIST
        return Piece(kind, words.text, level, size=words.size, bold=words.bold, links=words.links)

    def _label(self, style: Style, key: str | None, properties: Any, *, seen: bool) -> tuple[str, bool] | None:
        """Count a numbered paragraph; returns its label and whether it is a bullet, None outside lists."""
        if not seen:
            return None
        own = number_of(properties) or (None, None)
        linked = self._document.numbering.linked(key)
        inherited = style.number or linked
        number_id = own[0] if own[0] is not None else (inherited[0] if inherited else None)
        if number_id is None or number_id == "0":
            return None
        level = own[1]
        if level is None:
            same = linked is not None and linked[0] == number_id
            level = linked[1] if same and linked is not None else (inherited[1] if inherited and own[0] is None else 0)
        label = self._document.numbering.label((number_id, level))
        return None if label is None else (label.text, label.bullet)

    def _equations(self, content: Content) -> Iterator[Piece]:
        """Yield equations that stand alone as formulas, each with the number behind it, and the words between them."""
        parts: list[Piece] = []
        for part in content.parts:
            if isinstance(part, str):
                parts.append(Piece(BlockKind.FORMULA, part))
                continue
            seen, _ = by_visibility(part)
            words = join_spans(seen)
            if parts and parts[-1].kind is BlockKind.FORMULA and _NUMBERED.fullmatch(words.text):
                parts[-1] = replace(parts[-1], text=f"{parts[-1].text} \\tag{{{words.text.strip('（(）) ')}}}")
            elif _is_equation(seen):
                latex, number = _equation(words.text)
                parts.append(Piece(BlockKind.FORMULA, latex + (f" \\tag{{{number}}}" if number else "")))
            elif words.text:
                parts.append(Piece(BlockKind.PARAGRAPH, words.text, links=words.links, size=words.size))
        yield from parts

    def _attached(self, content: Content) -> Iterator[Piece]:
        """Yield what belongs to a paragraph and stands outside its lines: drawings, notes, comments, its section."""
        for drawn in content.drawn:
            for found in drawn_pieces(self._document.package, self._part, drawn):
                if isinstance(found, Piece):
                    yield found
                else:
                    # The colour of a text box is its shape's affair.
                    yield from self._nested(found, None)
        for kind, key in content.notes:
            yield from self._note(kind, key)
        for key in content.comments:
            yield from self._comment(key)

    def _note(self, kind: str, key: str) -> Iterator[Piece]:
        found = self._document.note(kind, key)
        if found is not None and self._depth <= _MAX_DEPTH:
            node, part, mark = found
            yield from _joined(_Reader(self._document, part, self._depth + 1).blocks(node), BlockKind.FOOTNOTE, mark)

    def _comment(self, key: str) -> Iterator[Piece]:
        found = self._document.comment(key)
        if found is not None and self._depth <= _MAX_DEPTH:
            node, part = found
            author = squeeze(w(node, "author") or "")
            mark = f"{COMMENT} ({author}): " if author else f"{COMMENT}: "
            yield from _joined(_Reader(self._document, part, self._depth + 1).blocks(node), BlockKind.FOOTNOTE, mark)

    # --- tables -------------------------------------------------------------------------------------------------

    def _table(self, node: Any, paper: str | None) -> Iterator[Piece]:
        if self._depth > _MAX_DEPTH:
            return
        properties = node.find(W + "tblPr")
        if self._document.styles.table_is_shaded(child_value(properties, "tblStyle")):
            paper = None
        raws = raw_cells(node)
        if len(raws) == 1:
            # A frame around text, not a table.
            yield from self._nested(raws[0].node, _cell_paper(raws[0], paper))
            return
        cells, below = [], []
        hidden_rows = {raw.row for raw in raws if raw.hidden}
        hidden_words: list[str] = []
        self._depth += 1
        for raw in raws:
            text, others = self._cell(raw, _cell_paper(raw, paper))
            cells.append(to_cell(raw, text))
            below += others
            if raw.hidden and text:
                hidden_words.append(text)
        self._depth -= 1
        table = make_table(without_rows(cells, hidden_rows))
        if table is not None:
            yield Piece(BlockKind.TABLE, table_text(table), table=table)
        if hidden_words:
            yield Piece(BlockKind.PARAGRAPH, " | ".join(hidden_words), hidden=Hidden.MARKED)
        yield from below

    def _cell(self, raw: RawCell, paper: str | None) -> tuple[str, list[Piece]]:
        """Return the words of a cell, and what cannot stand in it: pictures, tables inside it, notes, hidden text."""
        words: list[str] = []
        others: list[Piece] = []
        for node in (raw.node, *raw.more):
            for piece in self.blocks(node, paper=paper):
                if piece.hidden is not None or piece.kind in (BlockKind.FIGURE, BlockKind.TABLE, BlockKind.FOOTNOTE):
                    others.append(piece)
                else:
                    words.append(f"${piece.text}$" if piece.kind is BlockKind.FORMULA else piece.text)
        return clean_cell("\n".join(words)), others


def _level(style: Style, properties: Any) -> int:
    own = outline_level(properties) if properties is not None else None
    return style.level if own is None else own


def _trimmed(spans: list[Span]) -> list[Span]:
    """The spans from their first word on: the label stands directly before it."""
    start = next(index for index, span in enumerate(spans) if span.text.strip())
    return [replace(spans[start], text=spans[start].text.lstrip()), *spans[start + 1 :]]


def _paper(style: Style, properties: Any, paper: str | None) -> str | None:
    if style.shaded:
        return None
    shade = properties.find(W + "shd") if properties is not None else None
    return (_fill(shade) or paper) if shade is not None else paper


def _cell_paper(raw: RawCell, paper: str | None) -> str | None:
    properties = raw.node.find(W + "tcPr")
    shade = properties.find(W + "shd") if properties is not None else None
    return paper if shade is None or w(shade, "fill") in (None, "auto") else _fill(shade)


def _fill(shade: Any) -> str | None:
    value = w(shade, "fill") or ""
    return value.upper() if re.fullmatch(r"[0-9A-Fa-f]{6}", value) else None


def _is_equation(spans: Iterable[Span]) -> bool:
    """Say whether a paragraph is one equation, with or without its number."""
    text = "".join(span.text for span in spans).strip()
    return text.startswith("$") and text.count("$") == 2 and (text.endswith("$") or bool(_equation(text)[1]))


def _equation(text: str) -> tuple[str, str]:
    latex, _, rest = text.strip().strip("$").partition("$")
    number = rest.strip()
    return latex, number.strip("（(）) ") if _NUMBERED.fullmatch(number) else ""


def _hidden_pieces(hidden: dict[Hidden, list[Span]]) -> Iterator[Piece]:
    for reason, spans in hidden.items():
        words = join_spans(spans)
        if words.text:
            yield Piece(BlockKind.PARAGRAPH, words.text, links=words.links, hidden=reason)


def _joined(pieces: Iterable[Piece], kind: BlockKind, mark: str) -> Iterator[Piece]:
    """One piece of all words, ``mark`` before them; pictures behind it."""
    found = list(pieces)
    text = "\n".join(
        f"${piece.text}$" if piece.kind is BlockKind.FORMULA else piece.text for piece in found if piece.text
    )
    if text:
        yield Piece(kind, f"{mark}{text}")
    yield from (piece for piece in found if piece.kind is BlockKind.FIGURE)


def _running(document: Document, part: str) -> Iterator[Piece]:
    kind = BlockKind.HEADER if document.is_header(part) else BlockKind.FOOTER
    for piece in _Reader(document, part).blocks(document.package.xml(part)):
        if piece.text and piece.kind is not BlockKind.FIGURE:
            yield Piece(kind, piece.text, hidden=piece.hidden)


def _once(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The first of running heads that repeat from section to section."""
    seen: set[str] = set()
    for piece in pieces:
        if piece.text not in seen:
            seen.add(piece.text)
            yield piece


def _bounded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    figures = 0
    for piece in pieces:
        figures += piece.kind is BlockKind.FIGURE
        if piece.kind is not BlockKind.FIGURE or figures <= MAX_FIGURES:
            yield piece
