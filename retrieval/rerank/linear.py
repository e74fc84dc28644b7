"""The offline reranker: a logistic over six features, with weights learned by ``benchmarks.retrieval.fit``."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from rerankers import Document

from retrieval.rerank.base import EvidenceRanker
from retrieval.rerank.features import NAMES, Found, features
from wenyuan.errors import SettingsError
from wenyuan.settings import CONFIGS

WEIGHTS: Final = CONFIGS / "rerank.yaml"


class LinearReranker(EvidenceRanker):
    """``1 / (1 + exp(-(bias + weights · features)))``, a chance of relevance as its training sets had it.

    On other sets it is too low, most where question and passage are in different languages and share no words: it
    orders the passages of one question and is no threshold for refusals.
    """

    def __init__(self, bias: float, weights: Mapping[str, float]) -> None:
        """Take a weight for each feature of :data:`retrieval.rerank.features.NAMES`."""
        super().__init__("linear")
        self._bias = bias
        self._weights = tuple(weights[name] for name in NAMES)

    @classmethod
    def open(cls, path: Path = WEIGHTS) -> "LinearReranker":
        """Read the weights; raises ``SettingsError`` unless there is a number for the bias and each feature."""
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            bias, weights = content["bias"], {name: content["weights"][name] for name in NAMES}
        except (KeyError, TypeError) as error:
            raise SettingsError(reason=f"{path.name}: no bias, or no weight for a feature") from error
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in (bias, *weights.values())):
            raise SettingsError(reason=f"{path.name}: bias and weights are finite numbers")
        return cls(bias, weights)

    def scores(self, query: str, documents: Sequence[Document]) -> list[float]:
        """Return the relevance of each document, 0..1, in their order."""
        found = [
            Found(
                document.text or "",
                document.metadata.get("context", ""),
                document.metadata.get("dense"),
                document.metadata.get("score", 0.0),
                document.metadata.get("document", ""),
                tuple(document.metadata.get("pages", ())),
            )
            for document in documents
        ]
        return self.relevances(query, found)

    def relevances(self, question: str, found: Sequence[Found]) -> list[float]:
        """Return the relevance of each passage of one pool, 0..1, in their order."""
        return [self._relevance(values) for values in features(question, found)]

    def _relevance(self, values: Sequence[float]) -> float:
        total = self._bias + sum(weight * value for weight, value in zip(self._weights, values, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
