"""The characters of a rendition as one stream: words only, each with its page and box, running heads left out."""

import ctypes
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf.document import open_pdf

_EDGE_LINES: Final = 6
_DIGITS: Final = re.compile(r"\d+")
_LEAST_HEAD: Final = 3
_MAX_IMAGES: Final = 2000


@dataclass(slots=True)
class Stream:
    """``text`` holds letters and digits, case folded; character i stands on ``page[i]`` in ``boxes[4i:4i+4]``.

    ``opens[i]`` is 1 where a word or a line begins. ``sizes`` are (width, height) of the pages; ``pictures`` are
    (page, x0, y0, x1, y1) in the order of the pages, from top to bottom. ``heads`` are the places of running heads that
    were left out, by their words without numbers.
    """

    text: str = ""
    page: "array[int]" = field(default_factory=lambda: array("H"))
    boxes: "array[float]" = field(default_factory=lambda: array("f"))
    opens: bytearray = field(default_factory=bytearray)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    pictures: list[tuple[int, float, float, float, float]] = field(default_factory=list)
    heads: dict[str, tuple[int, float, float, float, float]] = field(default_factory=dict)


@dataclass(slots=True)
class _Line:
    text: str
    chars: list[tuple[str, tuple[float, float, float, float], bool]]

    def close(self, mark: tuple[float, float, float, float]) -> None:
        """Have the box of the last character take in a mark right behind it: marks are shown, not compared."""
        char, box, opens = self.chars[-1]
        if box[0] < mark[2] and mark[0] - box[2] < (box[3] - box[1]) / 2 and mark[1] < box[3] and box[1] < mark[3]:
            self.chars[-1] = (char, (box[0], box[1], max(box[2], mark[2]), box[3]), opens)


def fold(text: str) -> str:
    """Return what of a text can be compared: letters and digits, compatibility forms unified, case folded."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def without_numbers(folded: str) -> str:
    """Return folded text without digits: page numbers make the difference between running heads."""
    return _DIGITS.sub("", folded)


def read_stream(path: Path, max_pages: int, running: Sequence[str], progress: Callable[[int, int], None]) -> Stream:
    """Read a PDF; lines at the edge of a page that say one of the ``running`` heads, numbers aside, are left out."""
    heads = {without_numbers(fold(text)) for text in running}
    stream = Stream()
    parts: list[str] = []
    document = open_pdf(path, max_pages)
    try:
        total = len(document)
        progress(0, total)
        for index in range(total):
            page = document[index]
            try:
                width, height = page.get_size()
                stream.sizes.append((float(width), float(height)))
                parts.extend(_add(stream, list(_lines(page, float(height))), heads, index + 1))
                stream.pictures.extend(_pictures(page, index + 1, float(height)))
            finally:
                page.close()
            progress(index + 1, total)
    finally:
        document.close()
    stream.text = "".join(parts)
    return stream


def _add(stream: Stream, lines: list[_Line], heads: set[str], page: int) -> Iterator[str]:
    by_height = sorted(range(len(lines)), key=lambda index: _top(lines[index]))
    edge = {*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]}
    for index, line in enumerate(lines):
        head = without_numbers(line.text)
        if index in edge and _is_head(head, heads):
            stream.heads.setdefault(head, (page, *_extent(line)))
            continue
        for char, box, opens in line.chars:
            stream.page.append(page)
            stream.boxes.extend(box)
            stream.opens.append(opens)
            yield char


def _is_head(line: str, heads: set[str]) -> bool:
    """Say whether a line at the edge of a page is a running head, or begins or ends as one: tabs tear heads apart."""
    return line in heads or (
        len(line) > _LEAST_HEAD
        and any(
            (own.startswith(line) and 2 * len(line) >= len(own))
            or own.endswith(line)
            or (len(own) > _LEAST_HEAD and line.startswith(own))
            for own in heads
        )
    )


def _extent(line: _Line) -> tuple[float, float, float, float]:
    boxes = [box for _, box, _ in line.chars]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _top(line: _Line) -> float:
    return min((box[1] for _, box, _ in line.chars), default=0.0)


def _lines(page: Any, height: float) -> Iterator[_Line]:
    """Yield lines of characters in the order of the content."""
    textpage = page.get_textpage()
    try:
        current = _Line("", [])
        opens = True
        for code, box in _chars(textpage.raw, height):
            if box is None:
                opens = True
                if code in (0x0A, 0x0D) and current.chars:
                    yield current
                    current = _Line("", [])
                continue
            last = current.chars[-1][1] if current.chars else None
            if last is not None and _breaks(last, box):
                yield current
                current, opens = _Line("", []), True
            folded = fold(chr(code))
            if not folded:
                opens = True
                if current.chars:
                    current.close(box)
                continue
            for char in folded:
                current.chars.append((char, box, opens))
                current.text += char
                opens = False
        if current.chars:
            yield current
    finally:
        textpage.close()


def _breaks(last: tuple[float, float, float, float], box: tuple[float, float, float, float]) -> bool:
    """Another line, another cell: below, or far to the right, or back to the left."""
    size = max(last[3] - last[1], 4.0)
    return abs(box[3] - last[3]) > size or box[0] - last[2] > 2 * size or box[0] < last[0] - size


def _chars(raw: Any, height: float) -> Iterator[tuple[int, tuple[float, float, float, float] | None]]:
    rect = pdfium_c.FS_RECTF()
    pointer = ctypes.byref(rect)
    high = 0
    for index in range(pdfium_c.FPDFText_CountChars(raw)):
        code = pdfium_c.FPDFText_GetUnicode(raw, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0x20
        high = 0
        if code <= 0x20 or code == 0xA0 or code > 0x10FFFF:
            yield code if code <= 0x10FFFF else 0x20, None
            continue
        if not pdfium_c.FPDFText_GetLooseCharBox(raw, index, pointer):
            continue
        box = (rect.left, height - rect.top, rect.right, height - rect.bottom)
        yield code, box if box[2] > box[0] and box[3] > box[1] else (box[0], box[1], box[0] + 0.1, box[1] + 0.1)


def _pictures(page: Any, number: int, height: float) -> list[tuple[int, float, float, float, float]]:
    found: list[tuple[int, float, float, float, float]] = []
    for image in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = image.get_bounds() if hasattr(image, "get_bounds") else image.get_pos()
        if right - left > 2 and top - bottom > 2 and len(found) < _MAX_IMAGES:
            found.append((number, float(left), height - float(top), float(right), height - float(bottom)))
    return sorted(found, key=lambda box: (box[0], round(box[2]), box[1]))
