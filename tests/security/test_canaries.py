"""No canary of a document leaves toward someone who may not read it, prompts to the model included.

Random people, nested groups, policies, questions and changes, against the whole application over HTTP with a model that
repeats whatever it is given. Who may read what is decided by a small evaluator of its own.
``WENYUAN_TEST_TRIALS`` sets the number of trials.
"""

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.llm import ParrotModel, parrot
from tests.security.sniffer import heard_of_all, listening
from tests.site import EVERYONE, Person, Site, group, open_site, user

TRIALS = int(os.environ.get("WENYUAN_TEST_TRIALS", "500"))
SEED = int(os.environ.get("WENYUAN_TEST_SEED", "20261122"))
PEOPLE, GROUPS, DOCUMENTS = 8, 5, 16
Policy = dict[str, Any]


@dataclass
class World:
    """What the evaluator knows, independent of the product's own tables."""

    rng: random.Random
    members: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    canaries: dict[str, str] = field(default_factory=dict)
    citations: list[tuple[str, str, str]] = field(default_factory=list)

    def subjects_of(self, name: str) -> set[tuple[str, str]]:
        mine = {("user", name), ("everyone", "")}
        while True:
            more = {
                ("group", title)
                for title, members in self.members.items()
                if any((member["kind"], member["name"]) in mine for member in members)
            }
            if more <= mine:
                return mine
            mine |= more

    def may_read(self, name: str, document: str) -> bool:
        policy, mine = self.policies[document], self.subjects_of(name)
        allowed = any((entry["kind"], entry.get("name", "")) in mine for entry in policy["allow"])
        denied = any((entry["kind"], entry.get("name", "")) in mine for entry in policy["deny"])
        return allowed and not denied and policy["classification"] <= 1

    def forbidden(self, name: str) -> list[str]:
        return [
            canary
            for document, canary in self.canaries.items()
            if document not in self.policies or not self.may_read(name, document)
        ]

    def policy(self) -> Policy:
        pool = [user(f"p{n}") for n in range(PEOPLE)] + [group(f"g{n}") for n in range(GROUPS)]
        allow = self.rng.sample(pool, self.rng.randint(0, 3)) + ([EVERYONE] if self.rng.random() < 0.25 else [])
        deny = self.rng.sample(pool, self.rng.choice([0, 0, 1]))
        return {"allow": allow, "deny": deny, "classification": self.rng.choice([0, 0, 1, 2])}

    def membership(self) -> list[dict[str, str]]:
        people = [user(f"p{n}") for n in self.rng.sample(range(PEOPLE), self.rng.randint(0, 3))]
        return people + [group(f"g{n}") for n in self.rng.sample(range(GROUPS), self.rng.choice([0, 1, 1]))]


@pytest.mark.timeout(60 + TRIALS)
async def test_no_canary_leaves_in_random_trials(tmp_path: Path) -> None:
    shown = await run_trials(tmp_path, TRIALS, SEED)
    assert shown > TRIALS // 10, "the trials must also show what may be read, or they prove nothing"


async def run_trials(folder: Path, trials: int, seed: int) -> int:
    """Run random trials on a site in ``folder``; returns in how many of them anything was shown. Fails at a leak."""
    world = World(random.Random(seed))
    with parrot() as model:
        async with open_site(listening(folder, model)) as site:
            people = await _build(site, world)
            shown = 0
            for trial in range(trials):
                if trial % 10 == 9:
                    await _change(site, world)
                shown += await _trial(site, world, people[world.rng.randrange(PEOPLE)], model)
        assert heard_of_all(model)
    assert len(world.citations) > trials // 100
    return shown


async def _build(site: Site, world: World) -> list[Person]:
    people = [await site.person(f"p{n}") for n in range(PEOPLE)]
    admin = await site.administrator()
    for number in range(GROUPS):
        await site.group(f"g{number}")
    for number in range(GROUPS):
        await _set_members(admin, world, f"g{number}")
    await site.space("vault", [])
    for number in range(DOCUMENTS):
        canary = f"口令{world.rng.randrange(10**9):09d}"
        table = f"| 项目 | 口令 |\n|---|---|\n| 第{number}号 | {canary} |"
        text = f"# 第{number}号项目{canary}\n\n第{number}号项目的验收口令是{canary}。\n\n{table}\n"
        policy = world.policy()
        document = await site.publish(f"{canary}.md", text, "vault", title=f"第{number}号项目{canary}", policy=policy)
        world.policies[document], world.canaries[document] = policy, canary
    return people


async def _set_members(admin: Person, world: World, name: str) -> None:
    members = world.membership()
    response = await admin.http.put(f"/v1/groups/{name}/members", json={"members": members})
    assert response.status_code == 200
    world.members[name] = members


async def _change(site: Site, world: World) -> None:
    admin = await site.administrator()
    kind = world.rng.random()
    document = world.rng.choice(list(world.policies))
    if kind < 0.5:
        policy = world.policy()
        response = await admin.http.put(f"/v1/documents/{document}/policy", json=policy)
        assert response.status_code == 200
        world.policies[document] = policy
    elif kind < 0.98 or len(world.policies) < DOCUMENTS // 2:
        await _set_members(admin, world, f"g{world.rng.randrange(GROUPS)}")
    else:
        assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
        del world.policies[document]


async def _trial(site: Site, world: World, person: Person, model: ParrotModel) -> bool:
    """Do one random thing as the person; returns whether any canary was shown to them."""
    model.prompts.clear()
    forbidden = world.forbidden(person.name)
    document = world.rng.choice(list(world.canaries))
    number = list(world.canaries).index(document)
    question = world.rng.choice([f"第{number}号项目的验收口令是什么？", "所有项目的口令", world.canaries[document]])
    response = await _act(world, person, document, question)
    seen = response.text + repr(response.headers) + "".join(model.prompts)
    leaked = [canary for canary in forbidden if canary in seen and canary not in question]
    assert not leaked, (person.name, question, leaked)
    for citation in response.json().get("citations", []) if response.status_code == 200 else []:
        world.citations.append((citation["id"], citation["document_id"], str(citation["page"])))
    return any(canary in seen for canary in world.canaries.values() if canary not in question)


async def _act(world: World, person: Person, document: str, question: str) -> httpx.Response:
    kind = world.rng.random()
    if kind < 0.45:
        body = {"messages": [{"role": "user", "content": question}]}
        return await person.http.post("/v1/chat/completions", json=body)
    if kind < 0.75:
        return await person.http.post("/v1/search", json={"query": question, "limit": world.rng.choice([1, 5, 20])})
    if kind < 0.85:
        return await person.http.get("/v1/documents")
    if kind < 0.95 and world.citations:
        return await person.http.get(f"/v1/citations/{world.rng.choice(world.citations)[0]}")
    return await person.http.get(f"/v1/documents/{document}")
