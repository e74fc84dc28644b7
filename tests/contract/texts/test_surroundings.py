"""What stands around evidence in SQL, the same on SQLite and PostgreSQL: what a scope is shown of it, and what not."""

from datetime import datetime

import pytest

from tests.contract.texts.readers import Readers
from wenyuan.access import AccessPolicy, narrow
from wenyuan.db import documents as docs
from wenyuan.db.access.parts import put_rules
from wenyuan.db.access.policies import replace_policy
from wenyuan.db.engine import Database
from wenyuan.db.evidence import MAX_IDS, SqlEvidenceStore
from wenyuan.db.texts.profiles import write_profile
from wenyuan.documents import BlockRange, Chunk, DateRole, Profile, ProfileDate
from wenyuan.parts.rules import Selector
from wenyuan.ports import DocumentDates

#: Sections of a handbook: one chunk, four chunks, two chunks.
SECTIONS = (0, 1, 1, 1, 1, 2, 2)


class World(Readers):
    """Two readers with a policy each, and documents of three sections."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "li", "han")
        self.store = SqlEvidenceStore(database)

    async def cut(
        self, document: str, version: str, reader: str = "li", sections: tuple[int, ...] = SECTIONS
    ) -> list[str]:
        """Publish a version of a chunk a page, in these sections; returns its chunks."""
        chunks = [
            Chunk(
                n,
                f"{version} {n}",
                "",
                (f"h{section}",),
                (BlockRange(n, 0, 3),),
                5,
                "zh",
                pages=(n + 1,),
                section=section,
            )
            for n, section in enumerate(sections)
        ]
        async with self.database.write() as tx:
            return await self.publish(tx, document, version, chunks, reader=reader, sha256=version)

    async def around(self, chunks: list[str], reach: int, *, openings: bool = False) -> list[tuple[str, int, str]]:
        found = await self.store.beside(await self.scope(), chunks, reach, openings=openings)
        return [(near.anchor, near.distance, near.evidence.text) for near in found]


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.begin()
    return made


async def test_neighbours_are_of_the_same_section(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    assert await world.around([chunks[1]], 1) == [(chunks[1], 1, "ver_1 2")]
    assert await world.around([chunks[3]], 2) == [
        (chunks[3], -2, "ver_1 1"),
        (chunks[3], -1, "ver_1 2"),
        (chunks[3], 1, "ver_1 4"),
    ]
    assert await world.around([chunks[0]], 3) == []
    assert await world.around([], 3) == []


async def test_the_opening_of_a_section_is_found_from_afar_and_given_once(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    assert await world.around([chunks[4]], 0, openings=True) == [(chunks[4], -3, "ver_1 1")]
    assert await world.around([chunks[4]], 1, openings=True) == [(chunks[4], -3, "ver_1 1"), (chunks[4], -1, "ver_1 3")]
    assert await world.around([chunks[2]], 1, openings=True) == [(chunks[2], -1, "ver_1 1"), (chunks[2], 1, "ver_1 3")]
    assert await world.around([chunks[0], chunks[1]], 0, openings=True) == []


async def test_what_is_added_keeps_its_own_id_and_page(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    (near,) = await world.store.beside(await world.scope(), [chunks[6]], 1)
    assert (near.evidence.chunk_id, near.evidence.pages, near.evidence.heading_path) == (chunks[5], (6,), ("h2",))
    assert (near.evidence.score, near.evidence.dense, near.evidence.sparse) == (0.0, None, None)
    assert near.evidence.space == "company"


async def test_nothing_around_a_passage_of_others_is_shown(world: World) -> None:
    """Even a caller that knows the id of a chunk under another policy is shown nothing beside it."""
    mine = await world.cut("doc_a", "ver_1")
    hidden = await world.cut("doc_b", "ver_2", "han")
    assert {anchor for anchor, _, _ in await world.around([mine[2], hidden[2]], 2, openings=True)} == {mine[2]}
    assert await world.store.whole(await world.scope(), "doc_b", 9) == ([], 0)
    assert len(await world.store.beside(await world.scope("han"), [hidden[2]], 1)) == 2


async def test_a_scope_minted_before_a_revocation_is_shown_nothing_after_it(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    held = await world.scope()
    assert await world.store.only_document(held) == "doc_a"
    async with world.database.write() as tx:
        await replace_policy(tx, world.policies["li"], AccessPolicy())
    assert await world.store.beside(held, chunks, 2, openings=True) == []
    assert await world.store.whole(held, "doc_a", 9) == ([], 0)
    assert await world.store.only_document(held) is None


async def test_a_narrowed_scope_is_shown_what_it_was_narrowed_to(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    await world.cut("doc_c", "ver_3")
    scope = await world.scope()
    elsewhere, here = narrow(scope, ["doc_c"]), narrow(scope, ["doc_a"])
    assert await world.store.beside(elsewhere, chunks, 2, openings=True) == []
    assert await world.store.whole(elsewhere, "doc_a", 9) == ([], 0)
    assert await world.store.only_document(elsewhere) == "doc_c"
    assert len(await world.store.beside(here, chunks[3:4], 1)) == 2
    assert (await world.store.whole(here, "doc_a", 9))[1] == 7


async def test_only_the_current_version_is_shown(world: World) -> None:
    old = await world.cut("doc_a", "ver_1")
    new = await world.cut("doc_a", "ver_2", sections=(0, 0))
    assert await world.around([old[2]], 2, openings=True) == []
    pieces, size = await world.store.whole(await world.scope(), "doc_a", 9)
    assert ([piece.chunk_id for piece in pieces], size) == (new, 2)
    async with world.database.write() as tx:
        await docs.mark_deleted(tx, "doc_a")
    assert await world.store.whole(await world.scope(), "doc_a", 9) == ([], 0)
    assert await world.store.only_document(await world.scope()) is None


async def test_a_whole_document_comes_in_order_and_says_how_long_it_is(world: World) -> None:
    chunks = await world.cut("doc_a", "ver_1")
    for most, shown in ((3, chunks[:3]), (7, chunks), (50, chunks)):
        pieces, size = await world.store.whole(await world.scope(), "doc_a", most)
        assert ([piece.chunk_id for piece in pieces], size) == (shown, 7)


async def test_the_only_document_is_that_of_the_reader(world: World) -> None:
    await world.cut("doc_a", "ver_1")
    await world.cut("doc_b", "ver_2", "han")
    assert await world.store.only_document(await world.scope("han")) == "doc_b"
    await world.cut("doc_c", "ver_3")
    assert await world.store.only_document(await world.scope()) is None


async def test_dates_are_those_of_documents_that_the_reader_may_read_now(world: World) -> None:
    await world.cut("doc_a", "ver_1")
    await world.cut("doc_b", "ver_2", "han")
    told = ((DateRole.ISSUED, "2023-05"), (DateRole.EFFECTIVE, "2024-03-01"))
    dated = Profile("zh", dates=tuple(ProfileDate(role, date, "", 0) for role, date in told))
    async with world.database.write() as tx:
        for version in ("ver_1", "ver_2"):
            await write_profile(tx, version, dated, None)
    today = datetime.now().astimezone().date().isoformat()
    assert await world.store.dates(await world.scope(), ["doc_a", "doc_b"]) == {
        "doc_a": DocumentDates("2024-03-01", today)
    }
    assert await world.store.dates(await world.scope("han"), ["doc_a"]) == {}
    assert await world.store.dates(await world.scope(), []) == {}
    # What a profile says was read in all parts: it is for those to whom none is closed.
    of_han = world.only("han")
    async with world.database.write() as tx:
        await put_rules(tx, "doc_a", world.policies["li"], [(Selector(pages=(3, 3)), of_han)])
    assert await world.store.dates(await world.scope(), ["doc_a"]) == {"doc_a": DocumentDates("", today)}


async def test_more_chunks_than_a_statement_takes_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="too many"):
        await world.store.beside(await world.scope(), ["x"] * (MAX_IDS + 1), 1)
