"""How statements of stored answers were checked: the form of ``turn_parts.verdict``. It holds no text."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from wenyuan.answers import Stated, Support, SupportSpan
from wenyuan.documents import Box


def written(stated: Stated) -> dict[str, Any]:
    """Return a verdict as it is stored."""
    return {
        "support": stated.support.value,
        "reasons": list(stated.reasons),
        "repaired": stated.repaired,
        "short": stated.short,
        "spans": [dataclasses.asdict(span) for span in stated.spans],
    }


def verdict_of(row: Mapping[str, Any] | None, shown: Collection[int]) -> Stated | None:
    """Return a stored verdict without its text, which is that of the part; None where nothing was checked.

    Spans of citations whose marker is not in ``shown`` are left out: the reader does not see what they point to.
    """
    if row is None:
        return None
    spans = tuple(
        SupportSpan(**{**span, "boxes": tuple(Box(**box) for box in span["boxes"])})
        for span in row["spans"]
        if span["marker"] in shown
    )
    short = row.get("short")  # stored verdicts may be older than short answers
    place = None if short is None else (short[0], short[1])
    return Stated("", Support(row["support"]), spans, tuple(row["reasons"]), row["repaired"], place)
