"""A world of the oracle written into a database by the product's own functions, and compared with it."""

import contextlib
import dataclasses
import functools
import random
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from tests.oracle.policies import Name, Rule, World, may_read
from tests.oracle.worlds import MOMENTS, draw_rule
from wenyuan.access import (
    ALWAYS,
    AccessPolicy,
    Effect,
    Employment,
    Subject,
    SubjectKind,
    Timed,
    Visibility,
    Window,
)
from wenyuan.db import tables as t
from wenyuan.db.access import departments, directory, readable
from wenyuan.db.access.policies import bump_epoch, create_policy, move_policy, replace_policy
from wenyuan.db.schema.base import metadata

_ASKED: Final = sa.select(t.policies.c.id).where(
    t.policies.c.id.in_(sa.bindparam("asked", expanding=True)), readable.may_read(t.policies.c.id)
)


class Difference(AssertionError):
    """The database decided what the oracle did not."""


class AtOnce:
    """A connection whose statements are awaited but run at once: the product's functions without a change of thread."""

    def __init__(self, connection: sa.Connection) -> None:
        self.sync = connection

    def get_execution_options(self) -> Any:
        """Return those of the connection, which say with what its rows are sealed."""
        return self.sync.get_execution_options()

    async def execute(self, *given: Any) -> Any:
        """Run a statement."""
        return self.sync.execute(*given)

    async def scalar(self, *given: Any) -> Any:
        """Run a statement and return its first value."""
        return self.sync.scalar(*given)

    async def scalars(self, *given: Any) -> Any:
        """Run a statement and return its first column."""
        return self.sync.scalars(*given)


@functools.cache
def _engine() -> sa.Engine:
    """Return an engine that compiles statements once; each connection is a database of its own, with the schema."""
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    metadata.create_all(made)
    with made.connect() as connection:
        driver: Any = connection.connection.driver_connection
        schema = driver.serialize()

    def copied() -> sqlite3.Connection:
        own = sqlite3.connect(":memory:")
        own.deserialize(schema)
        return own

    made.dispose()
    return sa.create_engine("sqlite://", creator=copied, poolclass=sa.pool.NullPool)


@contextlib.contextmanager
def fresh() -> Iterator[Any]:
    """Yield an empty database in memory with the schema of the product."""
    with _engine().connect() as connection:
        yield AtOnce(connection)


