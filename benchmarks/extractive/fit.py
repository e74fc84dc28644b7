"""Learns ``configs/extraction.yaml``: ``python -m benchmarks.extractive.fit --data FOLDER [--limit N]``.

The sets are those of ``benchmarks.extractive.examples``; none of their questions is judged by ``benchmarks.extractive``
and the reader was not trained on them. Weights are learned for each of what may be at hand: cosines and reader.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.extractive.examples import TAUGHT, Tools, examples, silent_examples, taught
from benchmarks.extractive.learning import ANSWERED, Example, alike, learn_gate, learn_units
from benchmarks.extractive.squad import SILENT
from benchmarks.extractive.tools import add_arguments, open_tools
from generation.extract import Extractor
from generation.reader.model import open_reader
from generation.scoring import SUPPORT_NAMES, UNIT_NAMES
from generation.weights import CASES, KINDS, WEIGHTS, LinearModel
from wenyuan.ports import Embedder

_HEADER = """\
# Weights of the extractive answerer over the features of generation/scoring.py, learned by
# `python -m benchmarks.extractive.fit`; what was set since stands in docs/adr/0026-reader.md.
"""


def gather(tools: Tools, extractor: Extractor, limit: int) -> dict[str, list[Example]]:
    """Return examples by case."""
    found: dict[str, list[list[Example]]] = {case: [] for case in CASES}
    for chosen in TAUGHT:
        rows = taught(tools, chosen, limit)
        found[chosen.case].append([one for row in rows for one in examples(tools, extractor, chosen.case, row)])
        print(f"{chosen.case} {chosen.spec}: {len(rows)} questions", flush=True)
    told = silent_examples(tools, extractor, limit)
    print(f"zh {SILENT}: {len(told)} questions", flush=True)
    return {case: alike(sets) + (told if case == "zh" else []) for case, sets in found.items()}


def learned(found: Mapping[str, Sequence[Example]], fingerprint: str) -> dict[str, Any]:
    """Return the content of the file."""
    content: dict[str, Any] = {"embedder": fingerprint}
    for (cosines, reader), kind in KINDS.items():
        units = {case: learn_units(found[case], cosines=cosines, reader=reader) for case in CASES}
        gates = {
            case: learn_gate(found[case], cosines=cosines, reader=reader, answered=ANSWERED[case]) for case in CASES
        }
        content[kind] = {
            "units": {case: _named(model, UNIT_NAMES) for case, model in units.items()},
            "gates": {case: _named(gate.model, SUPPORT_NAMES) for case, gate in gates.items()},
            "thresholds": {case: gate.threshold for case, gate in gates.items()},
        }
    return content


def write(content: Mapping[str, Any], path: Path) -> None:
    """Write the file."""
    body = yaml.safe_dump(dict(content), sort_keys=False, default_flow_style=None, width=110)
    path.write_text(_HEADER + body, encoding="utf-8")


def _named(model: LinearModel, names: Sequence[str]) -> dict[str, float]:
    return {"bias": model.bias, **dict(zip(names, model.weights, strict=True))}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    with open_tools(args) as tools:
        embedder: Embedder = tools.embedder
        extractor = Extractor(embedder, reader=open_reader(args.models_dir))
        write(learned(gather(tools, extractor, args.limit), embedder.fingerprint), args.out)


if __name__ == "__main__":
    main()
