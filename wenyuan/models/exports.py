"""Reads a plain Hugging Face ONNX export (no manifest of ours) into a `ModelFolder`."""

import json
import re
from pathlib import Path
from typing import Any

from wenyuan.models.errors import ModelDamaged, ModelMissing, ModelUnsupported
from wenyuan.models.manifest import Manifest, ModelFolder, Pooling, entry

GRAPHS = ("model.onnx", "onnx/model.onnx")
_TOKENIZER = "tokenizer.json"
_POOLING: dict[str, Pooling] = {
    "pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_lasttoken": "last",
}  # fmt: skip
_UNBOUNDED = 1_000_000


def read_export(folder: Path) -> ModelFolder:
    """Describe `folder` from its configuration files; hashes its graph and tokenizer.

    Needs `tokenizer.json`, `config.json` and `model.onnx` or `onnx/model.onnx`. Raises `ModelMissing`,
    `ModelDamaged` or `ModelUnsupported`, each naming the file in question.
    """
    for name in (_TOKENIZER, "config.json"):
        if not (folder / name).is_file():
            raise ModelMissing(model=folder.name, hint=str(folder / name))
    graph = next((name for name in GRAPHS if (folder / name).is_file()), None)
    if graph is None:
        raise ModelMissing(model=folder.name, hint=" | ".join(str(folder / name) for name in GRAPHS))
    config = _json(folder, "config.json")
    query, passage = _prefixes(folder)
    files = {name: entry(folder / name) for name in (graph, _TOKENIZER)}
    # Weights over 2 GB lie in a second file beside the graph.
    beside = (f"{graph}_data", f"{graph}.data")
    files |= {name: entry(folder / name) for name in beside if (folder / name).is_file()}
    manifest = Manifest(
        name=folder.name,
        origin=str(config.get("_name_or_path", "")),
        identity="+".join(files[name].sha256 for name in sorted(files)),
        dimension=_integer(folder, config, "hidden_size"),
        max_tokens=_max_tokens(folder, config),
        query_prefix=query,
        passage_prefix=passage,
        pooling=_pooling(folder),
        graph=graph,
        tokenizer=_TOKENIZER,
        files=files,
    )
    return ModelFolder(folder, manifest.with_fingerprint())


def _json(folder: Path, name: str) -> dict[str, Any]:
    """An optional JSON object; an absent file is an empty one."""
    path = folder / name
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ModelDamaged(model=folder.name, file=name, detail=str(error)) from error
    if not isinstance(content, dict):
        raise ModelDamaged(model=folder.name, file=name, detail="not a JSON object")
    return content


def _integer(folder: Path, config: dict[str, Any], key: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or value < 1:
        raise ModelDamaged(model=folder.name, file="config.json", detail=key)
    return value


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    """The smallest limit that any of the configuration files states."""
    limits = [_json(folder, "sentence_bert_config.json").get("max_seq_length")]
    limits.append(_json(folder, "tokenizer_config.json").get("model_max_length"))
    positions = _integer(folder, config, "max_position_embeddings")
    # The RoBERTa family counts positions from the padding id plus one.
    padding = config.get("pad_token_id")
    roberta = "roberta" in str(config.get("model_type", ""))
    limits.append(positions - (padding + 1 if roberta and isinstance(padding, int) else 0))
    return min(int(limit) for limit in limits if isinstance(limit, int | float) and 0 < limit < _UNBOUNDED)


def _pooling(folder: Path) -> Pooling:
    modules = folder / "modules.json"
    if modules.is_file() and ".Dense" in modules.read_text(encoding="utf-8"):
        raise ModelUnsupported(model=folder.name, detail="modules.json: Dense")
    config = _json(folder, "1_Pooling/config.json")
    chosen = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if not chosen:
        return "mean"
    if len(chosen) > 1 or chosen[0] not in _POOLING:
        raise ModelUnsupported(model=folder.name, detail=f"1_Pooling/config.json: {', '.join(chosen)}")
    return _POOLING[chosen[0]]


def _prefixes(folder: Path) -> tuple[str, str]:
    prompts = _json(folder, "config_sentence_transformers.json").get("prompts")
    if isinstance(prompts, dict) and prompts:
        return str(prompts.get("query", "")), str(prompts.get("passage", prompts.get("document", "")))
    return family_prefixes(folder.name)


def family_prefixes(name: str) -> tuple[str, str]:
    """Query and passage prefix of the E5 family, whose repositories do not state them; else none."""
    parts = re.split(r"[-_/.]+", name.lower())
    return ("query: ", "passage: ") if "e5" in parts and "instruct" not in parts else ("", "")
