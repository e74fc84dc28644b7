"""A tiny weights file for the tests of this folder."""

from pathlib import Path

import pytest

from tests.unit.models.tiny import TinyModel


@pytest.fixture
def tiny() -> TinyModel:
    return TinyModel()


@pytest.fixture
def weights(tiny: TinyModel, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    tiny.write(path)
    return path
