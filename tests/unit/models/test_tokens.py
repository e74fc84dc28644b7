"""Tokenizers are shared for as long as they are used, and what a model held goes back to the system."""

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from tests.unit.models.exported import write_export
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.errors import ModelDamaged
from wenyuan.models.store import ensure_offline_embedder, resolve
from wenyuan.models.tokens import load_tokenizer
from wenyuan.settings import Settings

#: Prints the megabytes that a process gained by a model that is open, and those it still has when that is closed.
MEASURED = """
import resource, sys
from pathlib import Path
import onnxruntime, tokenizers
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import EmbeddingSettings

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20

before = resident()
opened = open_embedder(EmbeddingSettings(), Path(sys.argv[1]))
held = resident()
opened.close()
print(held - before, resident() - before)
"""


def test_models_of_one_vocabulary_share_it(tmp_path: Path) -> None:
    one, same = (resolve(str(write_export(tmp_path / name)), tmp_path) for name in ("one", "same"))
    other = write_export(tmp_path / "other")
    content = (other / "tokenizer.json").read_text(encoding="utf-8")
    (other / "tokenizer.json").write_text(content.replace('"three"', '"drei"'), encoding="utf-8")
    first = load_tokenizer(one)
    assert load_tokenizer(same) is first
    changed = load_tokenizer(resolve(str(other), tmp_path))
    assert changed.encode("drei").ids == first.encode("three").ids == [3]
    assert first.encode("drei").ids == [0]


def test_a_closed_model_keeps_no_vocabulary(weights: Path, tmp_path: Path) -> None:
    folder = ensure_offline_embedder(tmp_path / "models", weights)
    one, two = OnnxEmbedder(folder, threads=1), OnnxEmbedder(folder, threads=1)
    kept = weakref.ref(load_tokenizer(folder))
    one.close()
    assert two.count_tokens("年假") == 2
    assert kept() is not None
    two.close()
    gc.collect()
    assert kept() is None
    with pytest.raises(RuntimeError, match="closed"):
        two.count_tokens("年假")


def test_a_file_that_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    folder = resolve(str(write_export(tmp_path / "model")), tmp_path)
    folder.tokenizer.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json"):
        load_tokenizer(folder)


def test_a_closed_model_gives_its_memory_back() -> None:
    """In a process of its own, whose heap nothing else has used."""
    command = [sys.executable, "-c", MEASURED, str(Settings().models_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    held, kept = map(int, done.stdout.split())
    assert held > 200
    assert kept < held / 4