@dataclass
class Written:
    """A world and the ids that its names have in the database."""

    tx: Any
    world: World
    ids: dict[Name, str] = field(default_factory=dict)
    policies: list[int] = field(default_factory=list)

    @classmethod
    async def write(cls, tx: Any, world: World) -> "Written":
        """Write the world."""
        written = cls(tx, world)
        await written._write_people()
        for rule in world.rules:
            written.policies.append(await create_policy(tx, written.policy(rule), written.above(rule)))
        return written

    def policy(self, rule: Rule) -> AccessPolicy:
        """Return the product's policy for a rule."""
        entries = [
            Timed(Effect(effect), self.subject(kind, name), Window(*span)) for effect, kind, name, span in rule.entries
        ]
        always: dict[Effect, list[Subject]] = {Effect.ALLOW: [], Effect.DENY: []}
        for one in entries:
            if one.window == ALWAYS:
                always[one.effect].append(one.subject)
        return AccessPolicy(
            tuple(always[Effect.ALLOW]),
            tuple(always[Effect.DENY]),
            rule.level,
            tuple(one for one in entries if one.window != ALWAYS),
            frozenset(rule.compartments),
            rule.staff_only,
            Window(*rule.span),
            rule.inherits,
        )

    def subject(self, kind: str, name: str) -> Subject:
        """Return the subject of a name; what is not there keeps a name that no id is equal to."""
        return Subject(SubjectKind(kind), self.ids.get((kind, name), name))

    def above(self, rule: Rule) -> int | None:
        """Return the id of the policy that a rule stands below."""
        return None if rule.parent is None else self.policies[rule.parent]

    async def _write_people(self) -> None:
        tx, world = self.tx, self.world
        for name, person in world.people.items():
            user = await directory.create_user(tx, name, "", clearance=person.clearance)
            self.ids["user", name] = user.id
            employment, window = Employment(person.employment), Window(*person.span)
            await directory.update_user(tx, name, active=person.active, employment=employment, window=window)
            await directory.set_company_roles(tx, user.id, person.roles)
            await directory.set_compartments(tx, user.id, person.compartments)
        for name in world.groups:
            self.ids["group", name] = await directory.create_group(tx, name)
        for name, members in world.groups.items():
            await directory.set_members(tx, self.ids["group", name], self._subjects(members))
        for name in world.above:
            self.ids["department", name] = (await departments.create_department(tx, name)).id
        for name, above in world.above.items():
            # Rings and missing parents are refused by the functions, and decided on all the same.
            await bump_epoch(tx)
            parent = None if above is None else self.ids.get(("department", above), above)
            one = self.ids["department", name]
            await tx.execute(sa.update(t.departments).where(t.departments.c.id == one).values(parent_id=parent))
            seats = [self.ids["user", person] for person in world.seats[name]]
            await departments.set_department_members(tx, one, seats)

    def _subjects(self, members: Iterable[Name]) -> list[Subject]:
        return [self.subject(kind, name) for kind, name in members]

    def hold(self) -> dict[str, Visibility]:
        """Return what the directory says of everybody at the first moment."""
        return {name: self.seen(name, MOMENTS[0]) for name in self.world.people}

    def compare(self) -> int:
        """Compare the directory, and reads that trust it, at every moment; returns the number of decisions."""
        count = 0
        for name in self.world.people:
            held = [self.seen(name, moment) for moment in MOMENTS]
            for number, (moment, seen) in enumerate(zip(MOMENTS, held, strict=True)):
                told = self.told(name, moment)
                self._equal(set(seen.policy_ids) & set(self.policies), told, name, moment, "directory")
                # A set of another moment: trusted where no window opens or closes in between.
                self._equal(self.read(name, held[number - 1], moment), told, name, moment, "read")
                count += 2 * len(self.policies)
        return count

    def compare_held(self, held: dict[str, Visibility]) -> int:
        """Compare reads with what the directory had said before a change; returns the number of decisions."""
        for name, seen in held.items():
            for moment in MOMENTS:
                self._equal(self.read(name, seen, moment), self.told(name, moment), name, moment, "overtaken")
        return len(held) * len(MOMENTS) * len(self.policies)

    async def change(self, draw: random.Random) -> None:
        """Change one thing in the world and in the database."""
        await draw.choice((self._change_rule, self._change_group, self._change_person, self._change_place))(draw)

    async def _change_rule(self, draw: random.Random) -> None:
        number = draw.randrange(len(self.world.rules))
        names = {kind: [name for one, name in self.ids if one == kind] for kind in ("user", "group", "department")}
        names |= {"role": sorted(set().union(*(one.roles for one in self.world.people.values())) or {"none"})}
        rule = dataclasses.replace(
            draw_rule(draw, names | {"everyone": [""]}, number), parent=self.world.rules[number].parent
        )
        self.world.rules[number] = rule
        await replace_policy(self.tx, self.policies[number], self.policy(rule))

    async def _change_group(self, draw: random.Random) -> None:
        name = draw.choice(sorted(self.world.groups))
        people = [("user", one) for one in self.world.people if draw.random() < 0.4]
        self.world.groups[name] = {*people, ("group", draw.choice(sorted(self.world.groups)))}
        await directory.set_members(self.tx, self.ids["group", name], self._subjects(self.world.groups[name]))

    async def _change_person(self, draw: random.Random) -> None:
        name = draw.choice(sorted(self.world.people))
        person = self.world.people[name]
        person.clearance, person.employment = draw.randint(0, 3), draw.choice(("staff", "external", "left"))
        person.compartments = {one for one in ("atlas", "borealis") if draw.random() < 0.5}
        employment = Employment(person.employment)
        await directory.update_user(self.tx, name, clearance=person.clearance, employment=employment)
        await directory.set_compartments(self.tx, self.ids["user", name], person.compartments)

    async def _change_place(self, draw: random.Random) -> None:
        number = draw.randrange(len(self.world.rules))
        rule = self.world.rules[number]
        rule.parent = draw.randrange(number) if number else None
        await move_policy(self.tx, self.policies[number], self.above(rule))

    def told(self, name: str, moment: float) -> set[int]:
        """Return the policies under which the oracle lets somebody read."""
        return {one for n, one in enumerate(self.policies) if may_read(self.world, name, n, moment)}

    def seen(self, name: str, moment: float) -> Visibility:
        """Return what the directory says of somebody."""
        return readable.read_visible(self.tx.sync, self.ids["user", name], moment)

    def read(self, name: str, seen: Visibility, moment: float) -> set[int]:
        """Return the policies under which a read lets somebody read who brings ``seen`` along."""
        given = readable.read_with(self.ids["user", name], seen, moment)
        return set(self.tx.sync.scalars(_ASKED, {"asked": self.policies} | given))

    def _equal(self, decided: set[int], told: set[int], name: str, moment: float, how: str) -> None:
        if decided != told:
            raise Difference(f"{how} of {name} at {moment}: decided {decided}, oracle {told}, of {self.policies}")
