"""Marks of parts in both databases: in force with the transaction, for every read, in every published version."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ingest.chunking import StructureChunker
from ingest.submission import NewDocument, Submissions
from wenyuan.access import (
    EVERYONE,
    AccessPolicy,
    AccessScope,
    Principal,
    Subject,
    SubjectKind,
    narrow,
    resolve_scope,
)
from wenyuan.answers import Hit
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access import directory
from wenyuan.db.access.parts import count_rules, read_rules
from wenyuan.db.access.policies import read_policy
from wenyuan.db.access.spaces import Space, create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.contents import erase_version, write_chunks, write_parsed
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.guard.quarantine import put_in_quarantine, release
from wenyuan.db.texts.blocks import load_blocks
from wenyuan.db.texts.parts import chunk_marks, mark_version, shows_page
from wenyuan.db.texts.tables import OpenTable, TablePlace, load_tables
from wenyuan.documents import Block, BlockKind, Box, Cell, Page, ParsedDocument, SourceFile, Table
from wenyuan.jobs.queue import JobQueue
from wenyuan.parts.rules import Rows, Selector

DOCUMENT = "doc_parts"
PAY = Selector(("薪酬",))


def placed(kind: BlockKind, text: str, page: int, level: int = 0) -> Block:
    return Block(kind, text, (Box(page, 0, 0, 1, 1),), level=level)


PARSED = ParsedDocument(
    tuple(Page(number, 10, 10) for number in (1, 2, 3, 4)),
    (
        placed(BlockKind.TITLE, "考勤", 1, 1),
        placed(BlockKind.PARAGRAPH, "九点上班。", 1),
        placed(BlockKind.TITLE, "薪酬", 2, 1),
        placed(BlockKind.PARAGRAPH, "三个月奖金。", 2),
        placed(BlockKind.PARAGRAPH, "按月发放。", 3),
    ),
)


class World:
    """A document that everyone reads with a published version, and two readers of whom one is closed out."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.submissions = Submissions(database, JobQueue(database), "test")
        self.chunker = StructureChunker(len, 200)

    async def build(self) -> None:
        async with self.database.write() as tx:
            self.li = await directory.create_user(tx, "li", "")
            self.han = await directory.create_user(tx, "han", "")
            self.space: Space = await create_space(tx, "s", "s", AccessPolicy((EVERYONE,)))
        self.without_li = AccessPolicy(deny=(Subject(SubjectKind.USER, self.li.id),), inherits=True)
        source = SourceFile("a", "a.txt", "a" * 64, 1, "text/plain")
        await self.submissions.create(NewDocument(DOCUMENT, self.space, "t", self.han.id, None), source)
        await self.publish()

    async def publish(self, parsed: ParsedDocument = PARSED) -> str:
        """Publish the wanted version with these blocks, cut along the rules of now."""
        async with self.database.write() as tx:
            document = await docs.lock_document(tx, DOCUMENT)
            assert document is not None
            version = await docs.get_version(tx, document.wanted_version_id or "")
            assert version is not None
            rules = await read_rules(tx, DOCUMENT)
            await write_parsed(tx, version.id, parsed)
            await write_chunks(tx, version.id, self.chunker.chunk("t", parsed, rules))
            await mark_version(tx, version.id, rules)
            await docs.publish_version(tx, version)
        return version.id

    async def put(self, *parts: tuple[Selector, AccessPolicy]) -> None:
        await self.submissions.set_parts(DOCUMENT, parts, self.han.id)

    async def scope(self, user: directory.User) -> AccessScope:
        return await resolve_scope(Directory(self.database), Principal(user.id, user.name))

    async def texts(self, scope: AccessScope, version: str) -> list[str]:
        """Return the blocks that the scope may read, then its chunks of the version that answers."""
        async with self.database.read() as tx:
            blocks = await load_blocks(scope, tx, DOCUMENT, version)
            ids = list(await tx.scalars(sa.select(t.chunks.c.id).order_by(t.chunks.c.ordinal)))
        chunks = await SqlEvidenceStore(self.database).load(scope, [Hit(one, 1.0, 1) for one in ids])
        return [one.block.text for one in blocks] + [one.text for one in chunks]

    async def pages(self, scope: AccessScope, version: str) -> list[bool]:
        async with self.database.read() as tx:
            return [await shows_page(scope, tx, DOCUMENT, version, number) for number in (1, 2, 3, 4)]


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.build()
    return made


def has(word: str) -> Callable[[list[str]], bool]:
    return lambda texts: any(word in text for text in texts)


async def current(world: World) -> str:
    async with world.database.read() as tx:
        document = await docs.get_document(tx, DOCUMENT)
    assert document is not None
    return document.current_version_id or ""


