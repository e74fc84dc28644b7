"""Recover headings of a document that marks none: by numbering, by font size, by weight."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ingest.parsing.numbering import (
    DOTTED,
    FIXED_ORDER,
    is_caption,
    is_contents_heading,
    is_contents_line,
    is_usual_heading,
    scheme_of,
    without_page,
)
from ingest.parsing.office.pieces import Piece, number_levels
from wenyuan.documents import BlockKind, Link

# Depths: larger text first, then the ways of numbering, then bold text of the body's size.
_FIXED_DEPTH: Final = 20
_FREE_DEPTH: Final = 40
_BOLD_DEPTH: Final = 90
_MAX_LENGTH: Final = 40
_MAX_LENGTH_EN: Final = 90
_MAX_BOLD: Final = 30
_ENDS_SENTENCE: Final = re.compile(r"[。；;，,：:！？!?]$|[a-z]\.$")
_APPENDIX: Final = re.compile(r"(?:附录|附件|附表|appendix\b|annex\b)", re.IGNORECASE)
_PART: Final = re.compile(r"第[一二三四五六七八九十\d]{1,3}部分")
_LARGER = 1.12
_MIN_BODY_CHARS = 40
_MAX_BOLD_SHARE: Final = 0.35
_MIN_RUN: Final = 3


@dataclass(frozen=True, slots=True)
class _Look:
    """What the document as a whole says: the body's size, whether weight tells, which ways of numbering come first."""

    body: float | None
    bold_tells: bool
    depths: dict[str, int]
    dotted: bool
    top: int
    bare: frozenset[int]
    sizes: dict[float, int]


