"""Stored files are named by their hash, without an extension: every kind of document is read under such a name."""

import shutil
from pathlib import Path

import pytest

from ingest.intake import sniff
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.documents import SourceFile
from wenyuan.settings import IngestSettings

CORPUS = Path(__file__).resolve().parents[2] / "eval" / "demo" / "corpus"
READABLE = sorted(path for path in CORPUS.iterdir() if "scan" not in path.name)


@pytest.mark.parametrize("file", READABLE, ids=lambda path: path.name)
async def test_a_file_is_read_without_its_name(file: Path, tmp_path: Path) -> None:
    stored = tmp_path / ("0" * 64)
    shutil.copy(file, stored)
    settings = IngestSettings(ocr=False)
    source = SourceFile(str(stored), file.name, "0" * 64, stored.stat().st_size, sniff(stored, file.name))
    parsed = await FileParser(Sandbox(settings), None, settings).parse(source)
    assert sum(len(block.text) for block in parsed.blocks) > 300
