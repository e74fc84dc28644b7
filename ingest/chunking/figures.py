"""What the text says of a figure: the sentence that first refers to it by its number."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.chunking.sections import Form, Group
from wenyuan.documents import Block
from wenyuan.text import sentences

_LABEL: Final = re.compile(r"(?:图|圖|Figure|FIGURE|Fig\.?|figure|fig\.?)\s*(\d+(?:\s*[-.–—]\s*\d+)*)")


def references(groups: Sequence[Group]) -> dict[str, tuple[int, Block, int, int]]:
    """Map a figure's number to the block and span of the first sentence of running text that names it."""
    wanted = {label for group in groups if group.form is Form.FIGURE if (label := label_of(group)) is not None}
    found: dict[str, tuple[int, Block, int, int]] = {}
    if not wanted:
        return found
    for ordinal, block in (member for group in groups if group.form is Form.TEXT for member in group.members):
        if wanted.isdisjoint(_labels(block.text)):
            continue
        for sentence in sentences(block.text):
            for label in _labels(sentence.text):
                if label in wanted and label not in found:
                    found[label] = (ordinal, block, sentence.start, sentence.end)
    return found


def label_of(group: Group) -> str | None:
    """Return the number in a figure's caption, if it has one."""
    return next((label for _, block in group.heads for label in _labels(block.text)), None)


def _labels(text: str) -> Iterable[str]:
    return (
        re.sub(r"\s*[–—]\s*|\s+", lambda mark: "-" if mark[0].strip() else "", found) for found in _LABEL.findall(text)
    )
