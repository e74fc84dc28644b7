"""A site in a loop of its own and a company on it, kept in step with a world of the oracle."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, TypeVar

import time_machine

from tests.llm import ParrotModel, parrot
from tests.oracle.policies import Person as Reader
from tests.oracle.policies import Rule, Span, World, may_read
from tests.security.sniffer import everything, found, listening, plant
from tests.site import Person, Site, open_site, site_settings

T = TypeVar("T")
#: Windows open and close in steps of this many seconds; no example lasts as long.
STEP = 2_000.0


class Hub:
    """An application with a model that repeats what it is given; both stay open until the process ends or ``close``."""

    def __init__(self, *, listens: bool = True) -> None:
        """``listens``: whether models are asked over HTTP, by one that keeps what it is given; else built-in ones."""
        self._runner = asyncio.Runner()
        self._stack = ExitStack()
        self._async = AsyncExitStack()
        self.model: ParrotModel = self._stack.enter_context(parrot())
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        settings = listening(folder, self.model) if listens else site_settings(folder, ocr=False)
        self.site: Site = self.run(self._async.enter_async_context(open_site(settings)))
        self.admin: Person = self.run(self.site.administrator())
        self.numbers = itertools.count(1)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop of the application."""
        return self._runner.run(work)

    def close(self) -> None:
        """Close the application and the model."""
        self.run(self._async.aclose())
        self._runner.close()
        self._stack.close()


