"""The commands of backups, as an administrator types them."""

import os
import subprocess
import sys
from pathlib import Path

from api.bootstrap import open_database
from benchmarks.server import ROOT
from benchmarks.storage.workspace import write_workspace
from tests.site import site_settings
from wenyuan.db.access.tokens import list_tokens
from wenyuan.db.audit.opening import open_audit
from wenyuan.db.audit.store import Wanted

PASSPHRASE = "a passphrase of some length"


def wenyuan(data_dir: Path, *words: str | Path, passphrase: str = PASSPHRASE) -> tuple[int, str]:
    given = os.environ | {"WENYUAN_DATA_DIR": str(data_dir), "WENYUAN_BACKUP_PASSPHRASE": passphrase}
    command = [Path(sys.executable).parent / "wenyuan", *words]
    run = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


async def test_taken_verified_and_restored(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    await (await write_workspace(settings, 2, 1000)).close()
    await open_audit(settings).close()
    data, keys, new = tmp_path / "data.wyb", tmp_path / "keys.wyb", tmp_path / "new"
    code, told = wenyuan(settings.data_dir, "backup", data, "--keys", keys)
    assert (code, "documents 2" in told, "keys 2" in told) == (0, True, True), told
    assert data.stat().st_mode & 0o777 == keys.stat().st_mode & 0o777 == 0o600
    code, told = wenyuan(settings.data_dir, "backup", "verify", data)
    assert (code, told.startswith("ok: data")) == (0, True), told
    log = open_audit(settings)
    recorded = [one.target async for one in log.every(Wanted())]
    await log.close()
    assert recorded == ["wenyuan backup verify data.wyb", "wenyuan backup --keys keys.wyb", "wenyuan backup data.wyb"]
    code, told = wenyuan(settings.data_dir, "backup", "verify", data, passphrase="another one of some length")
    assert (code, "passphrase" in told) == (1, True), told
    code, told = wenyuan(new, "restore", data, "--keys", keys, "--no-index")
    assert (code, "ok: data" in told) == (0, True), told
    assert (new / "wenyuan.sqlite3").is_file()
    assert (tmp_path / "new.keys" / "vault.key").is_file()


def test_a_short_passphrase_and_nothing_to_take_are_refused(tmp_path: Path) -> None:
    code, told = wenyuan(tmp_path, "backup", tmp_path / "b.wyb", passphrase="short")
    assert (code, "12" in told) == (1, True), told
    code, told = wenyuan(tmp_path, "backup", tmp_path / "b.wyb")
    assert (code, "wenyuan.sqlite3" in told, list(tmp_path.iterdir())) == (1, True, []), told


async def test_who_has_the_machine_gives_an_administrator_a_token_and_it_is_recorded(tmp_path: Path) -> None:
    settings = site_settings(tmp_path)
    first, again = (wenyuan(settings.data_dir, *words) for words in (("init",), ("recover", "admin", "--days", "90")))
    assert (first[0], again[0], "wy_" in again[1]) == (0, 0, True), again
    assert wenyuan(settings.data_dir, "recover", "nobody")[0] == 1
    database = open_database(settings)
    async with database.read() as tx:
        days = {round(((one.expires_at or 0) - one.created_at) / 86_400) for one in await list_tokens(tx)}
    await database.close()
    assert days == {1, 90}
    log = open_audit(settings)
    recorded = [(one.target or "").rpartition(" ")[0] async for one in log.every(Wanted())]
    await log.close()
    assert recorded == ["wenyuan recover", "wenyuan init"]
