"""Archives of files: members become staged files, limits hold for all of them together, names mislead nobody."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.intake import Intake, StagedFile, archive, media, unpack
from wenyuan.errors import FileEncrypted, FileError, FileNotArchive, FileUnsafe
from wenyuan.settings import IngestSettings


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


async def staged(
    folder: Path, data: bytes, name: str = "a.zip", max_file_mb: int = 1
) -> dict[str, StagedFile | FileError]:
    async def chunks() -> AsyncIterator[bytes]:
        yield data

    intake = Intake(folder, IngestSettings(max_file_mb=max_file_mb, min_free_mb=0))
    return dict(await intake.stage_archive(chunks(), name))


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_members_become_files_and_what_cannot_be_taken_says_why(tmp_path: Path) -> None:
    found = await staged(
        tmp_path,
        zipped({
            "制度/差旅.md": "# 差旅\n\n正文".encode(),
            "制度/": b"",
            "空.txt": b"",
            "程序.exe": b"MZ" + bytes(100),
            "谎言.pdf": b"words",
            "大.txt": Random(7).randbytes(2**19 + 1).hex().encode(),
        }),
    )  # fmt: skip
    assert {name: one.code for name, one in found.items() if isinstance(one, FileError)} == {
        "空.txt": "file.empty",
        "程序.exe": "file.type_unsupported",
        "谎言.pdf": "file.type_mismatch",
        "大.txt": "file.too_large",
    }
    taken = found["制度 / 差旅.md"]
    assert isinstance(taken, StagedFile)
    assert (taken.filename, taken.media_type, taken.path.read_text("utf-8")) == (
        "差旅.md",
        media.MARKDOWN,
        "# 差旅\n\n正文",
    )
    assert left(tmp_path) == [taken.path]


async def test_archives_in_archives_are_opened_three_deep(tmp_path: Path) -> None:
    inner = zipped({"三.txt": "第三层".encode()})
    found = await staged(tmp_path, zipped({"一.zip": zipped({"二.zip": inner}), "坏.zip": inner[:-30]}))
    assert isinstance(found["一.zip / 二.zip / 三.txt"], StagedFile)
    assert isinstance(found["坏.zip"], FileError)
    for _ in range(3):
        inner = zipped({"n.zip": inner})
    with pytest.raises(FileUnsafe, match="depth"):
        await staged(tmp_path / "deep", inner)
    assert left(tmp_path / "deep") == []


async def test_limits_hold_for_all_archives_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = zipped({f"{n}.txt": b"word" for n in range(20)})
    monkeypatch.setattr(unpack, "MAX_ENTRIES", 30)
    monkeypatch.setattr(unpack._Budget, "__init__", _small)
    with pytest.raises(FileUnsafe, match="entries"):
        await staged(tmp_path, zipped({"a.zip": part, "b.zip": part}))
    assert left(tmp_path) == []


def _small(budget: unpack._Budget) -> None:
    budget.entries, budget.size, budget.depth, budget.found = 30, 10_000, 1, []
    budget.effort = archive.Effort()


async def test_encrypted_and_climbing_archives_are_refused_whole(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"text"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(FileEncrypted):
        await staged(tmp_path, bytes(data))
    with pytest.raises(FileUnsafe):
        await staged(tmp_path, zipped({"../../etc/passwd": b"text"}))
    with pytest.raises(FileNotArchive):
        await staged(tmp_path, b"plain words", "a.txt")
    assert left(tmp_path) == []


async def test_names_written_in_a_chinese_code_page_are_read(tmp_path: Path) -> None:
    name = "采购合同模板.txt".encode("gb18030")
    data = zipped({"x" * len(name): b"text"}).replace(b"x" * len(name), name)
    assert list(await staged(tmp_path, data)) == ["采购合同模板.txt"]


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_name_leads_out_or_misleads(name: str) -> None:
    parts = unpack._clean_parts(name)
    assert parts
    assert all(part and part not in (".", "..") and "/" not in part and "\\" not in part for part in parts)
    assert not any(ord(char) < 32 or 0x202A <= ord(char) <= 0x202E for part in parts for char in part)


def test_inflated_gives_what_the_library_gives(tmp_path: Path) -> None:
    data = b"".join(f"line {n}\n".encode() for n in range(50_000))
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a": data, "b": b""}))
    entries = archive.check_archive(path)
    with path.open("rb") as file:
        assert [b"".join(archive.inflated(file, entry)) for entry in entries] == [data, b""]


async def test_archives_in_an_archive_share_the_effort_of_checking_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive.Effort, "__init__", lambda self: setattr(self, "left", 250_000))
    words = Random(3).randbytes(30_000).hex().encode()
    # Each of ten like one another is far below every limit of its own; together they are too much work.
    member = zipped({"a.txt": words})
    with pytest.raises(FileUnsafe, match="many archives"):
        await staged(tmp_path, zipped({f"{number}.zip": member for number in range(10)}))
    assert not left(tmp_path)
