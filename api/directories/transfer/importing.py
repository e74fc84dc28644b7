"""What an import comes to: compared with the directory as it is, everything or nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.directories.transfer.records import Listed, Read, Wrong
from wenyuan.access import Role
from wenyuan.db.access.provisioning.listed import Changes
from wenyuan.people.entries import EMPLOYED
from wenyuan.people.listing import ListedDepartment, ListedGroup, ListedUser, Listing


@dataclass(frozen=True, slots=True)
class _Known:
    departments: Mapping[str, ListedDepartment]
    users: Mapping[str, ListedUser]
    groups: Mapping[str, ListedGroup]


def compare(current: Listing, read: Read, levels: int) -> Changes:
    """Return what has to be written; what is wrong is added to ``read``. Nothing that is not named is touched.

    ``levels``: how many levels of classification there are.
    """
    known = _Known(
        {one.name: one for one in current.departments},
        {one.name: one for one in current.users},
        {one.name: one for one in current.groups},
    )
    changes = Changes()
    taken: set[tuple[type[Listed], str]] = set()
    names = {
        kind: {*table, *(one.name for _, one in read.records if isinstance(one, kind))}
        for kind, table in (
            (ListedDepartment, known.departments),
            (ListedUser, known.users),
            (ListedGroup, known.groups),
        )
    }
    for line, one in read.records:
        if (type(one), one.name.lower()) in taken:
            read.wrong.append(Wrong(line, "twice", one.name))
            continue
        taken.add((type(one), one.name.lower()))
        if isinstance(one, ListedUser) and one.clearance >= levels:
            read.wrong.append(Wrong(line, "value", f"clearance: {one.clearance}"))
            continue
        missing = _missing(one, names)
        if missing:
            read.wrong.append(Wrong(line, "unknown", missing[:120]))
            continue
        match one:
            case ListedDepartment():
                _sort_in(line, one, known.departments, changes.departments_new, changes.departments_changed, read)
            case ListedUser():
                _sort_in(line, one, known.users, changes.users_new, changes.users_changed, read)
            case ListedGroup():
                _sort_in(line, one, known.groups, changes.groups_new, changes.groups_changed, read)
    _require_tree(known, changes, read)
    _require_administrator(known, changes, read)
    return changes


def report(changes: Changes) -> dict[str, Any]:
    """Return counts and names of what an import creates and changes."""
    shown = {}
    for name in changes.__slots__:
        kind, _, what = name.partition("_")
        names = sorted(one.name for one in getattr(changes, name))
        shown[f"{kind}_{'created' if what == 'new' else what}"] = {"count": len(names), "names": names[:200]}
    return shown


def _sort_in(line: int, one: Any, known: Mapping[str, Any], new: list[Any], changed: list[Any], read: Read) -> None:
    """Add a record to those that are new or changed; what a directory provides has to stay as it is."""
    old = known.get(one.name)
    if old is None:
        new.append(one)
    elif old != one and old.directory is not None and _without_local(old) != _without_local(one):
        read.wrong.append(Wrong(line, "managed", f"{one.name} ({old.directory})"))
    elif old.directory is None and one.directory is not None:
        read.wrong.append(Wrong(line, "managed", f"{one.name} ({one.directory})"))
    elif old != one:
        changed.append(one)


def _without_local(one: Any) -> Any:
    """Return a record without what people here decide of an account that a directory provides."""
    if not isinstance(one, ListedUser):
        return one
    return replace(one, roles=(), clearance=0, compartments=(), valid_from=None, valid_until=None)


def _missing(one: Listed, names: Mapping[type[Any], Collection[str]]) -> str:
    wanted: list[tuple[type[Any], tuple[str, ...]]]
    match one:
        case ListedDepartment():
            wanted = [(ListedDepartment, () if one.parent is None else (one.parent,))]
        case ListedUser():
            wanted = [(ListedDepartment, one.departments)]
        case ListedGroup():
            wanted = [(ListedUser, one.users), (ListedGroup, one.groups)]
    return next((name for kind, listed in wanted for name in listed if name not in names[kind]), "")


def _require_tree(known: _Known, changes: Changes, read: Read) -> None:
    parents = {name: one.parent for name, one in known.departments.items()}
    parents |= {one.name: one.parent for one in [*changes.departments_new, *changes.departments_changed]}
    lines = {one.name: line for line, one in read.records if isinstance(one, ListedDepartment)}
    safe: set[str] = set()
    for name in parents:
        at: str | None = name
        seen: list[str] = []
        while at is not None and at not in safe:
            if at in seen:
                read.wrong.append(Wrong(lines.get(at, 1), "cycle", at))
                break
            seen.append(at)
            at = parents.get(at)
        safe.update(seen)


def _require_administrator(known: _Known, changes: Changes, read: Read) -> None:
    after = dict(known.users) | {one.name: one for one in [*changes.users_new, *changes.users_changed]}
    if any(map(_administers, known.users.values())) and not any(map(_administers, after.values())):
        lines = [line for line, one in read.records if isinstance(one, ListedUser) and not _administers(one)]
        read.wrong.append(Wrong(lines[0] if lines else 1, "administrator", "administrator"))


def _administers(user: ListedUser) -> bool:
    return user.active and user.employment in EMPLOYED and Role.ADMINISTRATOR in user.roles
