"""``python -m benchmarks.hostile``: every hostile file against type check, parser, chunker and profile.

Fails when one raises anything but an error of ours, is read although it must be refused, or is read without the warning
it deserves; when a bomb takes longer than a second or 200 MiB to refuse; and when the server or the worker, which have
no limits, are kept busy. A process that dies or runs into its limits is counted: that is what it is for.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.hostile.files.bombs import Case, bombs
from benchmarks.hostile.files.packages import hostile_packages
from benchmarks.hostile.files.pdfs import hostile_pdfs
from benchmarks.hostile.files.seeds import SEEDS
from benchmarks.hostile.files.texts import hostile_texts
from benchmarks.hostile.trial import Verdict, attempt, warm
from ingest.chunking.chunker import StructureChunker
from ingest.enrich.profile import profile_of
from ingest.enrich.reading import read
from wenyuan.documents import Block, BlockKind, ParsedDocument
from wenyuan.settings import EnrichSettings

BOMB_S = 1.0
BOMB_MB = 200.0
SLOW_S = 20.0
INTAKE_S = 2.0


def corpus() -> Iterator[Case]:
    """Yield every hostile file."""
    yield from bombs()
    yield from hostile_packages()
    yield from hostile_pdfs()
    yield from hostile_texts()


def fault(case: Case, verdict: Verdict, *, timed: bool = True) -> str:
    """Say what is wrong with how a case ended, "" when nothing is."""
    if verdict.outcome == "bug":
        return f"{verdict.outcome}: {verdict.detail}"
    if case.refused and verdict.outcome == "parsed":
        return "was read"
    if case.warning and not any(case.warning in warning for warning in verdict.warnings):
        return f"no warning {case.warning} ({verdict.outcome})"
    if case.kind.startswith("bomb"):
        if timed and verdict.seconds > BOMB_S:
            return f"{verdict.seconds:.1f} s"
        return f"{verdict.peak_mb:.0f} MB" if verdict.peak_mb > BOMB_MB else ""
    if timed and verdict.intake_s > INTAKE_S:
        return f"{verdict.intake_s:.1f} s in the server"
    if timed and verdict.after_s > SLOW_S:
        return f"{verdict.after_s:.1f} s in the worker"
    return ""


def digest(parsed: ParsedDocument) -> None:
    """Do to a parsed file what the worker does to it before the embedder: chunks and profile."""
    StructureChunker(lambda text: 1 + len(text) // 2, 310, "lexical").chunk("title", parsed)
    profile_of(EnrichSettings(), read("title", parsed.blocks), "text/plain", {})


def main() -> int:
    """Run the corpus and print what is wrong, and how the cases ended by kind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--only", default="", help="cases whose kind holds this word")
    parser.add_argument("--verbose", action="store_true", help="one line a case")
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    faults = bombs_seen = 0
    slowest = Verdict("")
    # Dictionaries are loaded once, here: every trial is a fork of this process.
    digest(ParsedDocument((), (Block(BlockKind.PARAGRAPH, "报销须在三十日内提交。"),)))
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        warm(SEEDS, Path(folder))
        for case in corpus():
            if arguments.only not in case.kind:
                continue
            path = Path(folder) / "case"
            path.write_bytes(case.data)
            verdict = attempt(path, case.filename, scratch, digest)
            outcomes[verdict.outcome] += 1
            bombs_seen += case.kind.startswith("bomb")
            slowest = max(slowest, verdict, key=lambda one: one.seconds)
            wrong = fault(case, verdict)
            faults += bool(wrong)
            if wrong or arguments.verbose:
                shown = f"{verdict.outcome} {verdict.detail} {verdict.seconds:.2f} s, after {verdict.after_s:.2f} s"
                print(
                    f"{'FAULT ' if wrong else ''}{case.kind} ({case.filename[-30:]!r}): {wrong or 'ok'} [{shown}]",
                    flush=True,
                )
    shown = ", ".join(f"{name} {count}" for name, count in outcomes.most_common())
    print(
        f"{sum(outcomes.values())} hostile files, {bombs_seen} of them bombs; slowest {slowest.seconds:.1f} s: {shown}"
    )
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
