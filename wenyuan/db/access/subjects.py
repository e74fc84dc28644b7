"""Between the names of subjects, which people write, and their ids, which policies keep; many at a time.

Not everybody may name anybody: whom a caller may not name looks like a name that nobody has.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.provisioning.bulk import select_in
from wenyuan.db.access.readable import SUBJECTS, stands_for
from wenyuan.db.engine import Connection
from wenyuan.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom a caller may name: anybody without ``circle_of``, else the circle of that user and those ``shown`` to them.

    The circle: oneself, everyone, the groups and departments that one belongs to with all below them, the people in
    those, and the roles in the company that these have.
    """

    circle_of: str | None
    shown: tuple[Subject, ...] = ()


ANYBODY: Final = Naming(None)


def subjects_in(policy: AccessPolicy) -> tuple[Subject, ...]:
    """Return everybody whom the entries of a policy name."""
    return (*policy.allow, *policy.deny, *(one.subject for one in policy.timed))


def _mine(kind: SubjectKind) -> sa.Select[str]:
    return sa.select(SUBJECTS.c.id).where(SUBJECTS.c.kind == kind.value)


def _groups() -> sa.Select[str]:
    below = _mine(SubjectKind.GROUP).cte("circle_groups", recursive=True)
    inner = t.group_members.c
    below = below.union(
        sa.select(inner.member_id)
        .join(below, below.c.id == inner.group_id)
        .where(inner.member_kind == SubjectKind.GROUP.value)
    )
    return sa.select(below.c.id)


def _departments() -> sa.Select[str]:
    below = _mine(SubjectKind.DEPARTMENT).cte("circle_departments", recursive=True)
    below = below.union(sa.select(t.departments.c.id).join(below, below.c.id == t.departments.c.parent_id))
    return sa.select(below.c.id)


def _people(user_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    member, seat = t.group_members.c, t.department_members.c
    in_groups = sa.select(member.member_id).where(
        member.member_kind == SubjectKind.USER.value, member.group_id.in_(_GROUPS)
    )
    in_departments = sa.select(seat.user_id).where(seat.department_id.in_(_DEPARTMENTS))
    return sa.or_(user_id.in_(_mine(SubjectKind.USER)), user_id.in_(in_groups), user_id.in_(in_departments))


_GROUPS: Final = _groups()
_DEPARTMENTS: Final = _departments()
#: What a row of users, groups, departments or roles of users must meet to be in the circle of ``stands_for``.
_IN_CIRCLE: Final[Mapping[SubjectKind, sa.ColumnElement[bool]]] = {
    SubjectKind.USER: _people(t.users.c.id),
    SubjectKind.GROUP: t.groups.c.id.in_(_GROUPS),
    SubjectKind.DEPARTMENT: t.departments.c.id.in_(_DEPARTMENTS),
    SubjectKind.ROLE: _people(t.user_roles.c.user_id),
}
#: Where ids and names stand. A role is its own name; everyone has neither.
_COLUMNS: Final[Mapping[SubjectKind, tuple[Any, Any]]] = {
    SubjectKind.USER: (t.users.c.id, t.users.c.name),
    SubjectKind.GROUP: (t.groups.c.id, t.groups.c.name),
    SubjectKind.DEPARTMENT: (t.departments.c.id, t.departments.c.name),
    SubjectKind.ROLE: (t.user_roles.c.role, t.user_roles.c.role),
}


async def find_subjects(tx: Connection, named: Iterable[tuple[SubjectKind, str]], may_name: Naming) -> list[Subject]:
    """Return the subjects of those kinds and names in their order; raises ``UnknownName`` for the first unknown one.

    A role is known when somebody holds it: a name that nobody holds would be a slip of the pen. Whom ``may_name``
    leaves out is unknown as well, and found out by the same statements.
    """
    wanted = list(named)
    known = {(one.kind, name): one.id for one, name in (await subject_names(tx, may_name.shown)).items() if name}
    known |= {(kind, name): "" for kind, name in wanted if kind is SubjectKind.EVERYONE}
    for kind, (key, column) in _COLUMNS.items():
        if names := {name for one, name in wanted if one is kind}:
            statement = sa.select(key.label("id"), column.label("name")).distinct()
            params = None
            if may_name.circle_of is not None:
                statement, params = statement.where(_IN_CIRCLE[kind]), stands_for(may_name.circle_of)
            known |= {(kind, row.name): row.id for row in await select_in(tx, statement, column, names, params)}
    for kind, name in wanted:
        if (kind, name) not in known:
            raise UnknownName(kind.value, name)
    return [Subject(kind, known[kind, name]) for kind, name in wanted]


async def subject_names(tx: Connection, subjects: Iterable[Subject]) -> dict[Subject, str]:
    """Return the name of each subject ('' for everyone or one that is gone)."""
    wanted = list(subjects)
    names = {one: one.id if one.kind is SubjectKind.ROLE else "" for one in wanted}
    for kind, (key, column) in _COLUMNS.items():
        ids = {one.id for one in wanted if one.kind is kind and not names[one]}
        for row in await select_in(tx, sa.select(key.label("id"), column.label("name")), key, ids):
            names[Subject(kind, row.id)] = row.name
    return names
