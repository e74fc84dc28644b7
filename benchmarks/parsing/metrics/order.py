"""Reading order: do labelled neighbours come in their order?"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise


def pairs_in_order(text: str, probes: Sequence[str]) -> tuple[int, int]:
    """Return (adjacent pairs in order, pairs); a probe that is not in ``text`` breaks the pairs it is in.

    Probes are looked for without blanks and with compatibility characters made equal; the first occurrence counts.
    """
    plain = _plain(text)
    places = [plain.find(_plain(probe)) for probe in probes]
    right = sum(0 <= first < second for first, second in pairwise(places))
    return right, max(len(probes) - 1, 0)


def broken_pairs(text: str, probes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the adjacent pairs that are not in order in ``text``."""
    return [pair for pair in pairwise(probes) if pairs_in_order(text, pair)[0] == 0]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
