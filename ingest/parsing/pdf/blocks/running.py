"""Running heads, footers and page numbers: what repeats at the same place of many pages, or counts them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ingest.parsing.pdf.model import Line, PageLayout

_TOP: Final = 0.11
_BOTTOM: Final = 0.90
_MIN_SHARE: Final = 0.3
_ENOUGH: Final = 6
_DIGITS: Final = re.compile(r"\d+|[IVXLivxl]+(?=\W|$)")
_BLANKS: Final = re.compile(r"\s+")
_PAGE_NUMBER: Final = re.compile(
    r"[-—–·•|\s]*(?:第|page|p\.)?\s*(?:\d{1,4}|[ivxl]{1,6}|[IVXL]{1,6})\s*(?:页|/|of|／|共|,|，|\s)*\s*\d{0,4}\s*页?[-—–·•|\s]*",
    re.IGNORECASE,
)


def split_running(pages: Sequence[PageLayout]) -> list[tuple[list[Line], list[Line]]]:
    """Take the running heads and footers out of every page's lines; return them as (heads, footers) for each page.

    A line in the top or bottom tenth is running when the same words (numbers aside) stand at the same height on
    enough pages, or when it is a page number at the edge of the text.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        seen.update({_key(line, page) for line in page.lines if _zone(line, page)})
    needed = min(max(2, round(_MIN_SHARE * len(pages))), _ENOUGH)
    taken: list[tuple[list[Line], list[Line]]] = []
    for page in pages:
        heads: list[Line] = []
        footers: list[Line] = []
        edge = [line for line in page.lines if _zone(line, page)]
        sure = [line for line in edge if _count(seen, line, page) >= needed or _is_page_number(line, page)]
        for line in edge:
            # Odd and even pages may differ in one part of the head, so its whole row goes with the part that repeats.
            if any(line is one or _companions(line, one) for one in sure):
                page.lines.remove(line)
                (heads if _zone(line, page) == "top" else footers).append(line)
        taken.append((sorted(heads, key=_position), sorted(footers, key=_position)))
    return taken


def _companions(line: Line, other: Line) -> bool:
    return abs(line.middle - other.middle) < 0.4 * other.size and abs(line.size - other.size) < 0.15 * other.size


def _zone(line: Line, page: PageLayout) -> str | None:
    height = page.frame.size[1]
    if line.y1 < _TOP * height:
        return "top"
    return "bottom" if line.y0 > _BOTTOM * height else None


def _key(line: Line, page: PageLayout) -> tuple[str, int]:
    return _DIGITS.sub("#", _BLANKS.sub("", line.text)), round(100 * line.middle / page.frame.size[1])


def _count(seen: Counter[tuple[str, int]], line: Line, page: PageLayout) -> int:
    words, height = _key(line, page)
    return seen[words, height - 1] + seen[words, height] + seen[words, height + 1]


def _is_page_number(line: Line, page: PageLayout) -> bool:
    if not _PAGE_NUMBER.fullmatch(line.text):
        return False
    # Nothing may stand further out, or it is a number in a table or a figure that reaches the edge.
    if _zone(line, page) == "top":
        return not any(other.y1 < line.y0 for other in page.lines)
    return not any(other.y0 > line.y1 for other in page.lines)


def _position(line: Line) -> tuple[float, float]:
    return line.y0, line.x0
