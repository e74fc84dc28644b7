"""Rows with text are sealed when they are written and, where they are older, later: the same on both databases."""

import time
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.answers import Stated, Support, SupportSpan
from wenyuan.audit.record import Action, Entry
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.parts import put_rules, read_rules
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.contents import write_chunks, write_draft, write_parsed, write_vectors
from wenyuan.db.conversations import store
from wenyuan.db.conversations.reading import load_conversation
from wenyuan.db.engine import Connection, Database
from wenyuan.db.evidence import SqlEvidenceStore, read_leased_chunks, read_leased_drafts
from wenyuan.db.texts.blocks import load_blocks
from wenyuan.db.texts.corrections import load_corrections, put_correction
from wenyuan.db.texts.matching import read_narrowed
from wenyuan.db.texts.profiles import load_profile, write_profile
from wenyuan.db.texts.questions import (
    load_questions,
    read_leased_questions,
    write_question_vectors,
    write_questions,
)
from wenyuan.db.vault.backlog import seal_backlog
from wenyuan.db.vault.opening import tie
from wenyuan.db.vault.shredding import destroy_keys, destroy_strays
from wenyuan.documents import (
    Block,
    BlockKind,
    BlockRange,
    Box,
    Chunk,
    DateRole,
    Page,
    ParsedDocument,
    Place,
    Profile,
    ProfileDate,
    SourceFile,
)
from wenyuan.ids import chunk_id
from wenyuan.jobs.queue import Lease
from wenyuan.parts.rules import Selector
from wenyuan.ports import Draft
from wenyuan.vault.errors import KeyDestroyed, StoredTextDamaged, VaultLocked
from wenyuan.vault.keeper import Vault
from wenyuan.words.filters import Condition, FilterField

#: In every text of the document below, and in nothing else.
SECRET = "金丝雀"
VECTOR = np.arange(8, dtype=np.float32)
DRAFT = Draft(3, (Block(BlockKind.PARAGRAPH, f"草稿{SECRET}"),))
PROFILE = Profile(
    "zh", keywords=(f"关键{SECRET}",), dates=(ProfileDate(DateRole.ISSUED, "2026-03", f"{SECRET}三月", 0),)
)


