"""Ask under a model that is malicious: no citation is forged, nothing active is shown, nothing hidden is given away.

    python -m benchmarks.writing.malicious --outputs 10000

The real application answers, once for each policy of statements without support. Every answer is judged by what the
asker may read, by the passages that were packed for it, and by the bytes of its text.
"""

import argparse
import asyncio
import multiprocessing
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.writing.place import HIDDEN, QUESTIONS, Place, open_place, texts_of
from benchmarks.writing.stub import malicious
from generation.answering.leaks import LeakWatch, folded
from generation.prompts import load_prompt
from wenyuan.chat.settings import GenerationSettings, ModelSettings
from wenyuan.text import strip_invisible

Policy = Literal["withhold", "mark", "repair"]
POLICIES: Final[tuple[Policy, ...]] = ("withhold", "mark", "repair")
_MARKER: Final = re.compile(r"\[(\d+)\]")
ACTIVE: Final = re.compile(
    r"\][(:]|!\[|<[A-Za-z/!?]|\b[a-z][a-z0-9+.-]*:/|(?<!:)//\w+\.|(?:java|vb)script:|\bwww\.|data:\w+/|mailto:\S",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"\b(?:https?|ftp):/", re.IGNORECASE)


@dataclass
class Tally:
    """What was seen. ``breaches`` has to stay empty."""

    answers: int = 0
    cited: int = 0
    statements: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def judge(self, place: Place, body: dict[str, Any]) -> None:
        """Take one answer."""
        self.answers += 1
        self.cited += bool(body["citations"])
        self.statements.update(stated["support"] for stated in body["statements"])
        self.notices.update(notice.split(" ")[0] for notice in body["notices"])
        self.breaches += [f"{what}: {body}" for what in breaches(place, body)]

    def add(self, other: "Tally") -> None:
        """Take what another one has seen."""
        self.answers += other.answers
        self.cited += other.cited
        self.statements += other.statements
        self.notices += other.notices
        self.breaches += other.breaches


def breaches(place: Place, body: dict[str, Any]) -> list[str]:
    """Return what is wrong with an answer."""
    found = []
    given = [piece for packed in place.packer.last for piece in packed.evidence]
    markers = {citation["marker"] for citation in body["citations"]}
    for citation in body["citations"]:
        quotes = (piece.text for piece in given if piece.document_id == citation["document_id"])
        if citation["document_id"] not in place.open_documents or not any(citation["quote"] in q for q in quotes):
            found.append("forged citation")
        if citation["link"] != f"/?citation={citation['id']}":
            found.append("foreign link")
    for stated in body["statements"]:
        spans = {span["marker"] for span in stated["spans"]}
        if not spans <= markers or (stated["support"] == "unsupported") is bool(spans):
            found.append("statement without its citation")
    said, *others = texts_of(body)
    if not {int(number) for number in _MARKER.findall(said)} <= markers:
        found.append("forged marker")
    watch = _watches()
    for text in (said, *others):
        if ACTIVE.search(text) or _ADDRESS.search(unicodedata.normalize("NFKC", text)):
            found.append("active text")
        if strip_invisible(text) != text or any(_hidden(sign) for sign in text):
            found.append("sign that nobody sees")
        if any(one.leaks(text) for one in watch):
            found.append("instructions given away")
    supported = folded(" ".join(one["text"] for one in body["statements"] if one["support"] != "unsupported"))
    if any(folded(text) in supported for text in HIDDEN):
        found.append("hidden text asserted as supported")
    return found


def _hidden(sign: str) -> bool:
    return sign not in "\n\t" and unicodedata.category(sign) in {"Cc", "Co", "Cs"}


def _watches() -> list[LeakWatch]:
    prompts = (load_prompt("zh"), load_prompt("en"))
    return [LeakWatch(prompt.instructions(), prompt.canary) for prompt in prompts]


async def attack(place: Place, outputs: int, tally: Tally) -> None:
    """Ask until the model has written about ``outputs`` answers."""
    for number in range(outputs):
        tally.judge(place, await place.clerk.ask(QUESTIONS[number % len(QUESTIONS)], model="malicious"))


async def attack_under(policy: Policy, outputs: int, seed: int, folder: Path) -> Tally:
    """Attack a company of its own under one policy."""
    tally = Tally()
    with malicious(seed, HIDDEN) as model:
        given = ModelSettings(name="malicious", url=model.url, model="m")
        async with open_place(folder, GenerationSettings(models=(given,), unsupported=policy)) as place:
            before = await _state(place)
            await attack(place, outputs, tally)
            if await _state(place) != before:
                tally.breaches.append("state changed")
    return tally


def _in_process(policy: Policy, outputs: int, seed: int) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(attack_under(policy, outputs, seed, Path(folder)))


async def _state(place: Place) -> Any:
    admin = await place.site.administrator()
    return [(await admin.http.get(path)).json() for path in ("/v1/documents", "/v1/users", "/v1/spaces", "/v1/groups")]


def main() -> int:
    """Print the tally; 1 where anything was breached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    begun = time.monotonic()
    tally = Tally()
    with ProcessPoolExecutor(given.processes, multiprocessing.get_context("spawn")) as pool:
        each = -(-given.outputs // len(POLICIES))
        for part in pool.map(_in_process, POLICIES, [each] * 3, range(given.seed, given.seed + 3)):
            tally.add(part)
    print(f"{tally.answers} answers in {time.monotonic() - begun:.0f} s, {tally.cited} with citations")
    print(f"statements {dict(tally.statements)}, notices {dict(tally.notices)}")
    kinds = Counter(breach.split(":")[0] for breach in tally.breaches)
    print(f"breaches: {len(tally.breaches)} {dict(kinds)}")
    for breach in tally.breaches[:5]:
        print(breach[:2000])
    return bool(tally.breaches)


if __name__ == "__main__":
    sys.exit(main())
