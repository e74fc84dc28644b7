"""Answers of more than one quote: the openings of a document's sections, and the two sides of a comparison."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from generation.pool import Scored
from generation.units import Unit, UnitKind
from wenyuan.text import content_terms

_PROSE: Final = frozenset({UnitKind.SENTENCE, UnitKind.ITEM})
_FIRST_ITEMS: Final = 3
_LEAST_SAID: Final = 4
_SAID: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z]{2,}")
_ENDS: Final = re.compile(r"[。！？!?；;.…：:][”’」』）)\]\"']*$")
_ASIDE: Final = re.compile(
    r"(?:[\d.]+\s*)?(?:参考文献|致谢|鸣谢|目\s*录|作者简介"
    r"|references\b|bibliography\b|acknowledge?ments?\b|(?:table of )?contents$)",
    re.IGNORECASE,
)
#: Authors with where they work, where and when it appeared, how to cite it.
_FRONT_MATTER: Final = re.compile(
    r"@|\d{5,6}\s*[)）;；]*$|\b\d{5,6},\s+[A-Z]|^\s*注[：:]|通[讯信]作者|作者简介|收稿日期|基金项目|引用格式|中图分类号|文献标[识志]码|第\s*\d+\s*卷|关\s*键\s*[词字][：:]|\[J\]"
    r"|\bdoi\b|\bvol\.\s*\d|\bcorresponding author|\bkey ?words:",
    re.IGNORECASE,
)
#: What the sentence before has told.
_POINTS_BACK: Final = re.compile(r"这些|這些|上述|前述|\b(?:these|the above|the former|the latter)\b", re.IGNORECASE)
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


def without_holes(chosen: Sequence[Scored], usable: Sequence[Scored]) -> list[Scored]:
    """Return ``chosen`` (best first) with what has to be read along.

    That is the sentence before the best where that points back to it, and a single one left out between two that
    are quoted. Only sentences and items are.
    """
    prose = {(s.unit.source, s.unit.order): s for s in usable if s.unit.kind in _PROSE}
    source, order = chosen[0].unit.source, chosen[0].unit.order
    taken = {(s.unit.source, s.unit.order) for s in chosen}
    if (source, order) in prose and _POINTS_BACK.search(chosen[0].unit.text):
        taken.add((source, order - 1))
    holes = {(s, o + 1) for s, o in taken if {(s, o), (s, o + 2)} <= prose.keys() and (s, o + 2) in taken}
    known = {(s.unit.source, s.unit.order) for s in chosen}
    return [*chosen, *(prose[place] for place in sorted((taken | holes) - known) if place in prose)]


def pieces(units: Sequence[Unit]) -> list[list[Unit]]:
    """Join units that follow each other in one passage into one piece; pieces stay in the order of their best unit."""
    runs: list[list[Unit]] = []
    for unit in units:
        beside = [r for r in runs if r[0].source == unit.source and unit.order in (r[0].order - 1, r[-1].order + 1)]
        if not beside:
            runs.append([unit])
            continue
        first, *others = beside
        for other in others:
            first.extend(other)
            runs.remove(other)
        first.append(unit)
        first.sort(key=lambda u: u.order)
    return runs


def openings(units: Sequence[Unit], headings: Sequence[tuple[str, ...]], most: int) -> list[list[Unit]]:
    """Return the first sentence or item that says something under each heading, in reading order, at most ``most``.

    ``units`` in reading order; ``headings`` are the heading paths of their passages, by source. When there are more
    sections than ``most`` the upper levels are kept: of a path only as many levels count as leave few enough. A line
    that opens a list comes with its first items. Who wrote it, where it appeared and what it cites sums nothing up.
    """
    prose = [u for u in units if u.kind in _PROSE]
    readable = [u for u in prose if _sums_up(u, headings[u.source])] or prose
    if not readable:
        return [[unit] for unit in units[:most]]
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
    listed = {(u.source, u.order): u for u in units if u.kind is UnitKind.ITEM}
    return [_with_items(unit, listed) for unit in chosen[:most]]


def _sums_up(unit: Unit, path: Sequence[str]) -> bool:
    if any(_ASIDE.match(heading) for heading in path) or _FRONT_MATTER.search(unit.text):
        return False
    said = len(_SAID.findall(unit.text))
    return said >= _LEAST_SAID and (unit.kind is UnitKind.ITEM or bool(_ENDS.search(unit.text)))


def _with_items(unit: Unit, listed: Mapping[tuple[int, int], Unit]) -> list[Unit]:
    run = [unit]
    if unit.text.endswith(("：", ":")):
        while len(run) <= _FIRST_ITEMS and (item := listed.get((unit.source, run[-1].order + 1))):
            run.append(item)
    return run
