"""Index switches under load: how many answers fail, and how many lack what they ought to hold.

``python -m benchmarks.search.switches [--documents N] [--switches N] [--models N] [--clients N] [--folder DIR]``

A server of its own gets a corpus in which each document holds a code that no other holds. Clients ask for these codes
without a pause; each answer must be a 200 whose first hits include the document. Meanwhile indexes are built and
switched to: most anew from what is stored, by ``POST /v1/maintenance/rebuild``; ``--models`` of them by a start with
another embedder, which embeds everything again while the old one answers. The first of these is killed amidst its
work. Clients rest only while there is no process. At each switch a document comes and one goes. Exit code 1 when an
answer failed, was empty or lacked its document, or when a document that is gone was found.
"""

import argparse
import asyncio
import contextlib
import json
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.kills.verify import open_sql
from benchmarks.server import ROOT, Server
from wenyuan.machine import machine_line
from wenyuan.models.manifest import Manifest, write_manifest
from wenyuan.models.store import OFFLINE

PATIENCE_S: Final = 300.0
LIMIT: Final = 5


@dataclass
class Tally:
    """What the clients saw."""

    answers: int = 0
    during: int = 0
    failed: list[str] = field(default_factory=list)
    empty: int = 0
    lacking: int = 0
    returned: int = 0
    seconds: list[float] = field(default_factory=list)

    def faults(self) -> int:
        """Return how many answers were not what they ought to be."""
        return len(self.failed) + self.empty + self.lacking + self.returned


class Site:
    """The server, its corpus by document id, and the clients that ask for it."""

    def __init__(self, server: Server, token: str) -> None:
        self.server = server
        self.http = httpx.AsyncClient(
            base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )
        self.codes: dict[str, str] = {}
        self.gone: list[str] = []
        self.tally = Tally()
        self.building = False
        self._serving = asyncio.Event()
        self._asking = 0

    async def post(self, path: str, **content: Any) -> Any:
        """Post and return the body; raises for an error."""
        answer = await self.http.post(path, **content)
        answer.raise_for_status()
        return answer.json()

    async def publish(self, number: int) -> None:
        """Upload a document and wait until it answers."""
        code = f"QZX-{number:05d}"
        text = f"# 设备 {code}\n\n设备 {code} 每 {number + 3} 天检修一次，由第 {number % 9} 班组负责。\n"
        files = {"file": (f"{code}.md", text.encode())}
        sent = await self.post("/v1/documents", data={"space": "company"}, files=files)
        while True:
            job = (await self.http.get(f"/v1/jobs/{sent['job_id']}")).json()
            if job["state"] in ("done", "dead"):
                break
            await asyncio.sleep(0.02)
        if job["state"] != "done":
            raise RuntimeError(f"a document was not published: {job['error']}")
        self.codes[sent["document_id"]] = code

    async def come_and_go(self, number: int) -> None:
        """Publish a document and delete the oldest one."""
        await self.publish(number)
        document_id, code = next(iter(self.codes.items()))
        del self.codes[document_id]
        (await self.http.delete(f"/v1/documents/{document_id}")).raise_for_status()
        self.gone.append(code)

    async def indexes(self) -> list[dict[str, Any]]:
        """Return the indexes as an administrator sees them."""
        items: list[dict[str, Any]] = (await self.http.get("/v1/indexes")).json()["items"]
        return items

    async def switched(self, before: int) -> float:
        """Wait until another index than ``before`` answers; returns the seconds."""
        began, items = time.monotonic(), list[dict[str, Any]]()
        while time.monotonic() - began < PATIENCE_S:
            items = await self.indexes()
            if any(item["state"] == "current" and item["number"] > before for item in items):
                self.building = False
                return time.monotonic() - began
            await asyncio.sleep(0.02)
        raise RuntimeError(f"no switch within {PATIENCE_S:.0f} s: {items}")

    async def killed_amidst(self) -> None:
        """Start the process and kill it when some chunks have a vector of the new embedder; raises if all have."""
        with contextlib.closing(open_sql(self.server.data)) as sql:
            await self.server.start()
            done, of = 0, sql.execute("SELECT count(*) FROM chunks").fetchone()[0]
            while not done:
                await asyncio.sleep(0.005)
                done = sql.execute("SELECT count(*) FROM chunk_vectors").fetchone()[0] - of
            await self.server.kill()
            done = sql.execute("SELECT count(*) FROM chunk_vectors").fetchone()[0] - of
        if done >= of:
            raise RuntimeError("the construction was over before it could be killed: take more documents")
        print(f"     killed when {done} of {of} chunks were embedded again")

    async def answering(self) -> int:
        """Return the number of the index that answers."""
        return next(int(item["number"]) for item in await self.indexes() if item["state"] == "current")

    async def start(self) -> None:
        """Start the process and let the clients ask."""
        await self.server.start()
        await self.server.ready()
        self._serving.set()

    async def rest(self) -> None:
        """Let the clients finish what they ask, and ask nothing more."""
        self._serving.clear()
        while self._asking:  # noqa: ASYNC110 - counted by the clients
            await asyncio.sleep(0.005)

    async def ask_forever(self, seed: int) -> None:
        """Ask for one code after another; every tenth time for one that is gone."""
        choose = random.Random(seed)
        while True:
            await self._serving.wait()
            self._asking += 1
            try:
                if self.gone and choose.random() < 0.1:
                    await self._ask(choose.choice(self.gone), None)
                else:
                    await self._ask(*reversed(choose.choice(list(self.codes.items()))))
            finally:
                self._asking -= 1

    async def _ask(self, code: str, document_id: str | None) -> None:
        began, tally = time.perf_counter(), self.tally
        try:
            answer = await self.http.post("/v1/search", json={"query": f"设备 {code} 多少天检修一次？", "limit": LIMIT})
        except httpx.HTTPError as error:
            tally.failed.append(type(error).__name__)
            return
        tally.answers += 1
        tally.during += self.building
        tally.seconds.append(time.perf_counter() - began)
        if answer.status_code != 200:
            tally.failed.append(f"{answer.status_code} {answer.json().get('code')}")
            return
        items = answer.json()["items"]
        if document_id is None:
            tally.returned += any(code in item["text"] for item in items)
        elif document_id in self.codes:
            tally.empty += not items
            tally.lacking += bool(items) and all(item["document_id"] != document_id for item in items)


