"""Backups of the server profile: taken from PostgreSQL, restored into an empty database of it, or into a file."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from pydantic import SecretStr

from api.bootstrap import open_database
from benchmarks.storage.scan import scan
from tests.databases import own_database
from tests.security.sniffer import plant
from tests.site import EVERYONE, open_site, site_settings, until, user
from wenyuan.access import AccessPolicy
from wenyuan.db import tables as t
from wenyuan.db.access.policies import create_policy
from wenyuan.db.backup.archive import Secret, verify_archive
from wenyuan.db.backup.errors import BackupRefused
from wenyuan.db.backup.restoring import Restored, restore
from wenyuan.db.backup.rows import snapshot_of
from wenyuan.db.backup.taking import back_up_data, back_up_keys
from wenyuan.settings import DatabaseSettings, IndexSettings, IngestSettings, Settings

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]
SECRET = Secret(os.urandom(32), is_key=True)
KEPT, CANARY = (plant(f"SERVERBACKUP{name}71") for name in ("KEPT", "CANARY"))
PAY = {"selector": {"heading": ["薪酬"]}, "policy": {"deny": [{"kind": "user", "name": "li"}]}}


def server(folder: Path, url: str) -> Settings:
    return Settings(
        profile="server",
        data_dir=folder / "data",
        database=DatabaseSettings(url=SecretStr(url)),
        index=IndexSettings(kind="server", url=":memory:"),
        ingest=IngestSettings(min_free_mb=0, ocr=False, workers=1),
    )


def stored(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the database, as it stands, by table; counters of jobs go on."""
    found = {}
    with snapshot_of(url) as connection:
        for table in t.metadata.sorted_tables:
            columns = [sa.cast(one, sa.Text()) if isinstance(one.type, sa.JSON) else one for one in table.c]
            found[table.name] = sorted(map(tuple, connection.execute(sa.select(*columns))), key=repr)
    return found


async def nothing(_made: Settings, _restored: Restored) -> None:
    """Leave the index for later."""


@dataclass(frozen=True)
class Copies:
    data: Path
    keys: Path
    rows: dict[str, list[tuple[object, ...]]]
    kept: str
    erased: str
    settings: Settings


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copies(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> AsyncIterator[Copies]:
    folder = tmp_path_factory.mktemp("server")
    data, keys = folder / "data.wyb", folder / "keys.wyb"
    with own_database(postgres) as url:
        settings = server(folder, url)
        async with open_site(settings) as site:
            await site.person("li")
            await site.space("company", [EVERYONE])
            admin = await site.administrator()
            text = f"# 访客\n\n访客须佩戴蓝色胸牌 {KEPT}。\n\n# 薪酬\n\n薪酬由人力部门发放。\n"
            kept = await site.publish("visitors.md", text, "company", policy={"allow": [user("admin")]})
            body = {"items": [PAY]}
            assert (await admin.http.put(f"/v1/documents/{kept}/sections", json=body)).status_code == 200
            erased = await site.publish("vault.md", f"# 金库\n\n金库的开门口令是 {CANARY}。\n", "company", title=CANARY)
            talk = (await admin.http.post("/v1/conversations", json={})).json()["id"]
            await admin.ask("访客要戴什么颜色的胸牌？", conversation_id=talk)

            async def idle() -> bool:
                return not {"queued", "running"} & (await site.services.queue.count_by_state()).keys()

            await until(idle)
            rows = stored(url)
            taken = back_up_data(settings, data, SECRET)  # while it serves
            assert (taken.manifest.counts["documents"], taken.manifest.counts["conversations"]) == (2, 1)
            assert (await admin.http.delete(f"/v1/documents/{erased}")).status_code == 204

            async def shredded() -> bool:
                return bool((await admin.http.get("/v1/audit", params={"action": "shred"})).json()["items"])

            await until(shredded)
            back_up_keys(settings, keys, SECRET)
        yield Copies(data, keys, rows, kept, erased, settings)


async def test_all_comes_back_into_an_empty_database_but_what_was_erased(
    copies: Copies, tmp_path: Path, postgres: str
) -> None:
    with own_database(postgres) as url:
        settings = server(tmp_path, url)
        restored = await restore(settings, copies.data, copies.keys, SECRET, nothing)
        assert restored.erased == (copies.erased,)
        assert verify_archive(copies.data, SECRET)[0].counts["documents"] == 2
        back = stored(url)
        for table in ("users", "policies", "policy_entries", "part_rules", "citations", "conversation_turns"):
            assert back[table] == copies.rows[table], table
        kept = [row for row in copies.rows["blocks"] if row in back["blocks"]]
        assert kept == back["blocks"] != []
        assert scan(tmp_path, [CANARY, KEPT]) == []
        database = open_database(settings)
        async with database.write() as tx:  # numbers go on behind those that came back
            assert await create_policy(tx, AccessPolicy()) > max(int(str(row[0])) for row in back["policies"])
        await database.close()
        async with open_site(settings) as site:
            admin, li = await site.administrator(), await site.person("li")
            rebuilt = (await admin.http.post("/v1/maintenance/rebuild")).json()["job_id"]
            assert (await site.finished(rebuilt))["state"] == "done"
            assert KEPT in str(await admin.search("访客要戴什么颜色的胸牌"))
            assert await li.search("访客要戴什么颜色的胸牌") == []
            assert CANARY not in str(await admin.search("金库的开门口令"))
            gaps = (await admin.http.get("/v1/audit", params={"action": "gap"})).json()["items"]
            assert len(gaps) == 1  # the log had come further than the backup
        with pytest.raises(BackupRefused, match="empty"):
            await restore(settings, copies.data, copies.keys, SECRET, nothing)
        with pytest.raises(BackupRefused, match="holds"):
            await restore(server(tmp_path / "other", url), copies.data, copies.keys, SECRET, nothing)


async def test_a_failed_restore_leaves_the_database_as_empty_as_it_was(
    copies: Copies, tmp_path: Path, postgres: str
) -> None:
    async def failing(_made: Settings, _restored: Restored) -> None:
        raise OSError("no room")

    with own_database(postgres) as url:
        settings = server(tmp_path, url)
        with pytest.raises(OSError, match="no room"):
            await restore(settings, copies.data, copies.keys, SECRET, failing)
        assert {table for table, rows in stored(url).items() if rows} == set()
        assert (await restore(settings, copies.data, copies.keys, SECRET, nothing)).erased == (copies.erased,)


async def test_what_a_server_gave_comes_back_into_a_file(copies: Copies, tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False, office_renderer="off")
    await restore(settings, copies.data, copies.keys, SECRET, nothing)
    async with open_site(settings) as site:
        admin = await site.administrator()
        rebuilt = (await admin.http.post("/v1/maintenance/rebuild")).json()["job_id"]
        assert (await site.finished(rebuilt))["state"] == "done"
        assert KEPT in str(await admin.search("访客要戴什么颜色的胸牌"))
