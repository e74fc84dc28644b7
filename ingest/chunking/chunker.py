"""The structure-aware chunker.

A chunk never crosses a section, a table or a figure border, keeps sentences and table rows whole, repeats a table's
caption and header rows, and carries title and heading path as context. The same blocks give the same chunks, and
an edit changes the chunks near it only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Final

from ingest.chunking.cohesion import Embed, embedded_cohesion, lexical_cohesion
from ingest.chunking.figures import Sentence, label_of, references
from ingest.chunking.lines import boxes_of
from ingest.chunking.packing import cut_costs, pack
from ingest.chunking.parts import beside, by_rows, parted
from ingest.chunking.pieces import Counter, Cut, Piece, block_pieces, text_pieces
from ingest.chunking.rows import row_pieces
from ingest.chunking.sections import Form, Group, Member, group_blocks
from wenyuan.documents import BlockKind, BlockRange, Chunk, ParsedDocument
from wenyuan.parts.marks import marks_of
from wenyuan.parts.rules import Rule
from wenyuan.settings import TopicBreaks
from wenyuan.text import detect_language

FINGERPRINT_VERSION: Final = "structure-4"
CONTEXT_SEPARATOR: Final = " › "
MAX_HEADING_CHARS: Final = 80
# Context may take this part of a chunk, and heads of a table half of what remains.
_CONTEXT_PART: Final = 3
# Text without headings that is longer than so many chunks is searched for topic breaks.
_UNSTRUCTURED: Final = 2


@dataclass(frozen=True, slots=True)
class _Run:
    """Pieces of one group that chunks are cut from, with what each of these chunks begins with."""

    head: tuple[Piece, ...]
    body: tuple[Piece, ...]
    budget: int


class StructureChunker:
    """Implements ``wenyuan.ports.Chunker``.

    ``max_tokens`` bounds context and text together in embedder tokens. ``topic_breaks`` chooses how cuts in long text
    without headings are found; ``embedding`` needs ``embed`` (sentences in, unit vectors out).
    """

    def __init__(
        self,
        count_tokens: Callable[[str], int],
        max_tokens: int,
        topic_breaks: TopicBreaks = "off",
        embed: Embed | None = None,
    ) -> None:
        if topic_breaks == "embedding" and embed is None:
            raise ValueError("topic breaks by embedding need an embedder")
        self._count = count_tokens
        self._max_tokens = max_tokens
        self._topic_breaks = topic_breaks
        self._embed = embed
        self.fingerprint = f"{FINGERPRINT_VERSION}:{max_tokens}:{topic_breaks}"

    def chunk(self, title: str, parsed: ParsedDocument, rules: Sequence[Rule] = ()) -> list[Chunk]:
        """Return the chunks of ``parsed``, section by section in reading order, none across a border of ``rules``."""
        count = cache(self._count)  # for this document: heads and contexts come again and again
        marks = marks_of(parsed.blocks, rules)
        groups = group_blocks(parsed.blocks)
        named = references(groups)
        chunks: list[Chunk] = []
        for group in parted(groups, marks):
            context = self._context(title, group.path, count)
            room = max(1, self._max_tokens - count(context))
            whole = _run(group, beside(named, group, marks), count, room)
            for head, body in by_rows(whole.head, whole.body, marks):
                for pieces in self._cut(_Run(head, body, whole.budget)):
                    chunks.append(_assemble(len(chunks), pieces, context, group, count))
        return chunks

    def _context(self, title: str, path: Sequence[str], count: Counter) -> str:
        """Join title and headings; of a path that is too long the outer headings fall away, then the title."""
        parts = [part[:MAX_HEADING_CHARS] for part in (title, *path) if part]
        limit = self._max_tokens // _CONTEXT_PART
        while len(parts) > 1 and count(CONTEXT_SEPARATOR.join(parts)) > limit:
            del parts[1 if len(parts) > 2 else 0]
        context = CONTEXT_SEPARATOR.join(parts)
        while context and count(context) > limit:
            context = context[: len(context) * 3 // 4]
        return context

    def _cut(self, run: _Run) -> list[tuple[Piece, ...]]:
        sizes = [piece.tokens for piece in run.body]
        cohesion = None
        if not run.head and sum(sizes) > _UNSTRUCTURED * run.budget:
            cohesion = self._cohesion(run.body)
        spans = pack(sizes, cut_costs(run.body, run.budget, cohesion), run.budget)
        return [(*run.head, *run.body[start:end]) for start, end in spans]

    def _cohesion(self, pieces: Sequence[Piece]) -> list[float] | None:
        if self._topic_breaks == "embedding" and self._embed is not None:
            return embedded_cohesion(pieces, self._embed)
        return lexical_cohesion(pieces) if self._topic_breaks == "lexical" else None


def _run(group: Group, named: dict[str, Sentence], count: Counter, budget: int) -> _Run:
    if group.form is Form.TEXT:
        return _Run((), tuple(text_pieces(group.members, count, budget)), budget)
    head = [replace(piece, head=True) for member in group.heads for piece in block_pieces(*member, count, budget)]
    label = label_of(group) if group.form is Form.FIGURE else None
    if label in named:
        head.extend(_reference(named[label], count, budget))
    pieces = _members(group, count, budget)
    head.extend(piece for piece in pieces if piece.head)
    fixed = sum(piece.tokens for piece in head)
    body = [piece for piece in pieces if not piece.head]
    if not body or fixed > budget // 2:  # a head as long as the chunk would leave no room for rows: it is said once
        return _Run((), (*head, *body), budget)
    room = budget - fixed
    if any(piece.tokens > room for piece in body):
        body = [piece for piece in _members(group, count, room) if not piece.head]
    return _Run(tuple(head), tuple(body), room)


def _members(group: Group, count: Counter, budget: int) -> list[Piece]:
    """Return the pieces of a table or figure itself, and of the notes below it, which stay with its last row."""
    pieces = [piece for member in group.members for piece in _member_pieces(member, count, budget)]
    notes = [piece for member in group.notes for piece in block_pieces(*member, count, budget)]
    return [*pieces, *(replace(piece, cut=Cut.LED_IN) for piece in notes)]


def _member_pieces(member: Member, count: Counter, budget: int) -> list[Piece]:
    ordinal, block = member
    if block.kind is BlockKind.TABLE and block.table is not None:
        return list(row_pieces(ordinal, block, block.table, count, budget))
    return list(block_pieces(ordinal, block, count, budget))


def _reference(sentence: Sentence, count: Counter, budget: int) -> list[Piece]:
    """Return the sentence that refers to a figure; one that would crowd out the figure is left where it stands."""
    ordinal, block, start, end = sentence
    text = block.text[start:end]
    tokens = count(text)
    if tokens > budget // 4:
        return []
    return [Piece(ordinal, text, boxes_of(block, start, end), "\n", tokens, head=True, anchor=block.anchor)]


def _assemble(ordinal: int, pieces: Sequence[Piece], context: str, group: Group, count: Counter) -> Chunk:
    text = ""
    ranges: list[BlockRange] = []
    for piece in pieces:
        text += piece.joiner if text else ""
        ranges.append(BlockRange(piece.ordinal, len(text), len(text) + len(piece.text), piece.boxes, piece.rows))
        text += piece.text
    return Chunk(
        ordinal=ordinal,
        text=text,
        context=context,
        heading_path=group.path,
        ranges=_merge(ranges),
        tokens=count(context) + sum(piece.tokens for piece in pieces),
        language=detect_language(text),
        anchor=next((piece.anchor for piece in pieces if piece.anchor), None),
        pages=tuple(sorted({box.page for part in ranges for box in part.boxes})),
        section=group.number,
    )


def _merge(ranges: Sequence[BlockRange]) -> tuple[BlockRange, ...]:
    """Join neighbouring ranges that stand in one block at the same boxes."""
    merged = []
    for _, group in groupby(ranges, key=lambda part: (part.ordinal, part.boxes)):
        parts = list(group)
        rows = tuple(dict.fromkeys(row for part in parts for row in part.rows))
        merged.append(BlockRange(parts[0].ordinal, parts[0].start, parts[-1].end, parts[0].boxes, rows))
    return tuple(merged)
