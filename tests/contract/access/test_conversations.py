"""Stored conversations on both databases: each part is shown to who may read, now, all that it was made of."""

import pytest
import sqlalchemy as sa

from tests.contract.access.test_parts import DOCUMENT, PAY, World
from wenyuan.access import Subject, SubjectKind
from wenyuan.answers import Citation, Stated, Support, SupportSpan
from wenyuan.audit.trail import Trail
from wenyuan.db import tables as t
from wenyuan.db.access import directory
from wenyuan.db.citations import store_citations
from wenyuan.db.conversations import store
from wenyuan.db.conversations.listing import list_conversations
from wenyuan.db.conversations.reading import Seen, load_conversation
from wenyuan.db.conversations.watching import still_readable
from wenyuan.db.engine import Database
from wenyuan.db.guard.quarantine import put_in_quarantine, release
from wenyuan.errors import NotFound

OPEN, CLOSED, BOTH, OWN = "九点上班。[1]", "奖金三个月。[2]", "两者都有。[1][2]", "由服务所说。"


class Talk:
    """A conversation of li's about both parts of a document, of which one is closed to them later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chunks: list[str] = []
        self.id = ""

    async def tell(self) -> "Talk":
        async with self.world.database.write() as tx:
            found = (await tx.execute(sa.select(t.chunks).order_by(t.chunks.c.ordinal))).all()
            self.chunks = [row.id for row in found][:2]
            self.id = (await store.create_conversation(tx, self.world.li.id, "li", "")).id
            cited = [self._citation(row, marker) for marker, row in enumerate(found[:2], start=1)]
            told = store.Told(
                "几点上班？", "zh", "extractive", state=store.TurnState.ANSWERED, notices=("counted 2/2",)
            )
            told.citations = [(one.id or "", "supported") for one in await store_citations(Trail(None), tx, cited)]
            spans = tuple(SupportSpan(marker, 0, 1, None, ()) for marker in (1, 2))
            stated = Stated("", Support.SUPPORTED, spans)
            open_one, closed_one = self.chunks
            told.parts = [
                store.Part(OPEN, (open_one,), stated),
                store.Part(CLOSED, (closed_one,), stated),
                store.Part(OWN),
            ]
            assert await store.record_turn(tx, self.world.li.id, self.id, "trn_1", told, None)
            told.parts = [store.Part(BOTH, (open_one, closed_one))]
            told.citations = []
            assert await store.record_turn(tx, self.world.li.id, self.id, "trn_2", told, None)
        return self

    @staticmethod
    def _citation(row: sa.Row[tuple[object, ...]], marker: int) -> Citation:
        place = (row.id, DOCUMENT, row.version_id, "t")
        return Citation(marker, *place, None, (), (), None, "", 0, 1, Support.SUPPORTED)

    async def share(self, *subjects: Subject) -> None:
        async with self.world.database.write() as tx:
            await store.share_conversation(tx, self.world.li.id, self.id, subjects)

    async def seen(self, person: directory.User) -> Seen:
        return await self.world.database.run_read(load_conversation, await self.world.scope(person), self.id)

    async def said(self, person: directory.User) -> tuple[list[str | None], list[int], list[int]]:
        """Return the parts that somebody sees, the numbers of citations, and of the spans behind the first part."""
        first, second = (await self.seen(person)).turns
        spans = [] if first.verdicts[0] is None else [span.marker for span in first.verdicts[0].spans]
        return [*first.parts, *second.parts], [one.marker for one in first.citations], spans

    async def listed(self, person: directory.User) -> list[str]:
        run = self.world.database.run_read
        return [one.id for one in await run(list_conversations, person.id, shared=True, most=9, skipped=0)]

    async def runs_on(self, person: directory.User) -> list[bool]:
        """Return for each chunk whether a running answer may go on resting on it."""
        scope, run = await self.world.scope(person), self.world.database.run_read
        return [await run(still_readable, scope, [one]) for one in self.chunks]


@pytest.fixture
async def talk(database: Database) -> Talk:
    world = World(database)
    await world.build()
    return await Talk(world).tell()


EVERYTHING = ([OPEN, CLOSED, OWN, BOTH], [1, 2], [1, 2])
WITHOUT_CLOSED = ([OPEN, None, OWN, None], [1], [1])
NOTHING: tuple[list[str | None], list[int], list[int]] = ([None, None, OWN, None], [], [])


async def test_what_was_made_of_a_closed_part_is_left_out(talk: Talk) -> None:
    world = talk.world
    assert await talk.said(world.li) == EVERYTHING
    assert (await talk.seen(world.li)).turns[0].notices == ("counted 2/2",)
    assert await talk.runs_on(world.li) == [True, True]
    await world.put((PAY, world.without_li))
    assert await talk.said(world.li) == WITHOUT_CLOSED
    assert (await talk.seen(world.li)).turns[0].notices == ()
    assert (await talk.seen(world.li)).turns[1].made_of == ((),)
    assert await talk.runs_on(world.li) == [True, False]
    await talk.share(Subject(SubjectKind.USER, world.han.id))
    assert await talk.said(world.han) == EVERYTHING
    async with world.database.write() as tx:
        await put_in_quarantine(tx, DOCUMENT, world.li.id, "other")
    assert await talk.said(world.li) == await talk.said(world.han) == NOTHING
    assert await talk.runs_on(world.han) == [False, False]
    async with world.database.write() as tx:
        await release(tx, DOCUMENT)
    assert await talk.said(world.han) == EVERYTHING
    await world.submissions.delete(DOCUMENT)
    assert await talk.said(world.han) == NOTHING


async def test_it_is_there_for_its_owner_and_those_whom_it_is_shared_with_now(talk: Talk) -> None:
    world = talk.world
    async with world.database.write() as tx:
        group = await directory.create_group(tx, "readers")
        other = await directory.create_group(tx, "others")
        for one in (group, other):
            await directory.set_members(tx, one, [Subject(SubjectKind.USER, world.han.id)])
    with pytest.raises(NotFound):
        await talk.seen(world.han)
    assert await talk.listed(world.han) == []
    await talk.share(Subject(SubjectKind.GROUP, group))
    assert not (await talk.seen(world.han)).mine
    assert (await talk.seen(world.han)).turns[0].notices == ()
    assert await talk.listed(world.han) == [talk.id]
    assert await talk.listed(world.li) == []
    with pytest.raises(NotFound):
        await world.database.run_read(store.read_questions, world.han.id, talk.id, None, 9)
    async with world.database.write() as tx:
        await directory.set_members(tx, group, [])
    with pytest.raises(NotFound):
        await talk.seen(world.han)
    assert await talk.listed(world.han) == []
