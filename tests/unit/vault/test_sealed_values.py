"""Sealed values open under the same keys and in the same place alone, and keys live, move and die as they should."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
from wenyuan.vault.errors import KeyDestroyed, StoredTextDamaged, VaultLocked
from wenyuan.vault.files import write_new
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import MasterFile

Opens = Callable[[], Vault]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def open_vault(keys: Path) -> Iterator[Opens]:
    """Each call is another process: it shares nothing but the folder."""
    opened: list[Vault] = []

    def one() -> Vault:
        opened.append(Vault(SqlKeyStore(sqlite_vault_url(keys)), MasterFile(keys / "vault.key")))
        return opened[-1]

    yield one
    for vault in opened:
        vault.close()


def test_a_value_opens_for_its_subjects_and_its_place_alone(open_vault: Opens) -> None:
    vault = open_vault()
    sealed = {
        (subject, place, also): vault.seal(subject, place, b"text", also)
        for subject, place, also in itertools.product(("a", "b"), ("p", "q"), ((), ("c",), ("c", "d")))
    }
    assert len(set(sealed.values())) == len(sealed)
    for named, (wanted, value) in itertools.product(sealed, sealed.items()):
        subject, place, also = named
        if named == wanted:
            assert open_vault().open(subject, place, value, also[::-1]) == b"text"
        else:
            with pytest.raises(StoredTextDamaged):
                vault.open(subject, place, value, also)


def test_a_changed_value_does_not_open(open_vault: Opens) -> None:
    vault = open_vault()
    sealed = vault.seal("doc", "place", b"text")
    flipped = [sealed[:at] + bytes([sealed[at] ^ 1 << at % 8]) + sealed[at + 1 :] for at in range(len(sealed))]
    for other in (*flipped, *(sealed[:at] for at in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(StoredTextDamaged):
            vault.open("doc", "place", other)


def test_with_a_key_destroyed_nothing_that_took_it_opens_anywhere(open_vault: Opens) -> None:
    vault, other = open_vault(), open_vault()
    own, joint = vault.seal("doc", "p", b"own"), vault.seal("talk", "p", b"joint", ["doc", "else"])
    first = vault.destroy("doc")
    assert first is not None
    assert vault.destroy("doc") == first == other.destroy("doc")
    assert vault.destroy("never") is None
    for opened in (vault, other, open_vault()):
        with pytest.raises(KeyDestroyed):
            opened.open("doc", "p", own)
        with pytest.raises(KeyDestroyed):
            opened.open("talk", "p", joint, ["doc", "else"])
        with pytest.raises(KeyDestroyed):  # no second life either
            opened.seal("doc", "p", b"new")
    assert vault.count() == (2, 1)


def test_a_destroyed_key_is_in_no_file(open_vault: Opens, keys: Path) -> None:
    vault = open_vault()
    vault.seal("doc", "p", b"x")
    wrapped = SqlKeyStore(sqlite_vault_url(keys)).find(["doc"])["doc"].wrapped
    assert wrapped is not None
    assert any(wrapped in path.read_bytes() for path in keys.iterdir())
    vault.destroy("doc")
    assert not any(wrapped in path.read_bytes() for path in keys.iterdir())


def test_a_new_master_key_wraps_what_the_old_one_did(open_vault: Opens, keys: Path) -> None:
    vault, running = open_vault(), open_vault()
    values = {str(number): vault.seal(str(number), "p", b"text") for number in range(5)}
    running.open("0", "p", values["0"])
    old = (keys / "vault.key").read_bytes()
    assert vault.rotate() == 5
    assert (keys / "vault.key").read_bytes() != old
    assert not (keys / "vault.key.next").exists()
    for opened in (vault, running, open_vault()):
        assert {opened.open(subject, "p", value) for subject, value in values.items()} == {b"text"}
    later = running.seal("later", "p", b"text")  # by a process that knew the old one
    assert open_vault().open("later", "p", later) == b"text"
    (keys / "vault.key").write_bytes(old)
    with pytest.raises(VaultLocked):
        open_vault()


@pytest.mark.parametrize("committed", [False, True])
def test_a_rotation_that_is_broken_off_loses_nothing(committed: bool, open_vault: Opens, keys: Path) -> None:
    vault = open_vault()
    value = vault.seal("doc", "p", b"text")

    class Killed(Exception):
        pass

    def killed(_self: MasterFile, _name: str, calls: "list[int]" = []) -> None:  # noqa: B006 - counts
        calls.append(1)
        if len(calls) > 1 or not committed:
            raise Killed

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        if committed:
            patch.setattr(MasterFile, "settle", killed)  # the store has the new one, the file has not moved
        else:
            patch.setattr(SqlKeyStore, "rewrap", lambda *_: (_ for _ in ()).throw(Killed))
        vault.rotate()
    assert (keys / "vault.key.next").exists()
    again = open_vault()
    assert again.open("doc", "p", value) == b"text"
    assert again.rotate() == 1
    assert open_vault().open("doc", "p", value) == b"text"
    assert not (keys / "vault.key.next").exists()


@pytest.mark.parametrize("harm", ["missing", "another", "short"])
def test_without_its_master_key_nothing_opens(harm: str, open_vault: Opens, keys: Path) -> None:
    open_vault().seal("doc", "p", b"text")
    (keys / "vault.key").unlink()
    if harm != "missing":
        write_new(keys / "vault.key", "ab" * (32 if harm == "another" else 31))
    with pytest.raises(VaultLocked) as told:
        open_vault()
    assert told.value.code == "vault.locked"
    assert "vault.key" in told.value.message("zh")


def test_keys_in_memory_are_few(keys: Path) -> None:
    store = SqlKeyStore(sqlite_vault_url(keys))
    vault = Vault(store, MasterFile(keys / "vault.key"), cached=3)
    values = {str(number): vault.seal(str(number), "p", b"text") for number in range(9)}
    assert len(vault._held) == 3
    assert all(vault.open(subject, "p", value) == b"text" for subject, value in values.items())
    vault.close()


def test_words_are_found_by_what_tells_nothing_of_them(open_vault: Opens, tmp_path: Path) -> None:
    vault = open_vault()
    assert vault.digest("保密") == open_vault().digest("保密") != vault.digest("公开")
    (tmp_path / "other").mkdir()
    other = Vault(SqlKeyStore(sqlite_vault_url(tmp_path / "other")), MasterFile(tmp_path / "other" / "vault.key"))
    assert other.digest("保密") != vault.digest("保密")
    other.close()
