"""The one module that imports PaddleOCR. It runs in the recognition child only: the library is not thread-safe."""

import importlib.metadata
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ingest.ocr.models import DETECTION, RECOGNITION

_OFFLINE: Final = {
    "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MODELSCOPE_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
}
# PaddleX looks for this distribution by name; the headless one installs the same module without needing libGL.
_WANTED: Final = "opencv-contrib-python"
_INSTALLED: Final = "opencv-contrib-python-headless"
# Longest side, in pixels, that text detection sees: small print of an A4 page at 200 dpi stays legible.
_DETECTION_SIDE: Final = 1600
_MIN_SCORE: Final = 0.5

# A mean score below the first is a page to turn, one above the second a page that stands right.
_DOUBTFUL: Final = 0.85
_CERTAIN: Final = 0.95
_MIN_LINES: Final = 3

RawLine = tuple[list[tuple[float, float]], str, float]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was read on a bitmap of ``width`` by ``height`` pixels: for each line its corners, text and score.

    ``quarters`` says how often the bitmap was turned by 90 degrees against the clock to be read; the corners are
    those on the turned bitmap.
    """

    width: int
    height: int
    quarters: int
    lines: list[RawLine]

    @property
    def score(self) -> float:
        """Mean score of the characters, 0..1."""
        characters = sum(len(text) for _, text, _ in self.lines)
        return sum(len(text) * score for _, text, score in self.lines) / max(characters, 1)


class Recogniser:
    """Finds and reads lines of text on bitmaps, one bitmap at a time."""

    def __init__(self, detection: Path, recognition: Path, threads: int) -> None:
        """Load both models (about 3 s); nothing is fetched."""
        os.environ.update(_OFFLINE)
        _name_opencv()
        from paddleocr import PaddleOCR

        self._engine = PaddleOCR(
            text_detection_model_name=DETECTION,
            text_detection_model_dir=str(detection),
            text_recognition_model_name=RECOGNITION,
            text_recognition_model_dir=str(recognition),
            # One line at a time: a batch is padded to its widest line, which doubles the memory and gains nothing.
            text_recognition_batch_size=1,
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            text_det_limit_side_len=_DETECTION_SIDE,
            text_det_limit_type="max",
            device="cpu",
            engine="onnxruntime",
            engine_config={
                "intra_op_num_threads": threads,
                "inter_op_num_threads": 1,
                "enable_cpu_mem_arena": False,
                "enable_mem_pattern": False,
                "log_severity_level": 3,
            },
        )

    def read(self, png: bytes) -> Recognition:
        """Find and read the lines of a bitmap; one that reads badly is tried lying on its sides and on its head."""
        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(png)) as image:
            pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
        height, width = pixels.shape[:2]
        best = Recognition(width, height, 0, self._lines(pixels))
        if len(best.lines) >= _MIN_LINES and best.score < _DOUBTFUL:
            for quarters in (1, 3, 2):
                other = Recognition(width, height, quarters, self._lines(np.rot90(pixels, quarters)))
                best = max(best, other, key=lambda found: found.score)
                if best.score >= _CERTAIN:
                    break
        return best

    def _lines(self, pixels: Any) -> list[RawLine]:
        import numpy as np

        found = self._engine.predict(np.ascontiguousarray(pixels))
        return _lines(found[0]) if found else []


def _lines(page: Any) -> list[RawLine]:
    return [
        ([(float(x), float(y)) for x, y in polygon], text.strip(), float(score))
        for text, score, polygon in zip(page["rec_texts"], page["rec_scores"], page["rec_polys"], strict=True)
        if text.strip() and score >= _MIN_SCORE
    ]


def _name_opencv() -> None:
    """Let the headless OpenCV answer for the distribution whose name the library asks for."""
    plain = importlib.metadata.version

    def version(distribution_name: str) -> str:
        try:
            return plain(distribution_name)
        except importlib.metadata.PackageNotFoundError:
            if distribution_name != _WANTED:
                raise
            return plain(_INSTALLED)

    importlib.metadata.version = version
