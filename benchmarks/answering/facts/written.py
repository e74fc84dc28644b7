"""Passages of offices with what a good writer makes of them, true and with one thing changed (``written*.yaml``)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from benchmarks.answering.facts.cases import Case

_FIRST: Final = Path(__file__).with_suffix(".yaml")
_LATER: Final = _FIRST.with_stem("written_later")
#: Sets of pairs by name, a file and every how manieth of its passages from where: for mending, and two held out.
SETS: Final = {"mend": (_FIRST, slice(0, None, 2)), "last": (_FIRST, slice(1, None, 2)), "later": (_LATER, slice(None))}
#: What the passage says, and what the false twin says instead.
_EITHER: Final = re.compile(r"\{([^|}]*)\|([^}]*)\}")
#: Passages that stand beside the one a statement rests on.
_BESIDE: Final = 2


def written_cases(name: str, language: str, *, false: bool) -> list[Case]:
    """Return the statements of a set: ``mend``, and ``last`` and ``later``, which nothing is tuned on.

    Every case has the passage it rests on among two others of its set.
    """
    file, part = SETS[name]
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))[language][part]
    texts = [entry["text"] for entry in entries]
    cases = []
    for place, entry in enumerate(entries):
        passages = tuple((texts[place:] + texts)[: 1 + _BESIDE])
        for change, true, untrue in _pairs(entry["said"]):
            said, kind = (untrue, change) if false else (true, "")
            cases.append(Case(said, passages, language, language, kind, f"written:{name}:{language}:{place}"))
    return cases


def _pairs(block: str) -> Iterator[tuple[str, str, str]]:
    """Yield kind of change, true statement and false twin of each line."""
    for line in block.splitlines():
        change, _, said = line.partition(": ")
        yield change, _EITHER.sub(r"\1", said), _EITHER.sub(r"\2", said)
