"""Stored conversations after rights were taken away and documents deleted: nothing of them is shown.

``python -m benchmarks.access.histories [--conversations 5000] [--people 8] [--documents 24] [--asked-on 500] [--seed 1]
[--models]``. People ask about what they may read, in conversations that are stored and shared with others. Then rights
are taken away in every way there is, of documents and of parts of them, and documents are deleted. Then every
conversation is shown, exported in both forms and listed, to its owner and to whom it is shared with, and some are
continued. The oracle says whose words each may be shown; every byte that leaves is searched, with ``--models`` those
put to models too. Exit code 1 at the first leak, or when nothing was hidden or nothing shown.
"""

import argparse
import itertools
import random
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from tests.oracle.policies import OPEN as _OPEN
from tests.oracle.policies import Rule, Span
from tests.security.proof.company import Company, Hub
from wenyuan.machine import machine_line

_EXPORTS: Final = ("", "/export?format=md", "/export?format=json")


@dataclass
class Outcome:
    """What was stored and looked at; a leak ends the run."""

    stored: int = 0
    told: int = 0
    looks: int = 0
    redacted: int = 0
    shown: int = 0
    continued: int = 0


class Histories(Company):
    """A company of a size, with conversations by id: whose each is, and with whom it is shared."""

    GROUPS, DEPARTMENTS, FOLDERS = 4, 3, 4

    def __init__(self, hub: Hub, draw: random.Random, people: int, documents: int) -> None:
        self.PEOPLE = people
        self._hidden: dict[str, tuple[list[str], list[str]]] = {}
        super().__init__(hub)
        self.draw = draw
        self.talks: dict[str, tuple[str, str]] = {}
        self.outcome = Outcome()
        everybody = sorted(self.people)
        for name in self.world.groups:
            self._set_group(name, set(draw.sample(everybody, max(2, people // 2))))
        for number, name in enumerate(self.world.seats):
            held = everybody[number :: self.DEPARTMENTS]
            self.act("PATCH", f"/v1/departments/{name}", json={"members": held})
            self.world.seats[name] = set(held)
        placed = [(draw.choice([None, *self.folders]), number) for number in range(documents)]
        for document in self.upload_together(placed):
            self._say(document, self._permission())
        self._hidden = {}

    def hidden_from(self, person: str) -> tuple[list[str], list[str]]:
        """Return what the company does, once for everybody between two changes: no window opens or closes here."""
        if person not in self._hidden:
            self._hidden[person] = super().hidden_from(person)
        return self._hidden[person]

    def act(self, method: str, path: str, **given: Any) -> None:
        """Have the administrator change something."""
        self._hidden = {}
        super().act(method, path, **given)

    def talk(self) -> None:
        """Have somebody ask about something they may read, in a conversation that is shared."""
        draw = self.draw
        owner, viewer = draw.sample(sorted(self.people), 2)
        mine = sorted(self.readable(owner)) or sorted(self.rule_of)
        number = list(self.canaries).index(draw.choice(mine))
        talk = self.ask(owner, "POST", "/v1/conversations", json={})["id"]
        question = draw.choice((f"第{number}号项目的验收口令是什么？", f"第{number}号项目的备用验收口令是什么？"))
        answer = self._ask(owner, talk, question)
        shares = {"viewers": [{"kind": "user", "name": viewer}]}
        self.ask(owner, "PUT", f"/v1/conversations/{talk}/shares", json=shares)
        self.talks[talk] = owner, viewer
        self.outcome.stored += 1
        self.outcome.told += "CANARY" in str(answer)

    def take_away(self) -> None:
        """Change every document in one of the ways there are."""
        draw = self.draw
        for group in sorted(self.world.groups)[::2]:
            self._set_group(group, set(draw.sample(sorted(self.people), 1)))
        for person in sorted(self.people)[::4]:
            self.act("PATCH", f"/v1/users/{person}", json={"clearance": 0})
            self.world.people[person].clearance = 0
        ways = itertools.cycle((self._deny, self._level, self._part, self._delete, self._move, self._replace))
        for document, way in zip(sorted(self.rule_of), ways, strict=False):
            way(document)
        self._hidden = {}

    def look(self, asked_on: int) -> None:
        """Look at every conversation as everybody who may open it, and go on with some of them."""
        for person in self.people:
            for path in ("/v1/conversations?limit=200", "/v1/conversations?shared=true&limit=200"):
                self.ask(person, "GET", path)
        going_on = set(self.draw.sample(sorted(self.talks), min(asked_on, len(self.talks))))
        for talk, (owner, viewer) in self.talks.items():
            for person, path in itertools.product((owner, viewer), _EXPORTS):
                before = self.shown
                seen = self.ask(person, "GET", f"/v1/conversations/{talk}{path}", raw=bool(path))
                self.outcome.looks += 1
                self.outcome.shown += self.shown > before
                if not path and seen is not None:
                    self.outcome.redacted += any(turn["redacted"] for turn in seen["turns"])
            if talk in going_on:
                self._ask(owner, talk, "还有别的口令吗？")
                self.outcome.continued += 1

    def _ask(self, person: str, talk: str, question: str) -> Any:
        body = {"conversation_id": talk, "messages": [{"role": "user", "content": question}]}
        return self.ask(person, "POST", "/v1/chat/completions", json=body)

    def _set_group(self, name: str, members: set[str]) -> None:
        subjects = [("user", one) for one in sorted(members)]
        body = {"members": [{"kind": kind, "name": one} for kind, one in subjects]}
        self.act("PUT", f"/v1/groups/{name}/members", json=body)
        self.world.groups[name] = set(subjects)

    def _permission(self) -> Rule:
        """Return a policy that lets some read: a group, a department, or two people."""
        draw = self.draw
        kind = draw.choice(("group", "department", "user", "everyone"))
        groups, departments = sorted(self.world.groups), sorted(self.world.above)
        names = {"group": groups, "department": departments, "user": sorted(self.people), "everyone": [""]}
        some = draw.sample(names[kind], min(len(names[kind]), 2))
        return Rule([("allow", kind, one, _OPEN) for one in some])

    def _say(self, document: str, made: Rule) -> None:
        made.parent = self.above(self.place[document])
        self.act("PUT", f"/v1/documents/{document}/policy", json=self.policy(made))
        self.rule_of[document] = len(self.world.rules)
        self.world.rules.append(made)

    def _deny(self, document: str) -> None:
        some = self.draw.sample(sorted(self.people), len(self.people) // 2)
        self._say(document, Rule([("allow", "everyone", "", _OPEN), *(("deny", "user", one, _OPEN) for one in some)]))

    def _level(self, document: str) -> None:
        self._say(document, Rule([("allow", "everyone", "", _OPEN)], level=1))

    def _part(self, document: str) -> None:
        some = self.draw.sample(sorted(self.people), len(self.people) // 2)
        denials: list[tuple[str, str, str, Span]] = [("deny", "user", one, _OPEN) for one in some]
        self.say_of_part(document, Rule(denials, inherits=True))

    def _delete(self, document: str) -> None:
        self.act("DELETE", f"/v1/documents/{document}")
        del self.rule_of[document]

    def _move(self, document: str) -> None:
        """Move it into a folder that few read, as the folder says."""
        folder = min(self.folders)
        self.act("DELETE", f"/v1/documents/{document}/policy")
        self.act("PUT", f"/v1/documents/{document}/folder", json={"folder_id": self.folders[folder][0]})
        self.place[document] = folder
        self.rule_of[document] = self.above(folder)

    def _replace(self, document: str) -> None:
        self.replace(document, list(self.canaries).index(document))
        self._say(document, self._permission())


def run(conversations: int, people: int, documents: int, asked_on: int, seed: int, *, models: bool) -> Outcome:
    """Store, take away, look; raises ``AssertionError`` at a leak."""
    hub = Hub(listens=models)
    try:
        made = Histories(hub, random.Random(seed), people, documents)
        for _ in range(conversations):
            made.talk()
        made.take_away()
        made.look(asked_on)
        return made.outcome
    finally:
        hub.close()


def main() -> int:
    """Run and print; return 0 when nothing leaked and something was hidden and something shown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("conversations", 5_000), ("people", 8), ("documents", 24), ("asked-on", 500), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--models", action="store_true")
    given = parser.parse_args()
    print(machine_line(), flush=True)
    started = time.perf_counter()
    try:
        found = run(given.conversations, given.people, given.documents, given.asked_on, given.seed, models=given.models)
    except AssertionError as error:
        print(f"seed {given.seed}: {error}")
        return 1
    print(f"{found}\n0 leaks in {time.perf_counter() - started:.0f} s")
    return 0 if found.redacted and found.shown and found.told > found.stored // 2 else 1


if __name__ == "__main__":
    sys.exit(main())