def recover_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Return ``pieces`` with paragraphs that are headings turned into titles of levels 1, 2, 3.

    Nothing changes when the document marks titles itself, more than the one at its head. A candidate is short and
    does not end like a sentence; its way of numbering (第一章, 一、, （一）, 1.2) gives its depth: parts, chapters and
    sections stand above all others, which rank by where they first appear. A bare ``1.`` counts only when set bold or
    larger than the body, or when it is the parent of a ``1.1`` heading. Without a number, larger text is a heading,
    and so is bold text where most of the document is not bold.
    """
    marked = sum(piece.kind is BlockKind.TITLE for piece in pieces)
    if marked > 1:
        return number_levels(pieces)
    # The one title at the head stands above all that is recovered.
    above = [replace(piece, level=0) if piece.kind is BlockKind.TITLE else piece for piece in pieces]
    pieces = [part for piece in above for part in _split(piece)]
    look = _look_of(pieces)
    contents = _contents(pieces)
    found = [piece if index in contents else _promote(piece, look) for index, piece in enumerate(pieces)]
    return number_levels(_drop_runs(pieces, found))


def _look_of(pieces: Sequence[Piece]) -> _Look:
    body = _body_size(pieces)
    schemes = [(piece, scheme) for piece in pieces if _short(piece) and (scheme := _scheme(piece)) is not None]
    words = [piece for piece in pieces if piece.kind is BlockKind.PARAGRAPH and piece.text]
    bold = sum(piece.bold for piece in words)
    depths = {name: _FIXED_DEPTH + rank for rank, name in enumerate(FIXED_ORDER)}
    free: list[str] = []
    bare = _bare_headings(pieces)
    for piece, scheme in schemes:
        if scheme in depths or scheme in free or scheme == "appendix":
            continue
        if scheme != "dot1" or _stands_out(piece, body) or id(piece) in bare:
            free.append(scheme)
    # 1 stands above 1.1 wherever each appears first.
    dotted = [name for name in DOTTED if name in free or (name == "dot1" and "dot2" in free)]
    if dotted:
        first = min(free.index(name) for name in dotted if name in free)
        free = (
            [name for name in free[:first] if name not in dotted]
            + dotted
            + [name for name in free[first:] if name not in dotted]
        )
    depths |= {name: _FREE_DEPTH + rank for rank, name in enumerate(free)}
    has_levels = any(scheme in ("dot2", "dot3") for _, scheme in schemes)
    top = min((depths[scheme] for _, scheme in schemes if scheme in depths), default=_FREE_DEPTH)
    # An appendix is as high as a chapter, whatever chapters are called here.
    depths["appendix"] = max(depths["chapter"], top)
    return _Look(
        body,
        0 < bold <= _MAX_BOLD_SHARE * len(words),
        depths,
        has_levels,
        top,
        bare,
        _depth_of_size(schemes, depths, body),
    )


def _depth_of_size(
    schemes: Sequence[tuple[Piece, str]], depths: dict[str, int], body: float | None
) -> dict[float, int]:
    """Return how deep headings of each size are that numbers tell: one without a number stands beside its like."""
    found: dict[float, int] = {}
    for piece, scheme in schemes:
        if piece.size and _is_larger(piece, body) and scheme in depths:
            found[piece.size] = min(found.get(piece.size, depths[scheme]), depths[scheme])
    return found


def _bare_headings(pieces: Sequence[Piece]) -> frozenset[int]:
    """Return the identities of short lines numbered ``1.`` that each have text below, not the next number.

    They are headings, not a list. They count below other numbered headings only, as 1. does below （一）.
    """
    if not any(_scheme(piece) in ("han", "han-bracket") for piece in pieces if _short(piece)):
        return frozenset()
    found: set[int] = set()
    for before, piece, after in zip([None, *pieces], pieces, [*pieces[1:], None], strict=False):
        if piece.kind is not BlockKind.PARAGRAPH or not _short(piece) or _scheme(piece) != "dot1":
            continue
        alone = not any(other is not None and _short(other) and _scheme(other) == "dot1" for other in (before, after))
        if alone and after is not None and after.kind not in (BlockKind.LIST, BlockKind.TITLE):
            found.add(id(piece))
    return frozenset(found)


def _split(piece: Piece) -> list[Piece]:
    """Part a paragraph at its line breaks when one of its lines is a heading: line breaks stood for paragraphs."""
    if piece.kind is not BlockKind.PARAGRAPH or "\n" not in piece.text:
        return [piece]
    lines: list[Piece] = []
    start = 0
    for line in piece.text.split("\n"):
        end = start + len(line)
        if line.strip():
            inside = (link for link in piece.links if start <= link.start and link.end <= end)
            links = tuple(Link(link.start - start, link.end - start, link.target) for link in inside)
            lines.append(replace(piece, text=line, links=links))
        start = end + 1
    return lines if any(_short(line) and _scheme(line) is not None for line in lines) else [piece]


def _promote(piece: Piece, look: _Look) -> Piece:
    stands_out = _stands_out(piece, look.body)
    if not _short(piece, 2 if stands_out and _scheme(piece) in (*FIXED_ORDER, *DOTTED) else 1):
        return piece
    scheme = _scheme(piece)
    if scheme == "dot1" and not (stands_out or look.dotted or id(piece) in look.bare):
        return piece
    depth = look.depths.get(scheme) if scheme is not None else None
    if depth is None and piece.kind is BlockKind.PARAGRAPH:
        depth = _unnumbered_depth(piece, look)
    if depth is None or (piece.kind is BlockKind.LIST and scheme not in FIXED_ORDER and not stands_out):
        return piece
    return replace(piece, kind=BlockKind.TITLE, level=depth)


def _unnumbered_depth(piece: Piece, look: _Look) -> int | None:
    text = piece.text.strip()
    if is_caption(text):
        return None
    if is_usual_heading(text) and (
        (look.bold_tells and piece.bold) or _stands_out(replace(piece, bold=False), look.body)
    ):
        return look.top
    if look.body and piece.size and piece.size >= look.body * _LARGER:
        if piece.size in look.sizes:
            return look.sizes[piece.size]
        # The larger, the higher; all of it above the numbered headings.
        return max(1, 15 - round((piece.size / look.body - 1) * 10))
    bold = piece.bold and look.bold_tells and look.body is not None and len(text) <= _bold_limit(text)
    return _BOLD_DEPTH if bold else None


def _bold_limit(text: str) -> int:
    return 2 * _MAX_BOLD if text.isascii() else _MAX_BOLD


def _stands_out(piece: Piece, body: float | None) -> bool:
    return piece.bold or _is_larger(piece, body)


def _is_larger(piece: Piece, body: float | None) -> bool:
    return body is not None and piece.size is not None and piece.size >= body * _LARGER


def _short(piece: Piece, times: int = 1) -> bool:
    text = piece.text.strip()
    if piece.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST) or "\n" in text or piece.hidden is not None:
        return False
    limit = _MAX_LENGTH_EN if text.isascii() else _MAX_LENGTH
    return 1 < len(text) <= limit * times and not _ENDS_SENTENCE.search(text)


def _scheme(piece: Piece) -> str | None:
    text = piece.text.strip()
    if _PART.match(text):
        return "part"
    scheme = scheme_of(text)
    return "appendix" if scheme == "chapter" and _APPENDIX.match(text) else scheme


def _body_size(pieces: Sequence[Piece]) -> float | None:
    """Return the font size that most characters have, or None when the format tells no sizes."""
    sizes: Counter[float] = Counter()
    for piece in pieces:
        if piece.size is not None and piece.kind in (BlockKind.PARAGRAPH, BlockKind.LIST):
            sizes[piece.size] += len(piece.text)
    if not sizes or sizes.total() < _MIN_BODY_CHARS:
        return None
    return sizes.most_common(1)[0][0]


def _contents(pieces: Sequence[Piece]) -> set[int]:
    """Return the places of the lines of a table of contents and of its heading.

    They end like such lines, or follow 目录 and say, page number aside, what a later paragraph says.
    """
    found = {index for index, piece in enumerate(pieces) if is_contents_line(piece.text)}
    last = {"".join(piece.text.split()): index for index, piece in enumerate(pieces)}
    for start, piece in enumerate(pieces):
        if not is_contents_heading(piece.text.strip()):
            continue
        stop = start + 1
        while stop < len(pieces):
            text = "".join(without_page(pieces[stop].text.strip()).split())
            if stop not in found and last.get(text, -1) <= stop:
                break
            stop += 1
        if stop > start + 1:
            found.update(range(start, stop))
    return found


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
        if after[start].kind is BlockKind.TITLE and stop - start >= _MIN_RUN and level == max(depths):
            kept[start:stop] = before[start:stop]
        start = stop
    return kept
