"""The check of a GPU: what it decides, on the runtime that is installed, and what it takes for a difference."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from benchmarks import gpu
from ingest.ocr.paddle import RawLine
from tests.unit.models.exported import write_export
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.sessions import best_provider
from wenyuan.models.store import resolve
from wenyuan.ports import Vectors

_HAS_CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def test_the_provider_is_what_the_runtime_lists() -> None:
    assert best_provider() == ("cuda" if _HAS_CUDA else "cpu")


def test_a_session_says_where_it_runs(tmp_path: Path) -> None:
    folder = resolve(str(write_export(tmp_path / "model")), tmp_path)
    embedder = OnnxEmbedder(folder, provider="cpu", threads=1)
    assert embedder.provider == "cpu"
    assert gpu.unlike_vectors(embedder.embed_passages(gpu.TEXTS), embedder.embed_passages(gpu.TEXTS)) == []
    embedder.close()


@pytest.mark.skipif(_HAS_CUDA, reason="the runtime has a CUDA provider")
def test_without_the_provider_it_says_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert gpu.main(["--models-dir", str(tmp_path)]) == gpu.NO_PROVIDER
    assert "extra gpu" in capsys.readouterr().out


def test_a_provider_that_does_not_start_is_told_from_an_absent_one() -> None:
    codes = {gpu.verdict("cpu", "cpu")[0], gpu.verdict("cuda", "cpu")[0], gpu.verdict("cuda", "cuda")[0]}
    assert codes == {gpu.NO_PROVIDER, gpu.NO_GPU, gpu.SAME}


def _unit(seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((3, 32), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_vectors_that_point_elsewhere_differ() -> None:
    near, far = _unit(1).copy(), _unit(1).copy()
    near[0, 0] += 1e-4
    far[2] = -far[2]
    assert gpu.unlike_vectors(_unit(1), near) == []
    assert gpu.unlike_vectors(_unit(1), far) == ["text 2: cosine -1.00000"]


def test_lines_differ_by_text_and_by_place() -> None:
    def line(text: str, left: float) -> RawLine:
        return ([(left, 0.0), (left + 9, 0.0), (left + 9, 9.0), (left, 9.0)], text, 0.9)

    assert gpu.unlike_lines([line("合计", 1)], [line("合计", 2.5)]) == []
    assert len(gpu.unlike_lines([line("合计", 1)], [line("合计", 9)])) == 1
    assert len(gpu.unlike_lines([line("合计", 1)], [line("台计", 1)])) == 1
    assert len(gpu.unlike_lines([line("合计", 1)], [])) == 1
    assert len(gpu.unlike_lines([], [])) == 1
