"""A page read: set upright, its lines recognised, the slant taken out, tables and figures found. Runs in the child."""

import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from ingest.ocr.bitmap.orientation import Orientation
from ingest.ocr.bitmap.regions import TABLE, Regions
from ingest.ocr.bitmap.seals import find_seals, read_seals, without_ink
from ingest.ocr.paddle import Engine, RawLine
from ingest.ocr.page.upright import Upright
from ingest.tables.image.read import FoundTable, find_tables
from ingest.tables.image.slanet import TableModel

# A mean score below the first is a page to try the other way up, one above the second a page that stands right.
_DOUBTFUL: Final = 0.85
_CERTAIN: Final = 0.95
_SURE: Final = 0.6
_MIN_LINES: Final = 3
_MIN_SLANT: Final = math.radians(0.4)
_MAX_SLANT: Final = math.radians(20)


@dataclass(frozen=True, slots=True)
class Models:
    """Folders of detection and recognition; graphs of orientation and layout where they are installed."""

    detection: Path
    recognition: Path
    orientation: Path | None = None
    regions: Path | None = None


@dataclass(slots=True)
class Recognition:
    """What was read on a bitmap of ``width`` by ``height`` pixels.

    ``quarters`` and ``slant`` lead to the upright frame (``ingest.ocr.page.upright``), in which the corners of
    ``lines``, the ``regions`` (kind, x0, y0, x1, y1), the ``tables`` and the ``seals`` (corners and words) are.
    """

    width: int
    height: int
    quarters: int
    lines: list[RawLine]
    slant: float = 0.0
    regions: list[tuple[str, float, float, float, float]] = field(default_factory=list)
    tables: list[FoundTable] = field(default_factory=list)
    seals: list[RawLine] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Mean score of the characters, 0..1."""
        characters = sum(len(text) for _, text, _ in self.lines)
        return sum(len(text) * score for _, text, score in self.lines) / max(characters, 1)


def pixels_of(png: bytes) -> Any:
    """Return the pixels of a bitmap, of shape (height, width, 3), BGR."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))[:, :, ::-1]


class Recogniser:
    """Reads bitmaps, one at a time."""

    def __init__(self, models: Models, tables: TableModel | None, threads: int) -> None:
        """Load the models (about 3 s); nothing is fetched. ``tables`` reads what lines and alignment leave in doubt."""
        self._engine = Engine(models.detection, models.recognition, threads)
        self._orientation = Orientation(models.orientation, threads) if models.orientation is not None else None
        self._regions = Regions(models.regions, threads) if models.regions is not None else None
        self._tables = tables

    def read(self, png: bytes) -> Recognition:
        """Read a bitmap; one that reads badly is tried lying on its sides and on its head."""
        pixels = pixels_of(png)
        height, width = pixels.shape[:2]
        marks = find_seals(pixels)
        plain = without_ink(pixels, marks) if marks else pixels
        first = self._upright(plain)
        found = Recognition(width, height, first, self._lines(plain, first))
        if len(found.lines) >= _MIN_LINES and found.score < _DOUBTFUL:
            for quarters in [turn for turn in (0, 1, 3, 2) if turn != first]:
                other = Recognition(width, height, quarters, self._lines(plain, quarters))
                found = max(found, other, key=lambda one: one.score)
                if found.score >= _CERTAIN:
                    break
        self._straighten(found, plain, pixels)
        return found

    def _upright(self, pixels: Any) -> int:
        if self._orientation is None:
            return 0
        quarters, sure = self._orientation.quarters(pixels)
        return quarters if sure >= _SURE else 0

    def _lines(self, pixels: Any, quarters: int) -> list[RawLine]:
        import numpy as np

        return self._engine.lines(np.ascontiguousarray(np.rot90(pixels, quarters)))

    def _straighten(self, found: Recognition, plain: Any, pixels: Any) -> None:
        """Take the slant out of lines and bitmap, and look for regions and seals on what is straight."""
        import cv2
        import numpy as np

        found.slant = _slant(found.lines)
        frame = Upright(found.width, found.height, found.quarters, found.slant)
        size = round(frame.size[0]), round(frame.size[1])

        def straight(image: Any) -> Any:
            turned = np.ascontiguousarray(np.rot90(image, found.quarters))
            if not found.slant:
                return turned
            return cv2.warpAffine(turned, np.array(frame.matrix), size, borderValue=(255, 255, 255))

        if found.slant:
            found.lines = [
                ([frame.straight(x, y) for x, y in corners], text, score) for corners, text, score in found.lines
            ]
        if found.lines:
            upright = straight(plain)
            regions = self._regions.find(upright) if self._regions is not None else []
            found.regions = [(one.kind, one.x0, one.y0, one.x1, one.y1) for one in regions]
            seen = [(one.x0, one.y0, one.x1, one.y1) for one in regions if one.kind == TABLE]
            found.tables = find_tables(upright, found.lines, seen, self._tables)
        if plain is not pixels:
            found.seals = read_seals(straight(pixels), self._engine)


def _slant(lines: list[RawLine]) -> float:
    """The angle of the long lines, clockwise in radians; 0 when there are few or it is not worth it."""
    angles = []
    for (top_left, top_right, _, bottom_left), _, _ in lines:
        if math.dist(top_left, top_right) > 4 * math.dist(top_left, bottom_left):
            angles.append(math.atan2(top_right[1] - top_left[1], top_right[0] - top_left[0]))
    slant = median(angles) if len(angles) >= _MIN_LINES else 0.0
    return slant if _MIN_SLANT <= abs(slant) <= _MAX_SLANT else 0.0
