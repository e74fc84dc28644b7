"""``python -m benchmarks.kills``: exit code 1 when anything is lost, doubled, orphaned, stuck or unerased."""

import argparse
import asyncio
import contextlib
import math
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.kills.drive import Outcome, run
from benchmarks.kills.plan import make_plan
from benchmarks.server import ROOT

#: Each must be 0.
FAULTS: Final = {
    "lost": "acknowledged and neither there nor failed with a reason",
    "duplicates": "the same chunk twice, in SQL or in the index",
    "orphans": "vectors of no current chunk",
    "missing": "current chunks without a vector",
    "partial": "versions that answer with a part of their chunks",
    "stuck": "versions and jobs that wait for nobody",
    "unerased": "text or files of deleted documents",
    "stray files": "stored files of no version",
    "damage": "contents that differ from what was written",
    "unfound": "published and not found by a passage of its own",
    "stale": "answered with a text that was replaced or deleted",
    "leaks": "found by somebody without rights",
    "processes": "processes that outlived the server",
    "stops": "graceful stops that were late or left work marked as running",
    "refused": "calls that were refused",
    "doctor": "findings of `wenyuan doctor`",
}


def main() -> int:
    options = _options()
    rounds = make_plan(options.files, options.kills, options.seed, options.longest)
    with contextlib.ExitStack() as stack:
        if options.keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wenyuan-kills-")))
        else:
            folder = options.keep.resolve()
        outcome = asyncio.run(run(rounds, folder, options.models.resolve(), print))
    print(report(outcome, options.seed))
    return 1 if outcome.findings.faults else 0


def report(outcome: Outcome, seed: int) -> str:
    """Return the table, and up to ten sentences of every fault."""
    found = outcome.findings
    rows: list[tuple[str, object, str]] = [
        ("seed", seed, f"{outcome.seconds:.0f} s in all"),
        ("kills", outcome.kills, f"and {len(outcome.stops)} graceful stops, slowest {max(outcome.stops):.1f} s"),
        ("restarts", len(outcome.starts), "that got ready"),
        ("restart to ready", f"{_p95(outcome.starts):.2f} s", f"p95; median {_median(outcome.starts):.2f} s"),
        ("acknowledged", outcome.acknowledged, f"calls on {len(outcome.entries)} documents"),
        ("interrupted", outcome.interrupted, "calls without an answer, made again"),
        ("unacknowledged", found.unacknowledged, "documents that were stored, but the answer did not arrive"),
        ("published", found.published, f"documents; {found.searched} texts searched for"),
        ("deleted", found.deleted, "documents"),
        ("failed", found.failed, f"with a reason; {found.unexpected_failures} of them only because of the kills"),
        ("attempts", _attempts(outcome), "attempts: jobs"),
        ("temporary", outcome.left_in_temporary_folder, "entries left in the folder for temporary files"),
    ]
    rows += [(kind, found.count(kind), meaning) for kind, meaning in FAULTS.items()]
    lines = [f"{name:18}{value!s:>14}  {meaning}" for name, value, meaning in rows]
    for kind, sentences in found.faults.items():
        lines += [f"{kind}: {sentence}" for sentence in sentences[:10]]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=sys.modules[__name__].__doc__)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=4.0, help="longest life after readiness, in seconds")
    parser.add_argument("--models", type=Path, default=ROOT / "var" / "models")
    parser.add_argument("--keep", type=Path, help="an empty folder to work in and to leave as it is")
    return parser.parse_args()


def _attempts(outcome: Outcome) -> str:
    return " ".join(f"{attempt}:{jobs}" for attempt, jobs in outcome.killed_jobs.items())


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


def _median(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]


if __name__ == "__main__":
    sys.exit(main())
