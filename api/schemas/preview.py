"""Bodies of previews."""

from collections import Counter
from itertools import groupby
from typing import Final

from pydantic import BaseModel

from ingest.preview import Preview
from wenyuan.documents import BlockKind, Chunk

MAX_SHOWN: Final = 1000
BARS: Final = 8


class PreviewChunkBody(BaseModel):
    """A chunk of the caller's own file; ``context`` (title and headings) is embedded in front of ``text``."""

    ordinal: int
    section: int
    text: str
    context: str
    heading_path: list[str]
    tokens: int
    pages: list[int]
    anchor: str | None
    language: str

    @classmethod
    def of(cls, chunk: Chunk) -> "PreviewChunkBody":
        """Return the body of a chunk."""
        return cls(
            ordinal=chunk.ordinal,
            section=chunk.section,
            text=chunk.text,
            context=chunk.context,
            heading_path=list(chunk.heading_path),
            tokens=chunk.tokens,
            pages=list(chunk.pages),
            anchor=chunk.anchor,
            language=chunk.language,
        )


class BarBody(BaseModel):
    """How many chunks have ``low`` to ``high`` tokens."""

    low: int
    high: int
    chunks: int


class PageIssueBody(BaseModel):
    """A page that was not read as it should be, and the code of the reason."""

    page: int
    error: str


class PreviewStatisticsBody(BaseModel):
    """Counts of the whole file."""

    chunks: int
    sections: int
    tables: int
    figures: int
    pages: int
    characters: int
    tokens: int
    smallest: int
    median: int
    largest: int
    histogram: list[BarBody]
    languages: dict[str, int]


class PreviewBody(BaseModel):
    """How a file would be cut; of a long one the first thousand chunks are shown, all are counted."""

    title: str
    media_type: str
    size: int
    chunk_tokens: int
    statistics: PreviewStatisticsBody
    warnings: list[str]
    page_issues: list[PageIssueBody]
    chunks: list[PreviewChunkBody]

    @classmethod
    def of(cls, preview: Preview) -> "PreviewBody":
        """Return the body of a preview."""
        pages = preview.parsed.pages
        return cls(
            title=preview.title,
            media_type=preview.source.media_type,
            size=preview.source.size,
            chunk_tokens=preview.most_tokens,
            statistics=_statistics(preview),
            warnings=list(preview.parsed.warnings),
            page_issues=[PageIssueBody(page=page.number, error=page.error) for page in pages if page.error],
            chunks=[PreviewChunkBody.of(chunk) for chunk in preview.chunks[:MAX_SHOWN]],
        )


def _statistics(preview: Preview) -> PreviewStatisticsBody:
    chunks, blocks = preview.chunks, preview.parsed.blocks
    sizes = sorted(chunk.tokens for chunk in chunks) or [0]
    return PreviewStatisticsBody(
        chunks=len(chunks),
        sections=sum(1 for _ in groupby(chunks, key=lambda chunk: chunk.section)),
        tables=sum(block.kind is BlockKind.TABLE for block in blocks),
        figures=sum(block.kind is BlockKind.FIGURE for block in blocks),
        pages=len(preview.parsed.pages),
        characters=sum(len(chunk.text) for chunk in chunks),
        tokens=sum(sizes),
        smallest=sizes[0],
        median=sizes[len(sizes) // 2],
        largest=sizes[-1],
        histogram=_histogram(sizes, preview.most_tokens),
        languages=dict(Counter(chunk.language for chunk in chunks)),
    )


def _histogram(sizes: list[int], limit: int) -> list[BarBody]:
    """Count sizes in bars of equal width up to the limit; what is larger by itself stands in one more."""
    width = -(-limit // BARS)
    counts = Counter(min((size - 1) // width, BARS) if size else 0 for size in sizes)
    last = BARS + 1 if counts[BARS] else BARS
    highs = [min(limit, (place + 1) * width) if place < BARS else sizes[-1] for place in range(last)]
    return [BarBody(low=place * width + 1, high=highs[place], chunks=counts[place]) for place in range(last)]
