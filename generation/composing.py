"""Answers of more than one quote: the openings of a document's sections, and the two sides of a comparison."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from generation.pool import Scored
from generation.units import Unit, UnitKind
from wenyuan.text import content_terms

_PROSE: Final = frozenset({UnitKind.SENTENCE, UnitKind.ITEM})
_COMPARED_ZH: Final = (
    re.compile(
        r"(?P<a>.{1,40}?)(?:和|与|跟|同|及|相比于|比起)(?P<b>.{1,40}?)(?:相比|之间|两者|的|在|有|，|,).*?"
        r"(?:不同|区别|差异|差别|异同|对比|比较|不一样)"
    ),
    re.compile(r"(?:比较|对比)(?:一下)?(?P<a>.{1,40}?)(?:和|与|跟|同|及)(?P<b>.{1,40}?)(?:的|在|，|,|。|？|\?|$)"),
)
_COMPARED_EN: Final = (
    re.compile(r"\bdifferences? between (?P<a>.{2,60}?) and (?P<b>.{2,60}?)(?:\?|,|\.|$| in | for )", re.IGNORECASE),
    re.compile(r"\bcompare (?P<a>.{2,60}?) (?:and|with|to) (?P<b>.{2,60}?)(?:\?|,|\.|$)", re.IGNORECASE),
    re.compile(
        r"\bhow (?:do|does) (?P<a>.{2,60}?) (?:and (?P<b>.{2,60}?) differ|differ from (?P<c>.+?)(?:\?|$))",
        re.IGNORECASE,
    ),
)


def sides(question: str) -> tuple[str, str] | None:
    """Return the two things that a question compares, None when it compares none."""
    for pattern in (*_COMPARED_ZH, *_COMPARED_EN):
        if match := pattern.search(question):
            found = match.groupdict()
            other = found["b"] or found.get("c")
            if other:
                return found["a"].strip(), other.strip()
    return None


def one_of_each(compared: tuple[str, str], usable: Sequence[Scored]) -> list[Scored]:
    """Return the best unit (of ``usable``, best first) that speaks of one side, then that of the other, or nothing.

    A unit speaks of a side when it, its headings or its title hold more of what only this side is called.
    """
    terms = [set(content_terms(side, bare=True)) for side in compared]
    own = [terms[0] - terms[1], terms[1] - terms[0]]
    if not all(own):
        return []
    chosen: list[Scored] = []
    for mine, other in ((own[0], own[1]), (own[1], own[0])):
        for scored in usable:
            about = set(content_terms(f"{scored.unit.context} {scored.unit.text}"))
            share = len(mine & about) / len(mine)
            if share >= 0.5 and share > len(other & about) / len(other) and scored not in chosen:
                chosen.append(scored)
                break
        else:
            return []
    return chosen


def with_neighbours(chosen: Sequence[Scored], usable: Sequence[Scored], most: int, worth: float) -> list[Scored]:
    """Return ``chosen`` (best first) with the units beside the best that are worth reading along, at most ``most``.

    Scores are taken as logits of a unit being the answer: a run of neighbours gains what their probabilities add and
    costs ``worth`` for each unit that was not chosen before. Only sentences and items of one passage make a run.
    """
    best = chosen[0]
    if best.unit.kind not in _PROSE:
        return list(chosen)
    logits = np.array([scored.score for scored in usable])
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    near = {
        scored.unit.order: (scored, float(share))
        for scored, share in zip(usable, shares, strict=True)
        if scored.unit.source == best.unit.source and scored.unit.kind in _PROSE
    }
    known = {scored.unit.order for scored in chosen if scored.unit.source == best.unit.source}
    room = most - len(chosen)

    def gain(run: range) -> float:
        fresh = sum(order not in known for order in run)
        return sum(near[order][1] for order in run) - worth * fresh if fresh <= room else -1.0

    runs = [
        range(first, first + size)
        for size in range(1, most + 1)
        for first in range(best.unit.order - size + 1, best.unit.order + 1)
        if all(order in near for order in range(first, first + size))
    ]
    return [*chosen, *(near[order][0] for order in max(runs, key=gain) if order not in known)]


def openings(units: Sequence[Unit], headings: Sequence[tuple[str, ...]], most: int) -> list[Unit]:
    """Return the first sentence or item under each heading, in the order of the document, at most ``most``.

    ``units`` in reading order; ``headings`` are the heading paths of their passages, by source. When there are more
    sections than ``most`` the upper levels are kept: of a path only as many levels count as leave few enough.
    """
    readable = [u for u in units if u.kind in _PROSE]
    if not readable:
        return list(units[:most])
    deepest = max(len(path) for path in headings) if headings else 0
    chosen: list[Unit] = []
    for depth in range(deepest, -1, -1):
        seen: set[tuple[str, ...]] = set()
        chosen = []
        for unit in readable:
            path = headings[unit.source][:depth]
            if path not in seen:
                seen.add(path)
                chosen.append(unit)
        if len(chosen) <= most:
            break
    return chosen[:most]
