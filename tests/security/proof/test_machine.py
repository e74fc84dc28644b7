"""Random lives of a company over HTTP: whatever changes, nobody is shown more than the oracle lets them read.

``WENYUAN_TEST_EXAMPLES`` and ``WENYUAN_TEST_STEPS`` make the run longer; it is seeded and the same each time.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.oracle.policies import Rule
from tests.security.proof.company import STEP, Company, Hub, travel

EXAMPLES = int(os.environ.get("WENYUAN_TEST_EXAMPLES", "5"))
STEPS = int(os.environ.get("WENYUAN_TEST_STEPS", "30"))
SEED = int(os.environ.get("WENYUAN_TEST_SEED", "20261122"))
people, groups, departments = st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)
folders = st.one_of(st.none(), st.integers(0, 1))
numbers = st.integers(0, 9)
some_people = st.sets(people, max_size=3)
entry = st.tuples(
    st.sampled_from(("allow", "allow", "allow", "deny")),
    st.sampled_from(("user", "group", "department", "everyone")),
    st.integers(0, 2),
    st.sampled_from((0, 0, 0, 1, 2, 3)),
)
policies = st.tuples(
    st.lists(entry, max_size=4),
    st.sampled_from((0, 0, 0, 1, 2)),
    st.booleans(),
    st.sampled_from((0, 0, 0, 1, 2)),
    st.sampled_from(((), (), ("atlas",))),
)


class Lives(RuleBasedStateMachine):
    """Rules that change the company, and rules that ask."""

    hub: Hub
    shown = 0

    def __init__(self) -> None:
        super().__init__()
        self._travel = travel()
        self.clock = self._travel.start()
        self.company = Company(self.hub)
        self.count = 0

    def teardown(self) -> None:
        type(self).shown += self.company.shown
        self._travel.stop()

    def _document(self, number: int) -> str:
        live = sorted(self.company.rule_of)
        assume(live)
        return live[number % len(live)]

    def _rule(self, given: tuple[Any, ...], parent: int) -> Rule:
        company = self.company
        entries, level, inherits, window, compartments = given
        kinds = {"user": "p", "group": "g", "department": "d"}
        made = {}
        for effect, kind, number, span in entries:
            many = company.DEPARTMENTS if kind == "department" else company.PEOPLE
            name = "" if kind == "everyone" else company.name(kinds[kind], number % many)
            made[effect, kind, name] = company.window(span)
        listed = [(*key, span) for key, span in made.items()]
        return Rule(listed, level, set(compartments), False, company.window(window), inherits, parent)

    @rule(group=groups, members=some_people, inner=st.one_of(st.none(), groups))
    def set_group(self, group: int, members: set[int], inner: int | None) -> None:
        company = self.company
        name, nested = company.name("g", group), [] if inner is None else [company.name("g", inner)]
        subjects = [("user", company.name("p", one)) for one in members] + [("group", one) for one in nested]
        body = {"members": [{"kind": kind, "name": one} for kind, one in subjects]}
        company.act("PUT", f"/v1/groups/{name}/members", json=body)
        company.world.groups[name] = set(subjects)

    @rule(members=some_people, below=st.booleans(), department=departments)
    def set_department(self, members: set[int], below: bool, department: int) -> None:
        company = self.company
        name, top = company.name("d", department), company.name("d", 0)
        parent = top if below and department else None
        held = [company.name("p", one) for one in sorted(members)]
        company.act("PATCH", f"/v1/departments/{name}", json={"members": held, "parent": parent})
        company.world.above[name], company.world.seats[name] = parent, set(held)

    @rule(
        person=people,
        clearance=st.integers(0, 3),
        employment=st.sampled_from(("staff", "staff", "external", "suspended")),
        active=st.sampled_from((True, True, True, False)),
        window=st.sampled_from((0, 0, 0, 1, 2)),
        compartments=st.sampled_from(((), ("atlas",))),
    )
    def change_person(
        self, person: int, clearance: int, employment: str, active: bool, window: int, compartments: tuple[str, ...]
    ) -> None:
        name, (start, end) = self.company.name("p", person), self.company.window(window)
        body = {"clearance": clearance, "employment": employment, "active": active}
        body |= {"valid": {"not_before": start, "not_after": end}, "compartments": list(compartments)}
        self.company.act("PATCH", f"/v1/users/{name}", json=body)
        one = self.company.world.people[name]
        one.clearance, one.employment, one.active = clearance, employment, active
        one.span, one.compartments = (start, end), set(compartments)

    @rule(folder=st.integers(0, 1), given=policies)
    def say_of_folder(self, folder: int, given: tuple[Any, ...]) -> None:
        folder_id, number = self.company.folders[self.company.name("f", folder)]
        parent = self.company.world.rules[number].parent
        made = self._rule(given, parent or 0)
        self.company.act("PUT", f"/v1/folders/{folder_id}/policy", json=self.company.policy(made))
        self.company.world.rules[number] = made

    @rule(inside=st.booleans())
    def move_folder(self, inside: bool) -> None:
        company = self.company
        outer, inner = company.folders[company.name("f", 0)], company.folders[company.name("f", 1)]
        company.act("PATCH", f"/v1/folders/{inner[0]}", json={"parent_id": outer[0] if inside else None})
        company.world.rules[inner[1]].parent = outer[1] if inside else 0

    @rule(number=numbers, given=policies)
    def say_of_document(self, number: int, given: tuple[Any, ...]) -> None:
        company, document = self.company, self._document(number)
        made = self._rule(given, company.above(company.place[document]))
        company.act("PUT", f"/v1/documents/{document}/policy", json=company.policy(made))
        company.world.rules.append(made)
        company.own[document] = company.rule_of[document] = len(company.world.rules) - 1

    @rule(number=numbers, given=st.one_of(st.none(), policies, policies))
    def say_of_part(self, number: int, given: tuple[Any, ...] | None) -> None:
        document = self._document(number)
        made = None if given is None else self._rule(given, self.company.rule_of[document])
        self.company.say_of_part(document, made)

    @rule(number=numbers)
    def inherit(self, number: int) -> None:
        document = self._document(number)
        self.company.act("DELETE", f"/v1/documents/{document}/policy")
        self.company.own.pop(document, None)
        self.company.rule_of[document] = self.company.above(self.company.place[document])

    @rule(number=numbers, folder=folders)
    def move_document(self, number: int, folder: int | None) -> None:
        company, document = self.company, self._document(number)
        name = None if folder is None else company.name("f", folder)
        target = None if name is None else company.folders[name][0]
        company.act("PUT", f"/v1/documents/{document}/folder", json={"folder_id": target})
        company.place[document] = name
        if document in company.own:
            company.world.rules[company.own[document]].parent = company.above(name)
        else:
            company.rule_of[document] = company.above(name)

    @precondition(lambda self: len(self.company.rule_of) < 4)
    @rule(folder=folders)
    def upload(self, folder: int | None) -> None:
        self.count += 1
        self.company.upload(None if folder is None else self.company.name("f", folder), self.count)

    @rule(number=numbers)
    def replace(self, number: int) -> None:
        self.company.replace(self._document(number), number)

    @precondition(lambda self: len(self.company.rule_of) > 2)
    @rule(number=numbers)
    def delete(self, number: int) -> None:
        document = self._document(number)
        self.company.act("DELETE", f"/v1/documents/{document}")
        del self.company.rule_of[document]

    @rule()
    def time_passes(self) -> None:
        self.clock.shift(STEP)

    @rule(person=people, number=numbers)
    def ask(self, person: int, number: int) -> None:
        self._ask(person, [f"第{number}号项目的验收口令是什么？"])

    @rule(person=people)
    def follow_up(self, person: int) -> None:
        self._ask(person, ["所有项目的口令分别是什么？", "再说一遍"])

    def _ask(self, person: int, questions: list[str]) -> None:
        messages = [{"role": "user", "content": one} for one in questions]
        name = self.company.name("p", person)
        answer = self.company.ask(name, "POST", "/v1/chat/completions", json={"messages": messages})
        if answer is not None:
            self.company.citations += [one["id"] for one in answer["citations"]]

    @precondition(lambda self: self.company.citations)
    @rule(person=people, number=numbers)
    def cite(self, person: int, number: int) -> None:
        held = self.company.citations
        self.company.ask(self.company.name("p", person), "GET", f"/v1/citations/{held[number % len(held)]}")

    @rule(person=people)
    def search(self, person: int) -> None:
        body = {"query": "项目 验收口令", "limit": 20}
        self.company.ask(self.company.name("p", person), "POST", "/v1/search", json=body)

    @rule(person=people)
    def list(self, person: int) -> None:
        name = self.company.name("p", person)
        found = self.company.ask(name, "GET", "/v1/documents", params={"space": self.company.space, "limit": 200})
        if found is not None:
            assert {one["id"] for one in found["items"]} == self.company.readable(name)

    @rule(person=people, number=numbers, part=st.sampled_from(("", "/pages", "/profile", "/questions", "/similar")))
    def open(self, person: int, number: int, part: str) -> None:
        name, document = self.company.name("p", person), self._document(number)
        shown = self.company.ask(name, "GET", f"/v1/documents/{document}{part}")
        if not part:
            assert (shown is not None) == (document in self.company.readable(name)) or self._unknown(name)

    @rule(person=people, number=numbers)
    def explain(self, person: int, number: int) -> None:
        name, document = self.company.name("p", person), self._document(number)
        shown = self.company.ask(name, "GET", "/v1/access/explain", params={"document": document})
        assert (shown is not None) <= (document in self.company.readable(name))

    def _unknown(self, name: str) -> bool:
        return self.company.ask(name, "GET", "/v1/me") is None


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    opened = Hub()
    yield opened
    opened.close()


@pytest.mark.timeout(120 + EXAMPLES * STEPS)
def test_nobody_is_ever_shown_more_than_is_theirs(hub: Hub) -> None:
    Lives.hub = hub
    Lives.shown = 0
    run = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(Lives), settings=run)
    assert Lives.shown > EXAMPLES // 2, "what is never shown to anybody proves nothing"
