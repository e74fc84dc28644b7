"""Recognition for real: models from the wheel, a rendered page, a child that is killed, cancelled and overloaded."""

import asyncio
import importlib.metadata
import io
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from PIL import Image, ImageChops, ImageDraw, ImageFont

from ingest.ocr.models import OcrModels, ensure_ocr_models, find_ocr_models
from ingest.ocr.service import OcrLimits, OcrService
from wenyuan.documents import BlockKind
from wenyuan.errors import ParserFailed, ParserLimit, ParserUnavailable
from wenyuan.models.errors import ModelDamaged, ModelMissing

TEXT = (
    "为规范差旅费用管理，提高资金使用效率，根据国家有关规定并结合公司实际，制定本制度。员工出差应当事先在系统中提交申请，"
    "经直属领导批准后方可预订车票与酒店；未经批准发生的费用，公司不予报销。出差结束后十五个工作日内，员工应当提交发票原件、"
    "行程单和审批记录，财务部在收到完整材料之日起七个工作日内完成审核并付款。"
)
HEADING = "第一章总则"
SEAL = "北京文渊科技有限公司"
CHARS = 36


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> OcrModels:
    return ensure_ocr_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
async def service(models: OcrModels) -> AsyncIterator[OcrService]:
    service = OcrService(models, OcrLimits(page_s=60, threads=1))
    yield service
    await service.close()


def font_file() -> str:
    found = subprocess.run(
        ["fc-match", "-f", "%{file}|%{lang}", ":lang=zh-cn"], capture_output=True, text=True, check=False
    )
    path, _, languages = found.stdout.partition("|")
    if "zh-cn" not in languages:
        pytest.skip("no font with Chinese characters is installed (Debian: fonts-noto-cjk)")
    return path


def page_png(turn: int = 0) -> bytes:
    """A page of a heading and seven lines, turned by degrees against the clock."""
    # Index 2 of the Noto collection holds the simplified Chinese shapes.
    path = font_file()
    index = 2 if path.endswith(".ttc") else 0
    image = Image.new("RGB", (1240, 900), "white")
    draw = ImageDraw.Draw(image)
    draw.text((500, 60), HEADING, font=ImageFont.truetype(path, 40, index=index), fill="black")
    body = ImageFont.truetype(path, 28, index=index)
    for row, start in enumerate(range(0, len(TEXT), CHARS)):
        draw.text((100, 160 + 46 * row), TEXT[start : start + CHARS], font=body, fill="black")
    data = io.BytesIO()
    image.rotate(turn, expand=True).save(data, "PNG")
    return data.getvalue()


