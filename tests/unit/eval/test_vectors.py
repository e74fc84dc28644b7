from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.texts.vectors import VectorCache
from wenyuan.ports import Vectors


class Letters:
    """An embedder by letter counts that tells which texts it was given."""

    name = "letters"
    dimension = 26

    def __init__(self, fingerprint: str = "letters-1") -> None:
        self.fingerprint = fingerprint
        self.given: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        counts = [[text.count(chr(97 + letter)) + 0.1 for letter in range(26)] for text in texts]
        found = np.array(counts, np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    embed_queries = embed_passages

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None: ...


def test_each_text_is_embedded_once_even_across_processes(tmp_path: Path) -> None:
    embedder = Letters()
    with VectorCache(tmp_path, embedder) as cache:
        first = cache.passages(["abc", "xyz", "abc"])
        assert cache.embedded == 2
        np.testing.assert_array_equal(first[0], first[2])
    with VectorCache(tmp_path, embedder) as cache:
        again = cache.passages(["xyz", "new", "abc"])
        assert cache.embedded == 1
    assert embedder.given == ["abc", "xyz", "new"]
    np.testing.assert_array_equal(again[[2, 0]], first[:2])


def test_vectors_of_another_embedder_are_not_used(tmp_path: Path) -> None:
    with VectorCache(tmp_path, Letters()) as cache:
        cache.passages(["abc"])
    other = Letters("letters-2")
    with VectorCache(tmp_path, other) as cache:
        cache.passages(["abc"])
    assert other.given == ["abc"]


@pytest.mark.parametrize("cut", [1, 40, 135])
def test_a_record_cut_short_is_dropped(tmp_path: Path, cut: int) -> None:
    embedder = Letters()
    with VectorCache(tmp_path, embedder) as cache:
        whole = cache.passages(["abc", "xyz"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-cut])
    with VectorCache(tmp_path, embedder) as cache:
        again = cache.passages(["abc", "xyz", "more"])
        assert cache.embedded == 2
    np.testing.assert_array_equal(again[:2], whole)
    with VectorCache(tmp_path, embedder) as cache:
        np.testing.assert_array_equal(cache.passages(["abc", "xyz", "more"]), again)
        assert cache.embedded == 0
