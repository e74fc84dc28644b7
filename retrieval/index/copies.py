"""Copies of one byte a dimension beside the engine in process: candidates for a search, never its answer.

Each vector is copied with a step of its own, so that which candidates a scope gets is a function of the vectors that it
sees. The copies of a block are compared together by SIMD, which takes a sixth of the engine's time for a point that it
has to look up by its policy. What comes out is asked of the engine again by id, with the scope's filter and the
vectors themselves: a copy that is out of date can cost a place but shows nothing.

Copies are written before the engine is, in files of their own (:mod:`retrieval.index.rows`): new points have theirs at
once, and an opened index maps them. After a crash, and for an index from before there were copies, what the engine has
and they have not is copied when the index is opened.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
import simsimd
from numpy.typing import NDArray

from retrieval.index.rows import GONE, QUESTION, ROW, TEXT, Codes, RowFiles, Rows, arrange
from wenyuan.access import AccessScope
from wenyuan.ports import Vectors

#: Rows compared in one call, for which the interpreter may be held.
_BLOCK: Final = 8192
#: The visible share of a block from which all of it is compared: what lies together is read faster than it is picked.
_DENSE: Final = 1 / 8
#: The mean length of runs of visible rows from which each run is compared for itself.
_RUN: Final = 64
_LARGEST: Final = 127
#: The least step: a vector of zeros has one too.
_LEAST: Final = 1e-30
_DIGITS: Final = 32
#: Room for this much more than is needed whenever the arrays grow.
_GROWTH: Final = 1.25

_T = TypeVar("_T", bound=np.generic)

Places = NDArray[np.int64]


class Point(NamedTuple):
    """A point to copy: its id, what it belongs to, whether it is a question, and its vector (dimension,)."""

    id: str
    document: str
    version: str
    policy: int
    question: bool
    vector: Vectors


@dataclass(frozen=True, slots=True)
class _View:
    """What a search looks at: the first ``count`` rows, and their codes (count, dimension).

    ``slots`` are small numbers of the policies, 0 for a row that is gone; ``scales`` are the lengths of the steps.
    """

    count: int
    rows: Rows
    slots: NDArray[np.int32]
    scales: NDArray[np.float32]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scope may see: places of rows, ascending."""

    view: _View
    places: Places


class Copies:
    """The copies of one index. Searches may run beside one writer; their rows are as of some moment between."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Open or create the copies in ``folder``."""
        arrange(folder, dimension)
        self._files = RowFiles(folder, dimension)
        self._slots: dict[int, int] = {}
        rows = self._files.read()
        self._documents = set(rows["document"].tolist())
        scales = np.ascontiguousarray(rows["scale"])
        self._view = _View(len(rows), rows, self._slots_of(rows), scales, self._files.map())

    def close(self) -> None:
        """Close the files."""
        self._files.close()

    def __len__(self) -> int:
        """Return how many points have copies."""
        view = self._view
        return int(np.count_nonzero(view.slots[: view.count]))

    def points(self) -> set[str]:
        """Return the ids of the points that have copies."""
        rows = self._view.rows[: self._view.count]
        return {str(uuid.UUID(bytes=bytes(point))) for point in rows["point"][rows["state"] != GONE]}

    def put(self, points: Sequence[Point]) -> None:
        """Copy the vectors of points; earlier copies of the same points stand no more."""
        if not points:
            return
        fresh = {point.id: point for point in points}
        rows, codes = _records(list(fresh.values()))
        if known := self._documents.intersection(rows["document"].tolist()):
            self._drop(self._places_of(known, fresh))
        self._files.append(rows, codes)
        self._documents.update(rows["document"].tolist())
        view, count = self._view, self._files.count
        kept, slots, scales = view.rows, view.slots, view.scales
        if count > len(kept):
            room = int(count * _GROWTH)
            kept, slots = _grown(kept, view.count, room), _grown(slots, view.count, room)
            scales = _grown(scales, view.count, room)
        kept[view.count : count] = rows
        slots[view.count : count] = self._slots_of(rows)
        scales[view.count : count] = rows["scale"]
        self._view = _View(count, kept, slots, scales, self._files.map())

    def forget(self, points: Iterable[str]) -> None:
        """Remove the copies of points."""
        self._drop(self._places_of(None, points))

    def remove(self, *, document: str | None = None, version: str | None = None, questions: bool = False) -> None:
        """Remove the copies of a document or of a version, with ``questions`` those of its questions alone."""
        view = self._view
        rows = view.rows[: view.count]
        found = rows["document"] == _hash(document) if document is not None else rows["version"] == _hash(version or "")
        found &= rows["state"] == QUESTION if questions else rows["state"] != GONE
        self._drop(np.flatnonzero(found))

    def move(self, document: str, policy: int, points: Iterable[str] | None = None) -> None:
        """Put the copies of a document, or of some of its points, under another policy."""
        view = self._view
        own = _hash(document)
        if points is None:
            places = np.flatnonzero(view.rows["document"][: view.count] == own)
        else:
            places = self._places_of({int(own)}, points)
        if len(places):
            view.rows["policy"][places] = policy
            view.slots[places] = np.where(view.rows["state"][places] == GONE, 0, self._slot(policy))
            self._files.rewrite(places, view.rows[places])

    def visible(self, scope: AccessScope) -> Seen:
        """Return the rows that the scope may see, as ``best`` takes them."""
        view = self._view
        # Rows written since have larger numbers: they fall on the last place, which nobody sees.
        table = np.zeros(len(self._slots) + 2, bool)
        table[[self._slots[policy] for policy in scope.policy_ids if policy in self._slots]] = True
        table[-1] = False
        places = np.flatnonzero(table.take(view.slots[: view.count], mode="clip"))
        if scope.documents is not None:
            wanted = np.array([_hash(document) for document in scope.documents], np.uint64)
            places = places[np.isin(view.rows["document"][places], wanted)]
        return Seen(view, places)

    def best(self, seen: Seen, vector: Vectors, count: int) -> list[str]:
        """Return the ids of about the ``count`` nearest among the rows that ``visible`` returned, in no order.

        They come as 32 digits, which the engine reads as well and which are made in a tenth of the time.
        """
        view, places = seen.view, seen.places
        if len(places) > count:
            scores = _scores(view, places, _encoded(vector[None])[0])
            places = places[np.argpartition(scores, len(scores) - count)[len(scores) - count :]]
        digits = view.rows["point"][places].tobytes().hex()
        return [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]

    def _places_of(self, documents: Iterable[int] | None, points: Iterable[str]) -> Places:
        """Return the places of points that stand, looked for among those of some documents if these are given."""
        view = self._view
        rows = view.rows[: view.count]
        stands = rows["state"] != GONE
        if documents is not None:
            hashes = np.sort(np.fromiter(documents, np.uint64))
            at = np.searchsorted(hashes, rows["document"]).clip(max=len(hashes) - 1)
            stands &= hashes[at] == rows["document"]
        places = np.flatnonzero(stands)
        wanted = {uuid.UUID(point).bytes for point in points}
        named = np.fromiter((bytes(point) in wanted for point in rows["point"][places]), bool, len(places))
        return np.asarray(places[named])

    def _drop(self, places: Places) -> None:
        if len(places):
            view = self._view
            view.slots[places] = 0
            view.rows["state"][places] = GONE
            self._files.rewrite(places, view.rows[places])

    def _slots_of(self, rows: Rows) -> NDArray[np.int32]:
        """Return small numbers (n,) for the policies of rows; 0 for what nobody sees."""
        policies, where = np.unique(rows["policy"], return_inverse=True)
        slots = np.array([self._slot(int(policy)) for policy in policies], np.int32)
        return np.where(rows["state"] == GONE, 0, slots[where]).astype(np.int32) if len(rows) else slots

    def _slot(self, policy: int) -> int:
        return self._slots.setdefault(policy, len(self._slots) + 1)


