"""What the reader is given of long passages: neighbouring units around the best ones, as much as it was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.units import Unit, UnitKind
from wenyuan.text import cjk_share

#: Characters of a window. The reader was trained on up to 180 Chinese ones; English takes three times as many.
_CHARS: Final = {"zh": 180, "en": 520}


@dataclass(frozen=True, slots=True)
class Window:
    """``evidence[source].text[start:end]``."""

    source: int
    start: int
    end: int

    def holds(self, unit: Unit) -> bool:
        """Whether all of a unit is read."""
        return unit.source == self.source and self.start <= unit.start and unit.end <= self.end


def windows(units: Sequence[Unit], ranked: Sequence[int], most: int) -> list[Window]:
    """Return at most ``most`` windows over ``units`` (in reading order), around those that come first in ``ranked``.

    Windows do not overlap. Rows of tables are no prose: they are not read.
    """
    taken: set[int] = set()
    found: list[Window] = []
    for best in ranked:
        if len(found) == most:
            break
        if best in taken or units[best].kind is UnitKind.ROW:
            continue
        first, last = _grown(units, best, taken)
        taken.update(range(first, last + 1))
        found.append(Window(units[best].source, units[first].start, units[last].end))
    return found


def _grown(units: Sequence[Unit], best: int, taken: set[int]) -> tuple[int, int]:
    """Take in the units before and behind in turns while they fit."""
    first = last = best
    budget = _CHARS["zh" if cjk_share(units[best].text) >= 0.3 else "en"]
    open_sides = {-1, 1}
    while open_sides:
        for side in (-1, 1):
            if side not in open_sides:
                continue
            at = first - 1 if side < 0 else last + 1
            low, high = min(first, at), max(last, at)
            fits = (
                0 <= at < len(units)
                and at not in taken
                and units[at].source == units[best].source
                and units[at].kind is not UnitKind.ROW
                and units[high].end - units[low].start <= budget
            )
            if fits:
                first, last = low, high
            else:
                open_sides.discard(side)
    return first, last
