"""Previews of changes beside a world of the oracle: a change is foreseen, made on both sides, and compared.

The world knows which documents stand under which of its rules and which rules their parts have; the oracle says who
reads what before the change and after it. Nothing of what the product foresees is asked of the product.
"""

import dataclasses
import random
from dataclasses import dataclass, field
from typing import Final

from benchmarks.access.made.written import Difference, Written
from tests.oracle.policies import Rule, may_read
from tests.oracle.worlds import NOW, draw_rule
from wenyuan.access import AccessPolicy
from wenyuan.db import documents as docs
from wenyuan.db.access import directory
from wenyuan.db.access.parts import put_rules
from wenyuan.db.access.policies import create_policy, replace_policy
from wenyuan.db.access.review.gains import change_of_document, change_of_members, change_of_parts, change_of_policy
from wenyuan.db.access.review.weighing import Change
from wenyuan.db.access.spaces import create_space
from wenyuan.parts.rules import Selector

#: Gained, lost, gained in part, parts gained, parts lost.
Counts = tuple[int, int, int, int, int]
_HEADINGS: Final = ("薪酬", "名单", "附件")


@dataclass
class Filed:
    """A live document: the rule of the world it stands under, and those of its parts by heading."""

    id: str
    rule: int
    parts: dict[str, int] = field(default_factory=dict)