def _scores(view: _View, places: Places, asked: Codes) -> NDArray[np.float32]:
    """Return the products (n,) of the copies at ``places`` (ascending) with the copy of a question, up to its step."""
    gaps = np.flatnonzero(places[1:] - places[:-1] != 1) + 1
    runs = [0, *gaps.tolist(), len(places)]
    long = len(places) >= (len(runs) - 1) * _RUN
    scores = _of_runs(view, places, asked, runs) if long else _of_blocks(view, places, asked)
    return scores * view.scales[places]


def _of_runs(view: _View, places: Places, asked: Codes, runs: Sequence[int]) -> NDArray[np.float32]:
    """Compare long runs, which ``runs`` delimits: nothing of what lies between them."""
    scores = np.empty(len(places), np.float32)
    for start, end in pairwise(runs):
        for first in range(start, end, _BLOCK):
            last = min(first + _BLOCK, end)
            at = int(places[first])
            scores[first:last] = _products(view.codes[at : at + last - first], asked)
    return scores


def _of_blocks(view: _View, places: Places, asked: Codes) -> NDArray[np.float32]:
    """Compare block by block: all of one that is seen in good part, and else the rows that are seen."""
    scores = np.empty(len(places), np.float32)
    ends = np.searchsorted(places, np.arange(_BLOCK, view.count + _BLOCK, _BLOCK))
    start = 0
    for end in ends.tolist():
        if end == start:
            continue
        some = places[start:end]
        first, last = int(some[0]), int(some[-1]) + 1
        if end - start >= (last - first) * _DENSE:
            scores[start:end] = _products(view.codes[first:last], asked)[some - first]
        else:
            scores[start:end] = _products(view.codes[some], asked)
        start = end
    return scores


def _products(codes: Codes, asked: Codes) -> NDArray[np.float32]:
    """Return the products (n,) of codes (n, dimension) with (1, dimension)."""
    products: NDArray[np.float32] = np.asarray(simsimd.cdist(asked, codes, "dot", out_dtype="float32"))[0]
    return products


def _encoded(vectors: Vectors) -> tuple[Codes, NDArray[np.float32]]:
    """Return codes (n, dimension) and the length of their steps (n,); a code times its step is the value."""
    steps = np.maximum(np.abs(vectors).max(axis=1), _LEAST) / _LARGEST
    return np.rint(vectors / steps[:, None]).astype(np.int8), steps.astype(np.float32)


def _records(points: Sequence[Point]) -> tuple[Rows, Codes]:
    vectors = np.stack([np.asarray(point.vector, np.float32) for point in points])
    codes, steps = _encoded(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _LEAST))
    rows = np.zeros(len(points), ROW)
    rows["point"] = [uuid.UUID(point.id).bytes for point in points]
    rows["document"] = [_hash(point.document) for point in points]
    rows["version"] = [_hash(point.version) for point in points]
    rows["policy"] = [point.policy for point in points]
    rows["state"] = [QUESTION if point.question else TEXT for point in points]
    rows["scale"] = steps
    return rows, codes


def _grown(array: NDArray[_T], count: int, room: int) -> NDArray[_T]:
    larger = np.zeros(room, array.dtype)
    larger[:count] = array[:count]
    return larger


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
