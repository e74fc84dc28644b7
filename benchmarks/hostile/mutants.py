"""``python -m benchmarks.hostile.mutants --format pdf --count 20000 --seed 1``: mutants against the parsers.

``--format``: a group (pdf, image, zip, other) or one format. Mutant N of a seed is always the same file, so a run
can be cut into pieces with ``--first`` and ``--count``; ``--seconds`` bounds it. Every thousand mutants, a line says
which one is next and how those before it ended. Exit code 1 when a mutant raised anything but an error
of ours. Mutants that did, or that died or ran into a limit, are kept in ``--keep``.
"""

import argparse
import contextlib
import gc
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.hostile.files.seeds import GROUPS, PACKAGES, SEEDS
from benchmarks.hostile.mutate import mutated
from benchmarks.hostile.trial import Batch, Verdict, warm

_NOTED = ("bug", "died", "limit")
_REPORTED = 1000


def mutant(formats: tuple[str, ...], seed: int, number: int) -> tuple[str, bytes]:
    """Return the format and the bytes of mutant ``number``."""
    random = Random(f"{seed} {number}")
    name = formats[number % len(formats)]
    return name, mutated(_sound(name, seed, number % 97), random, package=name in PACKAGES)


@cache
def _sound(name: str, seed: int, number: int) -> bytes:
    return SEEDS[name](Random(f"{seed} {number}"))


def run(
    formats: tuple[str, ...], seed: int, numbers: range, keep: Path | None, seconds: float
) -> tuple[int, Counter[str], list[str], float]:
    """Try mutants; returns how many, outcomes, a line for each that is noted, and the slowest in seconds."""
    outcomes: Counter[str] = Counter()
    noted: list[str] = []
    slowest, tried = 0.0, 0
    deadline = time.monotonic() + seconds
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-"))
        files, scratch = Path(folder) / "files", Path(folder) / "scratch"
        files.mkdir()
        scratch.mkdir()
        warm(formats, Path(folder))
        gc.freeze()  # else the collector of every fork copies what they share
        batch = stack.enter_context(contextlib.closing(Batch(files, scratch)))
        for number in numbers:
            if time.monotonic() > deadline:
                break
            name, data = mutant(formats, seed, number)
            path = files / f"mutant.{name}"
            path.write_bytes(data)
            verdict = batch.attempt(path)
            tried += 1
            outcomes[verdict.outcome] += 1
            slowest = max(slowest, verdict.seconds)
            if tried % _REPORTED == 0:
                print(f"  next --first {number + 1}, seed {seed}: {_shown(outcomes)}", flush=True)
            if verdict.outcome in _NOTED or verdict.intake_s > 1 or verdict.seconds > 10:
                noted.append(_line(name, number, verdict))
                print(noted[-1], flush=True)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{number}.{name}").write_bytes(data)
    return tried, outcomes, noted, slowest


def _shown(outcomes: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in outcomes.most_common())


def _line(name: str, number: int, verdict: Verdict) -> str:
    return (
        f"  {name} {number}: {verdict.outcome} {verdict.detail} "
        f"({verdict.seconds:.1f} s, intake {verdict.intake_s:.1f} s, after {verdict.after_s:.1f} s)"
    )


def main() -> int:
    """Run and print one line of outcomes per format group."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile.mutants", description=__doc__)
    parser.add_argument("--format", default="pdf", choices=sorted({*GROUPS, *SEEDS}))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10**9)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    formats = GROUPS.get(arguments.format, (arguments.format,))
    numbers = range(arguments.first, arguments.first + arguments.count)
    tried, outcomes, _, slowest = run(formats, arguments.seed, numbers, arguments.keep, arguments.seconds)
    asked = f"{tried} of {arguments.count} mutants of seed {arguments.seed} from {arguments.first}"
    print(f"{arguments.format}: {asked}, slowest {slowest:.1f} s: {_shown(outcomes)}")
    return 1 if outcomes["bug"] else 0


if __name__ == "__main__":
    sys.exit(main())
