"""A document in quarantine, on both databases: gone for readers, there for those who manage it."""

from wenyuan.access import EVERYONE, AccessPolicy, Principal, Role, Subject, SubjectKind, resolve_scope
from wenyuan.db import documents as docs
from wenyuan.db.access import directory
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.review.reports import view_of
from wenyuan.db.access.spaces import SpaceRole, create_space, set_grants
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database
from wenyuan.db.guard.quarantine import put_in_quarantine, release

READERS = AccessPolicy((EVERYONE,))


async def test_those_who_manage_a_document_still_see_it(database: Database) -> None:
    names = ("reader", "manager", "contributor", "owner", "former", "admin")
    async with database.write() as tx:
        people = {
            name: await directory.create_user(
                tx, name, "", frozenset({Role.ADMINISTRATOR} if name == "admin" else ()), 1
            )
            for name in names
        }
        group = await directory.create_group(tx, "managers")
        await directory.set_members(tx, group, [Subject(SubjectKind.USER, people["manager"].id)])
        space = await create_space(tx, "s", "", READERS)
        await set_grants(tx, space.id, SpaceRole.MANAGER, (Subject(SubjectKind.GROUP, group),))
        members = tuple(Subject(SubjectKind.USER, people[name].id) for name in ("contributor", "owner"))
        await set_grants(tx, space.id, SpaceRole.CONTRIBUTOR, members)
        other = await create_space(tx, "other", "", READERS)
        await set_grants(tx, other.id, SpaceRole.MANAGER, (Subject(SubjectKind.USER, people["reader"].id),))
        for name, owner, policy in (
            ("doc_1", "owner", READERS),
            ("doc_2", "former", READERS),
            ("doc_3", "owner", None),
        ):
            policy_id = await create_policy(tx, policy or AccessPolicy())
            owner_id = people[owner].id
            await docs.create_document(tx, name, space_id=space.id, title=name, owner_id=owner_id, policy_id=policy_id)

    async def seen() -> dict[str, list[str]]:
        found = {}
        for name, person in people.items():
            scope = await resolve_scope(Directory(database), Principal(person.id, name))
            async with database.read() as tx:
                listed = [one.id for one in await docs.load_documents(scope, tx, None, None, 10)]
                opened = [one for one in ("doc_1", "doc_2", "doc_3") if await docs.load_document(scope, tx, one)]
            view = await database.run_read(view_of, person.id, scope, 0.0, None, "", 10)
            assert sorted(listed) == opened == [one.id for one in view.documents if one.title], name
            found[name] = opened
        return found

    everything = {name: ["doc_1", "doc_2"] for name in names}
    assert await seen() == everything
    async with database.write() as tx:
        for name in ("doc_1", "doc_2", "doc_3"):
            await put_in_quarantine(tx, name, people["admin"].id, "poisoned")
    assert await seen() == {
        "reader": [],
        "manager": ["doc_1", "doc_2"],
        "contributor": [],
        "owner": ["doc_1"],
        "former": [],  # owns one, and has no role in its space any more
        "admin": ["doc_1", "doc_2"],  # and not what no policy lets them read
    }
    async with database.write() as tx:
        for name in ("doc_1", "doc_2", "doc_3"):
            await release(tx, name)
    assert await seen() == everything
