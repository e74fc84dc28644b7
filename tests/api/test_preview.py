"""A preview shows how the caller's own file would be cut, and leaves nothing behind."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.api.conftest import HANDBOOK
from tests.site import EVERYONE, Person, Site, user
from wenyuan.db import tables as t
from wenyuan.db.texts.rows import chunk_texts
from wenyuan.db.vault.sealing import sealer

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def preview(person: Person, content: str, name: str = "handbook.md", **fields: str) -> httpx.Response:
    return await person.http.post("/v1/preview", data=fields, files={"file": (name, content.encode())})


async def rows(site: Site) -> int:
    async with site.services.database.read() as tx:
        counts = [
            await tx.scalar(sa.select(sa.func.count()).select_from(table)) for table in (t.documents, t.jobs, t.chunks)
        ]
    return sum(count or 0 for count in counts)


async def test_it_is_what_an_upload_would_give_and_nothing_is_stored(site: Site) -> None:
    admin = await site.administrator()
    stored = await rows(site)
    response = await preview(admin, HANDBOOK)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert await rows(site) == stored
    files = site.services.settings.data_dir / "files"
    assert not list((files / ".incoming").glob("*"))
    assert (body["title"], body["media_type"], body["chunk_tokens"]) == ("handbook", "text/markdown", 310)
    document = await site.publish("handbook.md", HANDBOOK, "company")
    async with site.services.database.read() as tx:
        found = await tx.execute(
            sa.select(t.chunks)
            .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
            .where(t.versions.c.document_id == document)
            .order_by(t.chunks.c.ordinal)
        )
        own = sealer(tx)
        expected = [(*chunk_texts(own, document, row)[:2], row.tokens, row.section) for row in found]
    assert [(one["text"], one["context"], one["tokens"], one["section"]) for one in body["chunks"]] == expected


async def test_its_statistics_count_the_whole_file(site: Site) -> None:
    table = "\n".join(["| 城市 | 标准 |", "|---|---|", *(f"| 城市{n} | {n}00 元 |" for n in range(60))])
    body = (await preview(await site.administrator(), f"{HANDBOOK}\n\n## 附表\n\n{table}\n", chunk_tokens="80")).json()
    counts, chunks = body["statistics"], body["chunks"]
    tokens = [chunk["tokens"] for chunk in chunks]
    assert body["chunk_tokens"] == 80
    assert (counts["chunks"], counts["tokens"], counts["largest"]) == (len(chunks), sum(tokens), max(tokens))
    assert counts["largest"] <= 80
    assert (counts["tables"], counts["sections"], counts["languages"]) == (1, 5, {"zh": len(chunks)})
    assert sum(bar["chunks"] for bar in counts["histogram"]) == len(chunks)
    for bar in counts["histogram"]:
        assert bar["chunks"] == sum(bar["low"] <= size <= bar["high"] for size in tokens)


async def test_only_those_who_may_upload_get_one(site: Site) -> None:
    await site.person("wu")
    await site.space("drafts", [EVERYONE], contributors=[user("wu")])
    li, wu = await site.person("li"), await site.person("wu")
    refused = await preview(li, HANDBOOK)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")
    assert (await preview(wu, HANDBOOK)).status_code == 200


@pytest.mark.parametrize(
    ("content", "fields", "status"),
    [
        ("", {}, 422),
        ("正文。", {"chunk_tokens": "3"}, 422),
        ("正文。", {"topic_breaks": "magic"}, 422),
        ("很长的文字。" * 90_000, {}, 422),
        ("太大。" * 300_000, {}, 413),
    ],
)
async def test_what_it_does_not_take(site: Site, content: str, fields: dict[str, str], status: int) -> None:
    response = await preview(await site.administrator(), content, "long.txt", **fields)
    assert response.status_code == status, response.text


async def test_one_at_a_time(site: Site) -> None:
    admin = await site.administrator()
    answers = await asyncio.gather(*(preview(admin, HANDBOOK) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 429, 429]
    assert (await preview(admin, HANDBOOK)).status_code == 200
