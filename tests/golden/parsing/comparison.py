"""Blocks as they are stored, and what may differ from what is stored."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from wenyuan.documents import Block, Box, ParsedDocument

BOX_POINTS: Final = 1.5
"""A side of a box may move by this much, in page units."""

BOX_PIXELS: Final = 4.0
"""A side of a box that recognition found may move by this much, in pixels of the picture."""

PAGE_POINTS: Final = 0.5
"""Width and height of a page may differ by this much, in page units."""

CONFIDENCE: Final = 0.03
"""A confidence may differ by this much."""

# Both sides are rounded to two places before they are compared.
_ROUNDING: Final = 1e-6
_BLOCKS: Final = TypeAdapter(tuple[Block, ...])
_SIDES: Final = ("x0", "y0", "x1", "y1")
_OTHERS: Final = {"width": PAGE_POINTS, "height": PAGE_POINTS, "confidence": CONFIDENCE}
DRAWN: Final = {**dict.fromkeys(_SIDES, BOX_POINTS), **_OTHERS}
"""Tolerances where the file says where its text stands."""

RECOGNISED: Final = {**dict.fromkeys(_SIDES, BOX_PIXELS), **_OTHERS}
"""Tolerances where recognition does."""


def stored_form(parsed: ParsedDocument) -> dict[str, Any]:
    """Return what is stored of a document: pages and blocks, without the lines of blocks and without defaults."""
    blocks = _BLOCKS.dump_python(parsed.blocks, mode="json", exclude_defaults=True)
    for block in blocks:
        block.pop("lines", None)
    pages = [
        {"number": page.number, "width": page.width, "height": page.height, "source": page.source.value}
        for page in parsed.pages
    ]
    form = {"title": parsed.title, "pages": pages, "blocks": blocks, "warnings": list(parsed.warnings)}
    return {key: _rounded(value) for key, value in form.items()}


def differences(found: Any, expected: Any, tolerances: Mapping[str, float], place: str = "") -> list[str]:
    """Return where two stored forms differ by more than the tolerances."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return [
            line
            for key in sorted(found.keys() | expected.keys())
            for line in differences(found.get(key), expected.get(key), tolerances, f"{place}.{key}")
        ]
    if isinstance(found, list) and isinstance(expected, list):
        lines = [f"{place}: {len(found)} entries, not {len(expected)}"] if len(found) != len(expected) else []
        for index, (one, other) in enumerate(zip(found, expected, strict=False)):
            lines += differences(one, other, tolerances, f"{place}[{index}]")
        return lines
    allowed = tolerances.get(place.rpartition(".")[2])
    if allowed is not None and isinstance(found, int | float) and isinstance(expected, int | float):
        return (
            [] if abs(found - expected) <= allowed + _ROUNDING else [f"{place}: {found}, not {expected} (± {allowed})"]
        )
    return [] if found == expected else [f"{place}: {found!r}, not {expected!r}"]


def box(x0: float = 0, y0: float = 0, x1: float = 10, y1: float = 10) -> Box:
    """Return a box on the first page."""
    return Box(1, x0, y0, x1, y1)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
