"""Word and PowerPoint files as pieces."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.parsing.office.grid import table_from_html, table_text
from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.pieces import Piece, Reading, first_title
from ingest.parsing.office.wordxml import flatten, footnote_texts
from ingest.parsing.unstructured_port import Element, read_docx, read_pptx
from wenyuan.documents import BlockKind
from wenyuan.text import squeeze

KINDS = {
    "title": BlockKind.TITLE,
    "text": BlockKind.PARAGRAPH,
    "list": BlockKind.LIST,
    "table": BlockKind.TABLE,
    "code": BlockKind.CODE,
    "caption": BlockKind.CAPTION,
    "header": BlockKind.HEADER,
    "footer": BlockKind.FOOTER,
}


def read_word(path: Path) -> Reading:
    """Read a DOCX: headings by style or outline level, else recovered by numbering and size."""
    import docx

    document = docx.Document(str(path))
    flatten(document.element.body, _footnotes(document))
    pieces = [piece_of(element) for element in read_docx(document)]
    pieces = recover_headings(pieces)
    named = next((p.text for p in document.paragraphs if p.style and p.style.name == "Title" and p.text.strip()), None)
    return Reading(tuple(_once(pieces)), named or first_title(pieces))


def read_slides(path: Path) -> Reading:
    """Read a PPTX: each slide is a section under its title, its blocks anchored ``slide N`` (1-based).

    Warns ``slide-hidden:N``; hidden slides are read, for they travel with the file.
    """
    import pptx

    presentation = pptx.Presentation(str(path))
    hidden = [n for n, slide in enumerate(presentation.slides, 1) if slide.element.get("show") == "0"]
    pieces = []
    titled: set[int] = set()
    for element in read_pptx(presentation):
        number = element.page or 1
        piece = piece_of(element, anchor=f"slide {number}", section=number)
        if piece.kind is BlockKind.TITLE and number in titled:
            # A title placeholder of several lines is one heading; the lines behind the first are text.
            piece = replace(piece, kind=BlockKind.PARAGRAPH, level=0)
        elif piece.kind is BlockKind.TITLE:
            titled.add(number)
        pieces.append(piece)
    return Reading(
        tuple(pieces),
        title=first_title(pieces),
        warnings=tuple(f"slide-hidden:{number}" for number in hidden),
    )


def piece_of(element: Element, *, anchor: str | None = None, section: int = 0) -> Piece:
    """Translate an element of the port."""
    kind = KINDS[element.kind]
    text = element.text if kind is BlockKind.CODE else _lines(element.text)
    table = _table(element.html) if kind is BlockKind.TABLE and element.html else None
    return Piece(
        kind=kind,
        text=table_text(table) if table else text,
        level=element.depth,
        table=table,
        anchor=anchor,
        section=section,
        size=element.size,
        bold=element.bold,
    )


def _table(html: str) -> Any:
    from lxml import etree

    return table_from_html(etree.fromstring(html, etree.HTMLParser()).find(".//table"))


def _lines(text: str) -> str:
    """Squeeze white space within lines; a line break inside a paragraph (or a vertical tab) stays."""
    return "\n".join(line for line in map(squeeze, text.replace("\v", "\n").splitlines()) if line)


def _once(pieces: list[Piece]) -> list[Piece]:
    """Keep the first of running heads that repeat from section to section."""
    seen: set[tuple[BlockKind, str]] = set()
    kept = []
    for piece in pieces:
        if piece.kind in (BlockKind.HEADER, BlockKind.FOOTER):
            if (piece.kind, piece.text) in seen:
                continue
            seen.add((piece.kind, piece.text))
        kept.append(piece)
    return kept


def _footnotes(document: Any) -> dict[str, str]:
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes") and not relation.is_external:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            return footnote_texts(etree.fromstring(relation.target_part.blob, parser))
    return {}
