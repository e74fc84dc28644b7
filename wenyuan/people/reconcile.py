"""What follows from a new state of a directory: a pure comparison with what it provided before."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from wenyuan.people.entries import (
    EMPLOYED,
    NAME_CHARS,
    Department,
    DirectoryState,
    Person,
    PersonGroup,
    is_plain,
)
from wenyuan.people.errors import DirectorySafetyStop

_FEW = 5
"""Accounts that may always be disabled: a share of a handful would stop at every leaver."""
_TOLD = 200
"""Names of each kind, and issues, in a report."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a directory provides now, by external id, each with our id; and names that others hold."""

    people: Mapping[str, tuple[str, Person]]
    groups: Mapping[str, tuple[str, PersonGroup]]
    departments: Mapping[str, tuple[str, Department, str]]
    taken_accounts: Mapping[str, str | None]
    """Folded names of accounts of others; the id where it may be adopted."""
    taken_groups: Collection[str]
    taken_departments: Collection[str]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that was passed over, and why: ``taken``, ``invalid``, ``dangling``."""

    kind: str
    name: str
    reason: str


@dataclass(slots=True)
class Plan:
    """What to do. People and groups carry external ids; ``*_new`` are unknown so far."""

    people_new: list[Person] = field(default_factory=list)
    people_adopted: list[tuple[str, Person]] = field(default_factory=list)
    people_changed: list[tuple[str, Person, Person]] = field(default_factory=list)
    people_gone: list[tuple[str, Person]] = field(default_factory=list)
    people_replaced: list[str] = field(default_factory=list)
    """Ids of accounts that are gone and whose names belong to others now."""
    groups_new: list[PersonGroup] = field(default_factory=list)
    groups_changed: list[tuple[str, PersonGroup, PersonGroup]] = field(default_factory=list)
    groups_gone: list[tuple[str, PersonGroup]] = field(default_factory=list)
    departments_new: list[tuple[Department, str]] = field(default_factory=list)
    departments_changed: list[tuple[str, Department, str]] = field(default_factory=list)
    departments_gone: list[tuple[str, Department]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def disabled(self) -> int:
        """How many accounts that are in use now would not be afterwards."""
        ended = sum(1 for _, old, new in self.people_changed if _in_use(old) and not _in_use(new))
        return ended + sum(1 for _, old in self.people_gone if _in_use(old))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(
            (
                *(self.people_new, self.people_adopted, self.people_changed, self.people_gone),
                *(self.groups_new, self.groups_changed, self.groups_gone),
                *(self.departments_new, self.departments_changed, self.departments_gone),
            )
        )


def reconcile(known: Known, state: DirectoryState) -> Plan:
    """Return what makes the accounts those of ``state``. What other directories or people here made stays as it is."""
    plan = Plan()
    _people(known, state, plan)
    _groups(known, state, plan)
    _departments(known, state, plan)
    return plan


def require_safe(known: Known, plan: Plan, share: float, confirmed: int) -> None:
    """Raise ``DirectorySafetyStop`` when more than ``share`` would lose access and nobody confirmed that many."""
    total = sum(1 for _, person in known.people.values() if _in_use(person))
    accounts, groups = plan.disabled, len(plan.groups_gone)
    lost = max(accounts - max(_FEW, share * total), groups - max(_FEW, share * len(known.groups)))
    if lost > 0 and max(accounts, groups) > confirmed:
        raise DirectorySafetyStop(accounts=accounts, groups=groups, total=total)


def _people(known: Known, state: DirectoryState, plan: Plan) -> None:
    names: dict[str, str] = {person.name.lower(): key for key, (_, person) in known.people.items()}
    exist = {one.external_id for one in state.people} if state.present is None else state.present.people
    gone = {key for key in known.people if key not in exist}
    departments = _departments_after(known, state)
    for told in state.people:
        person = replace(told, departments=_resolved(told.departments, departments))
        old = known.people.get(person.external_id)
        folded = person.name.lower()
        holder = names.get(folded)
        problem = "" if _sayable(person.name) and "/" not in person.name else "invalid"
        if not problem and holder not in {None, person.external_id} and holder not in gone:
            problem = "taken"
        adoptable = known.taken_accounts.get(folded) if old is None and not problem else None
        if not problem and folded in known.taken_accounts and adoptable is None:
            problem = "taken"
        if problem:
            plan.issues.append(Issue("user", person.name, problem))
            if old is None:
                continue
            person = replace(person, name=old[1].name)  # whoever is known stays so by name; all else still holds
        if holder in gone and holder != person.external_id and not problem:
            plan.people_replaced.append(known.people[holder or ""][0])
        names[person.name.lower()] = person.external_id
        if adoptable is not None:
            plan.people_adopted.append((adoptable, person))
        elif old is None:
            plan.people_new.append(person)
        elif _differs(old[1], person):
            plan.people_changed.append((old[0], old[1], person))
    lost = (known.people[key] for key in gone if known.people[key][1].active)
    plan.people_gone = sorted(lost, key=lambda one: one[1].name)


def _differs(old: Person, new: Person) -> bool:
    """Whether a person changed in what the directory tells."""
    kept = {name: getattr(old, name) for name in ("departments", "roles") if getattr(new, name) is None}
    return old != replace(new, **kept)


def _resolved(departments: tuple[str, ...] | None, known: Collection[str]) -> tuple[str, ...] | None:
    return None if departments is None else tuple(sorted({key for key in departments if key in known}))


def _departments_after(known: Known, state: DirectoryState) -> set[str]:
    told = {one.external_id for one in state.departments}
    return told if state.present is None else told | (set(known.departments) & state.present.departments)


def _groups(known: Known, state: DirectoryState, plan: Plan) -> None:
    exist = {group.external_id for group in state.groups} if state.present is None else state.present.groups
    gone = {key for key in known.groups if key not in exist}
    used = set(known.taken_groups)
    kept = {key: old.name for key, (_, old) in known.groups.items() if key not in gone}
    told = {group.external_id for group in state.groups}
    used |= {name.lower() for key, name in kept.items() if key not in told}
    people = set(known.people) | {one.external_id for one in plan.people_new}
    people |= {one.external_id for _, one in plan.people_adopted}
    if state.present is None:
        people &= {one.external_id for one in state.people}
    else:
        people &= state.present.people
    for listed in state.groups:
        group = replace(listed, people=listed.people & people, groups=(listed.groups & exist) - {listed.external_id})
        if not _sayable(group.name):
            plan.issues.append(Issue("group", group.name, "invalid"))
            if group.external_id not in known.groups:
                continue
            group = replace(group, name=known.groups[group.external_id][1].name)
        name = _free_name(group.name, group.external_id, used)
        used.add(name.lower())
        if name != group.name:
            plan.issues.append(Issue("group", group.name, "renamed"))
            group = replace(group, name=name)
        old = known.groups.get(group.external_id)
        if old is None:
            plan.groups_new.append(group)
        elif old[1] != group:
            plan.groups_changed.append((old[0], old[1], group))
    plan.groups_gone = sorted((known.groups[key] for key in gone), key=lambda one: one[1].name)


def _departments(known: Known, state: DirectoryState, plan: Plan) -> None:
    told = {one.external_id: one for one in state.departments}
    exist = set(told) if state.present is None else set(state.present.departments)
    tree = {key: old for key, (_, old, _) in known.departments.items() if key in exist} | told
    names = department_names(tree, known.taken_departments)
    for key, listed in tree.items():
        one = listed if listed.parent in tree else replace(listed, parent=None)
        old = known.departments.get(key)
        if old is None:
            plan.departments_new.append((one, names[key]))
        elif old[1:] != (one, names[key]):
            plan.departments_changed.append((old[0], one, names[key]))
    plan.departments_gone = [old[:2] for key, old in known.departments.items() if key not in exist]


def department_names(tree: Mapping[str, Department], taken: Collection[str]) -> dict[str, str]:
    """Return a unique name for each department: the titles on the way to it. A cycle is cut where it closes."""
    names: dict[str, str] = {}
    used = {name.lower() for name in taken}
    for key in sorted(tree):
        titles, at, seen = [], key, set()
        while at in tree and at not in seen:
            seen.add(at)
            titles.append(tree[at].title.replace("/", "／") or at)
            at = tree[at].parent or ""
        names[key] = _free_name("·".join(reversed(titles)), key, used)
        used.add(names[key].lower())
    return names


def _free_name(name: str, external_id: str, used: Collection[str]) -> str:
    if len(name) <= NAME_CHARS and name.lower() not in used:
        return name
    mark = hashlib.sha256(external_id.encode()).hexdigest()
    length = 8
    while (made := f"{name[: NAME_CHARS - length - 1]}~{mark[:length]}").lower() in used:
        length += 4
    return made


def _in_use(person: Person) -> bool:
    return person.active and person.employment in EMPLOYED


def _sayable(name: str) -> bool:
    return 0 < len(name) <= NAME_CHARS and is_plain(name) and name == name.strip()


def summary(plan: Plan) -> dict[str, object]:
    """Return counts and the first names of what a plan does, for a report."""
    named: Iterable[tuple[str, list[str]]] = (
        ("users_created", [one.name for one in plan.people_new]),
        ("users_adopted", [one.name for _, one in plan.people_adopted]),
        ("users_changed", [new.name for _, _, new in plan.people_changed]),
        ("users_disabled", _ended(plan)),
        ("groups_created", [one.name for one in plan.groups_new]),
        ("groups_changed", [new.name for _, _, new in plan.groups_changed]),
        ("groups_removed", [one.name for _, one in plan.groups_gone]),
        ("departments_created", [name for _, name in plan.departments_new]),
        ("departments_changed", [name for _, _, name in plan.departments_changed]),
        ("departments_removed", [one.title for _, one in plan.departments_gone]),
    )
    issues = [{"kind": one.kind, "name": one.name[:NAME_CHARS], "reason": one.reason} for one in plan.issues[:_TOLD]]
    changes = {key: {"count": len(names), "names": names[:_TOLD]} for key, names in named}
    return {"changes": changes, "issues": issues, "issue_count": len(plan.issues)}


def _ended(plan: Plan) -> list[str]:
    changed = [new.name for _, old, new in plan.people_changed if _in_use(old) and not _in_use(new)]
    return changed + [one.name for _, one in plan.people_gone if _in_use(one)]
