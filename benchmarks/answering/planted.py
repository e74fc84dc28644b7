"""Planted errors: how many false statements are flagged, and how many true ones.

``python -m benchmarks.answering.planted [--data FILE ...] [--seed 1] [--count 250] [--held-out] [--models-dir DIR]``

Statements are made of facts of offices in Chinese and English (``frames.py``), alone, two in one sentence, and across
the languages, of real sentences of SQuAD-layout files (``--data``; the second half of each, the first is for learning),
of the questions about them (lanes *asked*, ``declared.py``), and of passages by hand (``--written mend``, or ``last``
and ``later``, which nothing was mended with: ``facts/written.py``). True ones are said otherwise; in false ones one
number, date, unit, name, negation, bound, role or attribute was changed. ``--held-out`` takes the kinds of fact that
nothing was tuned on before they were first measured (``later_frames.py``), ``--newest`` those that nothing was mended
with since (there as well). Lanes *elsewhere* hold the true statements of real and
written passages over others about something else (``elsewhere.py``). A statement is flagged when it is not SUPPORTED;
how many of these are PARTIAL stands beside.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.answering.declared import declared_cases
from benchmarks.answering.elsewhere import elsewhere
from benchmarks.answering.facts.cases import Case, frame_cases, two_facts
from benchmarks.answering.facts.frames import FRAMES
from benchmarks.answering.facts.later_frames import LATER, NEWEST
from benchmarks.answering.facts.written import SETS, written_cases
from benchmarks.answering.sentences import half, parallel_cases, real_cases
from benchmarks.extractive.squad import load
from generation.grounding import Grounder, Verdict
from wenyuan.answers import Evidence, Support
from wenyuan.models.embedder import OnnxEmbedder
from wenyuan.models.store import resolve
from wenyuan.ports import Embedder

_FACTS: Final = ("frame:", "two:")


def evidence_of(case: Case) -> list[Evidence]:
    """Return the passages of a case as retrieval hands them over."""
    return [
        Evidence(f"c{i}", f"d{i}", f"v{i}", "", text, "", (), (1,), (), case.passage_language, None, 1.0)
        for i, text in enumerate(case.passages)
    ]


def lanes(args: argparse.Namespace) -> dict[str, list[Case]]:
    """Return the cases by lane, true and false."""
    rng = random.Random(args.seed)
    kinds = NEWEST if args.newest else LATER if args.held_out else FRAMES
    found: dict[str, list[Case]] = {}
    for false in (False, True):
        for language in ("zh", "en"):
            if args.written:
                found[f"written {language} {false}"] = written_cases(args.written, language, false=false)
                continue
            found[f"facts {language} {false}"] = frame_cases(
                rng, args.count, language, language, kinds=kinds, false=false
            )
            found[f"two facts {language} {false}"] = list(
                two_facts(rng, args.count // 5, language, kinds=kinds, false=false)
            )
        for language, other in () if args.written else (("zh", "en"), ("en", "zh")):
            found[f"across {language} over {other} {false}"] = frame_cases(
                rng, args.count // 2, language, other, kinds=kinds, false=false
            )
        for path in args.data:
            data = half(load(path), first=False)
            found[f"{path.name} {false}"] = real_cases(data, rng, args.count, false=false)
            if asked := declared_cases(data, rng, args.count, false=false):
                found[f"{path.name} asked {false}"] = asked
        if args.parallel:
            one, two = (half(load(path), first=False) for path in args.parallel)
            for said, given in ((one, two), (two, one)):
                name = f"across {said.name} over {given.name} {false}"
                found[name] = parallel_cases(said, given, rng, args.count // 2, false=false)
    # Facts are no part of it: the passages of one kind hold facts of the others.
    real = [n for n in found if n.endswith(" False") and not any(c.origin.startswith(_FACTS) for c in found[n])]
    return found | {f"elsewhere {name.removesuffix(' False')}": elsewhere(found[name]) for name in real}


def report(name: str, cases: Sequence[Case], grounder: Grounder, show: int) -> list[float]:
    """Print the figures of a lane and return the seconds of each check."""
    flagged: defaultdict[str, list[bool]] = defaultdict(list)
    partial = shown = 0
    seconds = []
    for case in cases:
        passages = evidence_of(case)
        begun = time.perf_counter()
        verdict = grounder.check(case.statement, passages, range(len(passages)))
        seconds.append(time.perf_counter() - begun)
        bad = verdict.support is not Support.SUPPORTED
        partial += verdict.support is Support.PARTIAL
        flagged[case.change].append(bad)
        if bad is not bool(case.change) and shown < show:
            shown += 1
            _print_miss(case, verdict)
    every = [bad for group in flagged.values() for bad in group]
    parts = " ".join(f"{kind} {sum(g)}/{len(g)}" for kind, g in flagged.items() if kind)
    share = sum(every) / max(1, len(every))
    print(
        f"{name}: flagged {sum(every)}/{len(every)} = {share:.3f} (partial {partial}) {parts}",
        flush=True,
    )
    return seconds


def _print_miss(case: Case, verdict: Verdict) -> None:
    print(
        f"  [{case.change or 'true'}] {case.statement}\n"
        f"      {verdict.support.value} {verdict.score:.2f} {verdict.reasons}"
    )
    for text in case.passages:
        print(f"      > {text[:400]}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--parallel", type=Path, nargs=2, help="two translations of one set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--newest", action="store_true")
    parser.add_argument("--written", choices=tuple(SETS))
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--show", type=int, default=0, help="statements per lane that were judged wrongly")
    parser.add_argument("--only", default="", help="lanes whose name holds this")
    args = parser.parse_args()
    embedder: Embedder | None = OnnxEmbedder(resolve("e5-small-offline", args.models_dir)) if args.models_dir else None
    grounder = Grounder(embedder)
    seconds: list[float] = []
    for name, cases in lanes(args).items():
        if args.only in name:
            seconds += report(name, cases, grounder, args.show)
    seconds.sort()
    if seconds:
        print(f"seconds a statement: p50 {seconds[len(seconds) // 2]:.4f} p95 {seconds[int(len(seconds) * 0.95)]:.4f}")


if __name__ == "__main__":
    main()
