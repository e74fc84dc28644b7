"""``python -m benchmarks.access.timing [--samples 2000] [--seed 1]``: exit code 1 if hidden can be told from unknown.

For every route that names a thing, ``samples`` requests for things that are there and hidden and as many for ids that
were never given, in random order over HTTP on loopback. Status, headers and body must be the same but for the id of the
request and the date; times must not tell: 2·|AUC - 0.5| < 0.10, where AUC is the share of pairs in which the hidden one
took longer (Mann and Whitney). A control of as many pairs of unknown ids says how much of that is chance.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import numpy as np

from benchmarks.access.live.lanes import Lane
from benchmarks.server import ROOT, Server
from wenyuan.machine import calibration_ms, machine_line

BAR: Final = 0.10
_PASSED_OVER: Final = frozenset({"x-request-id", "date"})
ROUTES: Final = {
    "document": "/v1/documents/{document}",
    "pages": "/v1/documents/{document}/pages",
    "page image": "/v1/documents/{document}/pages/1",
    "profile": "/v1/documents/{document}/profile",
    "citation": "/v1/citations/{citation}",
    "cited page": "/v1/documents/{document}/pages/1?citation={citation}",
    "conversation": "/v1/conversations/{conversation}",
    "export": "/v1/conversations/{conversation}/export",
}


@dataclass
class Outcome:
    """What a run found, by route: how well the two can be told apart, and what differed."""

    told: dict[str, float] = field(default_factory=dict)
    chance: dict[str, float] = field(default_factory=dict)
    medians: dict[str, tuple[float, float]] = field(default_factory=dict)
    different: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing tells."""
        return not self.different and all(one < BAR for one in self.told.values())


def distinguishable(one: list[float], other: list[float]) -> float:
    """Return 2·|AUC - 0.5| of two samples: 0 when nothing tells them apart, 1 when everything does."""
    values = np.array(one + other)
    order = values.argsort(kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):  # ties share their rank
        same = values == value
        if same.sum() > 1:
            ranks[same] = ranks[same].mean()
    wins = ranks[: len(one)].sum() - len(one) * (len(one) + 1) / 2
    return float(2 * abs(wins / (len(one) * len(other)) - 0.5))


async def run(samples: int, seed: int, folder: Path, models: Path) -> Outcome:
    """Measure on a fresh data folder in ``folder``."""
    outcome, draw = Outcome(), random.Random(seed)
    server = Server(folder, models)
    code, administrator = await server.command("init")
    if code != 0:
        raise RuntimeError(f"init failed:\n{server.log_end()}")
    try:
        await server.start()
        await server.ready()
        headers = {"Authorization": f"Bearer {administrator}"}
        admin = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60, trust_env=False)
        lane = Lane(1, server.url, admin, draw)
        await lane.open()
        await lane.send("POST", "/v1/users", {"name": "stranger"})
        issued = await lane.send("POST", "/v1/tokens", {"user": "stranger", "name": "timing"})
        token = {"Authorization": f"Bearer {issued.json()['token']}"}
        hidden = {"document": lane.document, "citation": lane.citation, "conversation": lane.conversation}
        async with httpx.AsyncClient(base_url=server.url, headers=token, timeout=60, trust_env=False) as http:
            for name, path in ROUTES.items():
                await _compare(http, name, path, hidden, samples, draw, outcome)
        await lane.close()
        await server.stop()
    finally:
        await server.close()
    return outcome


async def _compare(
    http: httpx.AsyncClient,
    name: str,
    path: str,
    hidden: dict[str, str],
    samples: int,
    draw: random.Random,
    outcome: Outcome,
) -> None:
    kinds = ["hidden", "unknown", "also unknown"] * samples
    draw.shuffle(kinds)
    took: dict[str, list[float]] = {"hidden": [], "unknown": [], "also unknown": []}
    shown: set[str] = set()
    for kind in ["unknown"] * 20 + kinds:
        things = hidden if kind == "hidden" else {key: _another(one, draw) for key, one in hidden.items()}
        began = time.perf_counter_ns()
        response = await http.get(path.format(**things))
        took[kind].append((time.perf_counter_ns() - began) / 1e6)
        shown.add(_shown(response))
    took["unknown"] = took["unknown"][20:]
    if len(shown) > 1 or "404" not in next(iter(shown)):
        outcome.different.append(f"{name}: {sorted(shown)}")
    outcome.told[name] = distinguishable(took["hidden"], took["unknown"])
    outcome.chance[name] = distinguishable(took["also unknown"], took["unknown"])
    outcome.medians[name] = (float(np.median(took["hidden"])), float(np.median(took["unknown"])))


def _another(identifier: str, draw: random.Random) -> str:
    prefix = identifier.partition("_")[0]
    return f"{prefix}_{draw.getrandbits(128):032x}"


def _shown(response: httpx.Response) -> str:
    kept = sorted((key, value) for key, value in response.headers.items() if key not in _PASSED_OVER)
    body = re.sub(r'"request_id":"\w+"', "", response.text)
    return f"{response.status_code} {kept} {body}"


def report(outcome: Outcome) -> None:
    """Print what was found."""
    for name, told in outcome.told.items():
        hidden, unknown = outcome.medians[name]
        print(
            f"{name:13} 2|AUC-0.5| {told:.3f} (chance {outcome.chance[name]:.3f})  bar < {BAR}"
            f"  medians {hidden:.2f} / {unknown:.2f} ms  {'holds' if told < BAR else 'FAILS'}"
        )
    for line in outcome.different:
        print(f"DIFFERENT {line}")


def main() -> int:
    """Run and report; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine_line())
    print(f"calibration loop: {calibration_ms()} ms")
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(given.samples, given.seed, Path(folder), ROOT / "var" / "models"))
    report(outcome)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
