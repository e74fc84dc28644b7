"""What single parts of the spine promise, where a random trial would seldom tell that they do not."""

import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import qdrant_edge
import sqlalchemy as sa
import time_machine

from retrieval.index import filters
from tests.contract.index_kit import Directory as Fixed
from tests.contract.index_kit import mint
from tests.databases import copy_schema
from wenyuan import access
from wenyuan.access import (
    EVERYONE,
    AccessPolicy,
    Principal,
    Subject,
    SubjectKind,
    Visibility,
    Window,
    narrow,
    resolve_scope,
)
from wenyuan.db import documents as docs
from wenyuan.db.access.directory import create_group, create_user, set_members, update_user
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Connection, Database
from wenyuan.db.texts.matching import read_narrowed
from wenyuan.documents import SourceFile
from wenyuan.errors import Unauthenticated
from wenyuan.people.errors import ScopeTooLarge
from wenyuan.words.filters import Condition, FilterField

NOW = 1_000_000.0


@pytest.fixture
async def database(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Database]:
    opened = Database(copy_schema(migrated_sqlite, tmp_path))
    yield opened
    await opened.close()


class Seen:
    """A directory that says the same of everybody."""

    def __init__(self, policies: Iterable[int], epoch: int, *, active: bool = True) -> None:
        self._seen = Visibility(active=active, policy_ids=tuple(policies), epoch=epoch)

    async def visibility(self, user_id: str) -> Visibility:
        return self._seen


async def _scope(user: str, policies: Iterable[int], epoch: int) -> access.AccessScope:
    return await resolve_scope(Seen(policies, epoch), Principal(user, user))


async def test_what_is_kept_for_a_scope_is_kept_for_that_one_alone() -> None:
    given = [
        ("li", (1, 2), 7),
        ("han", (1, 2), 7),
        ("li", (1, 3), 7),
        ("li", (12,), 7),
        ("li", (1, 2), 8),
        ("li", (), 7),
    ]
    scopes = [await _scope(*one) for one in given]
    scopes += [narrow(scopes[0], ["doc_1"]), narrow(scopes[0], ["doc_2"]), narrow(scopes[0], [])]
    assert len({one.fingerprint for one in scopes}) == len(scopes)
    assert (await _scope("li", (2, 1), 7)).fingerprint == scopes[0].fingerprint


async def test_narrowing_only_takes_away() -> None:
    scope = narrow(await mint(1), ["a", "b"])
    assert narrow(scope, ["b", "c"]).documents == frozenset({"b"})
    assert narrow(scope, []).documents == frozenset()
    assert scope.policy_ids == narrow(scope, ["b"]).policy_ids


async def test_no_scope_for_who_is_not_in_force_nor_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unauthenticated):
        await resolve_scope(Seen((1,), 1, active=False), Principal("li", "li"))
    monkeypatch.setattr(access, "MAX_VISIBLE_POLICIES", 2)
    assert (await resolve_scope(Fixed((1, 2)), Principal("li", "li"))).policy_ids == (1, 2)
    with pytest.raises(ScopeTooLarge):
        await resolve_scope(Fixed((1, 2, 3)), Principal("li", "li"))


async def test_every_filter_says_policies_and_documents() -> None:
    scope = narrow(await mint(4, 5), ["doc_1"])
    assert not filters.sees_nothing(scope)
    assert len(filters.scope_filter(qdrant_edge, scope).must) == 2
    assert len(filters.scope_filter(qdrant_edge, await mint(4)).must) == 1
    points = filters.points_filter(qdrant_edge, scope, ["00000000-0000-0000-0000-000000000001"])
    assert len(points.must) == 3
    for nothing in (await mint(), narrow(scope, [])):
        assert filters.sees_nothing(nothing)
        with pytest.raises(ValueError, match="empty scope"):
            filters.scope_filter(qdrant_edge, nothing)


async def test_a_kept_answer_ends_with_a_change_and_with_a_window(database: Database) -> None:
    async with database.write() as tx:
        li = await create_user(tx, "li", "")
        policy = await create_policy(tx, AccessPolicy((EVERYONE,), window=Window(None, NOW + 10)))
    directory = Directory(database)
    with time_machine.travel(NOW, tick=False) as clock:
        assert (await directory.visibility(li.id)).policy_ids == (policy,)
        clock.move_to(NOW + 10)
        assert (await directory.visibility(li.id)).policy_ids == ()
        clock.move_to(NOW)
        assert (await directory.visibility(li.id)).policy_ids == (policy,)
        async with database.write() as tx:
            await update_user(tx, "li", active=False)
        assert not (await directory.visibility(li.id)).active


async def test_a_deletion_counts_as_a_change(database: Database) -> None:
    async with database.write() as tx:
        li = await create_user(tx, "li", "")
        await _document(tx, "doc_1", li.id, EVERYONE)
    before = await Directory(database).visibility(li.id)
    async with database.write() as tx:
        await docs.mark_deleted(tx, "doc_1")
    assert (await Directory(database).visibility(li.id)).epoch > before.epoch


async def test_a_group_is_not_a_user_of_the_same_id(database: Database) -> None:
    async with database.write() as tx:
        li = await create_user(tx, "li", "")
        mine, other = await create_group(tx, "mine"), await create_group(tx, "other")
        await set_members(tx, mine, [Subject(SubjectKind.USER, li.id)])
        await set_members(tx, other, [Subject(SubjectKind.USER, mine)])
        first = await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, mine),)))
        await create_policy(tx, AccessPolicy((Subject(SubjectKind.GROUP, other),)))
    assert (await Directory(database).visibility(li.id)).policy_ids == (first,)


async def test_a_condition_that_is_unknown_is_not_met(database: Database) -> None:
    """A damaged account, whose clearance is no number any more, reads nothing."""
    async with database.write() as tx:
        li = await create_user(tx, "li", "")
        await create_policy(tx, AccessPolicy((EVERYONE,)))
    path = str(database_file(database))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'clearance INTEGER NOT NULL', 'clearance INTEGER')"
        )
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE users SET clearance = NULL")
        connection.execute("UPDATE counters SET value = value + 1")
    assert (await Directory(database).visibility(li.id)).policy_ids == ()


def database_file(database: Database) -> Path:
    """Return the file of a database on SQLite."""
    return Path(sa.make_url(database.url).database or "")


async def test_conditions_of_a_question_look_at_what_the_reader_sees(database: Database) -> None:
    async with database.write() as tx:
        li = await create_user(tx, "li", "")
        await _document(tx, "doc_1", li.id, EVERYONE)
        await _document(tx, "doc_2", li.id, Subject(SubjectKind.USER, "usr_none"))
    scope = await resolve_scope(Directory(database), Principal(li.id, "li"))
    wanted = [Condition(FilterField.OWNER, "li")]
    assert (await database.run_read(read_narrowed, scope, wanted)).documents == frozenset({"doc_1"})


async def _document(tx: Connection, document: str, owner: str, reader: Subject) -> None:
    """Publish a document without text that one subject may read."""
    policy = await create_policy(tx, AccessPolicy((reader,)))
    space = (await create_space(tx, f"space {document}", "", AccessPolicy())).id
    await docs.create_document(tx, document, space_id=space, title=document, owner_id=owner, policy_id=policy)
    version = f"ver_{document}"
    await docs.want_version(tx, document, version, SourceFile("p", "f.md", version, 1, "text/markdown"))
    found = await docs.get_version(tx, version)
    assert found is not None
    await docs.publish_version(tx, found)
