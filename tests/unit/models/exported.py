"""A Hugging Face style ONNX export with a graph small enough to know its answers by heart."""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

# States of the words: the graph only looks them up.
STATES = np.array([[0, 0, 0, 1], [1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]], np.float32)
WORDS = {"[UNK]": 0, "one": 1, "two": 2, "three": 3}


def write_export(
    folder: Path,
    *,
    pooling: str | None = "pooling_mode_mean_tokens",
    pooled: bool = False,
    graph: str = "onnx/model.onnx",
    inputs: tuple[str, ...] = ("input_ids", "attention_mask"),
    config: dict[str, object] | None = None,
) -> Path:
    """Write the export; `pooled` makes the graph return the mean as `sentence_embedding`."""
    (folder / graph).parent.mkdir(parents=True, exist_ok=True)
    (folder / graph).write_bytes(_graph(inputs, pooled=pooled))
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"model_type": "bert", "hidden_size": 4, "max_position_embeddings": 64, **(config or {})}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    if pooling:
        (folder / "1_Pooling").mkdir(exist_ok=True)
        chosen = {"word_embedding_dimension": 4, "pooling_mode_cls_token": False, pooling: True}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(chosen), encoding="utf-8")
    return folder


def _graph(inputs: tuple[str, ...], *, pooled: bool) -> bytes:
    nodes = [helper.make_node("Gather", ["states", "input_ids"], ["last_hidden_state"])]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["b", "s", 4])]
    if pooled:
        nodes.append(helper.make_node("ReduceMean", ["last_hidden_state", "axis"], ["sentence_embedding"], keepdims=0))
        outputs.append(helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["b", 4]))
    graph = helper.make_graph(
        nodes,
        "export",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"]) for name in inputs],
        outputs,
        [numpy_helper.from_array(STATES, "states"), numpy_helper.from_array(np.array([1], np.int64), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())
