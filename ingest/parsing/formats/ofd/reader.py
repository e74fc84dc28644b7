"""OFD as pages and blocks: its characters and strokes go through the layout analysis of PDF."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from ingest.parsing.characters import normalise, squeeze
from ingest.parsing.formats.ofd.content import Char, Content, read_content
from ingest.parsing.formats.ofd.package import OfdDocument
from ingest.parsing.pages import FAILED, NEEDS_OCR
from ingest.parsing.pdf.aligned import aligned_grids, three_line_grids
from ingest.parsing.pdf.blocks.assemble import assemble
from ingest.parsing.pdf.blocks.headings import Outline, plain
from ingest.parsing.pdf.lines import build_lines
from ingest.parsing.pdf.model import (
    NO_SPACE,
    WRITTEN_SPACE,
    Frame,
    Glyph,
    HiddenText,
    PageLayout,
    Picture,
    Quarter,
    Rect,
    Rules,
)
from ingest.tables.ruled import holds, ruled_grids
from wenyuan.documents import Block, BlockKind, Hidden, Page, PageSource, ParsedDocument
from wenyuan.errors import FileError

_MAX_PAGES: Final = 2_000
_ALIGNED: Final = 8
_STRAIGHT: Final = 0.8
_THIN: Final = 2.2
_MIN_ACROSS: Final = 8.0
_MIN_DOWN: Final = 4.0
_PICTURE_SHARE: Final = 0.01
_FEW_CHARS: Final = 20
_COVER: Final = 0.3


def parse_ofd(path: Path) -> ParsedDocument:
    """Return pages (in points) and blocks of an OFD file.

    Warns ``page.N.needs_ocr`` for a page that is a picture and ``page.N.seal`` where an electronic seal stands; a page
    that cannot be read has the error ``page.failed``. Raises ``FileCorrupt`` and ``FileUnsafe``.
    """
    layouts: list[PageLayout] = []
    media: list[tuple[int, Rect, str]] = []
    warnings: list[str] = []
    with OfdDocument.open(path, _MAX_PAGES) as document:
        for number in range(1, len(document.pages) + 1):
            try:
                page = document.page(number)
                content = read_content(document, page)
            except (FileError, ValueError, SyntaxError):
                layouts.append(PageLayout(number, Frame(0, 0), error=FAILED))
                continue
            layout = _layout(content, number)
            layouts.append(layout)
            media += [(number, picture.box, picture.media) for picture in content.pictures]
            if layout.needs_ocr:
                warnings.append(NEEDS_OCR.format(number=number))
            if page.stamps:
                warnings.append(f"page.{number}.seal")
        outline = Outline(_outline(document.outline))
        named = squeeze(normalise(document.title))
    blocks, title = assemble(layouts, outline)
    filled = {box.page for block in blocks for box in block.boxes if block.text}
    pages = tuple(_page(layout, has_text=layout.number in filled) for layout in layouts)
    return ParsedDocument(
        pages, tuple(_with_media(block, media) for block in blocks), title or named or None, tuple(warnings)
    )


def _outline(entries: Sequence[tuple[str, int, int]]) -> dict[int, dict[str, int]]:
    by_page: dict[int, dict[str, int]] = {}
    for title, level, page in entries:
        if key := plain(normalise(title)):
            by_page.setdefault(page, {})[key] = level
    return by_page


def _page(layout: PageLayout, *, has_text: bool) -> Page:
    source = PageSource.TEXT if has_text and not layout.needs_ocr else PageSource.NONE
    return Page(layout.number, round(layout.frame.width, 2), round(layout.frame.height, 2), source, layout.error)


def _with_media(block: Block, media: Sequence[tuple[int, Rect, str]]) -> Block:
    """Name the picture that a figure shows: the one whose box is the figure's."""
    if block.kind is not BlockKind.FIGURE or not block.boxes:
        return block
    box = block.boxes[0]
    for page, (x0, y0, x1, y1), name in media:
        if page == box.page and max(abs(x0 - box.x0), abs(y0 - box.y0), abs(x1 - box.x1), abs(y1 - box.y1)) < 2:
            return replace(block, media=name)
    return block