async def test_rules_hold_for_scopes_minted_before_them(world: World) -> None:
    version, early, han = await current(world), await world.scope(world.li), await world.scope(world.han)
    assert has("奖金")(await world.texts(early, version))
    assert await world.pages(early, version) == [True] * 4
    await world.put((PAY, world.without_li))
    for scope in (early, await world.scope(world.li)):
        assert await world.texts(scope, version) == ["考勤", "九点上班。", "九点上班。"]
        assert await world.pages(scope, version) == [True, False, False, False]
    assert has("奖金")(await world.texts(han, version))
    assert await world.pages(han, version) == [True] * 4
    await world.put()
    assert has("奖金")(await world.texts(early, version))


async def test_a_chunk_across_a_new_border_is_closed_until_it_is_cut(world: World) -> None:
    version, li = await current(world), await world.scope(world.li)
    await world.put((Selector(pages=(3, 3)), world.without_li))
    assert await world.texts(li, version) == ["考勤", "九点上班。", "薪酬", "三个月奖金。", "九点上班。"]
    later = await world.publish()
    assert later != version
    assert (await world.texts(li, later))[-2:] == ["九点上班。", "三个月奖金。"]
    assert await world.texts(li, version) == await world.texts(li, later), "blocks of the earlier one are marked too"


async def test_a_rule_that_names_nothing_lies_on_all_of_a_version(world: World) -> None:
    await world.put((PAY, world.without_li))
    await world.publish()
    async with world.database.write() as tx:
        await docs.want_version(tx, DOCUMENT, "ver_new", SourceFile("b", "b.txt", "b" * 64, 1, "text/plain"))
    renamed = ParsedDocument((), (Block(BlockKind.TITLE, "待遇", level=1), Block(BlockKind.PARAGRAPH, "四个月奖金。")))
    version = await world.publish(renamed)
    assert await world.texts(await world.scope(world.li), version) == []
    assert await world.texts(await world.scope(world.han), version) == ["待遇", "四个月奖金。", "四个月奖金。"]


async def test_every_rule_that_names_a_text_must_let_read(world: World) -> None:
    other = AccessPolicy((EVERYONE,), classification=3)
    await world.put((PAY, world.without_li), (Selector(pages=(3, 4)), other))
    version = await world.publish()
    assert has("三个月奖金。")(await world.texts(await world.scope(world.han), version))
    assert not has("按月发放")(await world.texts(await world.scope(world.han), version))
    async with world.database.write() as tx:
        await directory.update_user(tx, "li", clearance=3)
        marks = await chunk_marks(tx, version)
    assert sorted(map(len, marks.values())) == [1, 2]
    assert not has("按月发放")(await world.texts(await world.scope(world.li), version))


async def test_parts_inherit_from_whatever_policy_the_document_has(world: World) -> None:
    await world.put((PAY, AccessPolicy(inherits=True)))
    version, li = await world.publish(), await world.scope(world.li)
    assert has("奖金")(await world.texts(li, version))
    await world.submissions.set_policy(DOCUMENT, AccessPolicy((Subject(SubjectKind.USER, world.li.id),)))
    assert has("奖金")(await world.texts(li, version))
    async with world.database.read() as tx:
        assert await docs.load_document(await world.scope(world.han), tx, DOCUMENT) is None
    await world.submissions.set_policy(DOCUMENT, None)
    assert has("奖金")(await world.texts(await world.scope(world.han), version))


async def test_nothing_of_rules_is_left_of_a_deleted_document(world: World) -> None:
    await world.put((PAY, AccessPolicy((EVERYONE,))))
    await world.publish()
    async with world.database.read() as tx:
        (rule,) = await read_rules(tx, DOCUMENT)
    await world.submissions.delete(DOCUMENT)
    async with world.database.write() as tx:
        assert await count_rules(tx, DOCUMENT) == 0
        assert await read_policy(tx, rule.policy_id) == AccessPolicy()
        for version in await docs.list_versions(tx, [DOCUMENT]):
            await erase_version(tx, version.id)
        for table in (t.block_policies, t.chunk_policies):
            assert await tx.scalar(sa.select(sa.func.count()).select_from(table)) == 0


async def test_a_closed_heading_is_in_no_path(world: World) -> None:
    """What a page rule leaves open stands below a heading that it closes."""
    below = replace(placed(BlockKind.PARAGRAPH, "按月发放。", 3), heading_path=("制度", "薪酬"))
    parsed = ParsedDocument(PARSED.pages, (*PARSED.blocks[:4], below))
    await world.put((Selector(pages=(2, 2)), world.without_li))
    version = await world.publish(parsed)
    for user, path in ((world.li, ("制度",)), (world.han, ("制度", "薪酬"))):
        async with world.database.read() as tx:
            shown = await load_blocks(await world.scope(user), tx, DOCUMENT, version)
        assert shown[-1].block.heading_path == path


