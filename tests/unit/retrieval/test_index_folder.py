"""The index folder: lock and fingerprint."""

import os
from pathlib import Path

import pytest

from retrieval.index.folder import FolderLock, claim_fingerprint
from wenyuan.errors import IndexLocked, IndexMismatch


def test_the_lock_names_its_holder_and_is_given_back(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path / "new")
    with pytest.raises(IndexLocked) as refusal:
        FolderLock(tmp_path / "new")
    assert refusal.value.params == {"pid": str(os.getpid())}
    lock.release()
    FolderLock(tmp_path / "new").release()


def test_the_lock_file_of_a_dead_process_does_not_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("999999999\n", encoding="utf-8")
    FolderLock(tmp_path).release()
    assert (tmp_path / "lock").read_text(encoding="utf-8") == f"{os.getpid()}\n"


def test_the_fingerprint_is_claimed_once(tmp_path: Path) -> None:
    claim_fingerprint(tmp_path, "model-a+bm25-1")
    claim_fingerprint(tmp_path, "model-a+bm25-1")
    with pytest.raises(IndexMismatch) as refusal:
        claim_fingerprint(tmp_path, "model-b+bm25-1")
    assert refusal.value.params == {"found": "model-a+bm25-1", "expected": "model-b+bm25-1"}
    assert [path.name for path in tmp_path.iterdir()] == ["fingerprint"]
