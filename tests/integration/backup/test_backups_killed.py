"""Killed while it is taken, a backup is none; killed while it is restored, nothing is served until it is run again."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_asyncio

from api.bootstrap import open_database
from benchmarks.server import ROOT
from benchmarks.storage.workspace import write_workspace
from tests.site import site_settings
from wenyuan.db.backup.archive import Secret, verify_archive
from wenyuan.db.backup.errors import BackupDamaged, BackupRefused
from wenyuan.db.backup.restoring import Restored, restore
from wenyuan.db.backup.taking import back_up_data, back_up_keys
from wenyuan.settings import Settings
from wenyuan.vault.errors import VaultLocked

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = Secret(bytes(range(32)), is_key=True)
LARGE = 24 * 2**20
GIVEN = """
import asyncio, sys
from pathlib import Path
from wenyuan.settings import Settings
from wenyuan.db.backup.archive import Secret
secret, settings = Secret(bytes(range(32)), is_key=True), Settings(data_dir=Path(sys.argv[1]))
"""
TAKE = f"""{GIVEN}
from wenyuan.db.backup.taking import back_up_data
back_up_data(settings, Path(sys.argv[2]), secret)
"""
RESTORE = f"""{GIVEN}
from wenyuan.db.backup.restoring import restore
async def made(_settings, _restored):
    Path(sys.argv[4]).touch()
    await asyncio.sleep(60)
asyncio.run(restore(settings, Path(sys.argv[2]), Path(sys.argv[3]), secret, made))
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = site_settings(tmp_path_factory.mktemp("house"))
    await (await write_workspace(settings, 3, LARGE)).close()
    return settings


def kill(script: str, arguments: list[Path], when: Callable[[], bool]) -> None:
    child = subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while not when():
        assert child.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    child.kill()
    assert child.wait() == -signal.SIGKILL


def size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


async def nothing(_made: Settings, _restored: Restored) -> None:
    """Leave the index for later."""


async def test_a_killed_backup_leaves_nothing_that_verifies(house: Settings, tmp_path: Path) -> None:
    target = tmp_path / "data.wyb"
    sealed = tmp_path / "data.wyb.partial" / "sealed"
    kill(TAKE, [house.data_dir, target], lambda: size(sealed) > LARGE)
    assert not target.exists()
    with pytest.raises(BackupDamaged):
        verify_archive(sealed, SECRET)
    back_up_data(house, target, SECRET)
    assert verify_archive(target, SECRET)[0].counts["files"] == 4
    assert not sealed.parent.exists()


@pytest.mark.parametrize("late", [False, True], ids=["while it unpacks", "before it is moved"])
async def test_a_killed_restore_serves_nothing_until_it_is_run_again(
    house: Settings, tmp_path: Path, *, late: bool
) -> None:
    data, keys, made = (tmp_path / name for name in ("data.wyb", "keys.wyb", "made"))
    back_up_data(house, data, SECRET)
    back_up_keys(house, keys, SECRET)
    settings = site_settings(tmp_path / "new")
    files = settings.data_dir / ".restoring" / "files"
    kill(RESTORE, [settings.data_dir, data, keys, made], made.exists if late else files.is_dir)
    assert made.exists() == late
    assert not (settings.data_dir / "wenyuan.sqlite3").exists()
    with pytest.raises(VaultLocked, match="restore"):
        open_database(settings)
    with pytest.raises(BackupRefused, match="did not end here"):
        await restore(settings, data, None, SECRET, nothing)
    restored = await restore(settings, data, keys, SECRET, nothing)
    assert (restored.erased, restored.keyless, restored.manifest.counts["documents"]) == ((), (), 3)
    open_database(settings)
    before = {path.relative_to(house.data_dir): path.read_bytes() for path in house.data_dir.glob("files/*/*")}
    assert {
        path.relative_to(settings.data_dir): path.read_bytes() for path in settings.data_dir.glob("files/*/*")
    } == before
