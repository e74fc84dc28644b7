"""Profiles, corrections and copies of parses in SQL, the same on SQLite and PostgreSQL."""

import pytest

from tests.contract.texts.readers import Readers
from wenyuan.access import AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db.access.policies import replace_policy
from wenyuan.db.contents import erase_version, write_parsed
from wenyuan.db.documents import VersionState
from wenyuan.db.engine import Database
from wenyuan.db.texts.blocks import load_blocks, read_leased_twin
from wenyuan.db.texts.corrections import (
    corrections_digest,
    digest_of,
    drop_correction,
    erase_corrections,
    load_corrections,
    put_correction,
    read_leased_corrections,
)
from wenyuan.db.texts.profiles import load_profile, load_similar, write_profile
from wenyuan.documents import (
    Block,
    BlockKind,
    DateRole,
    Page,
    ParsedDocument,
    Place,
    Profile,
    ProfileDate,
    SummarySentence,
)
from wenyuan.errors import NotFound
from wenyuan.jobs.queue import Lease
from wenyuan.words.minhash import Signature, signature

TEXT = "访客须在前台登记，领取蓝色胸牌，由接待人全程陪同，离开时交还胸牌并注销登记。"
PROFILE = Profile(
    "zh",
    summary=(SummarySentence("访客须在前台登记。", (1,)),),
    summary_by="extractive",
    dates=(ProfileDate(DateRole.EFFECTIVE, "2025-04", "2025年4月", 2),),
)


class World(Readers):
    """A reader, and documents with a profile."""

    async def described(self, name: str, signed: Signature | None, sha256: str = "a") -> None:
        async with self.database.write() as tx:
            await self.publish(tx, name, f"ver_{name}", sha256=sha256)
            await write_profile(tx, f"ver_{name}", PROFILE, signed)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database, "li")
    await made.begin()
    return made


def lease(**payload: str) -> Lease:
    return Lease("job", "ingest.version", payload, "parse", 1, 3, 1)


async def test_near_duplicates_are_found_in_what_the_scope_reads(world: World) -> None:
    mine, near, far = (
        signature(text) for text in (TEXT * 3, TEXT * 3 + "完。", "完全不同的另一份文件，谈论的是叉车电池充电。")
    )
    for name, signed in (("one", mine), ("two", near), ("three", far), ("four", mine), ("bare", None)):
        await world.described(name, signed, sha256="b" if name == "two" else "a")
    async with world.database.write() as tx:
        assert await load_profile(await world.scope(), tx, "one") == PROFILE
        found = await load_similar(await world.scope(), tx, "one", 0.8)
        assert found is not None
        assert [(one.document_id, one.same_file) for one in found] == [("four", True), ("two", False)]
        assert await load_similar(await world.scope(), tx, "bare", 0.8) is None
        await docs.mark_deleted(tx, "four")
        found = await load_similar(await world.scope(), tx, "one", 0.8)
        assert [one.document_id for one in found or []] == ["two"]
        await write_profile(tx, "ver_two", PROFILE, far)
        assert await load_similar(await world.scope(), tx, "one", 0.8) == []
        scope = await world.scope()
        await replace_policy(tx, world.policies["li"], AccessPolicy())
        # The scope is older than the revocation: SQL decides.
        assert await load_profile(scope, tx, "one") is None
        assert await load_similar(scope, tx, "one", 0.8) is None


async def test_corrections_are_one_for_a_place(world: World) -> None:
    await world.described("one", None)
    place = Place("篮色 胸牌", "前文", "后文")
    async with world.database.write() as tx:
        assert await corrections_digest(tx, "one") == ""
        await put_correction(tx, "one", world.users["li"], place, "绿色胸牌")
        first = await corrections_digest(tx, "one")
        kept = await put_correction(tx, "one", world.users["li"], Place("篮色胸牌", "前文", "后 文"), "蓝色胸牌")
        await put_correction(tx, "one", world.users["li"], Place("3", cell=True), "8")
        (one, two) = await load_corrections(await world.scope(), tx, "one")
        assert (one.id, one.text, one.author) == (kept, "蓝色胸牌", "li")
        assert await read_leased_corrections(lease(document_id="one"), tx) == [one, two]
        assert digest_of([two, one]) == await corrections_digest(tx, "one") != first
        await put_correction(tx, "one", world.users["li"], two.place, "3")
        assert [found.id for found in await load_corrections(await world.scope(), tx, "one")] == [kept]
        assert not await drop_correction(tx, "other", kept)
        assert await drop_correction(tx, "one", kept)
        await put_correction(tx, "one", world.users["li"], place, "x")
        await erase_corrections(tx, "one")
        assert await load_corrections(await world.scope(), tx, "one") == []


async def test_a_parse_is_copied_without_its_corrections(world: World) -> None:
    await world.described("one", None)
    original, corrected = Block(BlockKind.PARAGRAPH, "篮色"), Block(BlockKind.PARAGRAPH, "蓝色")
    other = Block(BlockKind.TITLE, "标题", level=1)
    parsed = ParsedDocument((Page(1, 10, 20, error="x"),), (other, corrected))
    mine = lease(document_id="one", version_id="ver_new")
    async with world.database.write() as tx:
        await write_parsed(tx, "ver_one", parsed, {1: original})
        warnings = ["page-failed:1", "correction-unmatched:cor_1"]
        await docs.set_state(tx, "ver_one", VersionState.SUPERSEDED, parser_sha256="p", warnings=warnings)
        await world.publish(tx, "one", "ver_new")
        twin = await read_leased_twin(mine, tx, "p")
        assert twin is not None
        assert (twin.blocks, twin.pages, twin.warnings) == ((other, original), parsed.pages, ("page-failed:1",))
        assert await read_leased_twin(mine, tx, "q") is None
        shown = await load_blocks(await world.scope(), tx, "one", "ver_one")
        assert [(one.block, one.original) for one in shown] == [(other, None), (corrected, original)]
        assert [one.ordinal for one in await load_blocks(await world.scope(), tx, "one", "ver_one", 1, 5)] == [1]
        await world.publish(tx, "one", "ver_other", sha256="c")
        assert await read_leased_twin(lease(document_id="one", version_id="ver_other"), tx, "p") is None
        await erase_version(tx, "ver_one")
        assert await read_leased_twin(mine, tx, "p") is None


async def test_a_version_that_was_not_published_is_not_read(world: World) -> None:
    await world.described("one", None)
    async with world.database.write() as tx:
        await docs.set_state(tx, "ver_one", VersionState.PARSED, published_at=None)
        with pytest.raises(NotFound):
            await load_blocks(await world.scope(), tx, "one", "ver_one")
