"""Which versions are beyond their time, the same on SQLite and PostgreSQL."""

import pytest
import sqlalchemy as sa

from wenyuan.access import AccessPolicy
from wenyuan.answers import Citation, Support
from wenyuan.audit.trail import Trail
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.spaces import create_space
from wenyuan.db.citations import store_citations
from wenyuan.db.contents import write_chunks
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Connection, Database
from wenyuan.db.health import old_versions, remove_version
from wenyuan.documents import BlockRange, Chunk, SourceFile
from wenyuan.ids import chunk_id

TEXT = "访客须在前台登记。"


@pytest.fixture
async def document(database: Database) -> str:
    """A document with versions published at 100, 200, 300 and 400 seconds, and one that failed at 150."""
    async with database.write() as tx:
        owner = (await create_user(tx, "li", "li", frozenset(), 1)).id
        space = await create_space(tx, "company", "company", AccessPolicy())
        policy = await create_policy(tx, AccessPolicy())
        await docs.create_document(tx, "doc", space_id=space.id, title="t", owner_id=owner, policy_id=policy)
        for number in range(1, 5):
            await version(tx, f"ver_{number}", path="same" if number < 3 else f"file_{number}")
            found = await docs.get_version(tx, f"ver_{number}")
            assert found is not None
            await docs.publish_version(tx, found)
            await dated(tx, f"ver_{number}", created_at=number * 100.0 - 1, published_at=number * 100.0)
        await version(tx, "ver_failed", path="file_failed")
        await docs.set_state(tx, "ver_failed", VersionState.FAILED)
        await dated(tx, "ver_failed", created_at=150.0)
        await tx.execute(sa.update(t.documents).values(wanted_version_id="ver_4"))
    return "doc"


async def version(tx: Connection, version_id: str, path: str) -> None:
    await docs.want_version(tx, "doc", version_id, SourceFile(path, "f.md", version_id, 1, "text/markdown"))
    await write_chunks(tx, version_id, [Chunk(0, TEXT, "", (), (BlockRange(0, 0, len(TEXT)),), 5, "zh")])


async def dated(tx: Connection, version_id: str, **times: float) -> None:
    await tx.execute(sa.update(t.versions).where(t.versions.c.id == version_id).values(**times))


async def old(database: Database, before: float) -> list[str]:
    async with database.read() as tx:
        return [one.id for one in await old_versions(tx, before)]


async def test_a_version_counts_from_the_day_that_another_took_its_place(database: Database, document: str) -> None:
    assert await old(database, 150) == []
    assert await old(database, 201) == ["ver_1", "ver_failed"]
    assert await old(database, 301) == ["ver_1", "ver_failed", "ver_2"]
    assert await old(database, 10_000) == ["ver_1", "ver_failed", "ver_2", "ver_3"]


async def test_a_version_that_came_back_is_current_and_the_one_between_is_old(
    database: Database, document: str
) -> None:
    async with database.write() as tx:
        found = await docs.get_version(tx, "ver_1")
        assert found is not None
        await docs.publish_version(tx, found)
        await dated(tx, "ver_1", published_at=500.0)
    assert await old(database, 450) == ["ver_failed", "ver_2", "ver_3"]
    async with database.write() as tx:
        await tx.execute(sa.update(t.documents).values(wanted_version_id="ver_failed"))
    assert await old(database, 10_000) == ["ver_2", "ver_3", "ver_4"]


async def test_what_an_answer_cites_and_what_was_deleted_is_left_alone(database: Database, document: str) -> None:
    async with database.write() as tx:
        cited = Citation(
            1, chunk_id("ver_2", 0, TEXT), "doc", "ver_2", "t", None, (), (), None, TEXT, 0, 4, Support.SUPPORTED
        )
        await store_citations(Trail(None), tx, [cited])
    assert await old(database, 10_000) == ["ver_1", "ver_failed", "ver_3"]
    async with database.write() as tx:
        await docs.mark_deleted(tx, "doc")
    assert await old(database, 10_000) == []


async def test_removal_takes_everything_of_the_version_and_keeps_a_file_that_another_one_has(
    database: Database, document: str
) -> None:
    async with database.write() as tx:
        first, *_ = await old_versions(tx, 201)
        assert not await remove_version(tx, first)
        (second,) = await old_versions(tx, 10_000, "ver_2")
        assert await remove_version(tx, second)
        assert await old_versions(tx, 10_000, "ver_4") == []
        left = set(await tx.scalars(sa.select(t.chunks.c.version_id)))
        assert left == set(await tx.scalars(sa.select(t.versions.c.id))) == {"ver_3", "ver_4", "ver_failed"}
