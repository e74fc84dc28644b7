"""Figures of the answerer without a model: ``python -m benchmarks.extractive --data FOLDER [--parts …] [--limit N]``.

Parts: the sets of ``benchmarks.extractive.judging.POOLED`` by name, ``reading``, ``noise``, ``evidence``. Exit code 1
when a bar fails. ``--unread`` leaves the reader out, ``--refuse-below`` sets the threshold.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from benchmarks.extractive.examples import Tools
from benchmarks.extractive.judging import POOLED, Figures, judge_evidence, judge_noise, judge_pooled, judge_reading
from benchmarks.extractive.tools import add_arguments, open_tools
from generation.extract import Extractor, Tuning
from generation.reader.model import open_reader
from wenyuan.machine import machine_line

#: (part, figure): the least it must reach; of a calibration error the most.
BARS: Final = {
    **{
        (part, name): least
        for part in ("drcd", "cmrc")
        for name, least in (
            ("answer contains gold", 0.85),
            ("first citation contains gold", 0.85),
            ("first citation of the right document", 0.95),
        )
    },
    **{(part, "AUROC"): 0.92 for part in ("drcd", "cmrc", "xquad-zh", "xquad-en")},
    ("xquad-zh-en", "AUROC"): 0.75,
    ("law", "AUROC"): 0.75,
    ("reading", "AUROC"): 0.72,
    ("reading", "calibration error"): 0.05,
    ("noise", "refused, negatives only"): 0.80,
    ("noise", "answer contains gold, noise .8"): 0.75,
    ("evidence", "evidence F1"): 0.60,
}
_AT_MOST: Final = "calibration error"

Part = Callable[[Tools, Extractor, int], Figures]


def parts() -> Mapping[str, Part]:
    """Return what is measured, by name."""

    def of(name: str, tools: Tools, extractor: Extractor, limit: int) -> Figures:
        return judge_pooled(tools, extractor, name, limit)

    sets: dict[str, Part] = {name: partial(of, name) for name in POOLED}
    return {**sets, "reading": judge_reading, "noise": judge_noise, "evidence": judge_evidence}


def main() -> int:
    """Run from the command line; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--parts", nargs="*", choices=sorted(parts()), default=[])
    parser.add_argument("--unread", action="store_true")
    parser.add_argument("--refuse-below", type=float, help="the least probability that is answered; the learned one")
    args = parser.parse_args()
    print(machine_line())
    failed = []
    with open_tools(args) as tools:
        reader = None if args.unread else open_reader(args.models_dir)
        extractor = Extractor(tools.embedder, Tuning(refuse_below=args.refuse_below), reader)
        for name, part in parts().items():
            if args.parts and name not in args.parts:
                continue
            print(f"== {name}", flush=True)
            for figure, value in part(tools, extractor, args.limit):
                bar = BARS.get((name, figure))
                missed = bar is not None and (value > bar if figure == _AT_MOST else value < bar)
                print(f"{figure:40s} {value:.3f}{'' if bar is None else f'  bar {bar}'}", flush=True)
                if missed:
                    failed.append(f"{name}: {figure} {value:.3f}, bar {bar}")
    print("\n".join(failed) if failed else "all bars hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
