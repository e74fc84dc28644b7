"""Plain Hugging Face exports: pooling, prefixes, limits, and clear errors for what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.models.exported import STATES, write_export
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.errors import ModelDamaged, ModelMissing, ModelUnsupported
from wenyuan.models.exports import family_prefixes
from wenyuan.models.store import resolve


def _vector(folder: Path, text: str = "one two two three") -> np.ndarray:
    return OnnxEmbedder(resolve(str(folder), folder.parent), threads=1).embed_passages([text]).squeeze(axis=0)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("pooling_mode_mean_tokens", STATES[[1, 2, 2, 3]].mean(axis=0)),
        ("pooling_mode_cls_token", STATES[1]),
        ("pooling_mode_lasttoken", STATES[3]),
        (None, STATES[[1, 2, 2, 3]].mean(axis=0)),
    ],
)
def test_pooling_is_the_configured_one(tmp_path: Path, pooling: str | None, expected: np.ndarray) -> None:
    folder = write_export(tmp_path / "model", pooling=pooling)
    np.testing.assert_allclose(_vector(folder), expected / np.linalg.norm(expected), atol=1e-6)


@pytest.mark.parametrize("graph", ["model.onnx", "onnx/model.onnx"])
def test_graph_may_lie_in_either_place(tmp_path: Path, graph: str) -> None:
    np.testing.assert_allclose(_vector(write_export(tmp_path / "model", graph=graph), "two"), [0, 1, 0, 0])


def test_a_graph_that_pools_is_taken_at_its_word(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "model", pooling="pooling_mode_cls_token", pooled=True)
    mean = STATES[[1, 3]].mean(axis=0)
    np.testing.assert_allclose(_vector(folder, "one three"), mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize("inputs", [("input_ids",), ("input_ids", "attention_mask", "token_type_ids", "position_ids")])
def test_feeds_the_inputs_the_graph_asks_for(tmp_path: Path, inputs: tuple[str, ...]) -> None:
    np.testing.assert_allclose(_vector(write_export(tmp_path / "model", inputs=inputs), "one"), [1, 0, 0, 0])


def test_unknown_inputs_are_named(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "model", inputs=("input_ids", "past_key_values.0.key"))
    with pytest.raises(ModelUnsupported, match=r"past_key_values\.0\.key"):
        _vector(folder)


def test_limit_is_the_smallest_stated(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "roberta", config={"model_type": "xlm-roberta", "max_position_embeddings": 514,
                                                        "pad_token_id": 1})  # fmt: skip
    assert resolve(str(folder), tmp_path).manifest.max_tokens == 512
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 1e30}', encoding="utf-8")
    assert resolve(str(folder), tmp_path).manifest.max_tokens == 512
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}', encoding="utf-8")
    assert resolve(str(folder), tmp_path).manifest.max_tokens == 256


def test_prefixes_come_from_the_configuration_or_the_family(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "plain")
    assert resolve(str(folder), tmp_path).manifest.query_prefix == ""
    prompts = {"prompts": {"query": "问：", "document": "文："}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    manifest = resolve(str(folder), tmp_path).manifest
    assert (manifest.query_prefix, manifest.passage_prefix) == ("问：", "文：")
    assert resolve(str(write_export(tmp_path / "intfloat--multilingual-e5-base")), tmp_path).manifest.query_prefix
    assert family_prefixes("intfloat/multilingual-e5-large-instruct") == ("", "")
    assert family_prefixes("acme/re5ort") == ("", "")


def test_fingerprint_tells_models_and_settings_apart(tmp_path: Path) -> None:
    one = resolve(str(write_export(tmp_path / "one")), tmp_path).manifest.fingerprint
    same = resolve(str(write_export(tmp_path / "same")), tmp_path).manifest.fingerprint
    other = resolve(str(write_export(tmp_path / "other", pooling="pooling_mode_cls_token")), tmp_path)
    graph = resolve(str(write_export(tmp_path / "graph", pooled=True)), tmp_path).manifest.fingerprint
    assert one == same
    assert len({one, other.manifest.fingerprint, graph}) == 3


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "onnx/model.onnx"])
def test_missing_files_are_named(tmp_path: Path, name: str) -> None:
    folder = write_export(tmp_path / "model")
    (folder / name).unlink()
    with pytest.raises(ModelMissing, match=name.replace(".", r"\.")):
        resolve(str(folder), tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("config.json", "{"), ("config.json", "[1]"), ("config.json", '{"max_position_embeddings": 64}')],
)
def test_damaged_configuration_is_named(tmp_path: Path, name: str, content: str) -> None:
    folder = write_export(tmp_path / "model")
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(ModelDamaged, match=r"config\.json"):
        resolve(str(folder), tmp_path)


@pytest.mark.parametrize(("name", "content"), [("onnx/model.onnx", b"not a graph"), ("tokenizer.json", b"{}")])
def test_unreadable_graph_or_tokenizer(tmp_path: Path, name: str, content: bytes) -> None:
    folder = write_export(tmp_path / "model")
    (folder / name).write_bytes(content)
    with pytest.raises((ModelUnsupported, ModelDamaged), match="model"):
        _vector(folder)


def test_what_cannot_be_reproduced_is_refused(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "model", pooling="pooling_mode_weightedmean_tokens")
    with pytest.raises(ModelUnsupported, match="weightedmean"):
        resolve(str(folder), tmp_path)
    dense = write_export(tmp_path / "dense")
    (dense / "modules.json").write_text('[{"type": "sentence_transformers.models.Dense"}]', encoding="utf-8")
    with pytest.raises(ModelUnsupported, match="Dense"):
        resolve(str(dense), tmp_path)


def test_wrong_dimension_is_found_at_load(tmp_path: Path) -> None:
    folder = write_export(tmp_path / "model", config={"hidden_size": 5})
    with pytest.raises(ModelUnsupported, match="dimension 4 != 5"):
        _vector(folder)