def _layout(content: Content, number: int) -> PageLayout:
    frame = Frame(content.width, content.height)
    layout = PageLayout(number, frame)
    rules = _rules(content)
    area = max(content.width * content.height, 1)
    cover = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in rules.pictures) / area
    seen = [char for char in content.chars if char.hidden is None]
    layout.needs_ocr = len(seen) < _FEW_CHARS and cover > _COVER
    level = [_glyph(char, frame) for char in seen if _quarter(char.angle) is Quarter.RIGHT]
    _fill(layout, level, rules)
    for quarter in (Quarter.DOWN, Quarter.LEFT, Quarter.UP):
        side = Frame(frame.width, frame.height, quarter)
        turned = [_glyph(char, side) for char in seen if _quarter(char.angle) is quarter]
        layout.side_lines += [(side, line) for line in build_lines(turned) if line.count > 1]
    for reason in Hidden:
        concealed = [_glyph(char, frame) for char in content.chars if char.hidden is reason]
        layout.hidden += [HiddenText(line, frame, reason) for line in build_lines(concealed)]
    if not layout.needs_ocr:
        layout.pictures = [
            Picture(*rect)
            for rect in dict.fromkeys(rules.pictures)
            if (rect[2] - rect[0]) * (rect[3] - rect[1]) > _PICTURE_SHARE * area
            and not any(holds(grid.rect, (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2) for grid in layout.grids)
        ]
    return layout


def _fill(layout: PageLayout, glyphs: list[Glyph], rules: Rules) -> None:
    """Find tables, then lines in what is left."""
    layout.grids = ruled_grids(rules, glyphs)
    rest = _outside(layout, glyphs)
    layout.grids += three_line_grids(rules, rest, [grid.rect for grid in layout.grids], layout.frame)
    rest = _outside(layout, rest)
    layout.lines = build_lines(rest)
    borderless = aligned_grids(layout.lines, rest, layout.frame)
    if borderless:
        layout.grids += borderless
        layout.lines = build_lines(_outside(layout, rest))


def _outside(layout: PageLayout, glyphs: list[Glyph]) -> list[Glyph]:
    rects = [grid.rect for grid in layout.grids]
    return [g for g in glyphs if not any(holds(rect, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2) for rect in rects)]


def _glyph(char: Char, frame: Frame) -> Glyph:
    return Glyph(char.text, *frame.enter(char.box), char.size, char.bold, WRITTEN_SPACE if char.spaced else NO_SPACE)


def _quarter(angle: float) -> Quarter | None:
    """Direction of text at an angle in degrees clockwise; None for slanted text, which is a watermark."""
    turns = round(angle / 90)
    return Quarter(turns % 4) if abs(angle - turns * 90) <= _ALIGNED else None


def _rules(content: Content) -> Rules:
    rules = Rules(pictures=[picture.box for picture in content.pictures])
    for shape in content.shapes:
        for part in shape.parts:
            xs, ys = [point[0] for point in part], [point[1] for point in part]
            x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
            if shape.fill is not None and min(x1 - x0, y1 - y0) <= _THIN:
                _stroke(rules, (x0, y0), (x1, y1))
            elif shape.stroke is not None:
                for one, two in pairwise(part):
                    _stroke(rules, one, two)
    return rules


def _stroke(rules: Rules, one: tuple[float, float], two: tuple[float, float]) -> None:
    """Take a straight stroke across or down; its thin side does not count."""
    across, down = abs(two[0] - one[0]), abs(two[1] - one[1])
    if across >= _MIN_ACROSS and down <= max(_STRAIGHT, _THIN):
        rules.across.append((min(one[0], two[0]), (one[1] + two[1]) / 2, max(one[0], two[0])))
    elif down >= _MIN_DOWN and across <= max(_STRAIGHT, _THIN):
        rules.down.append(((one[0] + two[0]) / 2, min(one[1], two[1]), max(one[1], two[1])))
