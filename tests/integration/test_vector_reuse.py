"""A new version embeds only what is new in it; nothing is lent from one document to another."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from tests.site import EVERYONE, Site, open_site, site_settings
from wenyuan.db import tables as t
from wenyuan.db.vault.sealing import sealer
from wenyuan.obs import REGISTRY

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHAPTERS = 12


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("site"), ocr=False)) as opened:
        await opened.space("company", [EVERYONE])
        yield opened


def handbook(changed: str = "") -> bytes:
    """Chapters that each make a chunk; the sixth says something else if that is given."""
    parts = []
    for number in range(1, CHAPTERS + 1):
        text = f"第{number}类物资的库存低于{number * 10}件时，仓库管理员应当在{number}日内提出补货申请，由主管批准。"
        parts.append(f"## {number}. 第{number}类物资\n\n{changed if changed and number == 6 else text}\n")
    return "\n".join(["# 仓库手册", "", *parts]).encode()


def counted() -> dict[str, float]:
    return {
        origin: REGISTRY.get_sample_value("wenyuan_chunks_total", {"vector": origin}) or 0.0
        for origin in ("embedded", "reused")
    }


async def test_a_new_version_embeds_only_what_changed(site: Site) -> None:
    before = counted()
    document = await site.publish("store.md", handbook(), "company", title="仓库手册")
    first = counted()
    assert first["embedded"] - before["embedded"] == CHAPTERS
    assert first["reused"] == before["reused"]
    await replace(site, document, handbook("第六类物资自明年起不再入库。"))
    second = counted()
    assert (second["embedded"] - first["embedded"], second["reused"] - first["reused"]) == (1, CHAPTERS - 1)
    li = await site.person("li")
    assert "不再入库" in (await li.search("第六类物资还入库吗"))[0]["text"]


async def test_a_lent_vector_is_the_one_that_embedding_gives(site: Site) -> None:
    document = await site.publish("store.md", handbook(), "company", title="仓库手册二")
    await replace(site, document, handbook("第六类物资改由行政部保管。"))
    async with site.services.database.read() as tx:
        rows = (
            await tx.execute(
                sa.select(t.chunks.c.id, t.chunks.c.embedded_sha256, t.chunk_vectors.c.vector)
                .join(t.chunk_vectors, t.chunk_vectors.c.chunk_id == t.chunks.c.id)
                .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
                .where(t.versions.c.document_id == document)
            )
        ).all()
        own = sealer(tx)
    found = [(row.embedded_sha256, own.vector(document, row.id, row.vector).tobytes()) for row in rows]
    assert len(found) == 2 * CHAPTERS
    assert len(set(found)) == len({digest for digest, _ in found}) == CHAPTERS + 1


async def test_another_document_lends_nothing(site: Site) -> None:
    await site.publish("store.md", handbook(), "company", title="仓库手册三")
    before = counted()
    await site.publish("store.md", handbook(), "company", title="仓库手册三")
    after = counted()
    assert (after["embedded"] - before["embedded"], after["reused"] - before["reused"]) == (CHAPTERS, 0)


async def replace(site: Site, document: str, content: bytes) -> None:
    admin = await site.administrator()
    response = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("store.md", content)})
    assert (await site.finished(response.json()["job_id"]))["state"] == "done"
