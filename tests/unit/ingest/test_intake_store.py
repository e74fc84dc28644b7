"""Uploaded bytes become durable files, or leave nothing behind."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest.intake import Intake, media
from wenyuan.errors import FileEmpty, FileTooLarge, FileTypeMismatch, StorageFull
from wenyuan.settings import IngestSettings


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def intake(folder: Path, **limits: int) -> Intake:
    return Intake(folder, IngestSettings(**{"min_free_mb": 0, **limits}))


async def test_bytes_are_hashed_typed_and_stored_under_their_document(tmp_path: Path) -> None:
    body = "# 差旅制度\n".encode() * 200_000
    source = await intake(tmp_path).receive(stream(body[:7], body[7:1_500_000], body[1_500_000:]), "制度.md", "doc_1")
    digest = hashlib.sha256(body).hexdigest()
    assert (source.sha256, source.size, source.media_type) == (digest, len(body), media.MARKDOWN)
    assert source.filename == "制度.md"
    assert source.path == f"files/doc_1/{digest}"
    assert (tmp_path / source.path).read_bytes() == body
    assert files(tmp_path) == [source.path]


async def test_the_same_bytes_again_are_the_same_file(tmp_path: Path) -> None:
    store = intake(tmp_path)
    first = await store.receive(stream(b"text"), "a.txt", "doc_1")
    second = await store.receive(stream(b"te", b"xt"), "b.txt", "doc_1")
    assert first.path == second.path
    assert len(files(tmp_path)) == 1


async def test_the_limit_holds_while_streaming(tmp_path: Path) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 400_000

    with pytest.raises(FileTooLarge) as caught:
        await intake(tmp_path, max_file_mb=1).stage(endless(), "a.txt")
    assert taken == 3
    assert caught.value.params == {"limit_mb": 1}
    assert files(tmp_path) == []


async def test_refused_and_broken_uploads_leave_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    store = intake(tmp_path)
    with pytest.raises(FileEmpty):
        await store.stage(stream(b""), "a.txt")
    with pytest.raises(FileTypeMismatch):
        await store.stage(stream(b"text"), "a.pdf")
    with pytest.raises(ConnectionResetError):
        await store.stage(broken(), "a.txt")
    assert files(tmp_path) == []


async def test_staged_files_can_be_discarded_or_swept(tmp_path: Path) -> None:
    store = intake(tmp_path)
    await store.discard(await store.stage(stream(b"one"), "a.txt"))
    assert files(tmp_path) == []
    await store.stage(stream(b"two"), "a.txt")
    assert await store.sweep() == 1
    assert files(tmp_path) == []


async def test_a_removed_document_leaves_no_file_and_others_stay(tmp_path: Path) -> None:
    store = intake(tmp_path)
    await store.receive(stream(b"one"), "a.txt", "doc_1")
    kept = await store.receive(stream(b"one"), "a.txt", "doc_2")
    await store.remove_document("doc_1")
    await store.remove_document("doc_1")
    assert files(tmp_path) == [kept.path]


async def test_no_space_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StorageFull):
        await intake(tmp_path, min_free_mb=2**40).stage(stream(b"x"), "a.txt")
    assert files(tmp_path) == []


async def test_what_a_job_writes_into_a_folder_that_is_removed_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = intake(tmp_path)
    source = await store.receive(stream(b"text"), "a.txt", "doc_1")
    remove = os.rmdir

    def late(path: str, **given: int) -> None:
        """A rendition arrives behind the back of the removal."""
        monkeypatch.setattr(os, "rmdir", remove)
        (tmp_path / f"{source.path}.pages.pdf").write_bytes(b"%PDF-")
        remove(path, **given)

    monkeypatch.setattr(os, "rmdir", late)
    await store.remove_document("doc_1")
    assert files(tmp_path) == []
