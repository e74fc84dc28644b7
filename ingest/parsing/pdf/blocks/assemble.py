"""Drafts of all pages become blocks: paragraphs join across pages, headings open paths, boxes go back to the page."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import glue, squeeze
from ingest.parsing.outline import with_heading_paths
from ingest.parsing.pdf.blocks.captions import bind_captions
from ingest.parsing.pdf.blocks.footnotes import note_drafts, split_notes
from ingest.parsing.pdf.blocks.formulas import join_formulas
from ingest.parsing.pdf.blocks.headings import Outline, body_size_of, mark_headings
from ingest.parsing.pdf.blocks.paragraphs import continues_on_next_page, line_draft, page_drafts
from ingest.parsing.pdf.blocks.running import split_running
from ingest.parsing.pdf.model import Draft, Line, PageLayout, Part, Picture
from ingest.tables.ruled import holds
from ingest.tables.unruled.carried import carry_rows
from wenyuan.documents import Block, BlockKind, Box, Link
from wenyuan.documents import Line as BlockLine

_KINDS: Final = {
    "title": BlockKind.TITLE,
    "paragraph": BlockKind.PARAGRAPH,
    "contents": BlockKind.LIST,
    "list": BlockKind.LIST,
    "table": BlockKind.TABLE,
    "figure": BlockKind.FIGURE,
    "caption": BlockKind.CAPTION,
    "code": BlockKind.CODE,
    "formula": BlockKind.FORMULA,
    "footnote": BlockKind.FOOTNOTE,
}
_FLOATS: Final = ("figure", "caption", "table", "formula")
_LOOK_BACK: Final = 3
_REPEATED: Final = 0.3
_TEXT_ON_PICTURE: Final = 6
_MONO_BODY: Final = 0.5


def assemble(pages: Sequence[PageLayout], outline: Outline) -> tuple[tuple[Block, ...], str | None]:
    """Return the blocks of a document in reading order and its title, if its first page shows one."""
    running = split_running(pages)
    carry_rows(pages)
    _drop_backgrounds(pages)
    line_size, mono_body = _body_of(pages)
    for page in pages:
        split_notes(page, line_size)
    drafts = [page_drafts(page, line_size, mono_body=mono_body) for page in pages]
    drafts = [join_formulas(own) for own in drafts]
    body_size, bold_body = body_size_of(drafts)
    named = mark_headings(drafts, body_size, bold_body=bold_body, outline=outline)
    drafts = [bind_captions(own) for own in drafts]
    _join_pages(drafts)
    blocks: list[Block] = []
    for page, (heads, footers), own in zip(pages, running, drafts, strict=True):
        shown = [*own, *note_drafts(page), *_hidden_drafts(page)]
        blocks += [_running_block(BlockKind.HEADER, line, page) for line in heads]
        blocks += [block for draft in shown if (block := _block(draft)) is not None]
        blocks += [_running_block(BlockKind.FOOTER, line, page) for line in footers]
    return with_heading_paths(blocks), squeeze(named.text) if named is not None else None


def _body_of(pages: Sequence[PageLayout]) -> tuple[float, bool]:
    """Return the size most characters have, and whether most characters have a fixed pitch."""
    sizes: Counter[float] = Counter()
    mono = 0
    for page in pages:
        for line in page.lines:
            sizes[line.size] += line.count
            mono += line.mono
    return max(sizes, key=lambda size: sizes[size], default=10.0), mono > _MONO_BODY * sizes.total()


def _drop_backgrounds(pages: Sequence[PageLayout]) -> None:
    """Drop pictures that lie under text, and logos and watermarks that repeat at one place of many pages."""
    seen = Counter(_place(picture) for page in pages for picture in page.pictures)
    most = max(2, round(_REPEATED * len(pages)))
    for page in pages:
        page.pictures = [
            picture
            for picture in page.pictures
            if seen[_place(picture)] <= most
            and sum(holds(picture.rect, (line.x0 + line.x1) / 2, line.middle) for line in page.lines) < _TEXT_ON_PICTURE
        ]


def _place(picture: Picture) -> tuple[int, ...]:
    return tuple(round(value) for value in picture.rect)


def _join_pages(drafts: Sequence[list[Draft]]) -> None:
    """Append the first paragraph of a page to the one before it that it continues."""
    for before, after in pairwise(drafts):
        first = next((draft for draft in after if draft.kind not in _FLOATS), None)
        if first is None or first.kind != "paragraph":
            continue
        # Figures may stand between the end of the text and the end of the page.
        last = [draft for draft in before if draft.kind in ("paragraph", "list")][-_LOOK_BACK:]
        for draft in reversed(last):
            if continues_on_next_page(draft, first):
                draft.absorb(first, glue(draft.text, first.text))
                after.remove(first)
                break


def _hidden_drafts(page: PageLayout) -> list[Draft]:
    """Text nobody sees stands behind the page's other text, a block for each run."""
    drafts = []
    for run in page.hidden:
        draft = line_draft("paragraph", run.line, Part(page.number, run.frame, run.line.rect))
        draft.hidden = run.reason
        drafts.append(draft)
    return drafts


def _block(draft: Draft) -> Block | None:
    if not draft.text.strip() and draft.kind != "figure":
        return None
    boxes = tuple(_box(part) for part in draft.parts)
    lines = tuple(BlockLine(mark.start, mark.end, _box(mark.part)) for mark in draft.marks)
    links = tuple(Link(start, end, target) for start, end, target in draft.links)
    return Block(
        _KINDS[draft.kind],
        draft.text,
        boxes,
        level=draft.level,
        table=draft.table,
        lines=lines,
        links=links,
        hidden=draft.hidden,
    )


def _box(part: Part) -> Box:
    x0, y0, x1, y1 = part.frame.leave(part.rect)
    return Box(part.page, round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))


def _running_block(kind: BlockKind, line: Line, page: PageLayout) -> Block:
    return Block(kind, line.text, (Box(page.number, *(round(value, 2) for value in page.frame.leave(line.rect))),))
