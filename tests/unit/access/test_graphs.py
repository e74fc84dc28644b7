"""What the database decides on random graphs of people and policies is what an independent evaluator says."""

import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.access.made.written import Difference, Written, fresh
from tests.oracle.policies import Person, Rule, World
from tests.oracle.worlds import NOW, draw_world


async def compared(draw: random.Random) -> int:
    """Write a world, compare, change something, compare with the sets of before and anew."""
    with fresh() as tx:
        written = await Written.write(tx, draw_world(draw))
        count = written.compare()
        held = written.hold()
        await written.change(draw)
        return count + written.compare_held(held) + written.compare()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_decisions_are_the_oracles(seed: int) -> None:
    assert asyncio.run(compared(random.Random(seed))) > 0


def test_decisions_are_the_oracles_for_given_seeds() -> None:
    for seed in range(25):
        assert asyncio.run(compared(random.Random(seed))) > 0


def _world() -> World:
    """Li may read through a nested group, one level up, for a time, as staff, with a compartment."""
    world = World(people={"li": Person(clearance=2, compartments={"atlas"}, roles={"engineer"})})
    world.groups = {"outer": {("group", "inner")}, "inner": {("user", "li"), ("group", "outer")}}
    world.above, world.seats = {"head": None, "unit": "head"}, {"head": set(), "unit": {"li"}}
    world.rules = [
        Rule([("allow", "department", "head", (None, NOW + 1))], level=2, compartments={"atlas"}, staff_only=True),
        Rule([("deny", "role", "manager", (None, None))], inherits=True, parent=0),
        Rule([("allow", "group", "outer", (NOW, None))]),
    ]
    return world


CHANGES: dict[str, Callable[[World], object]] = {
    "level": lambda world: setattr(world.people["li"], "clearance", 1),
    "compartment": lambda world: world.people["li"].compartments.clear(),
    "external": lambda world: setattr(world.people["li"], "employment", "external"),
    "suspended": lambda world: setattr(world.people["li"], "employment", "suspended"),
    "disabled": lambda world: setattr(world.people["li"], "active", False),
    "role denied": lambda world: world.people["li"].roles.add("manager"),
    "seat": lambda world: world.seats["unit"].clear(),
    "tree": lambda world: world.above.update(unit=None),
    "account over": lambda world: setattr(world.people["li"], "span", (None, NOW)),
    "entry over": lambda world: world.rules[0].entries.__setitem__(0, ("allow", "department", "head", (None, NOW))),
    "policy not yet": lambda world: setattr(world.rules[0], "span", (NOW + 1, None)),
    "override": lambda world: setattr(world.rules[1], "inherits", False),
    "parent missing": lambda world: setattr(world.rules[1], "parent", None),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_each_condition_alone_takes_the_right_away(change: str) -> None:
    """The rules are met; one thing less and they are not, for the database as for the oracle."""
    for name, meant in (("", True), (change, False)):
        world = _world()
        if name:
            CHANGES[name](world)
        with fresh() as tx:
            written = await Written.write(tx, world)
            written.compare()
            assert (written.policies[1] in written.read("li", written.seen("li", NOW), NOW)) is meant


async def test_a_comparison_finds_what_is_different() -> None:
    with fresh() as tx:
        written = await Written.write(tx, _world())
        written.world.people["li"].clearance = 0
        with pytest.raises(Difference):
            written.compare()
