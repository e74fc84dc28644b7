"""The structure-aware chunker.

A chunk never crosses a section or a table border, keeps sentences and table rows whole, repeats a table's caption and
header rows, and carries title and heading path as context. The same blocks give the same chunks.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ingest.chunking.pieces import Piece, pieces_of
from wenyuan.documents import Block, BlockKind, BlockRange, Chunk, ParsedDocument
from wenyuan.text import detect_language

FINGERPRINT_VERSION: Final = "structure-2"
CONTEXT_SEPARATOR: Final = " › "
MAX_HEADING_CHARS: Final = 80
_SKIPPED: Final = {BlockKind.HEADER, BlockKind.FOOTER, BlockKind.FIGURE}


@dataclass(slots=True)
class Section:
    """Blocks under one heading path; a table is a section of its own with the caption that names it."""

    path: tuple[str, ...]
    table: bool
    members: list[tuple[int, Block]]


class StructureChunker:
    """Implements ``wenyuan.ports.Chunker``. ``max_tokens`` bounds context and text together in embedder tokens."""

    def __init__(self, count_tokens: Callable[[str], int], max_tokens: int) -> None:
        self._count = count_tokens
        self._max_tokens = max_tokens
        self.fingerprint = f"{FINGERPRINT_VERSION}:{max_tokens}"

    def chunk(self, title: str, parsed: ParsedDocument) -> list[Chunk]:
        """Return the chunks of ``parsed`` in reading order."""
        chunks: list[Chunk] = []
        for section in _sections(parsed.blocks):
            pieces = [piece for ordinal, block in section.members for piece in _pieces(section, ordinal, block)]
            context = CONTEXT_SEPARATOR.join(part[:MAX_HEADING_CHARS] for part in (title, *section.path) if part)
            for group in self._pack(pieces, self._max_tokens - self._count(context)):
                chunks.append(self._assemble(len(chunks), group, context, section.path))
        return chunks

    def _pack(self, pieces: Sequence[Piece], budget: int) -> Iterable[list[Piece]]:
        """Fill chunks up to the budget; header rows are put in front of each chunk of their table."""
        head = [piece for piece in pieces if piece.head]
        body = [piece for piece in pieces if not piece.head]
        if not body:
            head, body = [], list(pieces)
        fixed = sum(self._count(piece.text) for piece in head)
        if fixed > budget // 2:  # a header as long as the chunk would leave no room for rows: say it once
            head, body, fixed = [], list(pieces), 0
        current: list[Piece] = []
        used = fixed
        for piece in body:
            size = self._count(piece.text)
            if current and used + size > budget:
                yield head + current
                current, used = [], fixed
            current.append(piece)
            used += size
        if current:
            yield head + current

    def _assemble(self, ordinal: int, pieces: Sequence[Piece], context: str, path: tuple[str, ...]) -> Chunk:
        text = ""
        ranges: list[BlockRange] = []
        for piece in pieces:
            text += piece.joiner if text else ""
            ranges.append(BlockRange(piece.ordinal, len(text), len(text) + len(piece.text), piece.boxes))
            text += piece.text
        return Chunk(
            ordinal=ordinal,
            text=text,
            context=context,
            heading_path=path,
            ranges=_merge(ranges),
            tokens=self._count(context) + self._count(text),
            language=detect_language(text),
            anchor=next((piece.anchor for piece in pieces if piece.anchor), None),
            pages=tuple(sorted({box.page for part in ranges for box in part.boxes})),
        )


def _merge(ranges: Sequence[BlockRange]) -> tuple[BlockRange, ...]:
    """Join neighbouring ranges that stand in one block at the same boxes."""
    merged = []
    for _, group in groupby(ranges, key=lambda part: (part.ordinal, part.boxes)):
        parts = list(group)
        merged.append(BlockRange(parts[0].ordinal, parts[0].start, parts[-1].end, parts[0].boxes))
    return tuple(merged)


def _pieces(section: Section, ordinal: int, block: Block) -> list[Piece]:
    pieces = pieces_of(ordinal, block)
    if section.table and block.kind is BlockKind.CAPTION:  # the caption belongs to every chunk of its table
        return [dataclasses.replace(piece, head=True) for piece in pieces]
    return pieces


def _sections(blocks: Sequence[Block]) -> list[Section]:
    """Group blocks by heading path. A heading is context of its body; one without a body is text of its parent."""
    grouping = _Grouping()
    for ordinal, block in enumerate(blocks):
        if block.kind not in _SKIPPED and block.text.strip():
            grouping.add(ordinal, block)
    return grouping.finish()


class _Grouping:
    """Walks the blocks in reading order, with the headings and captions that still wait for what they belong to."""

    def __init__(self) -> None:
        self._sections: list[Section] = []
        self._path: tuple[str, ...] = ()
        self._levels: list[int] = []
        self._captions: list[tuple[int, Block]] = []
        self._heading: tuple[int, Block] | None = None

    def add(self, ordinal: int, block: Block) -> None:
        if block.kind is BlockKind.TITLE:
            self._open(ordinal, block)
            return
        here = block.heading_path or self._path
        self._heading = None
        if block.kind is BlockKind.CAPTION:
            self._captions.append((ordinal, block))
        else:
            members, self._captions = [*self._captions, (ordinal, block)], []
            self._append(here, members, table=block.kind is BlockKind.TABLE)

    def finish(self) -> list[Section]:
        self._settle(0)
        return self._sections

    def _open(self, ordinal: int, block: Block) -> None:
        level = max(block.level, 1)
        self._settle(level)
        keep = 0
        while keep < len(self._levels) and self._levels[keep] < level:
            keep += 1
        self._levels = [*self._levels[:keep], level]
        self._path = (*self._path[:keep], block.text.strip())
        self._heading = (ordinal, block)

    def _settle(self, level: int) -> None:
        """Make text of captions without a table, and of a heading that is followed by none of its own."""
        if self._captions:
            self._append(self._path, self._captions, table=False)
            self._captions = []
        if self._heading is not None and level <= max(self._heading[1].level, 1):
            self._append(self._path[:-1], [self._heading], table=False)
        self._heading = None

    def _append(self, path: tuple[str, ...], members: list[tuple[int, Block]], *, table: bool) -> None:
        last = self._sections[-1] if self._sections else None
        if last is None or table or last.table or last.path != path:
            self._sections.append(Section(path, table, []))
        self._sections[-1].members.extend(members)
