"""How two versions differ: blocks aligned in reading order, the changed ones compared word by word.

Blocks that stand once in either version are anchors (Cohen's patience diff): the longest run of them in both orders is
kept, and what lies between two anchors is compared in the same way. What is left is paired by likeness, so that an
edited paragraph shows as changed and not as removed and added. The effort is bounded at every step.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from ingest.revision.matching import Effort, differences, matches
from wenyuan.db.texts.corrections import plain
from wenyuan.documents import Block, BlockKind
from wenyuan.text import CJK

_RUNNING: Final = {BlockKind.HEADER, BlockKind.FOOTER}
#: Blocks of a gap within which a changed block is looked for.
_WINDOW: Final = 6
_ALIKE: Final = 0.5
#: Words of a block by which likeness is told.
_WORDS: Final = 1_500
_WORD: Final = re.compile(rf"{CJK.pattern}|[^\W_{CJK.pattern[1:-1]}]+|\s+|.", re.DOTALL)


class Change(StrEnum):
    """What became of a block or of a piece of its text."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Step:
    """One block of the comparison, by ordinals in the old and the new version; None where there is none."""

    change: Change
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that stayed, came or went."""

    change: Change
    text: str


def compare(old: Sequence[Block], new: Sequence[Block]) -> list[Step]:
    """Return the steps that lead from ``old`` to ``new`` in reading order, running heads left out."""
    left = [ordinal for ordinal, block in enumerate(old) if block.kind not in _RUNNING]
    right = [ordinal for ordinal, block in enumerate(new) if block.kind not in _RUNNING]
    keys = ([plain(old[ordinal].text) for ordinal in left], [plain(new[ordinal].text) for ordinal in right])
    aligned = _aligned(*keys, old=[old[ordinal] for ordinal in left], new=[new[ordinal] for ordinal in right])
    return [
        Step(step.change, None if step.old is None else left[step.old], None if step.new is None else right[step.new])
        for step in aligned
    ]


def spans(old: str, new: str, effort: Effort) -> list[Span]:
    """Return how ``old`` became ``new``, word by word; their texts put together give both.

    When ``effort`` is spent, what differs is shown in larger pieces.
    """
    before, after = _words(old), _words(new)
    found: list[Span] = []
    at = 0
    for a, b, c, d in (*differences(before, after, effort), (len(before), len(before), len(after), len(after))):
        pieces = (Change.SAME, before[at:a]), (Change.REMOVED, before[a:b]), (Change.ADDED, after[c:d])
        found += (Span(change, "".join(words)) for change, words in pieces if words)
        at = b
    return found


def _aligned(left: Sequence[str], right: Sequence[str], old: Sequence[Block], new: Sequence[Block]) -> Iterator[Step]:
    """Walk both sides from match to match; what lies between two matches is removed, added or changed."""
    a = b = 0
    for i, j in (*_matches(left, right), (len(left), len(right))):
        yield from _gap(range(a, i), range(b, j), old, new)
        if i < len(left):
            yield Step(Change.SAME, i, j)
        a, b = i + 1, j + 1


def _matches(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of equal keys that are kept, ascending on both sides."""
    found: list[tuple[int, int]] = []
    effort = Effort()
    pending = [(0, len(left), 0, len(right))]
    while pending:
        a, b, c, d = pending.pop()
        while a < b and c < d and left[a] == right[c]:
            found.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and left[b - 1] == right[d - 1]:
            b, d = b - 1, d - 1
            found.append((b, d))
        if a == b or c == d:
            continue
        anchors = _anchors(left, right, (a, b, c, d))
        if anchors:
            bounds = [(a - 1, c - 1), *anchors, (b, d)]
            found += anchors
            pending += [(i + 1, k, j + 1, m) for (i, j), (k, m) in pairwise(bounds)]
        else:
            equal = matches(left[a:b], right[c:d], effort)
            found += [(a + i + k, c + j + k) for i, j, size in equal for k in range(size)]
    return sorted(found)


def _anchors(left: Sequence[str], right: Sequence[str], bounds: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """Return the longest ascending run of keys that stand once on either side."""
    a, b, c, d = bounds
    once = {key for key, count in Counter(left[a:b]).items() if count == 1}
    twice = Counter(right[c:d])
    places = {right[j]: j for j in range(c, d) if twice[right[j]] == 1}
    pairs = [(i, places[left[i]]) for i in range(a, b) if left[i] in once and left[i] in places]
    tails: list[int] = []
    heads: list[int] = []
    back: list[int] = []
    for index, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        back.append(heads[place - 1] if place else -1)
        tails[place : place + 1] = [j]
        heads[place : place + 1] = [index]
    chain = []
    index = heads[-1] if heads else -1
    while index >= 0:
        chain.append(pairs[index])
        index = back[index]
    return chain[::-1]


def _gap(lost: Sequence[int], come: Sequence[int], old: Sequence[Block], new: Sequence[Block]) -> Iterator[Step]:
    """Pair blocks of one gap that are versions of each other, in order; the others were removed or added."""
    at = 0
    counted = {k: _counted(new[come[k]].text) for k in range(len(come))} if lost else {}
    for i in lost:
        window = range(at, min(at + _WINDOW, len(come)))
        mine = _counted(old[i].text)
        alike = (k for k in window if old[i].kind is new[come[k]].kind and _alike(mine, counted[k]))
        place = next(alike, None)
        if place is None:
            yield Step(Change.REMOVED, i, None)
            continue
        for k in range(at, place):
            yield Step(Change.ADDED, None, come[k])
        yield Step(Change.CHANGED, i, come[place])
        at = place + 1
    for k in range(at, len(come)):
        yield Step(Change.ADDED, None, come[k])


def _counted(text: str) -> Counter[str]:
    return Counter(word for word in _words(text)[:_WORDS] if not word.isspace())


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    words = one.total() + other.total()
    return words > 0 and 2 * (one & other).total() >= _ALIKE * words


def _words(text: str) -> list[str]:
    """Cut a text into Chinese characters, words of other scripts, and what lies between, nothing left out."""
    return [match.group() for match in _WORD.finditer(text)]
