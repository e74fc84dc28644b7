"""Stored files: sealed as they arrive, opened in memory, whole or not at all."""

import os
from pathlib import Path

import pytest

from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
from wenyuan.vault.errors import KeyDestroyed, StoredTextDamaged
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import MasterFile
from wenyuan.vault.stored import StoredFiles
from wenyuan.vault.stream import PIECE

SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "keys").mkdir()
    return Vault(SqlKeyStore(sqlite_vault_url(tmp_path / "keys")), MasterFile(tmp_path / "keys" / "vault.key"))


def received(files: StoredFiles, path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.receive(path) as file:
        for start in range(0, len(data), 1000):
            file.write(data[start : start + 1000])
    return path


def content(files: StoredFiles, path: Path) -> bytes:
    with files.plain(path) as plain:
        assert plain.path.stat().st_size == len(plain.path.read_bytes())
        return plain.path.read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_what_was_received_is_read_again(size: int, vault: Vault, tmp_path: Path) -> None:
    files, data = StoredFiles(vault), os.urandom(size)
    path = received(files, tmp_path / "in" / "x", data)
    assert content(files, path) == data
    target = tmp_path / "files" / "doc_1" / "name"
    files.give(path, target)
    assert not path.exists()
    assert content(StoredFiles(vault), target) == data
    assert size < 16 or data[:16] not in target.read_bytes()


def test_what_an_interrupted_upload_left_opens_for_nobody(vault: Vault, tmp_path: Path) -> None:
    path = received(StoredFiles(vault), tmp_path / "x", b"secret" * 20)
    assert b"secret" not in path.read_bytes()
    assert b"secret" not in content(StoredFiles(vault), path)  # of another process: it has no key


def test_pieces_that_are_moved_or_missing_are_noticed(vault: Vault, tmp_path: Path) -> None:
    files = StoredFiles(vault)
    target = tmp_path / "doc_1" / "name"
    files.give(received(files, tmp_path / "x", os.urandom(4 * PIECE)), target)
    whole = target.read_bytes()
    head, step = len(whole) - 4 * (PIECE + 16), PIECE + 16
    first, second = whole[head : head + step], whole[head + step : head + 2 * step]
    harmed = [
        whole[:-step], whole[:-1], whole + b"\0", whole[:head] + second + first + whole[head + 2 * step :],
        whole[:head] + whole[head + step :], whole[: head + step] + first + whole[head + 2 * step :], whole[:head],
    ]  # fmt: skip
    for one in harmed:
        target.write_bytes(one)
        with pytest.raises(StoredTextDamaged), files.plain(target):
            pass
    for other in (tmp_path / "doc_2" / "name", tmp_path / "doc_1" / "other"):
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(whole)
        with pytest.raises((StoredTextDamaged, KeyDestroyed)), files.plain(other):
            pass


def test_a_file_of_an_erased_document_stays_closed(vault: Vault, tmp_path: Path) -> None:
    files, target = StoredFiles(vault), tmp_path / "doc_1" / "name"
    target.parent.mkdir()
    files.keep(b"text", target)
    vault.destroy("doc_1")
    with pytest.raises(KeyDestroyed), files.plain(target):
        pass


def test_older_files_are_read_and_sealed_once(vault: Vault, tmp_path: Path) -> None:
    files, target = StoredFiles(vault), tmp_path / "doc_1" / "name"
    target.parent.mkdir()
    target.write_bytes(b"older text " * 9000)
    os.utime(target, (1_000_000, 1_000_000))
    assert content(files, target) == b"older text " * 9000
    assert [files.seal_old(target), files.seal_old(target)] == [True, False]
    assert content(files, target) == b"older text " * 9000
    assert b"older" not in target.read_bytes()
    assert target.stat().st_mtime == 1_000_000
    assert [path.name for path in target.parent.iterdir()] == ["name"]
