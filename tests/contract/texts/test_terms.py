"""The term base in SQL, the same on SQLite and PostgreSQL: who finds whose terms, and what is stored."""

import pytest

from tests.contract.texts.readers import Readers
from wenyuan.access import AccessPolicy
from wenyuan.db.access.directory import update_user
from wenyuan.db.access.policies import replace_policy
from wenyuan.db.access.spaces import Space, create_space
from wenyuan.db.engine import Database
from wenyuan.db.texts import terms as db
from wenyuan.db.texts.terms import NewTerm, SqlTermBase
from wenyuan.errors import TooManyTerms
from wenyuan.ports import Related

GRID = NewTerm("环网柜", ("RMU", "ring main unit"), "zh")


class World(Readers):
    """Two readers, and a space of each."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "li", "han")
        self.base = SqlTermBase(database)
        self.spaces: dict[str, Space] = {}

    async def begin(self) -> None:
        await super().begin()
        async with self.database.write() as tx:
            for name, space in (("li", "grid"), ("han", "board")):
                self.spaces[space] = await create_space(tx, space, space, self.only(name))

    async def put(self, space: str, *terms: NewTerm) -> int:
        async with self.database.write() as tx:
            return await db.put_terms(tx, self.spaces[space].id, self.users["han"], terms)

    async def asked(self, name: str, question: str) -> tuple[Related, ...]:
        return await self.base.related(await self.scope(name), question)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.begin()
    return made


async def test_a_term_is_found_by_each_of_its_forms(world: World) -> None:
    await world.put("grid", GRID)
    assert await world.asked("li", "環網櫃的额定电压？") == (Related("环网柜", ("RMU", "ring main unit")),)
    assert await world.asked("li", "How wide are the Ring-Main Units?") == (
        Related("ring main unit", ("RMU", "环网柜")),
    )
    assert await world.asked("li", "变压器的额定电压？") == ()
    assert await world.asked("li", "？！") == ()


async def test_terms_of_a_space_that_one_cannot_read_change_nothing(world: World) -> None:
    await world.put("grid", GRID)
    before = await world.asked("li", "环网柜和 RMU")
    await world.put("board", NewTerm("环网柜", ("项目X", "secret")), NewTerm("RMU", ("别的",)))
    assert await world.asked("li", "环网柜和 RMU") == before
    assert {form for found in await world.asked("han", "环网柜和 RMU") for form in found.others} == {
        "项目X",
        "secret",
        "别的",
    }


async def test_many_terms_of_others_do_not_crowd_out_ones_own(world: World) -> None:
    await world.put("grid", NewTerm("环网柜", ("RMU",)))
    await world.put("board", *(NewTerm(f"环网{number}", ("甲",)) for number in range(600)))
    assert await world.asked("li", "环网柜的价格") == (Related("环网柜", ("RMU",)),)


async def test_a_scope_minted_before_a_revocation_finds_nothing_after_it(world: World) -> None:
    await world.put("grid", GRID)
    held = await world.scope("li")
    async with world.database.write() as tx:
        await replace_policy(tx, world.spaces["grid"].policy_id, AccessPolicy())
    assert await world.base.related(held, "环网柜") == ()


async def test_a_disabled_account_finds_nothing(world: World) -> None:
    await world.put("grid", GRID)
    held = await world.scope("li")
    async with world.database.write() as tx:
        await update_user(tx, "li", active=False, clearance=None, roles=None)
    assert await world.base.related(held, "环网柜") == ()


async def test_the_longer_term_is_taken(world: World) -> None:
    await world.put("grid", NewTerm("断路器", ("开关",)), NewTerm("真空断路器", ("VCB",)))
    assert await world.asked("li", "真空断路器") == (Related("真空断路器", ("VCB",)),)
    assert {found.asked for found in await world.asked("li", "真空断路器和断路器")} == {"真空断路器", "断路器"}


async def test_equal_names_are_one_term_and_the_last_one_stays(world: World) -> None:
    assert await world.put("grid", GRID) == 1
    assert await world.put("grid", NewTerm("環網櫃", ("RMU",)), NewTerm("变压器")) == 1
    async with world.database.read() as tx:
        stored = await db.list_terms(tx, world.spaces["grid"].id)
    assert [(term.name, term.synonyms, term.author) for term in stored] == [
        ("变压器", (), "han"),
        ("環網櫃", ("RMU",), "han"),
    ]
    assert await world.asked("li", "ring main unit") == ()


async def test_a_term_is_removed_in_its_own_space_only(world: World) -> None:
    await world.put("grid", GRID)
    async with world.database.write() as tx:
        grid, board = world.spaces["grid"].id, world.spaces["board"].id
        (stored,) = await db.list_terms(tx, grid)
        assert not await db.delete_term(tx, board, stored.id)
        assert await db.delete_term(tx, grid, stored.id)
        assert not await db.delete_term(tx, grid, stored.id)
    assert await world.asked("li", "环网柜") == ()


async def test_over_the_limit_nothing_is_stored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "MAX_TERMS", 3)
    await world.put("grid", GRID, NewTerm("变压器"))
    with pytest.raises(TooManyTerms):
        await world.put("grid", NewTerm("甲乙"), NewTerm("丙丁"))
    async with world.database.write() as tx:
        assert len(await db.list_terms(tx, world.spaces["grid"].id)) == 2
        await db.delete_terms(tx, world.spaces["grid"].id)
        assert await db.list_terms(tx, world.spaces["grid"].id) == []


async def test_a_form_that_only_resembles_is_not_taken(world: World) -> None:
    await world.put("grid", NewTerm("ring main", ("a",)), NewTerm("ring mains unit", ("b",)), NewTerm("r_ng", ("c",)))
    assert await world.asked("li", "earring mainly") == ()
    assert [found.asked for found in await world.asked("li", "the ring main cable")] == ["ring main"]


async def test_a_long_question_is_looked_up_to_its_end(world: World) -> None:
    await world.put("grid", GRID)
    filler = "".join(chr(0x4E00 + number) for number in range(1500))
    assert [found.asked for found in await world.asked("li", f"{filler}，环网柜")] == ["环网柜"]
