"""Questions about chunks in SQL, the same on SQLite and PostgreSQL."""

import numpy as np
import pytest

from tests.contract.texts.readers import Readers
from wenyuan.access import AccessPolicy
from wenyuan.db.access.policies import replace_policy
from wenyuan.db.contents import erase_version
from wenyuan.db.engine import Database
from wenyuan.db.texts.questions import (
    ChunkQuestions,
    count_asked,
    drop_questions_of_others,
    lend_questions,
    load_questions,
    read_leased_questions,
    read_leased_unasked,
    write_question_vectors,
    write_questions,
)
from wenyuan.documents import BlockRange, Chunk
from wenyuan.jobs.queue import Lease

TEXTS = ("访客须在前台登记。", "车位先到先得。", "（空白）")


class World(Readers):
    """A reader, and documents with the same chunks."""

    async def version(self, document: str, version: str, texts: tuple[str, ...] = TEXTS) -> list[str]:
        """Publish a version with a chunk a text; returns their ids."""
        chunks = [
            Chunk(number, text, "手册", (), (BlockRange(number, 0, len(text)),), 5, "zh")
            for number, text in enumerate(texts)
        ]
        async with self.database.write() as tx:
            return await self.publish(tx, document, version, chunks, sha256=version)

    async def asked(self, chunks: list[str], model: str = "e5") -> None:
        """Store two questions about the first chunk and none about the last, with vectors."""
        async with self.database.write() as tx:
            await write_questions(tx, "llm-1", {chunks[0]: ["怎么登记？", "去哪里登记？"], chunks[2]: []})
            vectors = {(chunks[0], number): np.full(4, number, np.float32) for number in range(2)}
            await write_question_vectors(tx, model, vectors)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database, "li")
    await made.begin()
    return made


def lease(version: str) -> Lease:
    return Lease("job", "version.questions", {"version_id": version}, "", 1, 3, 1)


async def test_what_was_asked_is_not_asked_again(world: World) -> None:
    chunks = await world.version("doc_a", "ver_1")
    async with world.database.read() as tx:
        assert [one.id for one in await read_leased_unasked(lease("ver_1"), tx, 2)] == chunks[:2]
        assert await read_leased_unasked(lease("ver_1"), tx, 0) == []
        assert await count_asked(tx, "ver_1") == 0
    await world.asked(chunks)
    async with world.database.read() as tx:
        left = await read_leased_unasked(lease("ver_1"), tx, 9)
        assert [(one.id, one.text, one.language) for one in left] == [(chunks[1], f"手册\n{TEXTS[1]}", "zh")]
        assert await count_asked(tx, "ver_1") == 2


async def test_questions_are_read_with_the_vectors_of_one_model(world: World) -> None:
    chunks = await world.version("doc_a", "ver_1")
    await world.asked(chunks)
    async with world.database.read() as tx:
        held = await read_leased_questions(lease("ver_1"), tx, "e5", embedded=True)
        assert [(one.chunk_id, one.ordinal, one.text) for one in held] == [
            (chunks[0], 0, "怎么登记？"),
            (chunks[0], 1, "去哪里登记？"),
        ]
        assert [one.vector.tolist() for one in held if one.vector is not None] == [[0.0] * 4, [1.0] * 4]
        assert await read_leased_questions(lease("ver_1"), tx, "e5", embedded=False) == []
        assert await read_leased_questions(lease("ver_1"), tx, "bge", embedded=True) == []
        fresh = await read_leased_questions(lease("ver_1"), tx, "bge", embedded=False)
        assert [(one.ordinal, one.vector) for one in fresh] == [(0, None), (1, None)]


async def test_what_another_model_wrote_is_dropped_and_the_rest_is_embedded_anew(world: World) -> None:
    chunks = await world.version("doc_a", "ver_1")
    await world.asked(chunks)
    other = await world.version("doc_a", "ver_2", ("另一份。", *TEXTS[1:]))
    await world.asked(other)
    async with world.database.write() as tx:
        await write_questions(tx, "llm-2", {chunks[1]: ["车位怎么分？"]})
        await write_question_vectors(tx, "e5", {(chunks[1], 0): np.ones(4, np.float32)})
        assert not await drop_questions_of_others(tx, "ver_2", "llm-1")
        assert await drop_questions_of_others(tx, "ver_1", "llm-2")
        assert not await drop_questions_of_others(tx, "ver_1", "llm-2")
        assert await read_leased_questions(lease("ver_1"), tx, "e5", embedded=True) == []
        (one,) = await read_leased_questions(lease("ver_1"), tx, "e5", embedded=False)
        assert (one.chunk_id, one.text) == (chunks[1], "车位怎么分？")
        assert len(await read_leased_questions(lease("ver_2"), tx, "e5", embedded=True)) == 2


async def test_the_same_text_lends_its_questions_within_a_document_only(world: World) -> None:
    await world.asked(await world.version("doc_a", "ver_1"))
    chunks = await world.version("doc_a", "ver_2", (TEXTS[0], "车位每月抽签。", TEXTS[2]))
    await world.version("doc_b", "ver_b")
    async with world.database.write() as tx:
        assert await lend_questions(tx, "ver_b") == 0
        assert await lend_questions(tx, "ver_2") == 2
        assert await lend_questions(tx, "ver_2") == 0
    async with world.database.read() as tx:
        held = await read_leased_questions(lease("ver_2"), tx, "e5", embedded=True)
        assert [(one.chunk_id, one.text, one.vector is None) for one in held] == [
            (chunks[0], "怎么登记？", False),
            (chunks[0], "去哪里登记？", False),
        ]
        assert [one.id for one in await read_leased_unasked(lease("ver_2"), tx, 9)] == [chunks[1]]


async def test_questions_are_shown_to_who_may_read_the_document_now(world: World) -> None:
    await world.asked(await world.version("doc_a", "ver_1"))
    async with world.database.read() as tx:
        shown = await load_questions(await world.scope(), tx, "doc_a")
    assert shown == [ChunkQuestions(0, ("怎么登记？", "去哪里登记？"))]
    async with world.database.write() as tx:
        await replace_policy(tx, world.policies["li"], AccessPolicy())
        assert await load_questions(await world.scope(), tx, "doc_a") == []


async def test_questions_are_erased_with_their_version(world: World) -> None:
    await world.asked(await world.version("doc_a", "ver_1"))
    async with world.database.write() as tx:
        await erase_version(tx, "ver_1")
    async with world.database.read() as tx:
        assert await load_questions(await world.scope(), tx, "doc_a") == []
        assert await count_asked(tx, "ver_1") == 0
