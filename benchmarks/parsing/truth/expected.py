"""What a parser should read from a generated document."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from benchmarks.parsing.metrics.headings import LevelledHeading
from benchmarks.parsing.metrics.text import canonical
from benchmarks.parsing.truth.model import (
    Contents,
    DocumentBlock,
    Figure,
    Heading,
    Items,
    Paragraph,
    Remark,
    TableBlock,
    TableKind,
    TruthDocument,
)
from wenyuan.documents import Table

_PROBE: Final = {"zh": 10, "en": 30}


@dataclass(frozen=True, slots=True)
class Expected:
    """Text in reading order (footnotes after their paragraph), headings, tables, and probes of the reading order."""

    text: str
    headings: tuple[LevelledHeading, ...]
    tables: tuple[tuple[TableKind, Table], ...]
    probes: tuple[str, ...]


def expected_of(document: TruthDocument) -> Expected:
    """Return the truth of a document as it was drawn."""
    texts: list[str] = []
    notes = 0
    for block in document.blocks:
        texts += _texts(block)
        if isinstance(block, Paragraph) and block.note:
            notes += 1
            texts.append(f"{notes}{notes}{block.note}")
    starts = [
        canonical(text).casefold()[: _PROBE[document.language]]
        for block in document.blocks
        if isinstance(block, Heading | Paragraph | Items)
        for text in _texts(block)
    ]
    text = "\n".join(texts)
    plain = canonical(text).casefold()
    count = Counter({start: plain.count(start) for start in starts})
    return Expected(
        text=text,
        headings=tuple((block.text, block.level) for block in document.blocks if isinstance(block, Heading)),
        tables=tuple((block.kind, block.table) for block in document.blocks if isinstance(block, TableBlock)),
        probes=tuple(start for start in starts if count[start] == 1),
    )


def _texts(block: DocumentBlock) -> list[str]:
    match block:
        case Heading() | Paragraph() | Remark():
            return [block.text]
        case Items():
            return list(block.items)
        case TableBlock():
            return [block.caption, *(cell.text for cell in block.table.cells)]
        case Figure():
            return [block.caption]
        case Contents():
            return [block.title, *(f"{text}{page}" for text, _, page in block.entries)]
