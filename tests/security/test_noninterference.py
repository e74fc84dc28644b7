"""Documents that a reader may not see do not change what the whole retriever answers, in exact mode."""

import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks.search.noninterference import compare
from eval.datasets import TextDocument
from retrieval.index import filters
from retrieval.index.filters import FilterWords
from wenyuan.access import AccessScope
from wenyuan.ports import Vectors

_SUBJECTS = (
    "住宿标准",
    "采购审批",
    "开关柜额定电压",
    "年假天数",
    "travel allowance",
    "合同归档",
    "差旅报销",
    "保密期限",
)
_PLACES = ("总部", "华东", "华南", "branch office", "工厂", "仓库")


@cache
def _direction(letters: str, dimension: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(letters.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(dimension, np.float32)


class LetterEmbedder:
    """A deterministic embedder: the sum of a random vector per pair of letters."""

    name = "letters"
    fingerprint = "letters-1"
    dimension = 32

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._one(text) for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """Nothing to free."""

    def _one(self, text: str) -> Vectors:
        total = np.full(self.dimension, 1e-3, np.float32)
        for pair in pairwise(text):
            total += _direction("".join(pair), self.dimension)
        return np.asarray(total / np.linalg.norm(total), np.float32)


_TEXTS = [
    TextDocument(
        f"{place}-{subject}", f"{place}制度", f"{place}的{subject}为每次 {number * 7 + turn} 元，由负责人批准。"
    )
    for number, subject in enumerate(_SUBJECTS)
    for turn, place in enumerate(_PLACES)
]
_QUESTIONS = [f"{place}的{subject}是多少？" for subject in _SUBJECTS[::2] for place in _PLACES[::2]]


async def test_hidden_documents_move_nothing(tmp_path: Path) -> None:
    outcome = await compare(_TEXTS, _QUESTIONS, LetterEmbedder(), tmp_path, 10)
    assert outcome.hidden > 100
    assert outcome.compared == 10 * 4 * 2
    assert (outcome.places, outcome.scores) == (0, 0)


async def test_a_search_that_forgot_its_filter_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(engine: FilterWords, scope: AccessScope) -> object:
        return engine.Filter(must=[])

    monkeypatch.setattr(filters, "scope_filter", everything)
    assert (await compare(_TEXTS, _QUESTIONS, LetterEmbedder(), tmp_path, 2)).scores > 0
