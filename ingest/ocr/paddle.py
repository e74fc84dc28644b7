"""The one module that imports PaddleOCR. It runs in the recognition child only: the library is not thread-safe."""

import importlib.metadata
import os
from pathlib import Path
from typing import Any, Final

from ingest.ocr.models import model_name

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

RawLine = tuple[list[tuple[float, float]], str, float]


class Engine:
    """Finds and reads lines of text on bitmaps, one bitmap at a time."""

    def __init__(self, detection: Path, recognition: Path, threads: int, device: str = "cpu") -> None:
        """Load both models (about 3 s); nothing is fetched. ``device`` is ``cpu`` or ``gpu:0``."""
        os.environ.update(_OFFLINE)
        _name_opencv()
        from paddleocr import PaddleOCR

        self._engine = PaddleOCR(
            text_detection_model_name=model_name(detection),
            text_detection_model_dir=str(detection),
            text_recognition_model_name=model_name(recognition),
            text_recognition_model_dir=str(recognition),
            # One line at a time: a batch is padded to its widest line, which doubles the memory and gains nothing.
            text_recognition_batch_size=1,
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            text_det_limit_side_len=_DETECTION_SIDE,
            text_det_limit_type="max",
            device=device,
            engine="onnxruntime",
            engine_config={
                "intra_op_num_threads": threads,
                "inter_op_num_threads": 1,
                "enable_cpu_mem_arena": False,
                "enable_mem_pattern": False,
                "log_severity_level": 3,
            },
        )

    def lines(self, pixels: Any) -> list[RawLine]:
        """Return the lines on pixels of shape (height, width, 3), BGR: corners, text and score of each."""
        found = self._engine.predict(pixels)
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