def other_model(models: Path, folder: Path) -> Path:
    """Return a folder with the offline embedder under other prefixes: other vectors, another fingerprint."""
    shutil.copytree(models / OFFLINE, folder)
    content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    content |= {"name": "other", "query_prefix": "", "passage_prefix": ""}
    write_manifest(folder, Manifest.model_validate(content))
    return folder


async def run(folder: Path, arguments: argparse.Namespace) -> Tally:
    """Play the switches on a fresh data folder and return what the clients saw; whatever happens, no process stays."""
    models = ROOT / "var" / "models"
    names = [str(other_model(models, folder / "other")), OFFLINE]
    server = Server(folder / "site", models)
    code, token = await server.command("init")
    if code != 0:
        raise RuntimeError(f"init failed:\n{server.log_end()}")
    site = Site(server, token)
    clients: list[asyncio.Task[None]] = []
    try:
        await site.start()
        await site.post("/v1/spaces", json={"name": "company", "readers": [{"kind": "everyone"}]})
        for number in range(arguments.documents):
            await site.publish(number)
        clients = [asyncio.create_task(site.ask_forever(seed)) for seed in range(arguments.clients)]
        every = arguments.switches // arguments.models if arguments.models else arguments.switches + 1
        for turn in range(1, arguments.switches + 1):
            before, changes = await site.answering(), turn % every == 0
            site.building = True
            if changes:
                await site.rest()
                await server.stop()
                server.change({"EMBEDDING__MODEL": names[(turn // every - 1) % 2]})
                if turn == every:
                    await site.killed_amidst()
                await site.start()
            else:
                await site.post("/v1/maintenance/rebuild")
            _, seconds = await asyncio.gather(site.come_and_go(arguments.documents + turn), site.switched(before))
            how = "another embedder" if changes else "built anew"
            print(f"{turn:3d}  {how:17s} {seconds:6.1f} s  {site.tally.answers} answers, {site.tally.faults()} faults")
    finally:
        for task in clients:
            task.cancel()
        ended = await asyncio.gather(*clients, return_exceptions=True)
        await site.http.aclose()
        await server.close()
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome
    return site.tally


def main() -> int:
    """Run and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--switches", type=int, default=20)
    parser.add_argument("--models", type=int, default=4)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        tally = asyncio.run(run(Path(folder), arguments))
    taken = sorted(tally.seconds)
    print(f"\n{machine_line()}")
    print(f"{arguments.switches} switches, {arguments.models} to another embedder, 1 kill; {arguments.clients} clients")
    print(f"answers {tally.answers}, of them {tally.during} during a construction")
    print(
        f"failed {len(tally.failed)}, empty {tally.empty}, without the document {tally.lacking}, gone {tally.returned}"
    )
    print(f"p50 {taken[len(taken) // 2] * 1000:.0f} ms, p99 {taken[len(taken) * 99 // 100] * 1000:.0f} ms")
    for reason in sorted(set(tally.failed)):
        print(f"  {tally.failed.count(reason)} x {reason}")
    return 1 if tally.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
