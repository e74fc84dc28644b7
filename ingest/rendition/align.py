"""Align texts with a stream of characters, both in reading order: each text gets the pieces of the stream it is."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Piece = tuple[int, int, int]
"""(start in the text, start in the stream, length)."""

_GRAM: Final = 4
_LOOSE: Final = 8
_PLAIN: Final = 24
_MAX_DEPTH: Final = 8
_SHORT: Final = 4
_SHINGLE: Final = 12
_REACH: Final = 6000
_NEAR: Final = 600
_APART: Final = 2000
_MAX_SEARCHES: Final = 20_000
_ENOUGH: Final = 0.5


def align(texts: Sequence[str], stream: str, opens: Sequence[int]) -> list[list[Piece]]:
    """Return where each text stands, an empty list where it was not found.

    Texts that occur once are found first, and the longest chain of them that runs in order holds the others in place.
    Between two of the chain the same is done again, for what occurs twice may occur there once; what no chain places
    is looked for in order, whole, else in parts. What is then left and occurs once is taken wherever it is, for
    floating frames stand out of order.
    """
    found: list[list[Piece]] = [[] for _ in texts]
    every = range(len(texts))
    _align_part(_Search(texts, stream, opens, found), every, (0, len(stream)), 0)
    for index, place in _unique_places(texts, stream, every, (0, len(stream))).items():
        if not found[index]:
            found[index] = [(0, place, len(texts[index]))]
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, where, and what was found."""

    texts: Sequence[str]
    stream: str
    opens: Sequence[int]
    found: list[list[Piece]]


def _align_part(search: _Search, indexes: range, bounds: tuple[int, int], depth: int) -> None:
    """Align some texts with a part of the stream."""
    cursor, end = bounds
    places: dict[int, int] = {}
    if len(indexes) > 1 and depth < _MAX_DEPTH:
        places = _unique_places(search.texts, search.stream, indexes, bounds)
    chain = _chain(places)
    if not chain:
        _in_order(search, indexes, bounds)
        return
    begin = indexes.start
    for index in (*chain, indexes.stop):
        stop = places[index] if index < indexes.stop else end
        if begin < index:
            _align_part(search, range(begin, index), (cursor, stop), depth + 1)
        if index < indexes.stop:
            search.found[index] = [(0, stop, len(search.texts[index]))]
            begin, cursor = index + 1, stop + len(search.texts[index])


def _unique_places(texts: Sequence[str], stream: str, indexes: range, bounds: tuple[int, int]) -> dict[int, int]:
    """Return the place of each text that occurs once in a part of the stream and once among some of the texts."""
    start, stop = bounds
    times = Counter(texts[index] for index in indexes)
    wanted = {text[:_GRAM] for text in times if len(text) >= _GRAM}
    grams: dict[str, int] = {}
    for at in range(start, stop - _GRAM + 1):
        gram = stream[at : at + _GRAM]
        if gram in wanted:
            grams[gram] = -1 if gram in grams else at
    places: dict[int, int] = {}
    searches = 0
    for index in indexes:
        text = texts[index]
        place = grams.get(text[:_GRAM], -2)
        if times[text] > 1 or place == -2:
            continue
        if place == -1:
            # Several begin alike; the whole text may still be unique.
            searches += 1
            place = stream.find(text, start, stop) if searches <= _MAX_SEARCHES else -1
            if place >= 0 and stream.find(text, place + 1, stop) >= 0:
                continue
        if place >= 0 and place + len(text) <= stop and stream.startswith(text, place):
            places[index] = place
    return places


def _chain(places: dict[int, int]) -> list[int]:
    """Return the longest run of texts whose places grow with their order."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for index in sorted(places):
        place = places[index]
        at = bisect_left(tails, place)
        if at:
            previous[index] = ends[at - 1]
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
    chain: list[int] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(index)
        index = previous.get(index, -1)
    return chain[::-1]


def _in_order(search: _Search, indexes: range, bounds: tuple[int, int]) -> None:
    """Look for texts one after the other within a part of the stream."""
    cursor, stop = bounds
    for index in indexes:
        text = search.texts[index]
        if not text:
            continue
        place = _find(text, search, cursor, stop)
        if place >= 0:
            search.found[index] = [(0, place, len(text))]
        elif len(text) >= _SHORT:
            search.found[index] = _in_parts(text, search.stream, cursor, stop)
        if search.found[index]:
            cursor = max(at + length for _, at, length in search.found[index])


def _find(text: str, search: _Search, cursor: int, stop: int) -> int:
    """Return the place of a text; a short one must be a word of its own, and near."""
    reach = min(stop, cursor + (_NEAR if len(text) < _LOOSE else _REACH) + len(text))
    place = search.stream.find(text, cursor, reach)
    while place >= 0 and len(text) < _PLAIN:
        end = place + len(text)
        ends = end >= len(search.stream) or search.opens[end] or end == stop
        if search.opens[place] and (ends or len(text) >= _LOOSE):
            return place
        place = search.stream.find(text, place + 1, reach)
    return place


def _reach(cursor: int, reach: int, size: int, *, begun: bool) -> int:
    """How far the next part of a text may be: what parts it is a few lines, and a short part proves little."""
    if not begun:
        return reach
    return min(reach, cursor + (_NEAR if size < _LOOSE else _APART) + size)


def _in_parts(text: str, stream: str, cursor: int, stop: int) -> list[Piece]:
    """Find a text of which something else stands in the middle, or of which a part reads differently."""
    pieces: list[Piece] = []
    matched = start = 0
    reach = min(stop, cursor + _REACH + 2 * len(text))
    while start < len(text):
        size = min(_SHINGLE, len(text) - start)
        near = _reach(cursor, reach, size, begun=bool(pieces))
        place = stream.find(text[start : start + size], cursor, near) if size >= _SHORT else -1
        if place < 0:
            start += max(size // 3, 1)
            continue
        length = size
        while start + length < len(text) and place + length < reach and text[start + length] == stream[place + length]:
            length += 1
        pieces.append((start, place, length))
        matched += length
        start += length
        cursor = place + length
    return pieces if matched >= _ENOUGH * len(text) else []
