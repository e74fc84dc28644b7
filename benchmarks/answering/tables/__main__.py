"""Questions over tables, measured: ``python -m benchmarks.answering.tables --documents DIR [DIR …] [--tatqa FILE]``.

Prints for each half of our own questions how many are exact, and of the rest how many were answered wrongly, refused
though the table holds the answer, or answered though it does not; the time of a question; with ``--tatqa`` the exact
match and F1 of each half of the contexts of that file by kind of question. ``--wrong`` lists what was not exact.
"""

import argparse
import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.answering.tables.asked import answered, candidates, is_offered, is_right, parse_all, questions
from benchmarks.answering.tables.tatqa import Context, contexts, judged
from generation.tables.deciding import by_rules
from generation.tables.reading.asking import read_question


def main() -> int:
    """Measure; returns 0."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", nargs="+", type=Path, required=True)
    arguments.add_argument("--tatqa", type=Path)
    arguments.add_argument(
        "--wrong", nargs="*", default=[], metavar="HALF", help="list what was not exact of these halves"
    )
    given = arguments.parse_args()
    asyncio.run(own(given.documents, given.wrong))
    if given.tatqa:
        kept = contexts(given.tatqa)
        middle = len(kept) // 2
        public("first half, tuned on", kept[:middle])
        public("second half", kept[middle:])
    return 0


async def own(folders: Sequence[Path], wrong: Sequence[str]) -> None:
    """Measure our own questions and print a line for each half."""
    asked = questions()
    parsed = await parse_all([one.file for one in asked], folders)
    exact: Counter[str] = Counter()
    missed: dict[str, Counter[str]] = defaultdict(Counter)
    sizes = Counter(one.half for one in asked)
    seconds = []
    for one in asked:
        tables = candidates(one, parsed[one.file])
        started = time.perf_counter()
        found = by_rules(read_question(one.ask), tables)
        decision = found[0] if len(found) == 1 else None
        seconds.append(time.perf_counter() - started)
        if is_right(one, decision):
            exact[one.half] += 1
            continue
        kind = "refused" if decision is None else "not refused" if one.gold is None else "wrong"
        kind = "told with others" if is_offered(one, found) else kind
        missed[one.half][kind] += 1
        if one.half in wrong:
            print(f"  {kind}: {one.file} {one.ask} | {one.gold} | {decision and answered(decision)}")
    for half, size in sizes.items():
        left = ", ".join(f"{count} {kind}" for kind, count in sorted(missed[half].items()))
        print(f"{half:6} {exact[half]}/{size} exact = {exact[half] / size:.3f}; {left}")
    print(f"all    {exact.total()}/{len(asked)} exact = {exact.total() / len(asked):.3f}")
    seconds.sort()
    refusals = sum(one.gold is None for one in asked) / len(asked)
    print(f"to be refused {refusals:.2f}; a question p50 {_at(seconds, 0.5):.1f} ms, p95 {_at(seconds, 0.95):.1f} ms")


def _at(seconds: Sequence[float], share: float) -> float:
    return seconds[int(len(seconds) * share)] * 1000


def public(title: str, kept: Sequence[Context]) -> None:
    """Measure contexts of TAT-QA and print a line for each kind of question, and one for all."""
    rows: dict[str, list[tuple[float, float, bool]]] = defaultdict(list)
    for asked, answer, exact, f1 in judged(kept):
        for kind in (f"{asked.kind} from {asked.origin}", asked.kind, "all"):
            rows[kind].append((exact, f1, answer.derived))
    print(f"TAT-QA, {title}: {len(kept)} contexts")
    for kind, found in sorted(rows.items()):
        derived = [exact for exact, _, by_plan in found if by_plan]
        told = f"{sum(derived) / len(derived):.3f} of {len(derived)} derived" if derived else "none derived"
        means = [sum(one[part] for one in found) / len(found) for part in (0, 1)]
        print(f"  {kind:28} {len(found):4}  EM {means[0]:.3f}  F1 {means[1]:.3f}  exact {told}")


if __name__ == "__main__":
    raise SystemExit(main())
