"""Which index answers: one at a time, changed in one transaction, and forgotten with the vectors of its model."""

import asyncio

import numpy as np
import sqlalchemy as sa

from ingest.rebuild import REBUILD, Reconstruction, Wanted
from wenyuan.access import AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.contents import write_chunks, write_vectors
from wenyuan.db.engine import Database
from wenyuan.db.index.rows import PublishedVersion, list_indexes, published_versions, remove_index, switch_index
from wenyuan.documents import BlockRange, Chunk, SourceFile
from wenyuan.ids import chunk_id
from wenyuan.jobs import JobQueue

OLD, NEW = Wanted("model-a", "bm25-1", {}), Wanted("model-b", "bm25-2", {"model": "b", "url": None})


async def states(database: Database) -> list[tuple[int, str, str]]:
    async with database.read() as tx:
        return [(row.number, row.embedder, row.state) for row in await list_indexes(tx)]


async def nothing(_number: int) -> None:
    """Leave a place as it is."""


def starting(database: Database, wanted: Wanted) -> Reconstruction:
    return Reconstruction(database, JobQueue(database), wanted, nothing)


async def test_a_first_start_records_what_is_found(database: Database) -> None:
    await starting(database, NEW).begin(None)
    assert await states(database) == [(1, "model-b", "current")]
    await starting(database, NEW).begin(("model-b", "bm25-2"))
    assert await states(database) == [(1, "model-b", "current")]


async def test_an_index_of_something_else_is_built_anew_once(database: Database) -> None:
    for _ in range(2):
        await starting(database, NEW).begin(("model-a", "bm25-1"))
        assert await states(database) == [(1, "model-a", "current"), (2, "model-b", "building")]
    async with database.read() as tx:
        jobs = (await tx.execute(sa.select(t.jobs.c.kind, t.jobs.c.payload))).all()
    assert jobs == [(REBUILD, {"index": "2"})]


async def test_what_is_not_wanted_any_more_is_given_up(database: Database) -> None:
    await starting(database, OLD).begin(None)
    await starting(database, NEW).begin(None)
    await starting(database, OLD).begin(None)
    assert await states(database) == [(1, "model-a", "current"), (2, "model-b", "retired")]
    async with database.write() as tx:
        assert not await switch_index(tx, 2)
    assert await states(database) == [(1, "model-a", "current"), (2, "model-b", "retired")]


async def test_a_switch_leaves_one_that_answers_whoever_else_switches(database: Database) -> None:
    await starting(database, OLD).begin(None)
    await starting(database, NEW).begin(None)

    async def switch() -> bool:
        async with database.write() as tx:
            return await switch_index(tx, 2)

    assert sorted(await asyncio.gather(*(switch() for _ in range(4)))) == [False, False, False, True]
    assert await states(database) == [(1, "model-a", "retired"), (2, "model-b", "current")]


async def test_starts_at_the_same_time_build_one_index(database: Database) -> None:
    await starting(database, OLD).begin(None)
    await asyncio.gather(*(starting(database, NEW).begin(None) for _ in range(4)))
    assert await states(database) == [(1, "model-a", "current"), (2, "model-b", "building")]


async def test_vectors_of_a_model_go_with_its_last_index(database: Database) -> None:
    await starting(database, OLD).begin(None)
    await starting(database, NEW).begin(None)
    vector = np.ones(3, np.float32)
    chunks = [Chunk(number, f"{number}", "", (), (BlockRange(number, 0, 1),), 1, "zh") for number in range(3)]
    async with database.write() as tx:
        owner = (await create_user(tx, "li", "li", frozenset(), 1)).id
        space = await create_space(tx, "company", "company", AccessPolicy())
        await docs.create_document(tx, "doc_1", space_id=space.id, title="1", owner_id=owner, policy_id=space.policy_id)
        await docs.want_version(tx, "doc_1", "ver_1", SourceFile("p", "f.md", "0", 1, "text/markdown"))
        await write_chunks(tx, "ver_1", chunks)
        assert await published_versions(tx) == []
        version = await docs.get_version(tx, "ver_1")
        assert version is not None
        await docs.publish_version(tx, version)
        assert await published_versions(tx) == [PublishedVersion("doc_1", "ver_1", 3)]
        ids = [chunk_id("ver_1", chunk.ordinal, chunk.text) for chunk in chunks]
        for model in ("model-a", "model-b"):
            await write_vectors(tx, model, dict.fromkeys(ids, vector))
        assert await switch_index(tx, 2)
        old = (await list_indexes(tx))[0]
    await remove_index(database, old)
    assert await states(database) == [(2, "model-b", "current")]
    async with database.read() as tx:
        assert list(await tx.scalars(sa.select(t.chunk_vectors.c.model))) == ["model-b"] * 3