class Company:
    """People, groups, departments, folders and documents of one example; names end in its number.

    Every document has ``canaries`` and, in an appendix that may have a policy of its own, ``inner`` ones.
    """

    PEOPLE, GROUPS, DEPARTMENTS, FOLDERS = 3, 3, 2, 2
    APPENDIX = "附录"

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.mark = f"-{next(hub.numbers)}"
        self.space = f"space{self.mark}"
        self.world = World()
        self.people: dict[str, Person] = {}
        self.folders: dict[str, tuple[str, int]] = {}
        self.rule_of: dict[str, int] = {}
        self.own: dict[str, int] = {}
        self.place: dict[str, str | None] = {}
        self.canaries: dict[str, list[str]] = {}
        self.inner: dict[str, list[str]] = {}
        self.part: dict[str, int] = {}
        self.citations: list[str] = []
        self.shown = 0
        self.hub.run(self._found())

    def name(self, kind: str, number: int) -> str:
        """Return a name of the example."""
        return f"{kind}{number}{self.mark}"

    def readable(self, person: str) -> set[str]:
        """Return the documents that the oracle lets somebody read now."""
        now = time.time()
        return {one for one, rule in self.rule_of.items() if may_read(self.world, person, rule, now)}

    def reads_part(self, person: str, document: str) -> bool:
        """Whether the oracle lets somebody read the appendix of a document now, under its policy and the document's."""
        if document not in self.rule_of:
            return False
        rules = [self.rule_of[document]]
        if document in self.part:
            self.world.rules[self.part[document]].parent = rules[0]
            rules.append(self.part[document])
        return all(may_read(self.world, person, rule, time.time()) for rule in rules)

    def say_of_part(self, document: str, made: Rule | None) -> None:
        """Give the appendix of a document a policy of its own, or none."""
        part = [] if made is None else [{"selector": {"heading": [self.APPENDIX]}, "policy": self.policy(made)}]
        self.act("PUT", f"/v1/documents/{document}/sections", json={"items": part})
        self.part.pop(document, None)
        if made is not None:
            self.part[document] = len(self.world.rules)
            self.world.rules.append(made)

    def hidden_from(self, person: str) -> tuple[list[str], list[str]]:
        """Return the canaries that somebody may not be shown now, and those that they may."""
        mine = self.readable(person)
        shown = [one for document in mine for one in self.canaries[document]]
        shown += [one for document in mine if self.reads_part(person, document) for one in self.inner[document]]
        every = {one for held in (self.canaries, self.inner) for some in held.values() for one in some}
        return sorted(every - set(shown)), shown

    def act(self, method: str, path: str, **given: Any) -> None:
        """Have the administrator do something, which must work."""
        response = self.hub.run(self.hub.admin.http.request(method, path, **given))
        assert response.status_code < 300, (method, path, given, response.text)

    def ask(self, person: str, method: str, path: str, said: str = "", *, raw: bool = False, **given: Any) -> Any:
        """Have somebody ask, and look for canaries they may not read in every byte, prompts included.

        ``said``: what they write themselves, which may come back. Returns the body, None if they were refused or,
        with ``raw``, it is no JSON.
        """
        self.hub.model.prompts.clear()
        response = self.hub.run(self.people[person].http.request(method, path, **given))
        hidden, seen = self.hidden_from(person)
        out = [everything(response), *self.hub.model.prompts]
        leaked = [one for one in found(hidden, *out) if one not in said]
        assert not leaked, (person, method, path, leaked)
        self.shown += bool(found(seen, *out))
        assert response.status_code < 500, response.text
        reader = self.world.people[person]
        start, end = reader.span
        during = (start is None or start <= time.time()) and (end is None or time.time() < end)
        known = reader.active and reader.employment in {"staff", "external"} and during
        assert (response.status_code == 401) == (not known), (person, response.status_code)
        return response.json() if response.status_code < 300 and not raw else None

    async def _found(self) -> None:
        site, admin = self.hub.site, self.hub.admin.http
        for number in range(self.PEOPLE):
            name = self.name("p", number)
            self.people[name] = await site.person(name)
            self.world.people[name] = Reader()
        for number in range(self.GROUPS):
            await site.group(self.name("g", number))
            self.world.groups[self.name("g", number)] = set()
        for number in range(self.DEPARTMENTS):
            name = self.name("d", number)
            assert (await admin.post("/v1/departments", json={"name": name})).status_code == 201
            self.world.above[name], self.world.seats[name] = None, set()
        first = self.name("p", 0)
        await site.space(self.space, [{"kind": "user", "name": first}])
        self.world.rules.append(Rule([("allow", "user", first, (None, None))]))
        for number in range(self.FOLDERS):
            name = self.name("f", number)
            made = await admin.post("/v1/folders", json={"space": self.space, "name": name})
            assert made.status_code == 201, made.text
            self.folders[name] = (made.json()["id"], len(self.world.rules))
            self.world.rules.append(Rule(inherits=True, parent=0))

    def above(self, folder: str | None) -> int:
        """Return the rule of a folder, of the space for None."""
        return 0 if folder is None else self.folders[folder][1]

    def policy(self, rule: Rule) -> dict[str, Any]:
        """Return a rule as people write it."""
        lists: dict[str, list[dict[str, Any]]] = {"allow": [], "deny": []}
        for effect, kind, name, (start, end) in rule.entries:
            lists[effect].append({"kind": kind, "name": name, "not_before": start, "not_after": end})
        start, end = rule.span
        conditions = {"classification": rule.level, "compartments": sorted(rule.compartments)}
        return lists | conditions | {"inherits": rule.inherits, "not_before": start, "not_after": end}

    def upload(self, folder: str | None, number: int) -> str:
        """Upload a document that is read as its folder says; returns its id."""
        return self.upload_together([(folder, number)])[0]

    def upload_together(self, wanted: Sequence[tuple[str | None, int]]) -> list[str]:
        """Upload documents, each into a folder and with its number, side by side; returns their ids in that order."""
        texts = [self.text(number) for _, number in wanted]
        sent = (
            self._publish(folder, canary, text) for (folder, _), (canary, _, text) in zip(wanted, texts, strict=True)
        )
        documents = self.hub.run(_together(sent))
        for document, (folder, _), (canary, inner, _) in zip(documents, wanted, texts, strict=True):
            self.canaries[document], self.inner[document] = [canary], [inner]
            self.place[document], self.rule_of[document] = folder, self.above(folder)
        return documents

    async def _publish(self, folder: str | None, canary: str, text: str) -> str:
        place = {} if folder is None else {"folder": self.folders[folder][0]}
        return await self.hub.site.publish(f"{canary}.md", text, self.space, title=f"{canary} 方案", **place)

    def replace(self, document: str, number: int) -> None:
        """Upload the next version of a document."""
        canary, inner, text = self.text(number)
        files = {"file": (f"{canary}.md", text.encode())}
        path = f"/v1/documents/{document}/versions"
        self.canaries[document].append(canary)
        self.inner[document].append(inner)
        response = self.hub.run(self.hub.admin.http.post(path, files=files))
        assert response.status_code == 202, response.text
        assert self.hub.run(self.hub.site.finished(response.json()["job_id"]))["state"] == "done"

    def text(self, number: int) -> tuple[str, str, str]:
        """Return a canary, another one of the appendix, and a document that has the first everywhere else."""
        canary, inner = (plant(f"CANARY{self.mark[1:]}X{next(self.hub.numbers):05d}Q") for _ in range(2))
        lines = f"第{number}号项目的验收口令是{canary}。\n\n| 项目 | 口令 |\n|---|---|\n| 第{number}号 | {canary} |\n"
        appendix = f"第{number}号项目的备用验收口令是{inner}，每月更换。\n"
        return canary, inner, f"# 第{number}号项目 {canary}\n\n{lines}\n## {self.APPENDIX}\n\n{appendix}"

    def window(self, kind: int) -> Span:
        """Return a window around now: 0 is open, else past, present or to come."""
        now = time.time()
        return ((None, None), (None, now + STEP / 2), (now + STEP / 2, None), (now - STEP / 2, now + STEP / 2))[kind]


async def _together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    return await asyncio.gather(*work)


def travel() -> Any:
    """Return a clock that goes on from now and can be moved."""
    return time_machine.travel(time.time(), tick=True)
