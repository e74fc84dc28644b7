"""Lists as answers: the line that opens a list with its items, and what of a nested list is its own level."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.pool import Scored
from generation.scoring import Question
from generation.units import UnitKind
from wenyuan.answers import Evidence

_ASKS_HOW: Final = re.compile(
    r"怎[么麼样樣]|如何|步骤|流程|\bhow (?:do|to|can|should|is|are)\b|\bsteps\b", re.IGNORECASE
)
_STEP: Final = re.compile(r"\s*(?:\d{1,2}\s?[.、)）]|[①-⑳])")
#: Items are what is asked for, though no plural says so.
_ASKS_ITEMS: Final = re.compile(
    r"\bwhat\b.{0,60}\b(?:include|contain|cover|consist of)s?\b|\bwhich (?:types?|kinds?|sorts?|categories)\b",
    re.IGNORECASE,
)
_MARK: Final = re.compile(
    r"\s*(?:(?P<sign>[-*•·●○■□◆▪–—])|(?P<inside>[（(](?:[一二三四五六七八九十]+|\d+)[）)])|(?P<round>[①-⑳])"
    r"|(?P<number>\d{1,3})[.)、）]|(?P<letter>[A-Za-z])[.)])"
)
#: The share of the words of a question that an item holds which says itself what is asked; in a list its head does.
_SAYS_ITSELF: Final = 0.5
#: A list line follows what it explains by at most as many units.
_BEHIND: Final = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """``gap``: by how much a line that opens a list may score below the best unit; what of the list is quoted."""

    gap: float
    items: int
    chars: int


class Places:
    """The units of the evidence by where they stand; one passage goes on in the next of the same version."""

    def __init__(self, usable: Sequence[Scored], evidence: Sequence[Evidence]) -> None:
        self._at = {(s.unit.source, s.unit.order): s for s in usable}
        self._last: dict[int, int] = {}
        first: dict[int, Scored] = {}
        for scored in usable:
            known = first.get(scored.unit.source)
            if known is None or scored.unit.order < known.unit.order:
                first[scored.unit.source] = scored
            self._last[scored.unit.source] = max(scored.unit.order, self._last.get(scored.unit.source, 0))
        begins = {(e.version_id, e.ranges[0].ordinal): i for i, e in enumerate(evidence) if e.ranges}
        self._next: dict[int, Scored] = {}
        for source, piece in enumerate(evidence):
            behind = begins.get((piece.version_id, piece.ranges[-1].ordinal + 1)) if piece.ranges else None
            if behind is not None and behind in first:
                self._next[source] = first[behind]

    def before(self, scored: Scored) -> Scored | None:
        """Return the unit before this one in its passage."""
        return self._at.get((scored.unit.source, scored.unit.order - 1))

    def after(self, scored: Scored) -> Scored | None:
        """Return the unit after this one, behind the last of a passage the first of the next."""
        source, order = scored.unit.source, scored.unit.order
        return self._next.get(source) if order >= self._last[source] else self._at.get((source, order + 1))


def asks_for_items(question: Question) -> bool:
    """Say whether items are asked for: which there are, what belongs to a thing."""
    return question.asks_list or bool(_ASKS_ITEMS.search(question.text))


def whole_list(question: Question, usable: Sequence[Scored], places: Places, bounds: Bounds) -> list[Scored]:
    """Return the list that answers, its opening line first, or nothing where none does; ``usable`` best first.

    The list is the one that the best unit opens; where items are asked for, also one whose opening line scores nearly
    as well or stands right behind it, and the one that the best is an item of, unless no line opens it and the item
    itself speaks of what is asked, as a clause among clauses does. So it is of steps where it is asked how.
    Of a list that is longer than the bounds the items of its own level are taken, without what is nested in them.
    """
    best = usable[0]
    if opens(best):
        return _opened(best, places, bounds) or _next(best, places)
    asked = asks_for_items(question)
    if asked and (opener := _opener(best, usable, places, bounds.gap)):
        found = _opened(opener, places, bounds)
        return _with_lead(best, found, places)
    step = _step(question, usable, bounds.gap)
    member = step or best
    if member.unit.kind is not UnitKind.ITEM or not (asked or step):
        return []
    first = member
    while first.unit.kind is UnitKind.ITEM and (before := places.before(first)):
        first = before
    if not (step or opens(first)) and best.features.covered >= _SAYS_ITSELF:
        return []
    return [first, *_within(_items(first, places), first, bounds)]


def with_items(chosen: Sequence[Scored], places: Places, bounds: Bounds) -> list[Scored]:
    """Return ``chosen`` with the items of each line among them that opens a list: it says nothing without them."""
    listed = [item for scored in chosen if opens(scored) for item in _opened(scored, places, bounds)]
    known = {(scored.unit.source, scored.unit.order) for scored in chosen}
    fresh = {(item.unit.source, item.unit.order): item for item in listed}
    return [*chosen, *(item for place, item in fresh.items() if place not in known)]


def _step(question: Question, usable: Sequence[Scored], gap: float) -> Scored | None:
    """Return the best step of those that score nearly as well as the best unit, where it is asked how."""
    if not _ASKS_HOW.search(question.text):
        return None
    near = (s for s in usable if usable[0].score - s.score <= gap)
    return next((s for s in near if s.unit.kind is UnitKind.ITEM and _STEP.match(s.unit.text)), None)


def opens(scored: Scored) -> bool:
    """Say whether a unit is a line that opens a list."""
    return scored.unit.kind is UnitKind.SENTENCE and scored.unit.text[-1] in "：:"


def _opener(best: Scored, usable: Sequence[Scored], places: Places, gap: float) -> Scored | None:
    """Return the best line that opens a list and is near enough to the best unit, in score or in place.

    Of a line nested in the list of another such line the other one: what is asked for is told on its level.
    """
    found: Scored | None = None
    for scored in usable:
        behind = scored.unit.order - best.unit.order if scored.unit.source == best.unit.source else 0
        near = best.score - scored.score <= gap or 0 < behind <= _BEHIND
        if not near or not opens(scored):
            continue
        items = _items(scored, places)
        if items and (found is None or found in items):
            found = scored
    return found


def _opened(opener: Scored, places: Places, bounds: Bounds) -> list[Scored]:
    """Return the opening line with its items: all of them, of a long list those of its own level."""
    found = _items(opener, places)
    if not found:
        return []
    whole = _within(found, opener, bounds)
    if len(whole) == len(found):
        return [opener, *whole]
    own = _level(found[0])
    return [opener, *_within([item for item in found if _level(item) == own], opener, bounds)]


def _within(found: Sequence[Scored], first: Scored, bounds: Bounds) -> list[Scored]:
    """Return as many of the items as the bounds allow; what goes on without a mark is part of its item."""
    taken: list[Scored] = []
    room, marked = bounds.chars - len(first.unit.text), 0
    for item in found:
        room -= len(item.unit.text)
        marked += bool(_level(item))
        if room < 0 or marked > bounds.items:
            break
        taken.append(item)
    return taken


def _items(opener: Scored, places: Places) -> list[Scored]:
    """Return the items that follow a line without a break, with those nested in them, up to the next of its own level.

    A marked line that opens a list is an item itself, the first or one among its like.
    """
    own = _level(opener) if opens(opener) else ""
    levels: set[str] = set()
    found: list[Scored] = []
    after = places.after(opener)
    while after is not None:
        level = _level(after)
        nested = opens(after) and bool(level) and (not found or level in levels)
        if (own and level == own) or not (nested or after.unit.kind is UnitKind.ITEM):
            break
        found.append(after)
        levels.add(level)
        after = places.after(after)
    return found


def _level(scored: Scored) -> str:
    """Return the sort of mark that an item has, "" for what goes on without one."""
    found = _MARK.match(scored.unit.text)
    if found is None:
        return ""
    return found["sign"] or str(found.lastgroup)


def _with_lead(best: Scored, found: list[Scored], places: Places) -> list[Scored]:
    """Return the list with the best unit before it, where that stands right before its opening line."""
    return [best, *found] if places.after(best) is found[0] else found


def _next(scored: Scored, places: Places) -> list[Scored]:
    """Return a line that leads to something else with what it leads to."""
    after = places.after(scored)
    return [scored, after] if after else []