class Log:
    """An audit log that remembers."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def append(self, entries: Any) -> None:
        self.entries += entries


class World:
    """A document with text in every table that holds any, and a conversation about it."""

    def __init__(self, database: Database) -> None:
        self.database, self.user, self.talk = database, "", ""
        chunk = Chunk(
            0, f"正文{SECRET}", f"语境{SECRET}", (f"标题{SECRET}",), (BlockRange(0, 0, 2),), 5, "zh", anchor=SECRET
        )
        self.chunks = [chunk, Chunk(1, f"再{SECRET}", "", (), (BlockRange(1, 0, 2),), 5, "zh")]
        self.ids = [chunk_id("ver", one.ordinal, one.text) for one in self.chunks]

    async def make(self) -> "World":
        async with self.database.write() as tx:
            self.user = (await create_user(tx, "li", "li", frozenset(), 1)).id
            readers = AccessPolicy(allow=(Subject(SubjectKind.USER, self.user),))
            policy, space = await create_policy(tx, readers), await create_space(tx, "company", "company", readers)
            await docs.create_document(
                tx, "doc", space_id=space.id, title=f"题{SECRET}", owner_id=self.user, policy_id=policy
            )
            await docs.want_version(tx, "doc", "ver", SourceFile("p", f"{SECRET}.md", "a", 1, "text/markdown"))
            await self.texts(tx)
            found = await docs.get_version(tx, "ver")
            assert found is not None
            await docs.publish_version(tx, found)
            await put_rules(tx, "doc", policy, [(Selector(heading=(f"节{SECRET}",)), readers)])
            self.talk = (await store.create_conversation(tx, self.user, "li", "")).id
            told = store.Told(f"问{SECRET}？", "zh", "extractive", store.TurnState.ANSWERED)
            stated = Stated("", Support.PARTIAL, (SupportSpan(1, 0, 2, 1, (Box(1, 0, 0, 1, 1),)),), (SECRET,))
            told.parts = [store.Part(f"答{SECRET}。", (self.ids[0],), stated)]
            told.parts += [store.Part(f"又{SECRET}。", tuple(self.ids))]
            assert await store.record_turn(tx, self.user, self.talk, "trn", told, None)
        return self

    async def texts(self, tx: Connection) -> None:
        blocks = tuple(Block(BlockKind.PARAGRAPH, f"段{number}{SECRET}") for number in range(2))
        await write_parsed(tx, "ver", ParsedDocument((Page(1, 1, 1),), blocks), {1: Block(BlockKind.PARAGRAPH, "原")})
        await write_draft(tx, "ver", DRAFT)
        await write_chunks(tx, "ver", self.chunks)
        await write_vectors(tx, "e5", dict.fromkeys(self.ids, VECTOR))
        await write_questions(tx, "llm", {self.ids[0]: [f"问一{SECRET}？", "问二？"], self.ids[1]: []})
        await write_question_vectors(tx, "e5", {(self.ids[0], 1): VECTOR})
        await write_profile(tx, "ver", PROFILE, None)
        await put_correction(tx, "doc", self.user, Place(f"错{SECRET}", "前", "后"), f"对{SECRET}")

    async def scope(self) -> AccessScope:
        return await resolve_scope(Directory(self.database), Principal(self.user, "li"))

    async def seen(self) -> list[Any]:
        """Return everything that readers and jobs read of it."""
        scope, lease = await self.scope(), Lease("job", "x", {"document_id": "doc", "version_id": "ver"}, "", 1, 1, 1)
        async with self.database.read() as tx:
            found: list[Any] = [await load_blocks(scope, tx, "doc", "ver"), await load_corrections(scope, tx, "doc")]
            found += [await load_profile(scope, tx, "doc"), await load_questions(scope, tx, "doc")]
            found += [await docs.load_documents(scope, tx, None, None, 9), await docs.get_version(tx, "ver")]
            found += [await read_rules(tx, "doc"), await read_leased_drafts(lease, tx)]
            pending = await read_leased_chunks(lease, tx, "e5")
            asked = await read_leased_questions(lease, tx, "e5", embedded=True)
        found += [[(one.id, one.text, list(one.vector)) for one in pending if one.vector is not None]]
        found += [[(one.text, None if one.vector is None else list(one.vector)) for one in asked]]
        found += [(await SqlEvidenceStore(self.database).whole(scope, "doc", 9))[0]]
        found += [await self.database.run_read(load_conversation, scope, self.talk)]
        found += [await self.database.run_read(store.read_questions, self.user, self.talk, None, 9)]
        for value in (f"关键{SECRET}", "没有"):
            tagged = Condition(FilterField.TAG, value)
            found += [(await self.database.run_read(read_narrowed, scope, [tagged])).documents]
        return found


async def stored(database: Database) -> str:
    """Return all that stands in the database, as text; vectors by whether they are open."""
    found = []
    async with database.read() as tx:
        for table in t.metadata.sorted_tables:
            for row in await tx.execute(sa.select(table)):
                found += [str(one) if not isinstance(one, bytes) else repr(one) for one in row]
                found += ["open vector" for one in row if isinstance(one, bytes) and VECTOR.tobytes() in one]
    return "\n".join(found)


async def test_no_table_holds_a_text(database: Database) -> None:
    world = await World(database).make()
    told = str(await world.seen())
    assert told.count(SECRET) >= 20
    there = await stored(database)
    assert SECRET not in there
    assert "open vector" not in there


async def test_older_rows_are_read_and_sealed_in_the_background(database: Database, vault: Vault) -> None:
    older = Database(database.url)
    world = await World(older).make()
    before = await world.seen()
    assert SECRET in await stored(older)
    world.database = database
    assert await world.seen() == before  # both kinds are read
    assert await seal_backlog(database, lambda: 0) == 18
    assert SECRET not in await stored(database)
    assert "open vector" not in await stored(database)
    assert await world.seen() == before
    assert await seal_backlog(database, lambda: 1) == 0
    await older.close()


async def test_rows_do_not_change_places(database: Database) -> None:
    await World(database).make()
    async with database.write() as tx:
        rows = (await tx.execute(sa.select(t.chunks.c.id, t.chunks.c.sealed))).all()
        for row, other in zip(rows, rows[::-1], strict=True):
            await tx.execute(sa.update(t.chunks).where(t.chunks.c.id == row.id).values(sealed=other.sealed))
    world = World(database)
    async with database.read() as tx:
        world.user = str(await tx.scalar(sa.select(t.users.c.id)))
    with pytest.raises(StoredTextDamaged):
        await SqlEvidenceStore(database).whole(await world.scope(), "doc", 9)


async def test_without_the_key_neither_text_nor_what_was_said_of_it_opens(database: Database) -> None:
    world, log = await World(database).make(), Log()
    await destroy_keys(database, log, ["doc", "never"], "job_1")
    (entry,) = log.entries
    assert (entry.action, entry.request, entry.documents) == (Action.SHRED, "job_1", ("doc",))
    assert entry.target.startswith("key=")
    for reading in (world.seen(), database.run_read(load_conversation, await world.scope(), world.talk)):
        with pytest.raises(KeyDestroyed):
            await reading
    assert await database.run_read(store.read_questions, world.user, world.talk, None, 9) == [f"问{SECRET}？"]


async def test_a_turn_is_kept_when_the_key_of_a_document_behind_it_has_just_gone(database: Database) -> None:
    world = await World(database).make()
    await destroy_keys(database, Log(), ["doc"], "job_1")
    told = store.Told("再问？", "zh", "extractive", store.TurnState.REVOKED)
    told.parts = [store.Part(f"又{SECRET}。", (world.ids[0],))]
    async with database.write() as tx:
        assert await store.record_turn(tx, world.user, world.talk, "trn_2", told, None)
        parts = sa.select(t.turn_parts).where(t.turn_parts.c.turn_id == "trn_2")
        (part,) = (await tx.execute(parts)).all()
    assert (part.erased, part.text, part.sealed) == (True, "", None)
    asked = await database.run_read(store.read_questions, world.user, world.talk, None, 9)
    assert asked == [f"问{SECRET}？", "再问？"]


async def test_keys_of_what_is_no_more_are_destroyed_a_day_later(database: Database, vault: Vault) -> None:
    world, log = await World(database).make(), Log()
    vault.ready(["stray"], make=True)
    async with database.write() as tx:
        assert await store.delete_conversations(tx, world.user) == [world.talk]
    assert await destroy_strays(database, log) == 0
    with pytest.MonkeyPatch.context() as patch:
        now = time.time()
        patch.setattr("wenyuan.db.vault.shredding.time.time", lambda: now + 90_000)
        assert await destroy_strays(database, log) == 2
    assert {entry.documents for entry in log.entries} == {("stray",), (world.talk,)}


async def test_other_keys_than_those_it_was_sealed_by_are_refused(database: Database, tmp_path: Any) -> None:
    from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
    from wenyuan.vault.master import MasterFile

    await tie(database)
    await tie(database)
    (tmp_path / "others").mkdir()
    other = Vault(SqlKeyStore(sqlite_vault_url(tmp_path / "others")), MasterFile(tmp_path / "others" / "vault.key"))
    wrong = Database(database.url, vault=other)
    with pytest.raises(VaultLocked):
        await tie(wrong)
    await wrong.close()
