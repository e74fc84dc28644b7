"""Display formulas: the shards that fractions, sums and indices leave are put together as one block.

Nothing is recognised: the block keeps the characters, the box and the number of the formula.
"""

import re
from collections.abc import Sequence
from typing import Final

from ingest.parsing.pdf.model import Draft, Mark, Part, Rect

_NUMBER: Final = re.compile(r"[（(]\s?(?:\d{1,2}[.-])?[A-Z]?\d{1,3}[a-z]?\s?[)）]$")
_RELATION: Final = re.compile(r"[=≈≤≥≠<>∝→⇒≡∈]|:=")
_SIGNS: Final = re.compile(r"[=≈≤≥≠±×÷∑∏∫√∂∞∇⋅·+−^_|{}\[\]()/]")
_WORD: Final = re.compile(r"[A-Za-z]{4,}")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_MAX_CHARS: Final = 160
_MAX_SHARD: Final = 40
_MAX_WORDS: Final = 2
_MAX_HAN: Final = 6
_MATH_SHARE: Final = 0.3
_REACH: Final = 0.9
_MAX_SHARDS: Final = 40


def join_formulas(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts of a page with those that make up a display formula joined to one of kind ``formula``."""
    used: set[int] = set()
    formulas: dict[int, Draft] = {}
    for at, draft in enumerate(drafts):
        if id(draft) in used or not _is_seed(draft):
            continue
        members = _grow(at, drafts, used)
        if _is_display(members):
            ids = {id(member) for member in members}
            used |= ids
            first = next(other for other in drafts if id(other) in ids)
            formulas[id(first)] = _formula(members)
    return [formulas.get(id(draft), draft) for draft in drafts if id(draft) in formulas or id(draft) not in used]


def _is_plain(draft: Draft, limit: int) -> bool:
    """Few characters, none of them words of a sentence."""
    text = draft.text
    return (
        draft.kind in ("paragraph", "list")
        and 0 < len(text) <= limit
        and len(draft.parts) == 1
        and len(_WORD.findall(text)) <= _MAX_WORDS
        and len(_HAN.findall(text)) <= _MAX_HAN
    )


def _is_seed(draft: Draft) -> bool:
    if not _is_plain(draft, _MAX_CHARS) or len(draft.marks) > 4:
        return False
    text = draft.text
    inked = len(text.replace(" ", ""))
    mathematical = draft.math >= max(2, _MATH_SHARE * inked)
    if _RELATION.search(text):
        return (
            mathematical
            or text.endswith("=")
            or bool(_NUMBER.search(text))
            or len(_SIGNS.findall(text)) >= max(2, 0.12 * inked)
        )
    return mathematical and len(_SIGNS.findall(text)) >= 1


def _grow(at: int, drafts: Sequence[Draft], used: set[int]) -> list[Draft]:
    """Return the seed and the shards around it, in reading order, that touch it or one another."""
    members = [drafts[at]]
    rect = drafts[at].parts[0].rect
    size = drafts[at].size
    while len(members) < _MAX_SHARDS:
        for other in drafts[max(at - 12, 0) : at + 24]:
            if id(other) in used or any(other is member for member in members) or not _is_shard(other):
                continue
            part = other.parts[0]
            if part.page == drafts[at].parts[0].page and _touches(rect, part.rect, size):
                members.append(other)
                rect = _union(rect, part.rect)
                break
        else:
            break
    return members


def _is_shard(draft: Draft) -> bool:
    return (
        (_is_plain(draft, _MAX_SHARD) and not draft.open_end) or _is_seed(draft) or bool(_NUMBER.fullmatch(draft.text))
    )


def _touches(rect: Rect, other: Rect, size: float) -> bool:
    """One above the other with hardly a gap, or in one row."""
    down = max(rect[1] - other[3], other[1] - rect[3])
    across = max(rect[0] - other[2], other[0] - rect[2])
    if across < 0.5 * size:
        return down < -0.05 * size if across > 0 else down < 0.25 * size
    return down < -0.3 * min(rect[3] - rect[1], other[3] - other[1]) and across < 18 * size * _REACH


def _is_display(members: Sequence[Draft]) -> bool:
    text = " ".join(member.text for member in members)
    return bool(_RELATION.search(text)) or sum(member.math for member in members) >= 4


def _union(one: Rect, two: Rect) -> Rect:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])


def _formula(members: Sequence[Draft]) -> Draft:
    """Put the lines of the shards together from the left, those over one another from the top, the number last."""
    lines = [(member.text[mark.start : mark.end], mark.part) for member in members for mark in member.marks]
    part = members[0].parts[0]
    rect = lines[0][1].rect
    joined = Draft("formula", "", [Part(part.page, part.frame, rect)], members[0].size)
    joined.math = sum(member.math for member in members)
    for text, place in _in_order(lines):
        start = joined.append(text, " " if joined.text else "")
        joined.marks.append(Mark(start, len(joined.text), place))
        rect = _union(rect, place.rect)
    joined.parts[0].rect = rect
    return joined


def _in_order(lines: Sequence[tuple[str, Part]]) -> list[tuple[str, Part]]:
    groups: list[list[tuple[str, Part]]] = []
    right = 0.0
    for line in sorted(lines, key=lambda one: (bool(_NUMBER.fullmatch(one[0])), one[1].rect[0])):
        x0, _, x1, _ = line[1].rect
        if groups and x0 < right - 1 and not _NUMBER.fullmatch(line[0]):
            groups[-1].append(line)
            right = max(right, x1)
        else:
            groups.append([line])
            right = x1
    return [line for group in groups for line in sorted(group, key=lambda one: one[1].rect[1])]
