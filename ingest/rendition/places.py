"""From pieces of the stream to boxes on pages, and to the places of what has no words of its own."""

from collections.abc import Sequence
from typing import Any, Final

from ingest.rendition.align import Piece, align
from ingest.rendition.chars import Stream, fold, without_numbers
from ingest.rendition.units import BESIDE, DRAWN, HEAD, NOTE, PICTURE, WORDS

Rect = tuple[int, float, float, float, float]
"""Page (1-based), x0, y0, x1, y1."""

_MAX_GAP: Final = 1500
_MARGIN: Final = 36.0
_LEAST_NOTE: Final = 3
_LEAST: Final = 6.0


def locate_units(stream: Stream, units: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Locate units, each (kind, text), where the kind says how (see ``ingest.rendition.units``).

    Returns ``sizes`` of the pages and, for each unit, its ``lines``: (start and end in the text, page, x0, y0, x1, y1),
    start and end 0 where the text does not say.
    """
    folded = [_Folded(str(text)) if kind in (WORDS, NOTE) else _Folded("") for kind, text in units]
    kinds = [str(kind) for kind, _ in units]
    keys = [one.key if kind == WORDS else "" for one, kind in zip(folded, kinds, strict=True)]
    pieces = align(keys, stream.text, stream.opens)
    _find_notes(stream, kinds, folded, pieces)
    lines = [_lines(stream, one, found) for one, found in zip(folded, pieces, strict=True)]
    for index, (kind, text) in enumerate(units):
        if kind == HEAD:
            lines[index] = _head(stream, str(text))
    _fill(stream, kinds, pieces, lines)
    return {"sizes": stream.sizes, "lines": lines}


def _find_notes(stream: Stream, kinds: list[str], folded: "list[_Folded]", pieces: list[list[Piece]]) -> None:
    """Find notes behind the text they belong to, else anywhere; what the text takes is not theirs."""
    taken = bytearray(len(stream.text))
    for found in pieces:
        for _, place, length in found:
            taken[place : place + length] = b"\1" * length
    cursor = 0
    for index, kind in enumerate(kinds):
        if kind != NOTE:
            cursor = _end_of(pieces[index]) if pieces[index] else cursor
            continue
        # The number before a note may be set apart from it.
        for key, start in ((folded[index].key, 0), (folded[index].key.lstrip("0123456789ivx"), -1)):
            skipped = len(folded[index].key) - len(key) if start else 0
            place = _free(stream.text, key, cursor, taken)
            place = place if place >= 0 else _free(stream.text, key, 0, taken)
            if place >= 0:
                pieces[index] = [(skipped, place, len(key))]
                taken[place : place + len(key)] = b"\1" * len(key)
                break


def _free(text: str, key: str, start: int, taken: bytearray) -> int:
    place = text.find(key, start) if len(key) >= _LEAST_NOTE else -1
    while place >= 0 and any(taken[place : place + len(key)]):
        place = text.find(key, place + 1)
    return place


def _head(stream: Stream, text: str) -> "list[Line]":
    wanted = [without_numbers(fold(line.split("$")[0])) for line in text.splitlines() if fold(line)]
    places = (
        stream.heads.get(line)
        or next(
            (
                place
                for head, place in stream.heads.items()
                if line and head and (head.startswith(line) or line.startswith(head))
            ),
            None,
        )
        for line in wanted
    )
    return [_line(page, box) for page, *box in filter(None, places)]


class _Folded:
    """A text as the stream writes it, and where each of its characters comes from."""

    def __init__(self, text: str) -> None:
        self.text = text
        parts: list[str] = []
        self.origin: list[int] = []
        inside = False
        for index, char in enumerate(text):
            if char == "$" and (inside or "$" in text[index + 1 :]):
                # Equations are written in another way than they are shown.
                inside = not inside
            for each in fold(char) if not inside else "":
                parts.append(each)
                self.origin.append(index)
        self.key = "".join(parts)


Line = tuple[int, int, int, float, float, float, float]


def _lines(stream: Stream, folded: _Folded, pieces: Sequence[Piece]) -> list[Line]:
    """Return the lines that pieces of the stream stand on."""
    found: list[Line] = []
    for start, place, length in pieces:
        for offset in range(length):
            at = place + offset
            page = stream.page[at]
            x0, y0, x1, y1 = stream.boxes[4 * at : 4 * at + 4]
            begin = folded.origin[start + offset]
            if found and _same_line(found[-1], page, (x0, y0, x1, y1)):
                s, _, p, left, top, right, bottom = found[-1]
                found[-1] = (s, begin + 1, p, min(left, x0), min(top, y0), max(right, x1), max(bottom, y1))
            else:
                found.append((begin, begin + 1, page, x0, y0, x1, y1))
    rounded = [(s, e, p, *(round(value, 1) for value in box)) for s, e, p, *box in found]
    # What stands between two lines of the text (a blank, a bracket) goes with the line before it.
    return [
        (s, max(rounded[i + 1][0], e) if i + 1 < len(rounded) else max(len(folded.text), e), *rest)  # type: ignore[misc]
        for i, (s, e, *rest) in enumerate(rounded)
    ]


def _same_line(line: Line, page: int, box: tuple[float, float, float, float]) -> bool:
    _, _, number, _, top, right, bottom = line
    overlap = min(bottom, box[3]) - max(top, box[1])
    near = -(bottom - top) < box[0] - right < 4 * (bottom - top)
    return number == page and near and overlap > 0.4 * min(bottom - top, box[3] - box[1])


def _fill(stream: Stream, kinds: list[str], pieces: list[list[Piece]], lines: list[list[Line]]) -> None:
    """Place what words do not place, by the neighbours that are."""
    before = -1
    used: set[int] = set()
    for index in range(len(kinds) + 1):
        if index < len(kinds) and not pieces[index]:
            continue
        start = _end_of(pieces[before]) if before >= 0 else 0
        stop = pieces[index][0][1] if index < len(kinds) else len(stream.text)
        drawn = [each for each in range(before + 1, index) if kinds[each] == DRAWN]
        for order, each in enumerate(drawn):
            lines[each] = _gap(stream, start, stop) or _space(stream, start, stop, order, len(drawn))
        for each in range(before + 1, index):
            if kinds[each] == PICTURE:
                lines[each] = _picture(stream, (start, stop), used)
            elif kinds[each] == BESIDE and each and lines[each - 1]:
                lines[each] = [(0, 0, *line[2:]) for line in lines[each - 1]]
        before = index


def _space(stream: Stream, start: int, stop: int, order: int, count: int) -> list[Line]:
    """The share of one of ``count`` drawn things in the room between two neighbours: characters may have no text."""
    if not stream.text:
        return []
    above, below = _box_at(stream, start - 1), _box_at(stream, stop)
    if above is not None and below is not None and above[0] == below[0] and below[2] > above[4]:
        page, top, bottom = above[0], above[4], below[2]
    elif above is not None:
        page, top = above[0], above[4]
        bottom = stream.sizes[page - 1][1] - _MARGIN
    elif below is not None:
        page, top, bottom = below[0], _MARGIN, below[2]
    else:
        return []
    if bottom - top < _LEAST * count:
        return []
    height = (bottom - top) / count
    top += order * height
    return [_line(page, (_MARGIN, top, stream.sizes[page - 1][0] - _MARGIN, top + height))]


def _line(page: int, box: Sequence[float]) -> Line:
    """A box that no part of the text claims."""
    x0, y0, x1, y1 = (round(value, 1) for value in box)
    return 0, 0, page, x0, y0, x1, y1


def _box_at(stream: Stream, at: int) -> Rect | None:
    if not 0 <= at < len(stream.text):
        return None
    x0, y0, x1, y1 = stream.boxes[4 * at : 4 * at + 4]
    return stream.page[at], x0, y0, x1, y1


def _end_of(pieces: Sequence[Piece]) -> int:
    return max(place + length for _, place, length in pieces)


def _gap(stream: Stream, start: int, stop: int) -> list[Line]:
    """Boxes of the characters between two neighbours: those of an equation, a chart."""
    if not 0 < stop - start <= _MAX_GAP:
        return []
    boxes: dict[int, list[float]] = {}
    for at in range(start, stop):
        x0, y0, x1, y1 = stream.boxes[4 * at : 4 * at + 4]
        box = boxes.setdefault(stream.page[at], [x0, y0, x1, y1])
        box[:] = [min(box[0], x0), min(box[1], y0), max(box[2], x1), max(box[3], y1)]
    return [_line(page, box) for page, box in boxes.items()]


def _picture(stream: Stream, bounds: tuple[int, int], used: set[int]) -> list[Line]:
    """The first picture not taken yet that stands between two neighbours, or at least on their pages."""
    start, stop = bounds
    first = stream.page[start - 1] if start > 0 else 1
    last = stream.page[stop] if stop < len(stream.text) else len(stream.sizes)
    top = stream.boxes[4 * (start - 1) + 1] if start > 0 else 0.0
    on_pages = [i for i, picture in enumerate(stream.pictures) if i not in used and first <= picture[0] <= last]
    below = [i for i in on_pages if stream.pictures[i][0] > first or stream.pictures[i][4] > top]
    if not (below or on_pages):
        return []
    chosen = (below or on_pages)[0]
    used.add(chosen)
    page, *box = stream.pictures[chosen]
    return [_line(page, box)]
