"""Folders: what lies in one is read as the folder says, wherever it is moved."""

import pytest
import sqlalchemy as sa

from ingest.submission import NewDocument, Submissions
from wenyuan.access import EVERYONE, AccessPolicy, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access import directory, folders
from wenyuan.db.access.policies import MAX_CHAIN, create_policy, move_policy, replace_policy
from wenyuan.db.access.spaces import Space, create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database
from wenyuan.documents import SourceFile
from wenyuan.errors import AlreadyExists, InvalidRequest, UnknownName
from wenyuan.jobs.queue import JobQueue
from wenyuan.people.errors import FolderNotEmpty, PolicyInvalid


class World:
    """A space that everyone reads, with a document, and a submitter."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.submissions = Submissions(database, JobQueue(database), "test")

    async def build(self) -> None:
        async with self.database.write() as tx:
            self.li = await directory.create_user(tx, "li", "")
            self.space: Space = await create_space(tx, "s", "s", AccessPolicy((EVERYONE,)))
        await self.upload("doc_1")

    async def upload(self, document_id: str, policy: AccessPolicy | None = None, folder: str | None = None) -> None:
        new = NewDocument(document_id, self.space, document_id, self.li.id, policy, folder)
        await self.submissions.create(new, SourceFile(document_id, "a.txt", document_id * 8, 1, "text/plain"))

    async def folder(self, name: str, parent: str | None = None) -> folders.Folder:
        async with self.database.write() as tx:
            return await folders.create_folder(tx, self.space, parent, name)

    async def say(self, folder: folders.Folder, policy: AccessPolicy) -> None:
        async with self.database.write() as tx:
            await replace_policy(tx, folder.policy_id, policy)

    async def reads(self, document_id: str) -> bool:
        scope = await resolve_scope(Directory(self.database), Principal(self.li.id, "li"))
        async with self.database.read() as tx:
            return await docs.load_document(scope, tx, document_id) is not None


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.build()
    return made


async def test_a_folder_inherits_until_it_overrides(world: World) -> None:
    outer = await world.folder("outer")
    inner = await world.folder("inner", outer.id)
    await world.submissions.move("doc_1", inner.id)
    assert await world.reads("doc_1")
    me = (Subject(SubjectKind.USER, world.li.id),)
    await world.say(outer, AccessPolicy(deny=me, inherits=True))
    assert not await world.reads("doc_1")
    await world.say(inner, AccessPolicy(me, inherits=True))
    assert not await world.reads("doc_1"), "a denial above holds below"
    await world.say(inner, AccessPolicy(me))
    assert await world.reads("doc_1"), "an override stands for itself"
    await world.say(inner, AccessPolicy((EVERYONE,), classification=3))
    assert not await world.reads("doc_1")
    await world.submissions.move("doc_1", None)
    assert await world.reads("doc_1")


async def test_moves_take_what_inherits_along(world: World) -> None:
    closed, opened = await world.folder("closed"), await world.folder("opened")
    inner = await world.folder("inner", opened.id)
    await world.say(closed, AccessPolicy())
    await world.submissions.move("doc_1", inner.id)
    await world.upload("doc_2", AccessPolicy(inherits=True), inner.id)
    await world.upload("doc_3", AccessPolicy((EVERYONE,)), inner.id)
    assert [await world.reads(one) for one in ("doc_1", "doc_2", "doc_3")] == [True, True, True]
    async with world.database.write() as tx:
        await folders.move_folder(tx, inner, closed.id)
    assert [await world.reads(one) for one in ("doc_1", "doc_2", "doc_3")] == [False, False, True]
    await world.submissions.move("doc_2", opened.id)
    await world.submissions.set_policy("doc_3", None)
    assert [await world.reads(one) for one in ("doc_1", "doc_2", "doc_3")] == [False, True, False]


async def test_rings_names_and_other_spaces_are_refused(world: World) -> None:
    outer = await world.folder("outer")
    inner = await world.folder("inner", outer.id)
    async with world.database.write() as tx:
        foreign = await folders.create_folder(tx, await create_space(tx, "o", "o", AccessPolicy()), None, "f")
    with pytest.raises(InvalidRequest):
        async with world.database.write() as tx:
            await folders.move_folder(tx, outer, inner.id)
    with pytest.raises(AlreadyExists):
        await world.folder("outer")
    for bad in (foreign.id, "fld_none"):
        with pytest.raises(UnknownName):
            await world.submissions.move("doc_1", bad)
        with pytest.raises(UnknownName):
            await world.upload("doc_9", folder=bad)
    async with world.database.write() as tx:
        await folders.rename_folder(tx, inner, "renamed")
        assert [one.name for one in await folders.list_folders(tx, world.space.id)] == ["outer", "renamed"]


async def test_only_an_empty_folder_is_deleted(world: World) -> None:
    outer = await world.folder("outer")
    inner = await world.folder("inner", outer.id)
    await world.submissions.move("doc_1", inner.id)
    for full in (outer, inner):
        with pytest.raises(FolderNotEmpty):
            async with world.database.write() as tx:
                await folders.delete_folder(tx, full)
    await world.submissions.delete("doc_1")
    async with world.database.write() as tx:
        await folders.delete_folder(tx, inner)
        await folders.delete_folder(tx, outer)
        assert await folders.list_folders(tx, world.space.id) == []
        assert await tx.scalar(sa.select(t.documents.c.folder_id).where(t.documents.c.id == "doc_1")) is None


async def test_a_ring_and_a_chain_too_long_are_refused(database: Database) -> None:
    async with database.write() as tx:
        chain = [await create_policy(tx, AccessPolicy((EVERYONE,)))]
        for _ in range(MAX_CHAIN - 1):
            chain.append(await create_policy(tx, AccessPolicy(inherits=True), chain[-1]))
    with pytest.raises(PolicyInvalid):
        async with database.write() as tx:
            await create_policy(tx, AccessPolicy(inherits=True), chain[-1])
    async with database.write() as tx:
        await replace_policy(tx, chain[0], AccessPolicy(inherits=True))
    with pytest.raises(PolicyInvalid):
        async with database.write() as tx:
            await move_policy(tx, chain[0], chain[-1])
    async with database.read() as tx:
        longest = sa.select(sa.func.count()).where(t.policy_ancestors.c.policy_id == chain[-1])
        assert await tx.scalar(longest) == MAX_CHAIN
