"""Data sets in the layouts that retrieval research uses, and the demo's own."""

from pathlib import Path

from eval.datasets.base import Dataset, DatasetError, Question, TextDocument
from eval.datasets.beir import read_beir
from eval.datasets.squad import read_squad

__all__ = ["Dataset", "DatasetError", "Question", "TextDocument", "read_dataset"]

_READERS = {"beir": read_beir, "squad": read_squad}


def read_dataset(path: Path, layout: str) -> Dataset:
    """Read a data set of texts in ``layout`` (``beir`` or ``squad``); raises ``DatasetError``."""
    return _READERS[layout](path)
