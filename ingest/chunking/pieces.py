"""Pieces: the smallest parts of a block that a chunk keeps whole – a sentence, a list item, a table row."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from ingest.chunking.lines import boxes_of
from wenyuan.documents import Block, BlockKind, Box
from wenyuan.text import sentences

Counter = Callable[[str], int]

_ARTICLE: Final = re.compile(
    r"第\s*[一二三四五六七八九十百千零〇\d]{1,8}\s*条(?:之[一二三四五六七八九十])?[\s　:：]?"
    r"|(?:Article|ARTICLE|Section|SECTION|Clause|CLAUSE)\s+\d{1,4}\b|§\s*\d"
)
_ITEM: Final = re.compile(
    r"[-*•·●○■□◆▪–—]\s+|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,3}[)）、]|\d{1,3}\.\s|[①-⑳]|[a-zA-Z][)）]\s"
    r"|[一二三四五六七八九十]{1,3}、"
)
_MAX_HEADLINE: Final = 80
# No text has so many characters to a token on average; longer than that is too long without counting.
_MOST_CHARS: Final = 16
_LEADS_IN: Final = ("：", ":", "︰")
_ENDS: Final = frozenset("。！？!?.；;…”’」』）)】》\"'")
_CLAUSE_ENDS: Final = "；;，,、：: "
_WEAK_ENDS: Final = ("；", ";")


class Cut(IntEnum):
    """How well a chunk may begin at a piece, from an article's first words to the middle of a sentence."""

    ARTICLE = 0
    PARAGRAPH = 1
    ITEM = 2
    SENTENCE = 3
    CLAUSE = 4
    LED_IN = 5
    WORDS = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stands in block ``ordinal``. ``joiner`` is what parts it from the piece before it in a chunk.

    ``head`` marks what is repeated at the top of every chunk of a table or figure. ``tokens`` is the size of ``text``
    in embedder tokens. ``row`` is that of a table (0-based), None elsewhere.
    """

    ordinal: int
    text: str
    boxes: tuple[Box, ...]
    joiner: str
    tokens: int
    cut: Cut = Cut.PARAGRAPH
    head: bool = False
    anchor: str | None = None
    row: int | None = None

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows of a table that it shows."""
        return () if self.row is None else (self.row,)


def text_pieces(members: Sequence[tuple[int, Block]], count: Counter, budget: int) -> list[Piece]:
    """Cut the running text of a section into pieces of at most ``budget`` tokens, in reading order."""
    pieces: list[Piece] = []
    blocks = [None, *(block for _, block in members), None]
    for place, (ordinal, block) in enumerate(members):
        before, behind = blocks[place], blocks[place + 2]
        led = before is not None and _is_headline(before, block)
        cut = Cut.LED_IN if led else Cut.ARTICLE if _is_headline(block, behind) else _between(before, block)
        for piece in block_pieces(ordinal, block, count, budget):
            first = not pieces or pieces[-1].ordinal != ordinal
            pieces.append(replace(piece, cut=cut) if first else piece)
    return pieces


def block_pieces(ordinal: int, block: Block, count: Counter, budget: int) -> Iterator[Piece]:
    """Cut one block that is not a table into pieces, the first of them with the cut of a paragraph."""
    spans = _code_lines(block.text) if block.kind is BlockKind.CODE else _sentences(block.text)
    for start, end, joiner, cut in spans:
        text = block.text[start:end]
        tokens = measured(text, count, budget)
        if tokens is not None:
            yield Piece(ordinal, text, boxes_of(block, start, end), joiner, tokens, cut, anchor=block.anchor)
            continue
        for left, right in cuts_of(text, count, budget):
            part, boxes = text[left:right], boxes_of(block, start + left, start + right)
            before, how = ("", Cut.WORDS) if left else (joiner, cut)
            yield Piece(ordinal, part, boxes, before, count(part), how, anchor=block.anchor)


