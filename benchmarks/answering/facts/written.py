"""Passages of offices with what a good writer makes of them, true and with one thing changed (``written.yaml``)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from benchmarks.answering.facts.cases import Case

FILE: Final = Path(__file__).with_suffix(".yaml")
#: What the passage says, and what the false twin says instead.
_EITHER: Final = re.compile(r"\{([^|}]*)\|([^}]*)\}")
#: Passages that stand beside the one a statement rests on.
_BESIDE: Final = 2


def written_cases(language: str, *, held_out: bool, false: bool) -> list[Case]:
    """Return the statements over the passages with an odd place, or over the even ones that were held out.

    Every case has the passage it rests on among two others of its half.
    """
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))[language][held_out::2]
    texts = [entry["text"] for entry in entries]
    cases = []
    for place, entry in enumerate(entries):
        passages = tuple((texts[place:] + texts)[: 1 + _BESIDE])
        for change, true, untrue in _pairs(entry["said"]):
            said, kind = (untrue, change) if false else (true, "")
            cases.append(Case(said, passages, language, language, kind, f"written:{language}:{place}"))
    return cases


def _pairs(block: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind of change, true statement and false twin of each line."""
    for line in block.splitlines():
        change, _, said = line.partition(": ")
        yield change, _EITHER.sub(r"\1", said), _EITHER.sub(r"\2", said)
