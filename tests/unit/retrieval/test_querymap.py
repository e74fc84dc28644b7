"""The learned map of question vectors: what it does, when it is taken, what is refused."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from retrieval.querymap import WEIGHTS, Gate, QueryMap
from tests.unit.retrieval.test_service import BagEmbedder
from wenyuan.errors import SettingsError


def some_map() -> QueryMap:
    chance = np.random.default_rng(5)
    gate = Gate(chance.normal(size=64).astype(np.float16).astype(np.float32), 0.3)
    left, right = (chance.normal(size=shape).astype(np.float16) for shape in ((64, 3), (3, 64)))
    return QueryMap(left.astype(np.float32), right.astype(np.float32), gate, 0.9, 0.1)


def written(folder: Path, made: QueryMap, **changes: object) -> Path:
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump(made.record(BagEmbedder.fingerprint) | changes), encoding="utf-8")
    return path


def test_it_adds_a_step_and_keeps_the_length() -> None:
    made, vectors = some_map(), BagEmbedder().embed_queries(["住宿标准", "额定电压"])
    moved = made(vectors)
    shares = 1 / (1 + np.exp(-(vectors @ made.gate.direction + 0.3)))
    assert made.gate(vectors) == pytest.approx(shares)
    wanted = vectors + shares[:, None] * (made.left @ (made.right @ vectors.T)).T
    assert moved.dtype == np.float32
    assert np.linalg.norm(moved, axis=1) == pytest.approx([1.0, 1.0])
    assert moved == pytest.approx(wanted / np.linalg.norm(wanted, axis=1, keepdims=True), abs=1e-5)


def test_a_question_that_the_gate_keeps_out_stays_as_it_is() -> None:
    made, vectors = some_map(), BagEmbedder().embed_queries(["住宿标准", "额定电压"])
    made.gate = Gate(np.zeros(64, np.float32), -30.0)
    assert made(vectors) == pytest.approx(vectors, abs=1e-6)
    assert made.cosine(0.5, float(made.gate(vectors)[0])) == pytest.approx(0.5)


def test_a_stored_map_does_the_same_for_its_embedder_only(tmp_path: Path) -> None:
    made, embedder = some_map(), BagEmbedder()
    path = written(tmp_path, made)
    read = QueryMap.open(embedder, path)
    assert read is not None
    vectors = embedder.embed_queries(["住宿标准"])
    assert read(vectors) == pytest.approx(made(vectors), abs=1e-6)
    assert read.gate(vectors) == pytest.approx(made.gate(vectors))
    assert read.cosine(0.5, 1.0) == pytest.approx(0.55)
    embedder.fingerprint = "another"
    assert QueryMap.open(embedder, path) is None


@pytest.mark.parametrize("spoil", [{"left": "?"}, {"rank": 4}, {"scale": -1.0}, {"offset": float("nan")}, {"gate": ""}])
def test_a_spoiled_map_is_refused(tmp_path: Path, spoil: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        QueryMap.open(BagEmbedder(), written(tmp_path, some_map(), **spoil))


def test_the_map_that_ships_is_small_and_finite() -> None:
    content = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8"))
    embedder = BagEmbedder()
    embedder.fingerprint, embedder.dimension = content["embedder"], content["dimension"]
    made = QueryMap.open(embedder)
    assert made is not None
    vectors = np.random.default_rng(3).normal(size=(20, content["dimension"])).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.einsum("nd,nd->n", made(vectors), vectors).min() > 0.9
    assert 0.8 < made.cosine(0.85, 1.0) < 0.9
