"""How a policy entry comes to name somebody: through groups in groups, up the tree of departments, by role."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import EVERYONE, Employment, Subject, SubjectKind, Window
from wenyuan.db import tables as t
from wenyuan.db.access.provisioning.bulk import BATCH
from wenyuan.db.engine import ReadConnection

Path = tuple[Subject, ...]
_NAMED: Final = {SubjectKind.USER: t.users, SubjectKind.GROUP: t.groups, SubjectKind.DEPARTMENT: t.departments}


@dataclass(frozen=True, slots=True)
class Reader:
    """An account as policies see it. ``paths``: each subject that names it, with the shortest way there, itself last.

    A way begins with the group, department or role that the person has directly; for the person it is the person.
    """

    id: str
    name: str
    display_name: str
    active: bool
    employment: Employment
    clearance: int
    window: Window
    compartments: frozenset[str] = frozenset()
    paths: Mapping[Subject, Path] = field(default_factory=dict)


def read_readers(tx: ReadConnection, user_ids: Iterable[str]) -> dict[str, Reader]:
    """Return the accounts of those ids that there are, in the order of the ids."""
    wanted = list(dict.fromkeys(user_ids))
    user, seat, role, held, member = (
        t.users,
        t.department_members,
        t.user_roles,
        t.user_compartments,
        t.group_members,
    )
    rows = {row.id: row for row in _where(tx, sa.select(user), user.c.id, wanted)}
    of_user = sa.select(member).where(member.c.member_kind == SubjectKind.USER.value)
    groups = _by(_where(tx, of_user, member.c.member_id, wanted), "member_id", "group_id")
    seats = _by(_where(tx, sa.select(seat), seat.c.user_id, wanted), "user_id", "department_id")
    roles = _by(_where(tx, sa.select(role), role.c.user_id, wanted), "user_id", "role")
    compartments = _by(_where(tx, sa.select(held), held.c.user_id, wanted), "user_id", "compartment")
    up_groups = _groups_above(tx, {one for found in groups.values() for one in found})
    up_departments = _departments_above(tx)
    found = {}
    for user_id in wanted:
        if user_id not in rows:
            continue
        row, itself = rows[user_id], Subject(SubjectKind.USER, user_id)
        paths: dict[Subject, Path] = {itself: (itself,), EVERYONE: (EVERYONE,)}
        paths |= _ways(SubjectKind.GROUP, groups[user_id], up_groups)
        paths |= _ways(SubjectKind.DEPARTMENT, seats[user_id], up_departments)
        paths |= _ways(SubjectKind.ROLE, roles[user_id], {})
        found[user_id] = Reader(
            user_id,
            row.name,
            row.display_name,
            row.active,
            Employment(row.employment),
            row.clearance,
            Window(row.valid_from, row.valid_until),
            frozenset(compartments[user_id]),
            paths,
        )
    return found


def names_of(tx: ReadConnection, subjects: Iterable[Subject]) -> dict[Subject, str]:
    """Return the name of each subject; '' for everyone, and for one that is gone."""
    wanted = list(dict.fromkeys(subjects))
    names = {one: one.id if one.kind is SubjectKind.ROLE else "" for one in wanted}
    for kind, table in _NAMED.items():
        ids = [one.id for one in wanted if one.kind is kind]
        for row in _where(tx, sa.select(table.c.id, table.c.name), table.c.id, ids):
            names[Subject(kind, row.id)] = row.name
    return names


def _ways(kind: SubjectKind, direct: Iterable[str], above: Mapping[str, Sequence[str]]) -> dict[Subject, Path]:
    """Return the shortest way to everything above; ties go to the smaller id, so that answers do not change."""
    ways: dict[Subject, Path] = {}
    reached: list[Path] = [(Subject(kind, one),) for one in sorted(direct)]
    while reached:
        following: list[Path] = []
        for path in reached:
            if path[-1] in ways:
                continue
            ways[path[-1]] = path
            following += [(*path, Subject(kind, one)) for one in sorted(above.get(path[-1].id, ()))]
        reached = following
    return ways


def _groups_above(tx: ReadConnection, start: set[str]) -> dict[str, list[str]]:
    """Return the groups that each group is a member of, as far up as it goes."""
    member = t.group_members
    inner = sa.select(member).where(member.c.member_kind == SubjectKind.GROUP.value)
    above: dict[str, list[str]] = {}
    level = set(start)
    while level:
        above |= {one: [] for one in level}
        for row in _where(tx, inner, member.c.member_id, sorted(level)):
            above[row.member_id].append(row.group_id)
        level = {outer for one in level for outer in above[one]} - above.keys()
    return above


def _departments_above(tx: ReadConnection) -> dict[str, list[str]]:
    """Return the department above each one, where that is one."""
    rows = list(tx.execute(sa.select(t.departments.c.id, t.departments.c.parent_id)))
    known = {row.id for row in rows}
    return {row.id: [row.parent_id] for row in rows if row.parent_id in known}


def _by(rows: Iterable[Any], key: str, value: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(getattr(row, value))
    return found


def _where(tx: ReadConnection, statement: sa.Select[Any], column: Any, values: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(values), BATCH):
        yield from tx.execute(statement.where(column.in_(values[start : start + BATCH])))
