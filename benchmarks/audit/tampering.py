"""``python -m benchmarks.audit.tampering [--trials 1000] [--seed 1]``: exit code 1 unless every tampering is found.

A log is written and pruned by the product; each trial copies it, tampers with the copy and examines it. The breach that
is named first must be the first entry that is not as it was.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.audit.tamper import ATTACKS
from wenyuan.audit.record import Action, Item
from wenyuan.audit.trail import Trail
from wenyuan.db.audit.opening import open_audit, verify_audit
from wenyuan.settings import Settings

REQUESTS = 120
_PRUNED = 40


@dataclass
class Outcome:
    """Trials by kind; what was missed, and what was found at another entry."""

    trials: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(trials: int, seed: int, folder: Path) -> Outcome:
    """Tamper ``trials`` times with copies of logs in ``folder``."""
    began = time.monotonic()
    made = [_settings(folder / name) for name in ("fresh", "pruned")]
    for pruned, settings in enumerate(made):
        asyncio.run(_write(settings, random.Random(seed), pruned=bool(pruned)))
        verdict = verify_audit(settings)
        if not verdict.sound:
            raise RuntimeError(f"the log is broken before anybody touched it: {verdict}")
    outcome = Outcome()
    for number in range(trials):
        _try(made[number % 2], folder / "copy", random.Random(f"{seed}/{number}"), outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _try(settings: Settings, folder: Path, draw: random.Random, outcome: Outcome) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    copy = _settings(folder)
    shutil.copytree(settings.data_dir.parent, folder)
    log = copy.data_dir / "audit.sqlite3"
    with contextlib.closing(sqlite3.connect(log)) as sql, sql:
        sql.execute("DROP TRIGGER audit_append_only")
        sql.commit()
        checkpoint = _checkpoint(log)
        attack = draw.choice(ATTACKS)(sql, draw)
    verdict = verify_audit(copy)
    outcome.trials[attack.what.split()[0]] += 1
    if verdict.sound:
        outcome.missed.append(f"{attack}")
    elif verdict.breaches[0].sequence not in {attack.first, 1 if _checkpoint(log) != checkpoint else attack.first}:
        outcome.misplaced.append(f"{attack}: {verdict.breaches[:2]}")


async def _write(settings: Settings, draw: random.Random, *, pruned: bool) -> None:
    log = open_audit(settings)
    try:
        for number in range(REQUESTS):
            trail = Trail(log, f"{number:016x}", f"usr_{draw.randrange(9)}")
            trail.epoch = draw.randrange(100)
            items = [
                Item(f"doc_{draw.randrange(30)}", "ver_1", (f"chunk-{part}",)) for part in range(draw.randrange(6))
            ]
            trail.note(draw.choice([Action.RETRIEVE, Action.CITE, Action.ACT]), items, "POST /v1/search")
            await trail.settle()
            if pruned and number == _PRUNED:
                await log.prune(0)
    finally:
        await log.close()


def _checkpoint(log: Path) -> list[tuple[object, ...]]:
    """Return what says that the beginning was pruned: without it nobody can know, and all before is missing."""
    with contextlib.closing(sqlite3.connect(log)) as sql:
        return list(sql.execute("SELECT * FROM audit_entries WHERE action = 'prune'"))


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit.tampering")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenyuan-tampering-") as folder:
        outcome = run(options.trials, options.seed, Path(folder))
    for what, count in sorted(outcome.trials.items()):
        print(f"{what:10} {count:6}")
    found = options.trials - len(outcome.missed)
    print(f"found {found} of {options.trials}, at another entry {len(outcome.misplaced)}, {outcome.seconds:.0f} s")
    for sentence in [*outcome.missed, *outcome.misplaced][:20]:
        print(sentence)
    return 1 if outcome.missed or outcome.misplaced else 0


if __name__ == "__main__":
    sys.exit(main())
