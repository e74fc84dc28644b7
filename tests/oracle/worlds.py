"""Random worlds: nesting, rings, denials, levels, compartments, windows around one moment, inheritance, oddities."""

import random

from tests.oracle.policies import OPEN, Person, Rule, Span, World

NOW = 1_000_000.0
#: The moments at which decisions are compared: the second before, the moment, the second after.
MOMENTS = (NOW - 1, NOW, NOW + 1)
DEEP = 40
_BOUNDS = (NOW - 2, NOW - 1, NOW, NOW + 1, NOW + 2)
_KINDS = ("user", "group", "group", "department", "role", "everyone")


def draw_world(draw: random.Random, mark: str = "") -> World:
    """Return a small world whose names end in ``mark``; one in thirty has deep nesting."""
    deep = draw.random() < 1 / 30
    people = [f"u{n}{mark}" for n in range(4)]
    groups = [f"g{n}{mark}" for n in range(DEEP if deep else 5)]
    departments = [f"d{n}{mark}" for n in range(DEEP if deep else 4)]
    roles = [f"r{n}{mark}" for n in range(2)]
    world = World()
    for name in people:
        world.people[name] = _person(draw, roles)
    for number, name in enumerate(groups):
        members = {("user", one) for one in people if draw.random() < (0.02 if deep else 0.3)}
        members |= {("group", one) for one in groups if draw.random() < (0.01 if deep else 0.2)}
        if deep and number:
            members.add(("group", groups[number - 1]))
        world.groups[name] = members
    for number, name in enumerate(departments):
        missing = [None, f"gone{mark}"]
        world.above[name] = departments[number - 1] if deep and number else draw.choice([*departments, *missing])
        world.seats[name] = {one for one in people if draw.random() < (0.05 if deep else 0.3)}
    names = {
        "user": people,
        "group": [*groups, f"gone{mark}"],
        "department": [*departments, f"gone{mark}"],
        "role": roles,
        "everyone": [""],
    }
    for number in range(DEEP if deep else draw.randint(2, 7)):
        world.rules.append(draw_rule(draw, names, number, deep=deep))
    return world


def draw_rule(draw: random.Random, names: dict[str, list[str]], number: int, *, deep: bool = False) -> Rule:
    """Return a policy that may stand below one of a lower number, or below none although it inherits."""
    entries: dict[tuple[str, str, str], Span] = {}
    for _ in range(draw.randint(0, 3)):
        kind = draw.choice(_KINDS)
        entries["allow", kind, draw.choice(names[kind])] = _span(draw)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        kind = draw.choice(_KINDS[:-1])
        entries["deny", kind, draw.choice(names[kind])] = _span(draw)
    inherits = draw.random() < (0.97 if deep else 0.5)
    above = number - 1 if deep else draw.randrange(number) if number else None
    return Rule(
        entries=[(*entry, span) for entry, span in entries.items()],
        level=draw.choice((0, 0, 0, 1, 2)),
        compartments={one for one in ("atlas", "borealis") if draw.random() < 0.1},
        staff_only=draw.random() < 0.1,
        span=_span(draw, 0.1),
        inherits=inherits,
        parent=None if draw.random() < 0.05 or not number else above,
    )


def _person(draw: random.Random, roles: list[str]) -> Person:
    return Person(
        active=draw.random() < 0.9,
        employment=draw.choice(("staff", "staff", "staff", "external", "suspended", "left")),
        clearance=draw.randint(0, 3),
        span=_span(draw, 0.15),
        compartments={one for one in ("atlas", "borealis") if draw.random() < 0.5},
        roles={one for one in roles if draw.random() < 0.4},
    )


def _span(draw: random.Random, share: float = 0.25) -> Span:
    if draw.random() >= share:
        return OPEN
    start, end = sorted(draw.sample(_BOUNDS, 2))
    return draw.choice(((start, end), (None, end), (start, None)))
