"""What two sequences have in common, found within a stated effort.

After Ratcliff and Obershelp, as in ``difflib``: the longest common piece, and again on either side of it. That is cubic
for texts of few different characters, and a document may be made of them; here every search is paid for beforehand.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final

_EFFORT: Final = 2_000_000


@dataclass(slots=True)
class Effort:
    """How many pairs of items may still be looked at; all of it is spent in about a second."""

    left: int = _EFFORT


def matches(old: Sequence[str], new: Sequence[str], effort: Effort) -> Iterator[tuple[int, int, int]]:
    """Yield (place in ``old``, place in ``new``, length) of common pieces, ascending on both sides.

    The common beginning and end are always found, what lies between them as far as ``effort`` reaches.
    """
    longest = min(len(old), len(new))
    head = next((at for at in range(longest) if old[at] != new[at]), longest)
    tail = next((at for at in range(longest - head) if old[-1 - at] != new[-1 - at]), longest - head)
    if head:
        yield 0, 0, head
    for a, b, size in _between(old[head : len(old) - tail], new[head : len(new) - tail], effort):
        yield a + head, b + head, size
    if tail:
        yield len(old) - tail, len(new) - tail, tail


def differences(old: Sequence[str], new: Sequence[str], effort: Effort) -> Iterator[tuple[int, int, int, int]]:
    """Yield (old start, old end, new start, new end) of what lies between the common pieces."""
    a = b = 0
    for i, j, size in (*matches(old, new, effort), (len(old), len(new), 0)):
        if i > a or j > b:
            yield a, i, b, j
        a, b = i + size, j + size


def _between(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[tuple[int, int, int]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    times = Counter(new)
    costs = [0, *accumulate(1 + times[item] for item in old)]
    found = []
    pending = deque([(0, len(old), 0, len(new))])
    while pending:
        a, b, c, d = pending.popleft()
        cost = costs[b] - costs[a]
        if a == b or c == d or cost > effort.left:
            continue
        effort.left -= cost
        i, j, size = matcher.find_longest_match(a, b, c, d)
        if size:
            found.append((i, j, size))
            pending += ((a, i, c, j), (i + size, b, j + size, d))
    return sorted(found)
