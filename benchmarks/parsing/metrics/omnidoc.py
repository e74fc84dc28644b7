"""Text and reading-order edit distance of a page after OmniDocBench.

Ouyang and others: OmniDocBench: benchmarking diverse PDF document parsing with comprehensive annotations (CVPR 2025).
Blocks of the truth are matched to predicted ones by the least normalised edit distance; neighbours that were cut or
joined differently are put together when that brings them closer. Text edit distance of a page is the sum of the edits
over the sum of the longer lengths, with what nothing was matched to counted in full; running heads, page numbers,
tables, figures and displayed formulas do not count. Reading order compares the sequence of the matched blocks with the
labelled one. Texts are compared by letters and digits, formulas in them reduced to theirs.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from rapidfuzz.distance import Levenshtein

from benchmarks.parsing.metrics.html import without_latex

_KEPT: Final = re.compile(r"[^\w\u4e00-\u9fff]+|_")
_TEXT: Final = (
    "text_block", "title", "reference", "code_txt", "figure_caption", "figure_footnote", "table_caption",
    "table_footnote", "page_footnote", "code_txt_caption", "equation_caption",
)  # fmt: skip
_CLOSE: Final = 0.7


def page_truth(page: dict[str, Any]) -> list[str]:
    """Return the texts of a labelled page that count, in their order."""
    blocks = [x for x in page["layout_dets"] if x["category_type"] in _TEXT and x.get("text") and not x["ignore"]]
    return [block["text"] for block in sorted(blocks, key=lambda block: (block.get("order") is None, block["order"]))]


def page_distances(found: Sequence[str], expected: Sequence[str]) -> tuple[float, float]:
    """Return (text edit distance, reading-order edit distance) of one page, 0 is best."""
    ours, theirs = ([plain for text in texts if (plain := _plain(text))] for texts in (found, expected))
    if not theirs:
        return 0.0, 0.0
    groups = _groups(ours, theirs)
    edits = longest = 0
    for truth, (text, _) in zip(theirs, groups, strict=True):
        edits += Levenshtein.distance(text, truth)
        longest += max(len(text), len(truth))
    used = {at for _, members in groups for at in members}
    rest = sum(len(text) for at, text in enumerate(ours) if at not in used)
    order = [
        truth for truth, _ in sorted(((t, m[0]) for t, (_, m) in enumerate(groups) if m), key=lambda pair: pair[1])
    ]
    return (edits + rest) / max(longest + rest, 1), float(Levenshtein.normalized_distance(order, sorted(order)))


def _groups(ours: list[str], theirs: list[str]) -> list[tuple[str, list[int]]]:
    """Return for each truth the predicted text and the blocks it is made of."""
    if not ours:
        return [("", []) for _ in theirs]
    costs = sorted(
        (Levenshtein.normalized_distance(text, truth), row, column)
        for row, truth in enumerate(theirs)
        for column, text in enumerate(ours)
    )
    members: list[list[int]] = [[] for _ in theirs]
    taken: set[int] = set()
    for cost, row, column in costs:
        close = cost < _CLOSE or ours[column] in theirs[row] or theirs[row] in ours[column]
        if close and not members[row] and column not in taken:
            members[row] = [column]
            taken.add(column)
    _join(ours, theirs, members)
    return [("".join(ours[at] for at in own), own) for own in members]


def _join(ours: list[str], theirs: list[str], members: list[list[int]]) -> None:
    """Give free blocks to a neighbour's group where that lessens its distance."""
    free = set(range(len(ours))) - {at for own in members for at in own}
    changed = True
    while changed and free:
        changed = False
        for truth in range(len(members)):
            for at in sorted(_beside(members[truth]) & free):
                grown = sorted([*members[truth], at])
                before, after = ("".join(ours[i] for i in group) for group in (members[truth], grown))
                if Levenshtein.distance(after, theirs[truth]) < Levenshtein.distance(before, theirs[truth]):
                    members[truth] = grown
                    free.discard(at)
                    changed = True


def _beside(group: list[int]) -> set[int]:
    return {group[0] - 1, group[-1] + 1} if group else set()


def _plain(text: str) -> str:
    return _KEPT.sub("", unicodedata.normalize("NFKC", without_latex(text)))
