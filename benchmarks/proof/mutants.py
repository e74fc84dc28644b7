"""Faults put into the authorisation code: the tests that guard it must notice each one.

``python -m benchmarks.proof.mutants [--processes 2] [--only WORD] [--tests PART] [--limit 60] [--trusting]``.
Each fault of ``mutations``, ``part_mutations`` and ``answer_mutations`` is put into a copy of the tree, one at a time,
and the tests named beside it are run there.
It is killed when a test fails within the limit (seconds); a run that cannot start, or takes longer, kills nothing.
First the tests have to pass without any fault, unless they are trusted to. Exit code 1 when a fault survives.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from benchmarks.proof.answer_mutations import ANSWER_MUTATIONS
from benchmarks.proof.mutations import MUTATIONS, Mutation
from benchmarks.proof.part_mutations import PART_MUTATIONS
from wenyuan.machine import machine_line

LIMIT_S: Final = 60.0
ROOT: Final = Path(__file__).parents[2]
COPIED: Final = (
    "api",
    "benchmarks",
    "configs",
    "eval",
    "generation",
    "ingest",
    "retrieval",
    "scripts",
    "tests",
    "web",
    "wenyuan",
)
_FAILED: Final = 1  # of pytest: tests were run, and some failed


def copy_tree(folder: Path) -> Path:
    """Return a copy of the tree that faults may be put into; models are shared."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "var").mkdir()
    (folder / "var" / "models").symlink_to((ROOT / "var" / "models").resolve())
    return folder


def run(folder: Path, tests: Iterable[str], limit: float, routes: str = "") -> int | None:
    """Return the exit code of the tests in a copy of the tree, None beyond the limit (seconds)."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "WENYUAN_TEST_ROUTES": routes,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples"),
    }
    with (folder / "output.txt").open("wb") as output:
        try:
            return subprocess.run(  # our own interpreter and tests
                command, cwd=folder, env=environment, stdout=output, stderr=output, timeout=limit, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def put(folder: Path, mutation: Mutation) -> str:
    """Put a fault into a copy of the tree; returns the text of the file as it was."""
    path = folder / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        raise SystemExit(f"{mutation.name}: stands {text.count(mutation.old)} times in {mutation.file}")
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    return text


def judge(folder: Path, mutation: Mutation, limit: float) -> tuple[bool, str]:
    """Return whether the fault is killed, and a line of the table."""
    before = put(folder, mutation)
    started = time.perf_counter()
    try:
        code = run(folder, mutation.tests, limit, mutation.routes)
    finally:
        (folder / mutation.file).write_text(before, encoding="utf-8")
    took = time.perf_counter() - started
    killed = code == _FAILED
    fate = "killed" if killed else "too slow" if code is None else "SURVIVED" if code == 0 else f"broken ({code})"
    return killed, f"{fate:10} {took:5.1f} s  {mutation.name:44} {mutation.file}"


def main() -> int:
    """Run every fault; return 0 when all are killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="part of the names")
    parser.add_argument("--trusting", action="store_true", help="do not run the tests without any fault first")
    parser.add_argument("--tests", default="", help="part of the paths of the tests")
    parser.add_argument("--limit", type=float, default=LIMIT_S)
    given = parser.parse_args()
    every = MUTATIONS + PART_MUTATIONS + ANSWER_MUTATIONS
    chosen = [one for one in every if given.only in one.name and given.tests in " ".join(one.tests)]
    print(machine_line(), flush=True)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(given.processes) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(given.processes):
            free.put(copy_tree(Path(scratch) / str(number)))

        def one(mutation: Mutation) -> tuple[bool, str]:
            folder = free.get()
            try:
                return judge(folder, mutation, given.limit)
            finally:
                free.put(folder)

        def sound(tests: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
            folder = free.get()
            try:
                return run(folder, tests, 10 * given.limit), tests
            finally:
                free.put(folder)

        for code, tests in pool.map(sound, () if given.trusting else dict.fromkeys(one.tests for one in chosen)):
            if code != 0:
                print(f"fail without any fault ({code}): {' '.join(tests)}")
                return 1
        killed = 0
        for dead, line in pool.map(one, chosen):
            print(line, flush=True)
            killed += dead
    print(f"{killed} of {len(chosen)} faults killed")
    return 0 if killed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
