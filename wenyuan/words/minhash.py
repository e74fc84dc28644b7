"""MinHash signatures of texts and the bands by which near-duplicates find each other.

After Broder (1997) and the banding of Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3. The
share of equal places of two signatures estimates the Jaccard similarity of the shingle sets with a standard error of
``sqrt(J (1 - J) / 128)``, 0.035 at 0.8. Everything is seeded: the same text gives the same signature everywhere.
"""

import re
import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wenyuan.text import CJK

Signature = NDArray[np.uint32]

PERMUTATIONS: Final = 128
#: 21 bands of 6: two texts of similarity .8 share a band with a chance of .998, of .5 with .28, of .3 with .015.
ROWS: Final = 6
BANDS: Final = PERMUTATIONS // ROWS
#: Characters of a shingle. Words of other scripts are cut into characters too: a shingle spans one or two of them.
_SHINGLE: Final = 5
_SHINGLE_LATIN: Final = 9
_MAX_CHARS: Final = 1_000_000
_CHUNK: Final = 8192
_SKIPPED: Final = re.compile(r"[\W_]+")
_NUMBERS: Final = np.random.default_rng(20_011)
_MULTIPLIERS: Final = _NUMBERS.integers(1, 2**63, PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS: Final = _NUMBERS.integers(0, 2**63, PERMUTATIONS, dtype=np.uint64)


def shingles(text: str) -> NDArray[np.uint64]:
    """Return the distinct hashes of the shingles of ``text``: NFKC, lower case, letters and digits only."""
    bare = _SKIPPED.sub("", unicodedata.normalize("NFKC", text[:_MAX_CHARS]).lower())
    wide = len(CJK.findall(bare)) * 4 >= len(bare)
    size = _SHINGLE if wide else _SHINGLE_LATIN
    points = np.frombuffer(bare.encode("utf-32-le"), np.uint32).astype(np.uint64)
    if len(points) < size:
        return np.zeros(0, np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(points, size)
    hashed = np.zeros(len(windows), np.uint64)
    for column in range(size):
        hashed = _mix(hashed * np.uint64(0x9E3779B97F4A7C15) + windows[:, column])
    return np.unique(hashed)


def signature(text: str) -> Signature | None:
    """Return the ``PERMUTATIONS`` minima of the shingles of ``text``, None when it is shorter than a shingle."""
    found = shingles(text)
    if not len(found):
        return None
    lowest = np.full(PERMUTATIONS, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(found), _CHUNK):
        part = found[start : start + _CHUNK, None] * _MULTIPLIERS + _OFFSETS
        lowest = np.minimum(lowest, (part >> np.uint64(32)).astype(np.uint32).min(axis=0))
    return lowest


def bands(signed: Signature) -> list[str]:
    """Return the names of the bands of a signature, ``BANDS`` of them, at most 32 characters each."""
    rows = signed[: BANDS * ROWS].reshape(BANDS, ROWS).astype(np.uint64)
    folded = np.zeros(BANDS, np.uint64)
    for column in range(ROWS):
        folded = _mix(folded * np.uint64(0x9E3779B97F4A7C15) + rows[:, column])
    return [f"{band:02x}{value:016x}" for band, value in enumerate(folded.tolist())]


def similarity(one: Signature, other: Signature) -> float:
    """Return the estimate of the Jaccard similarity of two texts, 0..1."""
    return float(np.mean(one == other))


def pack(signed: Signature) -> bytes:
    """Return a signature as stored."""
    return signed.astype("<u4").tobytes()


def unpack(stored: bytes) -> Signature:
    """Return a signature from :func:`pack`."""
    return np.frombuffer(stored, "<u4").astype(np.uint32)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finish 64 bits as in MurmurHash3."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return values ^ (values >> np.uint64(29))
