"""Which parts of a file recognition should look at: pages without text, pictures, unseen layers, doubtful tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ingest.parsing.pages import NEEDS_OCR, TABLE_DOUBTFUL, UNSEEN_LAYER
from ingest.sandbox.protocol import Json
from wenyuan.documents import Block, BlockKind, Box, Page, ParsedDocument

# A long file repeats its tables; a look takes about a fifth of a second.
_MOST_TABLES: Final = 200
# A smaller picture on a page holds an icon or a rule.
_MIN_PICTURE: Final = 0.02
_SAMPLE: Final = 6
_MIN_SAMPLE_CHARS: Final = 4
_NUMBER: Final = r"(\d+)"
_WAITS: Final = re.compile(re.escape(NEEDS_OCR).replace(r"\{number\}", _NUMBER))
_UNSEEN: Final = re.compile(re.escape(UNSEEN_LAYER).replace(r"\{number\}", _NUMBER))
_DOUBTFUL: Final = re.compile(re.escape(TABLE_DOUBTFUL).replace(r"\{number\}", _NUMBER))


class Aim(Enum):
    """What recognition is for."""

    PAGE = "page"
    PICTURE = "picture"
    LAYER = "layer"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Part:
    """Something to recognise: a page, the picture of a figure block, a table, or a sample of a page's unseen text.

    ``number`` is the one its draft is kept under, ``page`` the page it stands on (0: the format has none), ``wanted``
    what the sandbox is asked to draw. ``shared_by`` are the ordinals of the blocks that it is about: the figures that
    show the picture, or the table.
    """

    aim: Aim
    number: int
    page: int
    wanted: dict[str, Json]
    box: Box | None = None
    expected: str = ""
    shared_by: tuple[int, ...] = ()


def page_part(number: int) -> Part:
    """Return the part that is a whole page."""
    return Part(Aim.PAGE, number, number, {"page": number})


def parts_of(parsed: ParsedDocument, most_pictures: int) -> tuple[list[Part], int]:
    """Return the parts of ``parsed`` to look at, page by page, and how many pictures are over ``most_pictures``.

    Of the tables in doubt (``doubtful_tables``) those are parts that stand on pages with a text layer, up to a limit.
    """
    pages = {page.number: page for page in parsed.pages}
    waiting = [number for number in _numbers(parsed, _WAITS) if number in pages]
    parts = [page_part(number) for number in waiting]
    unseen = [number for number in _numbers(parsed, _UNSEEN) if number in pages and number not in waiting]
    parts += (sample for number in unseen if (sample := _sample(number, parsed.blocks)) is not None)
    pictures = _pictures(parsed, pages, set(waiting))
    parts += pictures[:most_pictures]
    parts += _tables(parsed, set(waiting))[:_MOST_TABLES]
    return sorted(parts, key=lambda part: part.page), max(len(pictures) - most_pictures, 0)


def doubtful_tables(parsed: ParsedDocument) -> list[int]:
    """Return the ordinals of the tables that the parser left in doubt."""
    told = [number - 1 for number in _numbers(parsed, _DOUBTFUL)]
    return [at for at in told if at < len(parsed.blocks) and parsed.blocks[at].table is not None]


def _tables(parsed: ParsedDocument, waiting: set[int]) -> list[Part]:
    parts: list[Part] = []
    for ordinal in doubtful_tables(parsed):
        box = parsed.blocks[ordinal].boxes[0]
        if box.page not in waiting:
            wanted: dict[str, Json] = {"page": box.page, "table": [box.x0, box.y0, box.x1, box.y1]}
            parts.append(Part(Aim.TABLE, -1 - ordinal, box.page, wanted, box, shared_by=(ordinal,)))
    return parts


def _numbers(parsed: ParsedDocument, pattern: re.Pattern[str]) -> list[int]:
    return [int(match[1]) for warning in parsed.warnings if (match := pattern.fullmatch(warning))]


def _pictures(parsed: ParsedDocument, pages: dict[int, Page], waiting: set[int]) -> list[Part]:
    found: list[Part] = []
    by_name: dict[str, int] = {}
    for ordinal, block in enumerate(parsed.blocks):
        if block.kind is not BlockKind.FIGURE:
            continue
        box = block.boxes[0] if block.boxes else None
        page = pages.get(box.page) if box is not None else None
        if page is not None and page.number in waiting:
            continue
        if block.media is not None and box is None and block.media in by_name:
            first = by_name[block.media]
            found[first] = replace(found[first], shared_by=(*found[first].shared_by, ordinal))
            continue
        if block.media is not None:
            wanted: dict[str, Json] = {"media": block.media}
            by_name[block.media] = len(found)
        elif box is not None and page is not None and _counts(box, page):
            wanted = {"page": box.page, "box": [box.x0, box.y0, box.x1, box.y1]}
        else:
            continue
        number = box.page if box is not None else 0
        found.append(Part(Aim.PICTURE, -1 - ordinal, number, wanted, box, shared_by=(ordinal,)))
    return found


def _counts(box: Box, page: Page) -> bool:
    return (box.x1 - box.x0) * (box.y1 - box.y0) > _MIN_PICTURE * page.width * page.height


def _sample(number: int, blocks: Sequence[Block]) -> Part | None:
    """Take a few long lines, spread over the page, to be compared with what is seen."""
    lines = [
        (line.box, block.text[line.start : line.end])
        for block in blocks
        for line in block.lines
        if line.box.page == number and line.end - line.start >= _MIN_SAMPLE_CHARS
    ]
    if not lines:
        return None
    lines.sort(key=lambda line: line[0].y0)
    step = max(len(lines) / _SAMPLE, 1)
    picked = [
        max(lines[int(at * step) : int((at + 1) * step)], key=lambda line: len(line[1]))
        for at in range(min(_SAMPLE, len(lines)))
    ]
    boxes: list[Json] = [[box.x0, box.y0, box.x1, box.y1] for box, _ in picked]
    return Part(
        Aim.LAYER, number, number, {"page": number, "lines": boxes}, expected="".join(text for _, text in picked)
    )
