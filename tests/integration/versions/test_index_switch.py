"""A new index is built beside the one that answers, which goes on answering; then the new one does."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import retrieval.index.generations as lifecycle
from ingest.rebuild import RebuildHandler
from tests.site import EVERYONE, Site, open_site, site_settings, until, user
from wenyuan.db import tables as t
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.health import published_chunk_ids
from wenyuan.errors import TransientError
from wenyuan.models.manifest import Manifest, write_manifest
from wenyuan.models.store import OFFLINE
from wenyuan.obs import REGISTRY
from wenyuan.settings import Settings

COLOURS = ("蓝色", "红色", "绿色", "黄色")
QUESTION = "访客要戴什么颜色的胸牌？"


class Gate:
    """Lets constructions wait, or fail once, after a number of writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self.writes: list[int] = []
        self.fails_after: int | None = None
        fill, write = RebuildHandler._fill, RebuildHandler._write

        async def gated(handler: RebuildHandler, *given: Any) -> None:
            await self.open.wait()
            await fill(handler, *given)

        async def counted(handler: RebuildHandler, context: Any, site: Any, items: Any) -> None:
            if self.fails_after is not None and len(self.writes) >= self.fails_after:
                self.fails_after = None
                raise TransientError
            await write(handler, context, site, items)
            self.writes.append(len(items))

        monkeypatch.setattr(RebuildHandler, "_fill", gated)
        monkeypatch.setattr(RebuildHandler, "_write", counted)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    monkeypatch.setattr(lifecycle, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(lifecycle, "CLOSED_AFTER_S", 0.1)
    monkeypatch.setattr(lifecycle, "REMOVED_AFTER_S", 0.3)
    return Gate(monkeypatch)


@asynccontextmanager
async def filled(settings: Settings) -> AsyncIterator[dict[str, str]]:
    """Publish a document a colour; yields their ids when the site is closed."""
    async with open_site(settings) as site:
        await site.space("company", [EVERYONE])
        documents = {colour: await publish(site, colour) for colour in COLOURS}
    yield documents


async def publish(site: Site, colour: str) -> str:
    return await site.publish(f"{colour}.md", f"# 访客须知\n\n访客须在前台登记，并佩戴{colour}胸牌。\n", "company")


async def found(site: Site, name: str = "li") -> set[str]:
    items = await (await site.person(name)).search(QUESTION)
    return {colour for colour in (*COLOURS, "紫色") for item in items if colour in item["text"]}


async def states(site: Site) -> list[tuple[int, str]]:
    admin = await site.administrator()
    body = (await admin.http.get("/v1/indexes")).json()
    return [(item["number"], item["state"]) for item in body["items"]]


async def switched(site: Site, number: int) -> None:
    async def alone() -> bool:
        return await states(site) == [(number, "current")]

    await until(alone, 60)


async def is_whole(site: Site) -> bool:
    async with site.services.database.read() as tx:
        return await site.services.index.point_ids() == await published_chunk_ids(tx)


async def to_earlier_release(settings: Settings, lexical: str) -> None:
    """Put the index where it lay before there was more than one, filled with another tokenisation, and unrecorded."""
    folder = settings.data_dir / "index"
    for name in ("shard", "fingerprint"):
        (folder / "1" / name).rename(folder / name)
    shutil.rmtree(folder / "1")
    embedder = (folder / "fingerprint").read_text(encoding="utf-8").partition("+bm25-")[0]
    (folder / "fingerprint").write_text(f"{embedder}+{lexical}\n", encoding="utf-8")
    database = Database(sqlite_url(settings.data_dir))
    async with database.write() as tx:
        await tx.execute(sa.delete(t.indexes))
        await tx.execute(sa.delete(t.counters).where(t.counters.c.name.in_(("index_number", "index_changes"))))
    await database.close()


def other_model(models: Path, folder: Path) -> Path:
    """Return a folder with the offline embedder under other prefixes: other vectors, another fingerprint."""
    shutil.copytree(models / OFFLINE, folder)
    content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    content |= {"name": "other", "query_prefix": "", "passage_prefix": ""}
    write_manifest(folder, Manifest.model_validate(content))
    return folder


def embedded() -> float:
    return REGISTRY.get_sample_value("wenyuan_chunks_total", {"vector": "embedded"}) or 0.0


async def test_an_index_of_an_earlier_release_answers_until_the_new_one_does(tmp_path: Path, gate: Gate) -> None:
    settings = site_settings(tmp_path, ocr=False)
    async with filled(settings):
        pass
    await to_earlier_release(settings, "bm25-1/0.9/0.4")
    async with open_site(settings) as site:
        assert await states(site) == [(1, "current"), (2, "building")]
        assert await found(site) == set(COLOURS)
        assert (await (await site.client(None)).get("/readyz")).json() == {"status": "ready"}
        before = embedded()
        gate.open.set()
        await switched(site, 2)
        assert await found(site) == set(COLOURS)
        assert await is_whole(site)
        assert embedded() == before
        assert sorted(path.name for path in (settings.data_dir / "index").iterdir()) == ["2", "lock"]
    async with open_site(settings) as site:
        assert await states(site) == [(2, "current")]
        assert await found(site) == set(COLOURS)


async def test_what_happens_during_the_construction_is_in_the_new_index(tmp_path: Path, gate: Gate) -> None:
    settings = site_settings(tmp_path, ocr=False)
    async with filled(settings) as documents:
        pass
    folder = other_model(settings.models_dir, tmp_path / "other")
    changed = settings.model_copy(update={"embedding": settings.embedding.model_copy(update={"model": str(folder)})})
    async with open_site(changed) as site:
        admin = await site.administrator()
        assert await found(site) == set(COLOURS)
        await publish(site, "紫色")
        assert "紫色" in await found(site)
        assert (await admin.http.delete(f"/v1/documents/{documents['红色']}")).status_code == 204
        policy = {"allow": [user("han")]}
        await site.person("han")
        answer = await admin.http.put(f"/v1/documents/{documents['绿色']}/policy", json=policy)
        assert answer.status_code < 300, answer.text
        assert await found(site) == {"蓝色", "黄色", "紫色"}
        gate.open.set()
        await switched(site, 2)
        assert await found(site) == {"蓝色", "黄色", "紫色"}
        assert "绿色" in await found(site, "han")
        assert await is_whole(site)
        async with site.services.database.read() as tx:
            assert set(await tx.scalars(sa.select(t.chunk_vectors.c.model))) == {site.services.embedder.fingerprint}


async def test_without_the_old_model_search_says_that_the_index_is_rebuilt(tmp_path: Path, gate: Gate) -> None:
    settings = site_settings(tmp_path, ocr=False)
    first = other_model(settings.models_dir, tmp_path / "first")
    own = settings.model_copy(update={"embedding": settings.embedding.model_copy(update={"model": str(first)})})
    async with filled(own):
        pass
    shutil.rmtree(first)
    async with open_site(settings) as site:
        li = await site.person("li")
        refusal = await li.http.post("/v1/search", json={"query": QUESTION})
        assert (refusal.status_code, refusal.json()["code"]) == (503, "index.rebuilding")
        asked = await li.http.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": QUESTION}]})
        assert (asked.status_code, asked.json()["code"]) == (503, "index.rebuilding")
        assert (await li.http.get("/readyz")).json() == {"status": "rebuilding"}
        await publish(site, "紫色")
        gate.open.set()
        await switched(site, 2)
        assert await found(site) == {*COLOURS, "紫色"}
        assert (await li.http.get("/readyz")).json() == {"status": "ready"}


async def test_an_interrupted_construction_goes_on_where_it_stood(
    tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.rebuild._TOGETHER", 1)
    settings = site_settings(tmp_path, ocr=False)
    async with filled(settings):
        pass
    gate.open.set()
    gate.fails_after = 2
    async with open_site(settings) as site:
        admin = await site.administrator()
        started = await admin.http.post("/v1/maintenance/rebuild")
        assert started.status_code == 202
        again = await admin.http.post("/v1/maintenance/rebuild")
        assert again.json() == started.json()
        assert (await site.finished(started.json()["job_id"]))["state"] == "done"
        assert gate.writes == [1] * len(COLOURS)
        await switched(site, 2)
        assert await found(site) == set(COLOURS)
        assert await is_whole(site)


async def test_only_administrators_see_and_build_indexes(tmp_path: Path) -> None:
    async with open_site(site_settings(tmp_path, ocr=False)) as site:
        li = await site.person("li")
        assert (await li.http.get("/v1/indexes")).status_code == 403
        assert (await li.http.post("/v1/maintenance/rebuild")).status_code == 403
