"""``python -m benchmarks.audit.kills [--requests 10000] [--kills 100] [--seed 1]``: exit code 1 if an entry is missing.

Eight clients read and administer while the server is killed with SIGKILL again and again. Whatever content reached a
client, also of answers that broke off, must stand in the log under the id of its request, and the chain must hold.
"""

import argparse
import asyncio
import contextlib
import math
import random
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.audit.reader import Journal, Seen, read_until_killed
from benchmarks.kills.client import People, make_people, speaker
from benchmarks.server import ROOT, Server
from wenyuan.audit.record import read_items

_TEXTS: Final = {
    "年假": "员工工作满一年不满十年的，年假有五天；满十年不满二十年的，年假有十天。年假须在当年休完。",
    "差旅": "差旅费凭票报销：住宿每晚不超过四百元，火车二等座据实报销，出差结束后十日内提交申请。",
    "合同": "合同由综合部保管，正本存档，副本交经办部门；借阅合同须登记，并在三日内归还。",
    "密码": "系统密码每九十天更换一次，长度不少于十二位，不得与最近五次相同。",
    "purchase": "A purchase above 5000 is approved by the head of the department and by finance.",
}


@dataclass
class Outcome:
    """What a run found; seconds of restarts."""

    journal: Journal = field(default_factory=Journal)
    kills: int = 0
    entries: int = 0
    missing: list[Seen] = field(default_factory=list)
    verdict: str = ""
    sound: bool = False
    text_found: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing is missing, wrong or said too much, and there was something to find."""
        return self.sound and bool(self.journal.seen) and not (self.missing or self.text_found or self.journal.refused)


async def run(requests: int, kills: int, seed: int, folder: Path, models: Path) -> Outcome:
    """Read and kill on a fresh data folder in ``folder``."""
    outcome, draw, began = Outcome(), random.Random(seed), time.monotonic()
    server = Server(folder, models)
    code, administrator = await server.command("init")
    if code != 0:
        raise RuntimeError(f"init failed:\n{server.log_end()}")
    try:
        await _start(server, outcome)
        people = await make_people(server.url, administrator)
        documents = await _publish(server.url, people)
        server.change({"INGEST__WORKERS": "0"})
        for life in range(kills):
            if not server.running:
                await _start(server, outcome)
            left = requests - outcome.journal.requests
            await _live(server, people, documents, outcome.journal, draw, math.ceil(left / (kills - life)))
            outcome.kills += 1
        await _start(server, outcome)
        await server.stop()
        code, outcome.verdict = await server.command("audit", "verify")
        outcome.sound = code == 0
    finally:
        await server.close()
    _compare(server.data / "audit.sqlite3", outcome)
    outcome.text_found = _text_in(folder)
    outcome.seconds = time.monotonic() - began
    return outcome


async def _start(server: Server, outcome: Outcome) -> None:
    await server.start()
    outcome.starts.append(await server.ready())


async def _live(
    server: Server,
    people: People,
    documents: list[tuple[str, str]],
    journal: Journal,
    draw: random.Random,
    share: int,
) -> None:
    """Let the clients read, and kill the server when about their share of requests is sent."""
    goal = journal.requests + share
    tokens = (people.reader, people.administrator)
    reading = asyncio.create_task(read_until_killed(server.url, tokens, documents, journal, draw, share * 2))
    while journal.requests < goal and not reading.done():  # noqa: ASYNC110 - only counted
        await asyncio.sleep(0.002)
    await asyncio.sleep(draw.random() * 0.05)
    await server.kill()
    await reading


async def _publish(url: str, people: People) -> list[tuple[str, str]]:
    """Upload the texts, wait until they answer, and return their documents with their versions."""
    async with speaker(url, people.administrator) as http:
        jobs = []
        for name, text in _TEXTS.items():
            content = "\n\n".join(f"# {name} {part}\n\n{text}" for part in range(4))
            files = {"file": (f"{name}.md", content.encode())}
            answer = await http.post("/v1/documents", data={"space": "company"}, files=files)
            jobs.append(answer.raise_for_status().json())
        for job in jobs:
            while (await http.get(f"/v1/jobs/{job['job_id']}")).json()["state"] != "done":  # noqa: ASYNC110 - asked over HTTP
                await asyncio.sleep(0.1)
    return [(job["document_id"], job["version_id"]) for job in jobs]


def _compare(log: Path, outcome: Outcome) -> None:
    """Find what reached a client and is not in the log."""
    recorded: set[Seen] = set()
    with contextlib.closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as sql:
        for request, action, target, items in sql.execute("SELECT request, action, target, items FROM audit_entries"):
            outcome.entries += 1
            recorded.add(Seen(request, action, target))
            for item in read_items(items):
                recorded.add(Seen(request, action, item.document))
                recorded |= {Seen(request, action, part) for part in item.parts}
    outcome.missing = [one for one in outcome.journal.seen if one not in recorded]


def _text_in(folder: Path) -> list[str]:
    """Return the files of the audit and of the log that hold text of a document."""
    files = [folder / "data" / "audit.sqlite3", folder / "server.log"]
    return [file.name for file in files for text in _TEXTS.values() if text[:12].encode() in file.read_bytes()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit.kills")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=ROOT / "var" / "models")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenyuan-audit-kills-") as folder:
        outcome = asyncio.run(
            run(options.requests, options.kills, options.seed, Path(folder), options.models.resolve())
        )
    journal = outcome.journal
    print(f"requests   {journal.requests}, {journal.broken} without a whole answer, {journal.partial} broke off inside")
    print(f"kills      {outcome.kills}, slowest restart {max(outcome.starts):.1f} s, {outcome.seconds:.0f} s in all")
    print(f"content    {len(journal.seen)} pieces reached a client; {outcome.entries} entries")
    print(f"missing    {len(outcome.missing)}")
    print(f"chain      {outcome.verdict or 'broken'}")
    print(f"text       {len(outcome.text_found)} files of the log hold text of a document")
    print(f"refused    {len(journal.refused)}")
    for sentence in [*map(str, outcome.missing[:10]), *journal.refused[:10], *outcome.text_found]:
        print(sentence)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
