"""Recover headings of a document that marks none: by numbering first, then by font size."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ingest.parsing.numbering import scheme_of
from ingest.parsing.office.pieces import Piece, number_levels
from wenyuan.documents import BlockKind

# Depth of each way of numbering; font sizes without a number take the depths below 10.
_DEPTHS: Final = {
    "part": 10,
    "chapter": 20,
    "section": 30,
    "article": 35,
    "han": 40,
    "han-bracket": 50,
    "dot1": 55,
    "dot2": 60,
    "dot3": 61,
    "dot4": 62,
}
_PART: Final = re.compile(r"第[一二三四五六七八九十\d]{1,3}部分")
# A bare number also opens a list item, so it takes more than its shape to be a heading.
_BARE: Final = _DEPTHS["dot1"]
_LIST_DEPTH: Final = 30
_MAX_LENGTH: Final = 40
_MAX_LENGTH_EN: Final = 90
_ENDS_SENTENCE: Final = re.compile(r"[。；;，,：:！？!?]$|[a-z]\.$")
_LARGER = 1.12
_MIN_BODY_CHARS = 40


def recover_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Return ``pieces`` with paragraphs that are headings turned into titles of levels 1, 2, 3.

    Nothing changes when the document marks titles itself, more than the one at its head. A candidate is short and
    does not end like a sentence; its way of numbering (第一章, 一、, （一）, 1.2) gives its depth. A bare ``1.`` counts
    only when set bold or larger than the body, or when it is the parent of a ``1.1`` heading.
    """
    marked = sum(piece.kind is BlockKind.TITLE for piece in pieces)
    if marked > 1:
        return number_levels(pieces)
    # The one title at the head stands above all that is recovered.
    above = [replace(piece, level=0) if piece.kind is BlockKind.TITLE else piece for piece in pieces]
    pieces = [part for piece in above for part in _split(piece)]
    body = _body_size(pieces)
    dotted = any(_depth(piece) in (60, 61) for piece in pieces if _short(piece))
    found = [_promote(piece, body, dotted=dotted) for piece in pieces]
    return number_levels(_drop_runs(pieces, found))


def _split(piece: Piece) -> list[Piece]:
    """Part a paragraph at its line breaks when one of its lines is a heading: line breaks stood for paragraphs."""
    if piece.kind is not BlockKind.PARAGRAPH or "\n" not in piece.text:
        return [piece]
    lines = [replace(piece, text=line) for line in piece.text.split("\n") if line.strip()]
    return lines if any(_short(line) and _depth(line) is not None for line in lines) else [piece]


def _promote(piece: Piece, body: float | None, *, dotted: bool) -> Piece:
    if not _short(piece):
        return piece
    larger = body is not None and piece.size is not None and piece.size >= body * _LARGER
    stands_out = piece.bold or larger
    depth = _depth(piece)
    if depth == _BARE and not (stands_out or dotted):
        return piece
    if depth is None and larger and body and piece.size and piece.kind is BlockKind.PARAGRAPH:
        # The larger, the higher; all of it above the numbered headings.
        depth = max(1, 9 - round((piece.size / body - 1) * 10))
    if depth is None or (piece.kind is BlockKind.LIST and depth > _LIST_DEPTH and not stands_out):
        return piece
    return replace(piece, kind=BlockKind.TITLE, level=depth)


def _short(piece: Piece) -> bool:
    text = piece.text.strip()
    if piece.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST) or "\n" in text:
        return False
    limit = _MAX_LENGTH_EN if text.isascii() else _MAX_LENGTH
    return 1 < len(text) <= limit and not _ENDS_SENTENCE.search(text)


def _depth(piece: Piece) -> int | None:
    text = piece.text.strip()
    return _DEPTHS["part"] if _PART.match(text) else _DEPTHS.get(scheme_of(text) or "")


def _body_size(pieces: Sequence[Piece]) -> float | None:
    """Return the font size that most characters have, or None when the format tells no sizes."""
    sizes: Counter[float] = Counter()
    for piece in pieces:
        if piece.size is not None and piece.kind in (BlockKind.PARAGRAPH, BlockKind.LIST):
            sizes[piece.size] += len(piece.text)
    if not sizes or sizes.total() < _MIN_BODY_CHARS:
        return None
    return sizes.most_common(1)[0][0]


def _drop_runs(before: Sequence[Piece], after: Sequence[Piece]) -> list[Piece]:
    """Take back the deepest headings that follow one another without text between: a list, not headings."""
    depths = {piece.level for piece in after if piece.kind is BlockKind.TITLE}
    kept = list(after)
    start = 0
    while start < len(after):
        stop = start + 1
        level = after[start].level
        while stop < len(after) and after[stop].kind is BlockKind.TITLE and after[stop].level == level:
            stop += 1
        if after[start].kind is BlockKind.TITLE and stop - start >= 3 and level == max(depths):
            kept[start:stop] = before[start:stop]
        start = stop
    return kept
