"""Blocks of small files of our own against stored ones.

``WENYUAN_TEST_REGENERATE_GOLDEN=1 python -m pytest tests/golden/parsing`` writes the stored blocks anew, and the
files that are missing; look at the difference before keeping it. What may differ is named in ``comparison``.
"""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.intake import sniff
from ingest.ocr.models import ensure_ocr_models
from ingest.parsing.reading.engines import open_engines
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from tests.golden.parsing.comparison import (
    BOX_PIXELS,
    BOX_POINTS,
    CONFIDENCE,
    DRAWN,
    RECOGNISED,
    box,
    differences,
    stored_form,
)
from tests.golden.parsing.inputs import INPUTS
from wenyuan.documents import Block, BlockKind, Page, ParsedDocument, SourceFile
from wenyuan.settings import Settings

FILES = Path(__file__).parent / "files"
STORED = Path(__file__).parent / "stored"
REGENERATE = os.environ.get("WENYUAN_TEST_REGENERATE_GOLDEN") == "1"


@pytest.mark.parametrize("name", INPUTS)
async def test_blocks_are_as_stored(name: str, tmp_path: Path) -> None:
    path, stored = FILES / name, STORED / f"{name}.json"
    if REGENERATE and not path.exists():
        INPUTS[name](path)
    content = path.read_bytes()
    settings = Settings().ingest.model_copy(update={"ocr": name.endswith(".png")})
    source = SourceFile(str(path), name, hashlib.sha256(content).hexdigest(), len(content), sniff(path, name))
    if settings.ocr:
        ensure_ocr_models(tmp_path)
    async with open_engines(settings, tmp_path) as engines:
        found = stored_form(await FileParser(Sandbox(settings), engines, settings).parse(source))
    if REGENERATE:
        stored.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    tolerances = RECOGNISED if settings.ocr else DRAWN
    faults = differences(found, json.loads(stored.read_text(encoding="utf-8")), tolerances)
    assert not faults, "\n".join(faults)
    assert found["blocks"]


def parsed(block: Block) -> ParsedDocument:
    return ParsedDocument((Page(1, 100, 100),), (block,))


def test_tolerances_are_the_named_ones_and_nothing_else_may_differ() -> None:
    block = Block(BlockKind.TITLE, "第一章", (box(),), level=1, confidence=0.9)
    stored = stored_form(parsed(block))
    assert differences(stored, stored, DRAWN) == []
    near = replace(block, boxes=(box(x0=BOX_POINTS),), confidence=0.9 + CONFIDENCE)
    assert differences(stored_form(parsed(near)), stored, DRAWN) == []
    far = replace(block, boxes=(box(x0=BOX_POINTS + 0.1),), confidence=0.9 - CONFIDENCE - 0.01)
    assert len(differences(stored_form(parsed(far)), stored, DRAWN)) == 2
    seen = replace(block, boxes=(box(x0=BOX_PIXELS),))
    assert differences(stored_form(parsed(seen)), stored, RECOGNISED) == []
    for other in (replace(block, text="第 一章"), replace(block, level=2), replace(block, kind=BlockKind.PARAGRAPH)):
        assert differences(stored_form(parsed(other)), stored, RECOGNISED)
    assert differences(stored_form(ParsedDocument((Page(1, 100, 100),), (block, block))), stored, RECOGNISED)
