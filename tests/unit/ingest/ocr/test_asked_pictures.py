"""Pictures of questions are read in turn, and nothing of one stays behind, however its reading ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest.pictures import WAITING, PictureReader, PictureTypeUnsupported
from wenyuan.errors import FileEmpty, FileTooLarge, RateLimited
from wenyuan.settings import IngestSettings, ServerSettings, Settings
from wenyuan.vault.stored import StoredFiles


@pytest.fixture
def reader(tmp_path: Path) -> PictureReader:
    settings = Settings(
        data_dir=tmp_path, server=ServerSettings(max_picture_mb=1), ingest=IngestSettings(ocr=False, min_free_mb=0)
    )
    return PictureReader(settings, None, StoredFiles(None))


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def content(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_who_comes_when_too_many_wait_is_asked_to_try_again(reader: PictureReader, tmp_path: Path) -> None:
    go = asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        await go.wait()
        yield b""

    waiting = [asyncio.create_task(reader.read(held())) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await reader.read(content(b"x"))
    waiting[0].cancel()
    go.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert all(isinstance(one, FileEmpty) for one in ended[1:])
    assert left(tmp_path) == []
    with pytest.raises(PictureTypeUnsupported):  # the place is free again
        await reader.read(content(b"words, no picture"))


async def test_a_picture_over_the_limit_is_given_up_while_it_comes(reader: PictureReader, tmp_path: Path) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(2**18)

    with pytest.raises(FileTooLarge):
        await reader.read(endless())
    assert taken <= 6
    assert left(tmp_path) == []
