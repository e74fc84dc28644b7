"""Archives are checked by their bytes before any library opens them."""

import io
import random
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.intake import archive
from ingest.intake.archive import check_archive, read_member
from wenyuan.errors import FileCorrupt, FileEncrypted, FileError, FileUnsafe


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def put(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    return path


def reason(path: Path) -> str:
    with pytest.raises(FileUnsafe) as caught:
        check_archive(path)
    return str(caught.value.params["reason"])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_sound_archive_passes_and_can_be_read(tmp_path: Path, method: int) -> None:
    noise = random.Random(7).randbytes(300_000)
    path = put(tmp_path, zipped({"a/b.xml": b"<x/>" * 50, "noise": noise, "empty": b""}, method))
    entries = check_archive(path)
    assert [(entry.name, entry.size) for entry in entries] == [("a/b.xml", 200), ("noise", 300_000), ("empty", 0)]
    assert read_member(path, entries, "a/b.xml", 10_000) == b"<x/>" * 50
    assert read_member(path, entries, "noise", 100) == noise[:100]
    assert read_member(path, entries, "missing", 100) is None


def test_streamed_archives_pass(tmp_path: Path) -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *args: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", b"data" * 1000)
    assert check_archive(put(tmp_path, buffer.getvalue()))[0].size == 4000


def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path) -> None:
    assert reason(put(tmp_path, zipped({"bomb": bytes(40 * 2**20)}))) == "ZIP ratio > 100:1"


def test_a_small_file_may_compress_well(tmp_path: Path) -> None:
    assert check_archive(put(tmp_path, zipped({"blank.xml": bytes(900_000)})))


def test_the_total_is_counted_over_all_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 2**20)
    noise = random.Random(1).randbytes(400_000)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert reason(put(tmp_path, zipped({"a": noise, "b": noise, "c": noise}, method))) == "ZIP > 1 MiB"


def test_headers_that_understate_the_size_do_not_help(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x" * 5000}))
    at = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, at + 24, 10)
    with pytest.raises(FileCorrupt):
        check_archive(put(tmp_path, bytes(data)))


def test_overlapping_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"1" * 100, "a2": b"2" * 100}, zipfile.ZIP_STORED))
    first = data.find(b"PK\1\2")
    second = data.find(b"PK\1\2", first + 4)
    # Both central records point to the first member: the same bytes twice.
    clone = data[first : first + 46] + b"a"
    patched = data[:first] + clone + clone + data[second + 48 :]
    struct.pack_into("<L", patched, patched.rfind(b"PK\5\6") + 12, 2 * len(clone))
    assert reason(put(tmp_path, bytes(patched))) == "ZIP overlapping entries"


def test_links_paths_methods_and_counts(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        link = zipfile.ZipInfo("link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    assert reason(put(tmp_path, buffer.getvalue())) == "ZIP symbolic link"
    assert reason(put(tmp_path, zipped({"../x": b"1"}))) == "ZIP path"
    assert reason(put(tmp_path, zipped({"x": b"1" * 100}, zipfile.ZIP_LZMA))) == "ZIP method 14"
    many = {f"{number}": b"" for number in range(archive.MAX_ENTRIES + 1)}
    assert reason(put(tmp_path, zipped(many))) == "ZIP > 5000 entries"


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"secret"}))
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        position = data.find(magic) + at
        data[position] |= 1
    with pytest.raises(FileEncrypted):
        check_archive(put(tmp_path, bytes(data)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_never_raises_anything_but_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sound = zipped({"[Content_Types].xml": b"<Types/>" * 40, "word/document.xml": b"<w:p>text</w:p>" * 60})
    broken = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    path = put(tmp_path_factory.mktemp("zip"), bytes(broken[: data.draw(st.integers(1, len(sound)))]))
    with suppress(FileError):
        check_archive(path)
