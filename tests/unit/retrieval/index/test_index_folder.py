"""The index folder: lock and fingerprint."""

import os
from pathlib import Path

import pytest

from retrieval.index.common import fingerprint, knows_terms, lexical_fingerprint, split_fingerprint, weighs_terms
from retrieval.index.folder import FolderLock, adopt, claim_fingerprint, read_fingerprint
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


@pytest.mark.parametrize("moved", range(4))
def test_an_index_of_before_is_moved_into_its_place_however_far_that_went(tmp_path: Path, moved: int) -> None:
    (tmp_path / "shard").mkdir()
    claim_fingerprint(tmp_path, "model-a+bm25-1")
    (tmp_path / "lock").touch()
    partial, place = tmp_path / "1.partial", tmp_path / "1"
    if moved >= 1:
        partial.mkdir()
    if moved >= 2:
        (tmp_path / "shard").rename(partial / "shard")
    if moved >= 3:
        (tmp_path / "fingerprint").rename(partial / "fingerprint")
    for _ in range(2):
        adopt(tmp_path, place)
        assert {path.name for path in tmp_path.iterdir()} == {"1", "lock"}
        assert {path.name for path in place.iterdir()} == {"shard", "fingerprint"}
        assert read_fingerprint(place) == "model-a+bm25-1"


def test_a_new_folder_has_nothing_to_move(tmp_path: Path) -> None:
    adopt(tmp_path, tmp_path / "1")
    assert list(tmp_path.iterdir()) == []
    assert read_fingerprint(tmp_path) is None


@pytest.mark.parametrize("corpus_idf", [False, True])
@pytest.mark.parametrize("embedder", ["a1b2", "endpoint:some+model", ""])
def test_the_parts_come_apart_as_they_were_joined(embedder: str, corpus_idf: bool) -> None:
    lexical = lexical_fingerprint(corpus_idf=corpus_idf)
    assert split_fingerprint(fingerprint(embedder, lexical)) == (embedder, lexical)
    assert knows_terms(lexical)
    assert weighs_terms(lexical) is corpus_idf


def test_terms_of_an_earlier_release_are_not_known() -> None:
    embedder, lexical = split_fingerprint("a1b2+bm25-1/0.9/0.4+idf")
    assert (embedder, lexical) == ("a1b2", "bm25-1/0.9/0.4+idf")
    assert not knows_terms(lexical)
    assert weighs_terms(lexical)
    assert split_fingerprint("?") == ("?", "")
    assert not knows_terms("")
