"""Spaces: a policy for readers, grants for contributors and managers."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.readable import SUBJECTS, stands_for
from wenyuan.db.engine import Connection
from wenyuan.errors import AlreadyExists, UnknownName
from wenyuan.ids import new_id


class SpaceRole(StrEnum):
    """Actions in a space. Neither grants a look at text."""

    CONTRIBUTOR = "contributor"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Space:
    """A space; ``policy_id`` is the policy of documents uploaded without one of their own."""

    id: str
    name: str
    title: str
    policy_id: int


async def create_space(tx: Connection, name: str, title: str, readers: AccessPolicy) -> Space:
    """Create a space; raises ``AlreadyExists``."""
    if await tx.scalar(sa.select(t.spaces.c.id).where(t.spaces.c.name == name)):
        raise AlreadyExists(name=name)
    space = Space(new_id("spc"), name, title, await create_policy(tx, readers))
    await tx.execute(sa.insert(t.spaces).values(id=space.id, name=name, title=title, policy_id=space.policy_id))
    return space


async def find_space(tx: Connection, name: str) -> Space:
    """Return the space of that name; raises ``UnknownName``."""
    row = (await tx.execute(sa.select(t.spaces).where(t.spaces.c.name == name))).one_or_none()
    if row is None:
        raise UnknownName("space", name)
    return Space(row.id, row.name, row.title, row.policy_id)


async def get_space(tx: Connection, space_id: str) -> Space | None:
    """Return the space of that id, if there is one."""
    row = (await tx.execute(sa.select(t.spaces).where(t.spaces.c.id == space_id))).one_or_none()
    return None if row is None else Space(row.id, row.name, row.title, row.policy_id)


async def set_title(tx: Connection, space: Space, title: str) -> Space:
    """Give a space another title."""
    await tx.execute(sa.update(t.spaces).where(t.spaces.c.id == space.id).values(title=title))
    return dataclasses.replace(space, title=title)


async def list_spaces(tx: Connection) -> list[Space]:
    """Return every space by name."""
    rows = await tx.execute(sa.select(t.spaces).order_by(t.spaces.c.name))
    return [Space(row.id, row.name, row.title, row.policy_id) for row in rows]


async def set_grants(tx: Connection, space_id: str, role: SpaceRole, subjects: tuple[Subject, ...]) -> None:
    """Replace who holds a role in a space."""
    grant = t.space_grants
    await tx.execute(sa.delete(grant).where(grant.c.space_id == space_id, grant.c.role == role))
    rows = [
        {"space_id": space_id, "role": role, "subject_kind": subject.kind, "subject_id": subject.id}
        for subject in dict.fromkeys(subjects)
    ]
    if rows:
        await tx.execute(sa.insert(grant), rows)


async def read_grants(tx: Connection, space_id: str, role: SpaceRole) -> tuple[Subject, ...]:
    """Return who holds a role in a space."""
    grant = t.space_grants
    rows = await tx.execute(
        sa.select(grant)
        .where(grant.c.space_id == space_id, grant.c.role == role)
        .order_by(grant.c.subject_kind, grant.c.subject_id)
    )
    return tuple(Subject(SubjectKind(row.subject_kind), row.subject_id) for row in rows)


async def roles_in_spaces(tx: Connection, user_id: str) -> dict[str, frozenset[SpaceRole]]:
    """Return, by space id, the roles the user holds there, through groups included."""
    grant = t.space_grants
    rows = await tx.execute(
        sa.select(grant.c.space_id, grant.c.role)
        .join(SUBJECTS, sa.and_(SUBJECTS.c.kind == grant.c.subject_kind, SUBJECTS.c.id == grant.c.subject_id))
        .distinct(),
        stands_for(user_id),
    )
    found: dict[str, set[SpaceRole]] = {}
    for row in rows:
        found.setdefault(row.space_id, set()).add(SpaceRole(row.role))
    return {space: frozenset(roles) for space, roles in found.items()}
