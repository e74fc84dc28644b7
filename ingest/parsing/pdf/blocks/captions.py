"""Captions stand next to what they name, wherever the page layout put them in the reading order."""

from collections.abc import Sequence
from typing import Final

from ingest.parsing.pdf.model import Draft

_NEAR: Final = 60.0


def bind_captions(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts of a page with each caption moved beside the nearest figure or table above or below it."""
    ordered = list(drafts)
    for caption in [draft for draft in drafts if draft.kind == "caption"]:
        owner = _nearest(caption, ordered)
        if owner is None:
            continue
        one, two = ordered.index(caption), ordered.index(owner)
        between = ordered[min(one, two) + 1 : max(one, two)]
        if all(draft.kind == "caption" for draft in between):
            continue
        ordered.remove(caption)
        at = ordered.index(owner)
        below = caption.parts[0].rect[1] > owner.parts[0].rect[1]
        ordered.insert(at + 1 if below else at, caption)
    return ordered


def _nearest(caption: Draft, drafts: Sequence[Draft]) -> Draft | None:
    found = [
        (distance, draft)
        for draft in drafts
        if draft.kind in ("figure", "table") and (distance := _distance(caption, draft)) is not None
    ]
    best = min(found, key=lambda one: one[0], default=None)
    return best[1] if best is not None else None


def _distance(caption: Draft, owner: Draft) -> float | None:
    """The gap between them, one above the other, or None where they are far apart or side by side."""
    one, two = caption.parts[0], owner.parts[0]
    if one.frame.quarter is not two.frame.quarter:
        return None
    a, b = one.rect, two.rect
    if min(a[2], b[2]) - max(a[0], b[0]) < 0.3 * min(a[2] - a[0], b[2] - b[0]):
        return None
    gap = max(b[1] - a[3], a[1] - b[3], 0.0)
    return gap if gap < _NEAR else None