def measured(text: str, count: Counter, budget: int) -> int | None:
    """Return the tokens of ``text``, or None when they are over ``budget``; text far over it is not even counted."""
    if len(text) > budget * _MOST_CHARS:
        return None
    tokens = count(text)
    return tokens if tokens <= budget else None


def cuts_of(text: str, count: Counter, budget: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of parts of ``text`` of at most ``budget`` tokens, ended by clauses where there are any."""
    sample = text[: budget * _MOST_CHARS]
    limit = max(1, len(sample) * budget // max(1, count(sample)))
    start = 0
    while start < len(text):
        stop = min(start + limit, len(text))
        while stop - start > 1 and count(text[start:stop]) > budget:
            stop = start + max(1, (stop - start) * 3 // 4)
        if stop < len(text):
            middle = start + (stop - start) // 2
            cut = max(text.rfind(char, middle, stop) for char in _CLAUSE_ENDS) + 1
            stop = cut if cut > middle else stop
        yield start, stop
        start = stop


def _sentences(text: str) -> Iterator[tuple[int, int, str, Cut]]:
    joiner, cut, end = "\n", Cut.PARAGRAPH, 0
    found = sentences(text)
    led = False
    for place, sentence in enumerate(found):
        behind = found[place + 1] if place + 1 < len(found) else None
        heads = behind is not None and "\n" in text[sentence.end : behind.start] and _heads(sentence.text, behind.text)
        if end:
            between = text[end : sentence.start]
            broken = "\n" in between
            joiner = "\n" if broken else between
            cut = Cut.ARTICLE if heads and broken else _inside(text[end - 1 : end], sentence.text, broken=broken)
        end = sentence.end
        yield sentence.start, end, joiner, Cut.LED_IN if led else cut
        led = heads


def _inside(before: str, text: str, *, broken: bool) -> Cut:
    """Name the cut between two sentences of one block."""
    if before.endswith(_LEADS_IN):
        return Cut.LED_IN
    if broken:
        return _opening(text)
    return Cut.CLAUSE if before.endswith(_WEAK_ENDS) else Cut.SENTENCE


def _between(previous: Block | None, block: Block) -> Cut:
    """Name the cut between two blocks of one section."""
    text = block.text.lstrip()
    article = _opening(text)
    if previous is None or article is Cut.ARTICLE:
        return article
    before = previous.text.rstrip()
    if before.endswith(_LEADS_IN) or BlockKind.FORMULA in (previous.kind, block.kind):
        return Cut.LED_IN
    if block.kind is BlockKind.LIST:
        return Cut.ITEM
    if previous.kind is BlockKind.PARAGRAPH is block.kind and before[-1:] not in _ENDS and text[:1].islower():
        return Cut.CLAUSE  # a paragraph that a page or a picture interrupts
    return article


def _is_headline(block: Block, behind: Block | None) -> bool:
    """Whether a short line without an end heads the paragraph behind it, though it has no style of a heading."""
    return (
        behind is not None
        and block.kind is BlockKind.PARAGRAPH is behind.kind
        and _heads(block.text.strip(), behind.text.strip())
    )


def _heads(text: str, behind: str) -> bool:
    return (
        len(text) <= _MAX_HEADLINE
        and "\n" not in text
        and text[-1:].isalnum()
        and not text[:1].islower()
        and len(behind) > len(text)
        and behind[-1:] in _ENDS
    )


def _opening(text: str) -> Cut:
    if _ARTICLE.match(text):
        return Cut.ARTICLE
    return Cut.ITEM if _ITEM.match(text) else Cut.PARAGRAPH


def _code_lines(text: str) -> Iterator[tuple[int, int, str, Cut]]:
    position = 0
    blank = False
    for line in text.splitlines(keepends=True):
        body = line.rstrip()
        if body.strip():
            yield position, position + len(body), "\n", Cut.PARAGRAPH if blank or not position else Cut.SENTENCE
        blank = not body.strip()
        position += len(line)
