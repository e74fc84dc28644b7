"""A backup brings everything back but what was erased since, and nothing that is not whole is taken for one."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from api.doctor import build_index, examine
from benchmarks.storage.scan import scan
from tests.security.sniffer import plant
from tests.site import EVERYONE, open_site, site_settings, until
from wenyuan.db.backup.archive import Entry, Secret, read_archive, verify_archive
from wenyuan.db.backup.errors import BackupDamaged, BackupKeyWrong, BackupRefused
from wenyuan.db.backup.restoring import Restored, restore
from wenyuan.db.backup.taking import back_up_data, back_up_keys
from wenyuan.settings import Settings
from wenyuan.vault.errors import VaultLocked

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = Secret(os.urandom(32), is_key=True)
KEPT, CANARY, ASKED = (plant(f"BACKUP{name}52") for name in ("KEPT", "CANARY", "ASKED"))
PIECE = 64 * 2**10 + 16


@dataclass(frozen=True)
class Copies:
    """Backups: ``keys`` from after an erasure that ``data`` and ``old_keys`` are from before; what was erased."""

    data: Path
    old_keys: Path
    keys: Path
    erased: str
    kept: str
    talk: str
    settings: Settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    folder = tmp_path_factory.mktemp("backup")
    settings = site_settings(folder, ocr=False, office_renderer="off")
    data, old_keys, keys = (folder / name for name in ("data.wyb", "old-keys.wyb", "keys.wyb"))
    async with open_site(settings) as site:
        await site.space("company", [EVERYONE])
        admin = await site.administrator()
        kept = await site.publish("visitors.md", f"# 访客须知\n\n访客须佩戴蓝色胸牌 {KEPT}。\n", "company")
        erased = await site.publish("vault.md", f"# 金库管理\n\n金库的开门口令是 {CANARY}。\n", "company", title=CANARY)
        talk = (await admin.http.post("/v1/conversations", json={})).json()["id"]
        await admin.ask(f"访客要戴什么颜色的胸牌？{ASKED}", conversation_id=talk)
        taken = back_up_data(settings, data, SECRET)  # while it serves
        assert taken.gone == ()
        assert (taken.manifest.counts["documents"], taken.manifest.counts["conversations"]) == (2, 1)
        back_up_keys(settings, old_keys, SECRET)
        assert (await admin.http.delete(f"/v1/documents/{erased}")).status_code == 204
        assert (await admin.http.delete(f"/v1/conversations/{talk}")).status_code == 204

        async def shredded() -> bool:
            entries = (await admin.http.get("/v1/audit", params={"action": "shred"})).json()["items"]
            return {one["document_id"] for entry in entries for one in entry["items"]} == {erased, talk}

        await until(shredded)
        back_up_keys(settings, keys, SECRET)
    return Copies(data, old_keys, keys, erased, kept, talk, settings)


async def nothing(_made: Settings, _restored: Restored) -> None:
    """Leave the index for later."""


async def indexed(made: Settings, _restored: Restored) -> None:
    await build_index(made)


def place(folder: Path) -> Settings:
    return site_settings(folder, ocr=False, office_renderer="off")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows(settings: Settings, table: str, column: str) -> set[str]:
    with contextlib.closing(sqlite3.connect(settings.data_dir / "wenyuan.sqlite3")) as database:
        return {row[0] for row in database.execute(f"SELECT {column} FROM {table}")}


async def test_what_was_erased_since_stays_erased_and_all_else_answers(copies: Copies, tmp_path: Path) -> None:
    settings = place(tmp_path)
    restored = await restore(settings, copies.data, copies.keys, SECRET, indexed)
    assert set(restored.erased) == {copies.erased, copies.talk}
    assert restored.keyless == ()
    assert [one for one in await examine(settings) if "audit" not in one] == []
    assert not (settings.data_dir / "files" / copies.erased).exists()
    assert rows(settings, "versions", "document_id") == {copies.kept, copies.erased}
    assert len(rows(settings, "blocks", "version_id")) == 1
    assert rows(settings, "conversations", "id") == set()
    async with open_site(settings) as site:
        admin = await site.administrator()
        assert KEPT in str(await admin.ask("访客要戴什么颜色的胸牌？"))
        assert CANARY not in str(await admin.search("金库的开门口令"))
        assert (await admin.http.get(f"/v1/documents/{copies.erased}")).status_code == 404
        assert (await admin.http.get(f"/v1/conversations/{copies.talk}")).status_code == 404
        gaps = (await admin.http.get("/v1/audit", params={"action": "gap"})).json()["items"]
        assert len(gaps) == 1  # the log had come further than the backup
    assert scan(tmp_path, [CANARY, ASKED]) == []


async def test_keys_from_before_the_erasure_open_it_again(copies: Copies, tmp_path: Path) -> None:
    settings = place(tmp_path)
    restored = await restore(settings, copies.data, copies.old_keys, SECRET, indexed)
    assert restored.erased == ()
    async with open_site(settings) as site:
        admin = await site.administrator()
        assert CANARY in str(await admin.search("金库的开门口令"))
        assert ASKED in (await admin.http.get(f"/v1/conversations/{copies.talk}")).text


async def test_keys_that_stand_there_serve_as_well(copies: Copies, tmp_path: Path) -> None:
    shutil.copytree(copies.settings.data_dir.with_name("data.keys"), tmp_path / "data.keys")
    restored = await restore(place(tmp_path), copies.data, None, SECRET, nothing, rights_of_backup=True)
    assert set(restored.erased) == {copies.erased, copies.talk}
    assert not (tmp_path / "data.keys" / "restoring").exists()


async def test_the_data_alone_tells_nothing_and_holds_no_keys(copies: Copies, tmp_path: Path) -> None:
    def take(entry: Entry, content: Iterable[bytes]) -> None:
        (tmp_path / entry.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / entry.path).write_bytes(b"".join(content))

    manifest, _ = read_archive(copies.data, SECRET, take)
    assert {entry.path.partition("/")[0] for entry in manifest.entries} == {"wenyuan.sqlite3", "audit.sqlite3", "files"}
    assert scan(tmp_path, [CANARY, KEPT, ASKED]) == []
    assert scan(copies.data.parent, [CANARY, KEPT, ASKED]) == []


async def test_a_backup_that_was_tampered_with_is_refused_wherever(copies: Copies, tmp_path: Path) -> None:
    whole, changed = copies.data.read_bytes(), tmp_path / "changed.wyb"
    other = copies.old_keys.read_bytes()
    head = 55
    pieces = [whole[start : start + PIECE] for start in range(head, len(whole), PIECE)]
    assert len(pieces) > 3
    swapped = [pieces[1], pieces[0], *pieces[2:]]
    flipped = (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), len(whole) // 40))
    cut = (whole[: head + PIECE * count] for count in range(len(pieces)))
    for content in (
        *flipped, *cut, whole[:-1], whole + b"\0", whole + whole, whole[:head] + b"".join(swapped), whole[:30], b"",
        whole[:head] + b"".join([*pieces[:-1], pieces[-2], pieces[-1]]), whole[:head] + other[head:],
    ):  # fmt: skip
        changed.write_bytes(content)
        with pytest.raises((BackupDamaged, BackupKeyWrong, BackupRefused)):
            verify_archive(changed, SECRET)
    changed.write_bytes(whole)
    assert verify_archive(changed, SECRET)[0].counts["documents"] == 2


async def test_what_cannot_be_restored_leaves_the_place_empty(copies: Copies, tmp_path: Path) -> None:
    settings, cut = place(tmp_path), tmp_path / "cut.wyb"
    cut.write_bytes(copies.data.read_bytes()[:-100])
    with pytest.raises(BackupDamaged):
        await restore(settings, cut, copies.keys, SECRET, nothing)
    with pytest.raises(BackupKeyWrong):
        await restore(settings, copies.data, copies.keys, Secret(bytes(32), is_key=True), nothing)
    with pytest.raises(BackupRefused, match="backup of keys"):
        await restore(settings, copies.keys, copies.keys, SECRET, nothing)
    assert names(settings.data_dir) == []
    assert names(tmp_path / "data.keys") == []
    with pytest.raises(BackupRefused, match="no keys"):
        await restore(settings, copies.data, None, SECRET, nothing)
    (settings.data_dir / "mine").touch()
    with pytest.raises(BackupRefused, match="not empty"):
        await restore(settings, copies.data, copies.keys, SECRET, nothing)
    assert (settings.data_dir / "mine").exists()


async def test_keys_of_another_house_or_of_before_an_upload_are_refused(copies: Copies, tmp_path: Path) -> None:
    house = place(tmp_path / "house")
    foreign, early, late = (tmp_path / name for name in ("foreign.wyb", "early.wyb", "late.wyb"))
    async with open_site(house) as site:
        await site.space("company", [EVERYONE])
        back_up_keys(house, early, SECRET)
        await site.publish("later.md", "# 后来\n\n后来上传的文件。\n", "company")
        back_up_keys(house, foreign, SECRET)
        back_up_data(house, late, SECRET)
    with pytest.raises(VaultLocked):
        await restore(place(tmp_path), copies.data, foreign, SECRET, nothing)
    with pytest.raises(BackupRefused, match="newer keys"):
        await restore(place(tmp_path), late, early, SECRET, nothing)
    with pytest.raises(BackupRefused, match="taken away since"):
        await restore(place(tmp_path), late, early, SECRET, nothing, incomplete=True)
    assert names(tmp_path / "data") == names(tmp_path / "data.keys") == []
    restored = await restore(place(tmp_path), late, early, SECRET, nothing, incomplete=True, rights_of_backup=True)
    assert len(restored.keyless) == 1


async def test_the_copy_of_the_keys_before_is_overwritten(copies: Copies, tmp_path: Path) -> None:
    target = tmp_path / "keys.wyb"
    back_up_keys(copies.settings, target, SECRET)
    with target.open("rb") as before:
        back_up_keys(copies.settings, target, SECRET)
        assert not any(before.read())
    assert verify_archive(target, SECRET)[0].kind == "keys"
    assert names(tmp_path) == ["keys.wyb"]


async def test_a_backup_of_the_data_replaces_nothing(copies: Copies) -> None:
    with pytest.raises(BackupRefused, match="exists"):
        back_up_data(copies.settings, copies.data, SECRET)
