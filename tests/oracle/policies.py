"""An evaluator of policies that shares nothing with the product: plain data, plain loops, no index, no cache.

A world is written in names. Times are seconds; a window holds from its start and before its end. Whatever is missing
matches nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

Name = tuple[str, str]
Span = tuple[float | None, float | None]
OPEN: Span = (None, None)


@dataclass
class Person:
    """An account as the rules see it."""

    active: bool = True
    employment: str = "staff"
    clearance: int = 1
    span: Span = OPEN
    compartments: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


@dataclass
class Rule:
    """One policy: entries as (effect, kind, name, span), conditions, and the policy it stands below."""

    entries: list[tuple[str, str, str, Span]] = field(default_factory=list)
    level: int = 0
    compartments: set[str] = field(default_factory=set)
    staff_only: bool = False
    span: Span = OPEN
    inherits: bool = False
    parent: int | None = None


@dataclass
class World:
    """People, groups with members (kind, name), departments by parent with members, and policies by number."""

    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, set[Name]] = field(default_factory=dict)
    above: dict[str, str | None] = field(default_factory=dict)
    seats: dict[str, set[str]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)


def may_read(world: World, person: str, rule: int, now: float) -> bool:
    """Say whether a person may read under a policy at a time."""
    reader = world.people.get(person)
    if reader is None or not reader.active or reader.employment not in {"staff", "external"}:
        return False
    if not _during(reader.span, now):
        return False
    chain = list(_chain(world, rule))
    if None in chain:
        return False
    allowed = False
    for one in chain:
        assert one is not None
        if one.level > reader.clearance or not one.compartments <= reader.compartments:
            return False
        if one.staff_only and reader.employment != "staff":
            return False
        if not _during(one.span, now):
            return False
        for effect, kind, name, span in one.entries:
            if _during(span, now) and _is(world, person, kind, name):
                if effect != "allow":
                    return False
                allowed = True
    return allowed


def _during(span: Span, now: float) -> bool:
    start, end = span
    return (start is None or start <= now) and (end is None or now < end)


def _chain(world: World, number: int) -> Iterator[Rule | None]:
    """Yield the policy and those it inherits from; None for one that is missing or met twice."""
    passed: list[int] = []
    step: int | None = number
    while True:
        if step is None or not 0 <= step < len(world.rules) or step in passed:
            yield None
            return
        passed.append(step)
        yield world.rules[step]
        if not world.rules[step].inherits:
            return
        step = world.rules[step].parent


def _is(world: World, person: str, kind: str, name: str) -> bool:
    if kind == "everyone":
        return True
    if kind == "user":
        return name == person
    if kind == "role":
        return name in world.people[person].roles
    if kind == "group":
        return person in _people_of(world, name, set())
    if kind == "department":
        return person in _people_below(world, name)
    return False


def _people_of(world: World, group: str, passed: set[str]) -> set[str]:
    """Return everybody in a group: walked from the group down, where the product walks from the person up."""
    if group in passed or group not in world.groups:
        return set()
    passed.add(group)
    found: set[str] = set()
    for kind, name in world.groups[group]:
        found |= {name} if kind == "user" else _people_of(world, name, passed)
    return found


def _people_below(world: World, department: str) -> set[str]:
    """Return everybody in a department and below it, found by asking of each department whether it stands below."""
    if department not in world.above:
        return set()
    found: set[str] = set()
    for one in world.above:
        step: str | None = one
        passed: set[str] = set()
        while step is not None and step in world.above and step not in passed:
            if step == department:
                found |= world.seats.get(one, set())
                break
            passed.add(step)
            step = world.above[step]
    return found
