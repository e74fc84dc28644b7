"""What a page of OFD draws: characters, strokes, pictures, in points from the top left of the page."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from ingest.parsing.characters import NORMAL, is_wide
from ingest.parsing.formats.ofd.package import OfdDocument, OfdPage, numbers
from ingest.xmltree import attribute, local
from wenyuan.documents import Hidden

POINTS: Final = 72 / 25.4
"""Points of a millimetre."""

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
Rect: TypeAlias = tuple[float, float, float, float]
Point: TypeAlias = tuple[float, float]

_IDENTITY: Final[Matrix] = (1, 0, 0, 1, 0, 0)
_ASCENT: Final = 0.86
_DESCENT: Final = 0.18
_NARROW: Final = 0.5
_SQUARE: Final = 1.2
_MAX_OBJECTS: Final = 50_000
_MAX_CHARS: Final = 200_000
_MAX_DEPTH: Final = 8
_MAX_REPEAT: Final = 20_000
_NEAR_WHITE: Final = 245
_TINY: Final = 2.0


class Char(NamedTuple):
    """A character: its box, size in points, the direction its line runs in (degrees clockwise), why it is hidden.

    ``spaced`` tells that a blank is written before it.
    """

    text: str
    box: Rect
    size: float
    bold: bool
    angle: float
    hidden: Hidden | None
    colour: tuple[int, int, int]
    spaced: bool


class Shape(NamedTuple):
    """A path: its points, part by part, and the colours it is filled and stroked with."""

    parts: tuple[tuple[Point, ...], ...]
    fill: tuple[int, int, int] | None
    stroke: tuple[int, int, int] | None
    width: float


class Picture(NamedTuple):
    """An image: where it stands, and the part of the package that holds it."""

    box: Rect
    media: str


@dataclass(slots=True)
class Content:
    """Everything on a page in the order it is drawn."""

    width: float
    height: float
    chars: list[Char] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    order: list[Char | Shape | Picture] = field(default_factory=list)


def read_content(document: OfdDocument, page: OfdPage) -> Content:
    """Return what a page draws; more than some ten thousand objects are no page of text and are left out."""
    x, y, width, height = page.box
    content = Content(width * POINTS, height * POINTS)
    reader = _Reader(document, content)
    for part in page.parts:
        shift = numbers(attribute(part, "Boundary"), 4) if local(part) == "Appearance" else None
        dx, dy = (shift[0], shift[1]) if shift else (0.0, 0.0)
        reader.read(part, (1, 0, 0, 1, dx - x, dy - y), 0)
    return content


class _Reader:
    def __init__(self, document: OfdDocument, content: Content) -> None:
        self._document = document
        self._content = content
        self._objects = 0

    def read(self, holder: Any, matrix: Matrix, depth: int) -> None:
        """Read the objects of a layer, a block of a page, or an appearance."""
        if depth > _MAX_DEPTH:
            return
        for node in holder:
            name = local(node)
            self._objects += 1
            if self._objects > _MAX_OBJECTS:
                return
            if name == "TextObject":
                self._text(node, matrix)
            elif name == "PathObject":
                self._path(node, matrix)
            elif name == "ImageObject":
                self._image(node, matrix)
            elif name in ("Content", "Layer", "PageBlock", "CompositeObject"):
                self.read(node, matrix, depth + 1)

    def _text(self, node: Any, matrix: Matrix) -> None:
        placed = _placed(node, matrix)
        size = _number(node, "Size", 3.5) * math.hypot(placed[2], placed[3]) * POINTS
        stretch = _number(node, "HScale", 1.0)
        angle = math.degrees(math.atan2(placed[1], placed[0])) + _number(node, "ReadDirection", 0)
        colour = _colour(node, "FillColor") or (0, 0, 0)
        bold = _number(node, "Weight", 400) >= 600 or "bold" in (attribute(node, "Style") or "").lower()
        hidden = self._hidden(node, placed, size, colour)
        for code in node:
            if local(code) != "TextCode" or not 0.1 < size < 2_000:
                continue
            spaced = False
            for char, x, y, advance in _positions(code, _number(node, "Size", 3.5), stretch):
                if len(self._content.chars) >= _MAX_CHARS:
                    return
                left, base = _apply(placed, x, y)
                right, _ = _apply(placed, x + advance, y)
                left, right, base = left * POINTS, right * POINTS, base * POINTS
                width = abs(right - left) or size * (1 if is_wide(char) else _NARROW)
                box = (min(left, right), base - _ASCENT * size, min(left, right) + width, base + _DESCENT * size)
                text = NORMAL.get(ord(char), char)
                if text and not text.isspace():
                    self._add_char(Char(text, box, round(size, 1), bold, angle % 360, hidden, colour, spaced))
                spaced = text is not None and text.isspace()

    def _add_char(self, char: Char) -> None:
        self._content.chars.append(char)
        if char.hidden is None:
            self._content.order.append(char)

    def _hidden(self, node: Any, placed: Matrix, size: float, colour: tuple[int, int, int]) -> Hidden | None:
        if attribute(node, "Visible") == "false":
            return Hidden.MARKED
        if attribute(node, "Fill") == "false" and attribute(node, "Stroke") != "true":
            return Hidden.MARKED
        if _number(node, "Alpha", 255) == 0:
            return Hidden.COLOUR
        if size < _TINY:
            return Hidden.TINY
        x, y = placed[4] * POINTS, placed[5] * POINTS
        if not (-size <= x <= self._content.width and -size <= y <= self._content.height):
            return Hidden.OFF_PAGE
        if min(colour) >= _NEAR_WHITE and not self._on_paint(x, y):
            return Hidden.COLOUR
        return None

    def _on_paint(self, x: float, y: float) -> bool:
        """Tell whether something coloured was drawn beneath a place."""
        for item in self._content.order:
            if isinstance(item, Picture):
                box = item.box
            elif isinstance(item, Shape) and item.fill is not None and min(item.fill) < _NEAR_WHITE:
                points = [point for part in item.parts for point in part]
                box = (min(p[0] for p in points), min(p[1] for p in points),
                       max(p[0] for p in points), max(p[1] for p in points))  # fmt: skip
            else:
                continue
            if box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y + 1 and y <= box[3] + 1:
                return True
        return False

    def _path(self, node: Any, matrix: Matrix) -> None:
        if attribute(node, "Visible") == "false":
            return
        placed = _placed(node, matrix)
        data = next((child.text or "" for child in node if local(child) == "AbbreviatedData"), "")
        parts = tuple(
            tuple((px * POINTS, py * POINTS) for px, py in (_apply(placed, x, y) for x, y in part))
            for part in _outline(data)
            if len(part) > 1
        )
        fill = (_colour(node, "FillColor") or (0, 0, 0)) if attribute(node, "Fill") == "true" else None
        stroke = None if attribute(node, "Stroke") == "false" else _colour(node, "StrokeColor") or (0, 0, 0)
        if parts and (fill or stroke):
            shape = Shape(parts, fill, stroke, _number(node, "LineWidth", 0.353) * POINTS)
            self._content.shapes.append(shape)
            self._content.order.append(shape)

    def _image(self, node: Any, matrix: Matrix) -> None:
        media = self._document.media.get(attribute(node, "ResourceID") or "")
        if media is None or attribute(node, "Visible") == "false":
            return
        boundary = numbers(attribute(node, "Boundary"), 4)
        if boundary is None:
            return
        left, top = _apply(matrix, boundary[0], boundary[1])
        right, bottom = _apply(matrix, boundary[0] + boundary[2], boundary[1] + boundary[3])
        box = (left * POINTS, top * POINTS, right * POINTS, bottom * POINTS)
        if box[2] > box[0] and box[3] > box[1]:
            picture = Picture(box, media)
            self._content.pictures.append(picture)
            self._content.order.append(picture)


def _placed(node: Any, around: Matrix) -> Matrix:
    """The matrix from an object's own space to the page: its CTM, then the corner of its boundary."""
    boundary = numbers(attribute(node, "Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
    own = numbers(attribute(node, "CTM"), 6)
    a, b, c, d, e, f = own or _IDENTITY
    return _times((a, b, c, d, e + boundary[0], f + boundary[1]), around)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    return (
        a * then[0] + b * then[2], a * then[1] + b * then[3],
        c * then[0] + d * then[2], c * then[1] + d * then[3],
        e * then[0] + f * then[2] + then[4], e * then[1] + f * then[3] + then[5],
    )  # fmt: skip


def _apply(matrix: Matrix, x: float, y: float) -> Point:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _positions(code: Any, size: float, stretch: float) -> Iterator[tuple[str, float, float, float]]:
    """Yield each character with where it starts on its baseline and how far it goes."""
    x, y = _number(code, "X", 0), _number(code, "Y", 0)
    text = (code.text or "").replace("\n", "").replace("\r", "").replace("\t", " ")
    across, down = _deltas(attribute(code, "DeltaX")), _deltas(attribute(code, "DeltaY"))
    for index, char in enumerate(text):
        step = across[index] if index < len(across) else 0.0
        rise = down[index] if index < len(down) else 0.0
        natural = size * stretch * (1 if is_wide(char) else _NARROW)
        # Within one object a step up to a full square is the character's own, however narrow it is.
        yield char, x, y, min(step, size * stretch * _SQUARE) if step > 0 else natural
        # A character without its own step follows the one before it where nothing else is said.
        x += step if index < len(across) or rise else natural
        y += rise


def _deltas(text: str | None) -> list[float]:
    """Expand a list of steps in which ``g 3 2.5`` stands for three steps of 2.5."""
    words = (text or "").split()
    steps: list[float] = []
    at = 0
    while at < len(words) and len(steps) < _MAX_REPEAT:
        if words[at] == "g" and at + 2 < len(words):
            count = _float(words[at + 1])
            steps += [_float(words[at + 2])] * min(int(max(count, 0)), _MAX_REPEAT - len(steps))
            at += 3
        else:
            steps.append(_float(words[at]))
            at += 1
    return steps


def _outline(data: str) -> Iterator[list[Point]]:
    """Yield the parts of a path as points; curves are drawn to their ends."""
    words = data.split()[: _MAX_OBJECTS * 4]
    part: list[Point] = []
    at = 0
    takes = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7}
    while at < len(words):
        word = words[at]
        count = takes.get(word, 0)
        values = [_float(value) for value in words[at + 1 : at + 1 + count]]
        if word in ("M", "S") and len(values) == count:
            if part:
                yield part
            part = [(values[0], values[1])]
        elif count and len(values) == count:
            part.append((values[-2], values[-1]))
        elif word == "C" and part:
            part.append(part[0])
        at += 1 + count
    if part:
        yield part


def _colour(node: Any, name: str) -> tuple[int, int, int] | None:
    for child in node:
        if local(child) == name:
            values = (attribute(child, "Value") or "").split()
            levels = [min(max(int(_float(value)), 0), 255) for value in values]
            if len(levels) == 1:
                levels *= 3
            if len(levels) >= 3:
                return levels[0], levels[1], levels[2]
    return None


def _number(node: Any, name: str, default: float) -> float:
    value = attribute(node, name)
    return default if value is None else _float(value, default)


def _float(text: str, default: float = 0.0) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return value if abs(value) < 1e6 else default