class Office:
    """A written world with documents."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.documents: list[Filed] = []
        #: Policies that others may stand below: those of spaces and folders.
        self.places = len(written.policies)

    @classmethod
    async def open(cls, written: Written, draw: random.Random) -> "Office":
        """File up to two documents under each policy, some with parts, some deleted."""
        office, tx = cls(written), written.tx
        owner = next(iter(written.ids.values()))
        space = await create_space(tx, f"s{written.policies[0]}", "", AccessPolicy())
        for rule in range(office.places):
            policy_id = written.policies[rule]
            for copy in range(draw.randint(0, 2)):
                one = Filed(f"doc_{policy_id}_{copy}", rule)
                await docs.create_document(tx, one.id, space_id=space.id, title="", owner_id=owner, policy_id=policy_id)
                await office._cut(one, office.draw_parts(one, draw))
                if draw.random() < 0.1:
                    await docs.mark_deleted(tx, one.id)
                else:
                    office.documents.append(one)
        return office

    def drawn(self, draw: random.Random, parent: int | None) -> Rule:
        """Return a rule that stands below another."""
        ids, world = self.written.ids, self.written.world
        names = {kind: [name for one, name in ids if one == kind] for kind in ("user", "group", "department")}
        roles = sorted(set().union(*(one.roles for one in world.people.values())) or {"none"})
        number = 0 if parent is None else parent + 1
        return dataclasses.replace(draw_rule(draw, names | {"role": roles, "everyone": [""]}, number), parent=parent)

    def draw_parts(self, one: Filed, draw: random.Random) -> dict[str, Rule]:
        """Return rules for some parts of a document, by heading."""
        return {name: self.drawn(draw, one.rule) for name in _HEADINGS if draw.random() < 0.4}

    def told(self) -> dict[str, tuple[set[str], set[tuple[str, str]]]]:
        """Return, for each person, the documents that the oracle lets them read, and the parts, as it stands."""
        world, found = self.written.world, {}
        for name in world.people:
            read = {number for number in range(len(world.rules)) if may_read(world, name, number, NOW)}
            documents = [one for one in self.documents if one.rule in read]
            parts = {
                (one.id, heading)
                for one in documents
                for heading in _HEADINGS
                if heading not in one.parts or one.parts[heading] in read
            }
            found[self.written.ids["user", name]] = ({one.id for one in documents}, parts)
        return found

    async def change(self, draw: random.Random) -> list[Change]:
        """Foresee one change, make it, and return what was foreseen."""
        kinds = [self._policy, self._members]
        kinds += [self._document, self._parts, self._parts] if self.documents else []
        return await draw.choice(kinds)(draw)

    async def _policy(self, draw: random.Random) -> list[Change]:
        written = self.written
        number = draw.randrange(self.places)
        rule = self.drawn(draw, written.world.rules[number].parent)
        policy_id, policy = written.policies[number], written.policy(rule)
        said = change_of_policy(written.tx.sync, policy_id, policy, written.above(rule), NOW)
        written.world.rules[number] = rule
        await replace_policy(written.tx, policy_id, policy)
        return said

    async def _document(self, draw: random.Random) -> list[Change]:
        written, one = self.written, draw.choice(self.documents)
        above = draw.randrange(self.places)
        own = None if draw.random() < 0.3 else self.drawn(draw, above)
        policy = None if own is None else written.policy(own)
        present, upper = written.policies[one.rule], written.policies[above]
        said = change_of_document(written.tx.sync, one.id, present, policy, upper, NOW)
        if own is None or policy is None:
            one.rule = above
        else:
            one.rule = self._add(own, await create_policy(written.tx, policy, upper))
        await docs.set_document_policy(written.tx, one.id, written.policies[one.rule])
        for number in one.parts.values():
            written.world.rules[number].parent = one.rule
        return said

    async def _parts(self, draw: random.Random) -> list[Change]:
        written, one = self.written, draw.choice(self.documents)
        parts = self.draw_parts(one, draw)
        wanted = [(Selector(heading=(name,)), written.policy(rule)) for name, rule in parts.items()]
        said = change_of_parts(written.tx.sync, one.id, written.policies[one.rule], wanted, NOW)
        await self._cut(one, parts)
        return said

    async def _members(self, draw: random.Random) -> list[Change]:
        written = self.written
        groups = [name for kind, name in written.ids if kind == "group"]
        members = {("user", one) for one in written.world.people if draw.random() < 0.5}
        members |= {("group", one) for one in groups if draw.random() < 0.2}
        name = draw.choice(groups)
        subjects = [written.subject(*one) for one in sorted(members)]
        said = change_of_members(written.tx.sync, written.ids["group", name], subjects, NOW)
        written.world.groups[name] = members
        await directory.set_members(written.tx, written.ids["group", name], subjects)
        return said

    async def _cut(self, one: Filed, parts: dict[str, Rule]) -> None:
        """Give a document these parts; nothing of what the world says of others changes."""
        written = self.written
        wanted = [(Selector(heading=(name,)), written.policy(rule)) for name, rule in parts.items()]
        stored = await put_rules(written.tx, one.id, written.policies[one.rule], wanted)
        ids = {rule.selector.heading[0]: rule.policy_id for rule in stored}
        known = {policy_id: number for number, policy_id in enumerate(written.policies)}
        for number in one.parts.values():
            written.world.rules[number] = Rule(parent=one.rule)
        one.parts = {}
        for name, rule in parts.items():
            kept = known.get(ids[name])
            one.parts[name] = self._add(rule, ids[name]) if kept is None else kept
            written.world.rules[one.parts[name]] = rule

    def _add(self, rule: Rule, policy_id: int) -> int:
        self.written.world.rules.append(rule)
        self.written.policies.append(policy_id)
        return len(self.written.policies) - 1


async def compare_preview(written: Written, draw: random.Random) -> int:
    """Foresee a change, make it, and compare with the oracle; returns the number of people compared."""
    office = await Office.open(written, draw)
    before, cut = office.told(), {one.id: set(one.parts) for one in office.documents}
    said = await office.change(draw)
    after = office.told()
    spoken = {(one.id, heading) for one in office.documents for heading in set(one.parts) | cut[one.id]}
    expected = {user: counts for user in before if any(counts := _counts(office, before[user], after[user], spoken))}
    found: dict[str, Counts] = {
        one.user_id: (one.gained, one.lost, one.partly, one.parts_gained, one.parts_lost) for one in said
    }
    if {one: found[one] for one in found.keys() & before.keys()} != expected:
        raise Difference(f"previewed {found}, came {expected}")
    return len(before)


def _counts(
    office: Office,
    before: tuple[set[str], set[tuple[str, str]]],
    after: tuple[set[str], set[tuple[str, str]]],
    spoken: set[tuple[str, str]],
) -> Counts:
    gained, lost = after[0] - before[0], before[0] - after[0]
    opened, closed = (after[1] - before[1]) & spoken, (before[1] - after[1]) & spoken
    parts = {one.id: {(one.id, heading) for heading in one.parts} for one in office.documents}
    partly = sum(not parts[one] <= after[1] for one in gained)
    return len(gained), len(lost), partly, len(opened), len(closed)
