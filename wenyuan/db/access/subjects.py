"""Between the names of subjects, which people write, and their ids, which policies keep; many at a time."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from wenyuan.access import Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.provisioning.bulk import select_in
from wenyuan.db.engine import Connection
from wenyuan.errors import UnknownName

#: The kinds whose subjects have an id and a name. A role is its own name, and everyone has neither.
_TABLES: Final = {
    SubjectKind.USER: t.users,
    SubjectKind.GROUP: t.groups,
    SubjectKind.DEPARTMENT: t.departments,
}


async def find_subjects(tx: Connection, named: Iterable[tuple[SubjectKind, str]]) -> list[Subject]:
    """Return the subjects of those kinds and names in their order; raises ``UnknownName`` for the first unknown one.

    A role is known when somebody holds it: a name that nobody holds would be a slip of the pen.
    """
    wanted = list(named)
    known: dict[SubjectKind, dict[str, str]] = {}
    for kind in {kind for kind, _ in wanted}:
        names = {name for one, name in wanted if one is kind}
        if kind is SubjectKind.EVERYONE:
            known[kind] = dict.fromkeys(names, "")
        elif kind is SubjectKind.ROLE:
            role = t.user_roles.c.role
            known[kind] = {row.role: row.role for row in await select_in(tx, sa.select(role).distinct(), role, names)}
        else:
            table = _TABLES[kind]
            rows = await select_in(tx, sa.select(table.c.id, table.c.name), table.c.name, names)
            known[kind] = {row.name: row.id for row in rows}
    for kind, name in wanted:
        if name not in known[kind]:
            raise UnknownName(kind.value, name)
    return [Subject(kind, known[kind][name]) for kind, name in wanted]


async def find_subject(tx: Connection, kind: SubjectKind, name: str) -> Subject:
    """Return the subject of that kind and name; raises ``UnknownName``."""
    return (await find_subjects(tx, [(kind, name)]))[0]


async def subject_names(tx: Connection, subjects: Iterable[Subject]) -> dict[Subject, str]:
    """Return the name of each subject ('' for everyone or one that is gone)."""
    wanted = list(subjects)
    names = {one: one.id if one.kind is SubjectKind.ROLE else "" for one in wanted}
    for kind, table in _TABLES.items():
        ids = {one.id for one in wanted if one.kind is kind}
        for row in await select_in(tx, sa.select(table.c.id, table.c.name), table.c.id, ids):
            names[Subject(kind, row.id)] = row.name
    return names