async def test_a_page_that_nothing_was_read_from_is_for_those_who_read_all(world: World) -> None:
    apart = ParsedDocument(PARSED.pages, (*PARSED.blocks[:3], placed(BlockKind.PARAGRAPH, "三个月奖金。", 4)))
    await world.put((PAY, world.without_li))
    version = await world.publish(apart)
    assert await world.pages(await world.scope(world.li), version) == [True, False, False, False]
    assert await world.pages(await world.scope(world.han), version) == [True] * 4


async def test_pages_within_a_closed_part_are_not_shown(world: World) -> None:
    """The part begins on one page and ends on another; what is between them says the same, whatever was read there."""
    blocks = (*PARSED.blocks[:3], placed(BlockKind.PARAGRAPH, "三个月奖金。", 4), placed(BlockKind.TITLE, "附则", 4, 1))
    spread = ParsedDocument(PARSED.pages, (*blocks, placed(BlockKind.PARAGRAPH, "页三的附注。", 3)))
    await world.put((PAY, world.without_li))
    version = await world.publish(spread)
    assert await world.pages(await world.scope(world.li), version) == [True, False, False, False]
    assert await world.pages(await world.scope(world.han), version) == [True] * 4


def sheet(name: str, *lines: tuple[str, ...]) -> Block:
    cells = tuple(
        Cell(row, column, text, header=row == 0) for row, line in enumerate(lines) for column, text in enumerate(line)
    )
    made = Table(len(lines), len(lines[0]), cells)
    return Block(BlockKind.TABLE, "\n".join(made.lines()), anchor=f"{name}!A1:B4", table=made)


FIGURES = ParsedDocument(
    (),
    (
        sheet("工资", ("部门", "金额"), ("研发", "120"), ("财务", "80"), ("合计", "200")),
        sheet("工资", ("部门", "金额"), ("研发", "30"), ("市场", "50")),
        sheet("考勤", ("部门", "天数"), ("研发", "20"), ("财务", "19")),
        sheet("密", ("部门", "天数"), ("研发", "20")),
    ),
)
OF_FINANCE = Selector(sheet="工资", rows=Rows("部门", ("财务",)))


async def tables(world: World, scope: AccessScope, version: str) -> list[OpenTable]:
    places = [TablePlace(DOCUMENT, version, ordinal) for ordinal in (2, 0, 1, 3, 9, 2)]
    return await load_tables(scope, world.database, places)


async def test_tables_are_read_without_what_is_closed_and_say_so(world: World) -> None:
    await world.put((OF_FINANCE, world.without_li), (Selector(sheet="密"), world.without_li))
    version = await world.publish(FIGURES)
    li, han = await world.scope(world.li), await world.scope(world.han)
    found = await tables(world, li, version)
    assert [(one.place.ordinal, one.rows, one.hidden) for one in found] == [
        (2, (0, 1, 2), False),
        (0, (0, 1), True),
        (1, (0, 1, 2), True),
    ], "the second piece of the sheet is whole, and the sheet is not"
    shown = found[1].block
    assert shown.table is not None
    assert [cell.text for cell in shown.table.cells] == ["部门", "金额", "研发", "120"]
    assert shown.text == "部门 | 金额\n研发 | 120"
    whole = await tables(world, han, version)
    assert [(one.place.ordinal, len(one.rows), one.hidden) for one in whole] == [
        (2, 3, False),
        (0, 4, False),
        (1, 3, False),
        (3, 2, False),
    ]
    # Rules count for scopes that are older than they are.
    await world.put((Selector(sheet="考勤"), world.without_li))
    assert [(one.place.ordinal, one.hidden) for one in await tables(world, li, version)] == [
        (0, False),
        (1, False),
        (3, False),
    ]
    assert await tables(world, narrow(han, ["doc_other"]), version) == []
    await world.submissions.delete(DOCUMENT)
    assert await tables(world, han, version) == []


async def test_tables_are_read_of_current_versions_of_documents_in_use_alone(world: World) -> None:
    await world.put((OF_FINANCE, world.without_li))
    version, han = await world.publish(FIGURES), await world.scope(world.han)
    assert len(await tables(world, han, version)) == 4
    async with world.database.write() as tx:
        await put_in_quarantine(tx, DOCUMENT, world.han.id, "other")
    assert await tables(world, han, version) == []
    async with world.database.write() as tx:
        await release(tx, DOCUMENT)
        await docs.want_version(tx, DOCUMENT, "ver_new", SourceFile("b", "b.txt", "b" * 64, 1, "text/plain"))
    assert len(await tables(world, han, version)) == 4
    later = await world.publish(FIGURES)
    assert later != version
    assert await tables(world, han, version) == []
    assert len(await tables(world, han, later)) == 4
