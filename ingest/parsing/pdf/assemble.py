"""Drafts of all pages become blocks: paragraphs join across pages, headings open paths, boxes go back to the page."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.parsing.characters import join_lines, squeeze
from ingest.parsing.outline import with_heading_paths
from ingest.parsing.pdf.headings import Outline, body_size_of, mark_headings
from ingest.parsing.pdf.model import Draft, Line, PageLayout, Picture, Rect
from ingest.parsing.pdf.paragraphs import continues_on_next_page, page_drafts
from ingest.parsing.pdf.running import split_running
from ingest.parsing.pdf.tables import holds
from wenyuan.documents import Block, BlockKind, Box

_KINDS: Final = {
    "title": BlockKind.TITLE,
    "paragraph": BlockKind.PARAGRAPH,
    "contents": BlockKind.LIST,
    "list": BlockKind.LIST,
    "table": BlockKind.TABLE,
    "figure": BlockKind.FIGURE,
    "caption": BlockKind.CAPTION,
}
_LOOK_BACK: Final = 3
_REPEATED: Final = 0.3
_TEXT_ON_PICTURE: Final = 6


def assemble(pages: Sequence[PageLayout], outline: Outline) -> tuple[tuple[Block, ...], str | None]:
    """Return the blocks of a document in reading order and its title, if its first page shows one."""
    running = split_running(pages)
    _drop_backgrounds(pages)
    line_size = _line_size(pages)
    drafts = [page_drafts(page, line_size) for page in pages]
    body_size, bold_body = body_size_of(drafts)
    named = mark_headings(drafts, body_size, bold_body=bold_body, outline=outline)
    _join_pages(drafts)
    blocks: list[Block] = []
    for page, (heads, footers), own in zip(pages, running, drafts, strict=True):
        blocks += [_running_block(BlockKind.HEADER, line, page) for line in heads]
        blocks += [block for draft in own if (block := _block(draft)) is not None]
        blocks += [_running_block(BlockKind.FOOTER, line, page) for line in footers]
    return with_heading_paths(blocks), squeeze(named.text) if named is not None else None


def _line_size(pages: Sequence[PageLayout]) -> float:
    sizes: dict[float, int] = {}
    for page in pages:
        for line in page.lines:
            sizes[line.size] = sizes.get(line.size, 0) + line.count
    return max(sizes, key=lambda size: sizes[size], default=10.0)


def _drop_backgrounds(pages: Sequence[PageLayout]) -> None:
    """Drop pictures that lie under text, and logos and watermarks that repeat at one place of many pages."""
    seen = Counter(_place(picture) for page in pages for picture in page.pictures)
    most = max(2, round(_REPEATED * len(pages)))
    for page in pages:
        page.pictures = [
            picture
            for picture in page.pictures
            if seen[_place(picture)] <= most
            and sum(holds(_rect(picture), (line.x0 + line.x1) / 2, line.middle) for line in page.lines)
            < _TEXT_ON_PICTURE
        ]


def _rect(picture: Picture) -> Rect:
    return picture.x0, picture.y0, picture.x1, picture.y1


def _place(picture: Picture) -> tuple[int, ...]:
    return tuple(round(value) for value in _rect(picture))


def _join_pages(drafts: Sequence[list[Draft]]) -> None:
    """Append the first paragraph of a page to the one before it that it continues."""
    for before, after in pairwise(drafts):
        first = next((draft for draft in after if draft.kind not in ("figure", "caption", "table")), None)
        if first is None or first.kind != "paragraph":
            continue
        # Footnotes and figures may stand between the end of the text and the end of the page.
        last = [draft for draft in before if draft.kind in ("paragraph", "list")][-_LOOK_BACK:]
        for draft in reversed(last):
            if continues_on_next_page(draft, first):
                draft.text = join_lines(draft.text, first.text)
                draft.parts += first.parts
                draft.open_end = first.open_end
                after.remove(first)
                break


def _block(draft: Draft) -> Block | None:
    text = draft.text if draft.kind == "table" else squeeze(draft.text)
    if not text and draft.kind != "figure":
        return None
    boxes = tuple(Box(part.page, *(round(value, 2) for value in part.frame.leave(part.rect))) for part in draft.parts)
    return Block(_KINDS[draft.kind], text, boxes, level=draft.level, table=draft.table)


def _running_block(kind: BlockKind, line: Line, page: PageLayout) -> Block:
    return Block(kind, line.text, (Box(page.number, *(round(value, 2) for value in page.frame.leave(line.rect))),))