def errors(found: str, wanted: str) -> int:
    """Edit distance."""
    row = list(range(len(wanted) + 1))
    for i, a in enumerate(found, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(wanted, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


def test_models_are_built_once_and_mended_when_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        find_ocr_models(tmp_path)
    built = ensure_ocr_models(tmp_path)
    graph = built.recognition / "inference.onnx"
    made = graph.stat().st_mtime_ns
    assert ensure_ocr_models(tmp_path) == built
    assert graph.stat().st_mtime_ns == made
    graph.write_bytes(b"cut")
    with pytest.raises(ModelDamaged):
        find_ocr_models(tmp_path)
    assert ensure_ocr_models(tmp_path) == find_ocr_models(tmp_path)
    assert graph.stat().st_size > 10_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["ocr"]


def test_the_alphabet_survives_yaml(models: OcrModels) -> None:
    config = yaml.safe_load((models.recognition / "inference.yml").read_text(encoding="utf-8"))
    characters = config["PostProcess"]["character_dict"]
    assert all(isinstance(character, str) and character for character in characters)
    assert len(characters) == len(set(characters))
    assert {"中", "0", "~", "报", "y"} <= set(characters)


def test_missing_and_wrong_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        ensure_ocr_models(tmp_path / "models", source=tmp_path)
    assert not (tmp_path / "models" / "ocr").exists()


def test_exactly_one_opencv_is_installed() -> None:
    names = {distribution.name.lower() for distribution in importlib.metadata.distributions() if distribution.name}
    assert len([name for name in names if name.startswith("opencv-")]) == 1


@pytest.mark.slow
async def test_a_page_is_read_and_a_dead_child_is_replaced(service: OcrService) -> None:
    png = page_png()
    blocks = await service.recognise(png, 7, 620.0, 450.0)
    text = "".join(block.text for block in blocks)
    assert errors(text, HEADING + TEXT) <= 0.01 * len(HEADING + TEXT)
    assert [block.kind for block in blocks] == [BlockKind.TITLE, BlockKind.PARAGRAPH]
    assert all(block.confidence is not None and block.confidence > 0.9 for block in blocks)
    box = blocks[1].boxes[0]
    assert box.page == 7
    assert (box.x0, box.y0) == pytest.approx((50, 80), abs=6)
    assert box.x1 < 620
    assert box.y1 < 450

    side = await service.recognise(page_png(turn=90), 7, 450.0, 620.0)
    assert [block.text for block in side] == [block.text for block in blocks]
    assert side[0].boxes[0].x1 < 100

    first = service.child_pid
    assert first is not None
    job = asyncio.create_task(service.recognise(png, 1, 620.0, 450.0))
    await asyncio.sleep(0.2)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ParserLimit, match="SIGKILL"):
        await job
    again = await service.recognise(png, 2, 620.0, 450.0)
    assert [block.text for block in again] == [block.text for block in blocks]
    second = service.child_pid
    assert second is not None
    assert second != first

    job = asyncio.create_task(service.recognise(png, 1, 620.0, 450.0))
    await asyncio.sleep(0.2)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not is_running(second)
    assert service.child_pid is None


def sealed(page: Image.Image) -> Image.Image:
    """The page under a round red seal whose name runs along the rim, as ink on print."""
    path, size = font_file(), 360
    index = 2 if path.endswith(".ttc") else 0
    seal = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(seal).ellipse((4, 4, size - 4, size - 4), outline=(220, 20, 40), width=8)
    font = ImageFont.truetype(path, 48, index=index)
    for at, char in enumerate(SEAL):
        angle = math.radians(-210 + 240 * at / (len(SEAL) - 1))
        glyph = Image.new("RGB", (64, 64), "white")
        ImageDraw.Draw(glyph).text((8, -4), char, font=font, fill=(220, 20, 40))
        turned = glyph.rotate(-math.degrees(angle) - 90, fillcolor="white", resample=Image.Resampling.BICUBIC)
        x, y = (round(size / 2 + 130 * side - 32) for side in (math.cos(angle), math.sin(angle)))
        seal.paste(ImageChops.darker(seal.crop((x, y, x + 64, y + 64)), turned), (x, y))
    page.paste(ImageChops.multiply(page.crop((700, 150, 700 + size, 150 + size)), seal), (700, 150))
    return page


@pytest.mark.slow
async def test_pages_on_their_head_slanted_and_under_a_seal_are_read(service: OcrService) -> None:
    upright = Image.open(io.BytesIO(page_png())).convert("RGB")
    for degrees in (180, 270):
        turned = await service.recognise(page_png(turn=degrees), 1, 620.0, 450.0)
        assert errors("".join(block.text for block in turned), HEADING + TEXT) <= 0.01 * len(HEADING + TEXT)
    slanted = upright.rotate(-7, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    found = await service.recognise(_png(slanted), 1, float(slanted.width), float(slanted.height))
    assert [block.kind for block in found] == [BlockKind.TITLE, BlockKind.PARAGRAPH]
    assert errors("".join(block.text for block in found), HEADING + TEXT) <= 0.01 * len(HEADING + TEXT)
    first, last = found[1].lines[0], found[1].lines[-1]
    assert found[1].text[first.start : first.end] == TEXT[:CHARS]
    assert first.box.y1 - first.box.y0 > 0.1 * (first.box.x1 - first.box.x0)
    assert last.box.x0 < first.box.x0

    *page, seal = await service.recognise(_png(sealed(upright)), 1, 1240.0, 900.0)
    assert errors("".join(block.text for block in page), HEADING + TEXT) <= 0.02 * len(HEADING + TEXT)
    assert (seal.kind, seal.text) == (BlockKind.FIGURE, SEAL)
    box = seal.boxes[0]
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((704, 154, 1056, 506), abs=12)


@pytest.mark.slow
async def test_a_bad_bitmap_fails_and_close_leaves_no_process(service: OcrService) -> None:
    with pytest.raises(ParserFailed):
        await service.recognise(b"not a bitmap", 1, 10.0, 10.0)
    assert await service.recognise(_blank(), 1, 100.0, 100.0) == ()
    pid = service.child_pid
    assert pid is not None
    await service.close()
    assert not is_running(pid)
    with pytest.raises(ParserUnavailable):
        await service.recognise(_blank(), 1, 100.0, 100.0)


@pytest.mark.slow
async def test_a_page_over_its_time_is_given_up(models: OcrModels) -> None:
    service = OcrService(models, OcrLimits(page_s=0.05, threads=1))
    try:
        started = time.monotonic()
        with pytest.raises(ParserLimit, match=r"0\.05 s"):
            await service.recognise(page_png(), 1, 620.0, 450.0)
        assert time.monotonic() - started < 60
        assert service.child_pid is None
    finally:
        await service.close()


@pytest.mark.slow
def test_a_killed_server_leaves_no_child(models: OcrModels) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from ingest.ocr.models import OcrModels
from ingest.ocr.service import OcrLimits, OcrService
async def main():
    models = OcrModels(Path({str(models.detection)!r}), Path({str(models.recognition)!r}))
    service = OcrService(models, OcrLimits(threads=1))
    await service.recognise(sys.stdin.buffer.read(), 1, 100.0, 100.0)
    print(service.child_pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(_blank())
        server.stdin.close()
        child = int(server.stdout.readline())
        assert is_running(child)
        server.kill()
    deadline = time.monotonic() + 10
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


async def test_an_engine_that_does_not_start_is_said(tmp_path: Path) -> None:
    service = OcrService(OcrModels(tmp_path, tmp_path), OcrLimits(threads=1))
    try:
        with pytest.raises(ParserUnavailable, match="OCR"):
            await service.recognise(_blank(), 1, 100.0, 100.0)
    finally:
        await service.close()


def _blank() -> bytes:
    return _png(Image.new("RGB", (100, 100), "white"))


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
