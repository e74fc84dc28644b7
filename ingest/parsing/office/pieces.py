"""What a reader of one office format yields, and how pieces become the blocks of a parsed document."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.parsing.numbering import is_caption
from wenyuan.documents import Block, BlockKind, Hidden, Link, ParsedDocument, Table
from wenyuan.text import strip_invisible

COMMENT = "批注 Comment"
"""What opens the text of a comment, which stands beside the text proper."""

_MAX_TITLE = 120
_MAX_TITLE_SENTENCE = 40
_SENTENCE_END = re.compile(r"[。；;，,：:]$|\.$")
_MAX_CAPTION = 100


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before it knows its headings.

    ``level`` is the 1-based depth of a title. ``section`` numbers slides or sheets: the heading path starts anew when
    it changes. ``size`` is the font size in points where the format tells, ``bold`` is true when all of it is bold.
    ``links`` count in ``text``; ``media`` names the picture of a figure inside the file.
    """

    kind: BlockKind
    text: str
    level: int = 0
    table: Table | None = None
    anchor: str | None = None
    section: int = 0
    size: float | None = None
    bold: bool = False
    links: tuple[Link, ...] = ()
    media: str | None = None
    hidden: Hidden | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All pieces of a file in reading order, its title if it has one, and warning codes."""

    pieces: tuple[Piece, ...]
    title: str | None = None
    warnings: tuple[str, ...] = ()


def assemble(reading: Reading) -> ParsedDocument:
    """Turn pieces into blocks: clean the text, drop empty ones, give every block its heading path.

    A title's own text closes its heading path, so that a chunk of titles alone still knows where it stands.
    """
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    section = 0
    for piece in map(_settle, reading.pieces):
        text = strip_invisible(piece.text).strip()
        if not text and not piece.media:
            continue
        if piece.section != section:
            section, path = piece.section, []
        if piece.kind is BlockKind.TITLE:
            path = [item for item in path if item[0] < piece.level]
            path.append((piece.level, " ".join(text.split())))
        heading_path = () if piece.kind in (BlockKind.HEADER, BlockKind.FOOTER) else tuple(name for _, name in path)
        blocks.append(
            Block(
                kind=piece.kind,
                text=text,
                heading_path=heading_path,
                level=piece.level if piece.kind is BlockKind.TITLE else 0,
                anchor=piece.anchor,
                table=piece.table,
                links=_links(piece, text),
                media=piece.media,
                hidden=piece.hidden,
            )
        )
    title = " ".join(strip_invisible(reading.title).split()) if reading.title else None
    return ParsedDocument(pages=(), blocks=tuple(blocks), title=title or None, warnings=reading.warnings)


def _links(piece: Piece, text: str) -> tuple[Link, ...]:
    """Move links to where their words stand once the text is cleaned."""
    if not piece.links:
        return ()
    lead = len(shown := strip_invisible(piece.text)) - len(shown.lstrip())
    moved = (
        Link(
            max(len(strip_invisible(piece.text[: link.start])) - lead, 0),
            min(len(strip_invisible(piece.text[: link.end])) - lead, len(text)),
            link.target,
        )
        for link in piece.links
    )
    return tuple(link for link in moved if link.start < link.end)


def first_title(pieces: Sequence[Piece]) -> str | None:
    """Return the text of a title that stands before all other text (running heads aside), or None."""
    body = next((piece for piece in pieces if piece.kind not in (BlockKind.HEADER, BlockKind.FOOTER)), None)
    return body.text if body is not None and body.kind is BlockKind.TITLE and body.level <= 1 else None


def number_levels(pieces: Iterable[Piece]) -> list[Piece]:
    """Close gaps in title levels: the depths that occur become 1, 2, 3 … in order."""
    found = list(pieces)
    depths = sorted({piece.level for piece in found if piece.kind is BlockKind.TITLE})
    rank = {depth: index + 1 for index, depth in enumerate(depths)}
    return [replace(piece, level=rank[piece.level]) if piece.kind is BlockKind.TITLE else piece for piece in found]


def _settle(piece: Piece) -> Piece:
    """A title as long as a sentence is a paragraph in a heading's style; a numbered caption is a caption."""
    text = piece.text.strip()
    if piece.kind is BlockKind.TITLE and (
        len(text) > _MAX_TITLE or (len(text) > _MAX_TITLE_SENTENCE and _SENTENCE_END.search(text))
    ):
        return replace(piece, kind=BlockKind.PARAGRAPH, level=0)
    if piece.kind is BlockKind.PARAGRAPH and _is_caption(text):
        return replace(piece, kind=BlockKind.CAPTION)
    return piece


def _is_caption(text: str) -> bool:
    return len(text) <= _MAX_CAPTION and is_caption(text) and text[-1] not in "。；;"
