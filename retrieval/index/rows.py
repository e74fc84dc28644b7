"""The files behind :mod:`retrieval.index.copies`: what stands for each vector, one byte a dimension and who sees it.

Two files of records of one size, in the order of writing: ``codes`` holds (dimension,) int8, ``rows`` the rest. A row
is there when its record in ``rows`` is whole, and its codes were on disk before. What changes later (the policy,
whether the row still stands) is written in its place. Every change is on disk when its call returns.
"""

import os
import shutil
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retrieval.index.folder import sync_folder

#: A record of ``rows``: the id of the point, hashes of document and version, the policy, the length of a step of the
#: codes, and what the row is.
ROW: Final = np.dtype(
    [("point", "V16"), ("document", "<u8"), ("version", "<u8"), ("policy", "<i8"), ("scale", "<f4"), ("state", "<u4")]
)
#: What a row is: nothing any more, a text, a question.
GONE, TEXT, QUESTION = 0, 1, 2

Rows = NDArray[np.void]
Codes = NDArray[np.int8]


#: Rows from which it pays that those of one policy lie together, and how many of them a run that starts a policy anew
#: may cost on average before they are laid together again.
_MANY: Final = 16_384
_RUN: Final = 400
_PORTION: Final = 16_384


def arrange(folder: Path, dimension: int) -> None:
    """Lay rows of one policy together, without those that are gone, where they have come apart; nothing may be open.

    A scope's rows are then read in long runs. A crash between the two renames leaves no copies: they are made again.
    """
    partial, old = folder.with_name(f"{folder.name}.partial"), folder.with_name(f"{folder.name}.old")
    for left in (partial, old):
        shutil.rmtree(left, ignore_errors=True)
    if not (folder / "rows").exists():
        return
    files = RowFiles(folder, dimension)
    try:
        rows = files.read()
        policies = np.where(rows["state"] == GONE, -1, rows["policy"])
        runs = np.count_nonzero(np.diff(policies)) + 1
        if len(rows) < _MANY or runs - len(np.unique(policies)) < len(rows) / _RUN:
            return
        order = np.argsort(policies, kind="stable")
        order = order[np.count_nonzero(rows["state"] == GONE) :]
        codes = files.map()
        target = RowFiles(partial, dimension)
        try:
            for start in range(0, len(order), _PORTION):
                some = order[start : start + _PORTION]
                target.append(rows[some], codes[some])
        finally:
            target.close()
    finally:
        files.close()
    folder.rename(old)
    partial.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(old)


class RowFiles:
    """The two files, open for writing; the rows also stand in memory, the codes are mapped."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Open or create the files in ``folder``; what a crash left half written is cut off."""
        folder.mkdir(exist_ok=True)
        self._dimension = dimension
        self._codes_path = folder / "codes"
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._codes = os.open(self._codes_path, flags, 0o600)
        self._rows = os.open(folder / "rows", flags, 0o600)
        self.count = min(os.fstat(self._rows).st_size // ROW.itemsize, os.fstat(self._codes).st_size // dimension)
        os.ftruncate(self._rows, self.count * ROW.itemsize)
        os.ftruncate(self._codes, self.count * dimension)
        sync_folder(folder)

    def read(self) -> Rows:
        """Return all rows (n,) in memory."""
        return np.frombuffer(os.pread(self._rows, self.count * ROW.itemsize, 0), ROW).copy()

    def map(self) -> Codes:
        """Return the codes (n, dimension) as they lie on disk, not to be written to."""
        if not self.count:
            return np.zeros((0, self._dimension), np.int8)
        return np.memmap(self._codes_path, np.int8, "r", shape=(self.count, self._dimension))

    def append(self, rows: Rows, codes: Codes) -> None:
        """Add rows (n,) with their codes (n, dimension)."""
        _write(self._codes, codes.tobytes(), self.count * self._dimension)
        os.fdatasync(self._codes)
        _write(self._rows, rows.tobytes(), self.count * ROW.itemsize)
        os.fdatasync(self._rows)
        self.count += len(rows)

    def rewrite(self, places: NDArray[np.int64], rows: Rows) -> None:
        """Write anew the rows (n,) at ``places``."""
        for place, row in zip(places.tolist(), rows, strict=True):
            _write(self._rows, row.tobytes(), place * ROW.itemsize)
        os.fdatasync(self._rows)

    def close(self) -> None:
        """Close the files."""
        os.close(self._codes)
        os.close(self._rows)


def _write(descriptor: int, data: bytes, place: int) -> None:
    """Write all of ``data`` at ``place``."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, place)
        view, place = view[written:], place + written
