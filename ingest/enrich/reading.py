"""The text that enrichment reads: what a person sees of the document, as statements with the block they stand in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.documents import Block, BlockKind
from wenyuan.text import Language, detect_language, sentences, squeeze

#: Characters that are read of a document: enrichment describes it, and no document may hold a worker for long.
MAX_CHARS: Final = 400_000
_LANGUAGE_CHARS: Final = 20_000
_UNREAD: Final = {BlockKind.HEADER, BlockKind.FOOTER}
#: Where prose stands, of which a summary may be made.
_PROSE: Final = {BlockKind.PARAGRAPH, BlockKind.LIST}


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, heading or table row of block ``block``; ``order`` counts statements from 0."""

    text: str
    block: int
    order: int
    kind: BlockKind

    @property
    def prose(self) -> bool:
        """Whether it stands in running text."""
        return self.kind in _PROSE


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as enrichment sees it: running heads and hidden text are left out."""

    title: str
    language: Language
    statements: tuple[Statement, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The texts of the titles, in order."""
        return tuple(part.text for part in self.statements if part.kind is BlockKind.TITLE)


def read(title: str, blocks: Sequence[Block]) -> Reading:
    """Return what enrichment reads of ``blocks``, up to ``MAX_CHARS`` characters."""
    found: list[Statement] = []
    used = 0
    for ordinal, block in enumerate(blocks):
        if block.kind in _UNREAD or block.hidden is not None:
            continue
        for part in sentences(block.text[: MAX_CHARS - used]):
            found.append(Statement(squeeze(part.text), ordinal, len(found), block.kind))
        used += len(block.text)
        if used >= MAX_CHARS:
            break
    return Reading(title, _language(title, found), tuple(found))


def _language(title: str, statements: Sequence[Statement]) -> Language:
    sample, used = [title], 0
    for statement in statements:
        sample.append(statement.text)
        used += len(statement.text)
        if used > _LANGUAGE_CHARS:
            break
    return detect_language("\n".join(sample))
