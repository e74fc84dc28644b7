"""Many sequences of letters sought in one long one at once.

A sweep over hashes of what the entries begin with, two letters of Chinese ones and three, four or six of Latin ones,
leaves few places; what stands there is looked up in a table. For tens of thousands of entries this takes as long as for
one, and no text is walked through letter by letter.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from generation.guard.words.folding import Codes

Name = TypeVar("Name")
Heads = NDArray[np.uint64]
#: Letters that an entry has at least.
SHORTEST: Final = 2
SHORTEST_LATIN: Final = 3
_BITS: Final = 20
_BLOCK: Final = 1 << 15
_LATIN: Final = 128
_OTHER: Final = 255
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_SIZES: Final = (6, 4, 3)


def _slots(heads: Heads) -> NDArray[np.int64]:
    slots = heads * _PRIME
    slots >>= np.uint64(64 - _BITS)
    return slots.view(np.int64)  # as indices, without a copy


class _Beginnings:
    """What some entries begin with, packed into 64 bits."""

    def __init__(self, heads: Iterable[int]) -> None:
        self._sorted = np.array(sorted(set(heads)), np.uint64)
        self._seen = np.zeros(1 << _BITS, np.bool_)
        self._seen[_slots(self._sorted)] = True

    def __bool__(self) -> bool:
        return len(self._sorted) > 0

    def places(self, heads: Heads) -> NDArray[np.intp]:
        """Return at which places of a text one of them stands."""
        likely = np.flatnonzero(self._seen.take(_slots(heads)))
        sought = heads[likely]
        at = np.minimum(np.searchsorted(self._sorted, sought), len(self._sorted) - 1)
        found: NDArray[np.intp] = likely[self._sorted[at] == sought]
        return found


class Matcher(Generic[Name]):
    """Sequences of letters, each with what it stands for."""

    def __init__(self, entries: Iterable[tuple[Codes, Name]]) -> None:
        """Take the entries, as ``folded`` gives them; those that are too short are left out."""
        self._entries: dict[bytes, Name] = {}
        self._lengths: defaultdict[bytes, set[int]] = defaultdict(set)
        pairs: list[int] = []
        latin: dict[int, list[int]] = {size: [] for size in _SIZES}
        for sequence, name in entries:
            letters = np.ascontiguousarray(sequence, np.uint32)
            narrow = bool((letters < _LATIN).all())
            if len(letters) < (SHORTEST_LATIN if narrow else SHORTEST):
                continue
            self._entries[letters.tobytes()] = name
            self._lengths[letters[:SHORTEST].tobytes()].add(len(letters))
            if narrow:
                size = next(size for size in _SIZES if size <= len(letters))
                latin[size].append(int.from_bytes(letters[:size].astype(np.uint8).tobytes(), "little"))
            else:
                pairs.append(int(letters[0]) | int(letters[1]) << 32)
        self._pairs = _Beginnings(pairs)
        self._latin = {size: _Beginnings(heads) for size, heads in latin.items() if heads}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, letters: Codes) -> Iterator[tuple[int, int, Name]]:
        """Yield (start, end, name) for each entry that stands in ``letters``, at each place the longest."""
        for begin in range(0, len(letters) if self._entries else 0, _BLOCK):
            for place in self._candidates(letters[begin : begin + _BLOCK + _SIZES[0]]):
                if place < _BLOCK:
                    yield from self._at(letters, begin + place)

    def _at(self, letters: Codes, start: int) -> Iterator[tuple[int, int, Name]]:
        head = letters[start : start + SHORTEST].tobytes()
        for size in sorted(self._lengths.get(head, ()), reverse=True):
            name = self._entries.get(letters[start : start + size].tobytes())
            if name is not None and start + size <= len(letters):
                yield start, start + size, name
                return

    def _candidates(self, block: Codes) -> Sequence[int]:
        """Return the places of a block at which an entry may begin, in order."""
        found = []
        if self._pairs and len(block) >= SHORTEST:
            pairs = np.ndarray((len(block) - 1,), np.uint64, np.ascontiguousarray(block), strides=(4,))
            found.append(self._pairs.places(pairs))
        if self._latin:
            # What is no Latin letter is 255, which no entry has; what lies behind the end is that too.
            narrow = np.full(len(block) + 8, _OTHER, np.uint8)
            np.minimum(block, _OTHER, out=narrow[: len(block)], casting="unsafe")
            words = np.ndarray((len(block),), np.uint64, narrow, strides=(1,))
            for size, beginnings in self._latin.items():
                found.append(beginnings.places(words & np.uint64((1 << 8 * size) - 1)))
        places: list[int] = np.unique(np.concatenate(found)).tolist() if found else []
        return places
