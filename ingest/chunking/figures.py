"""Figures and formulas with what belongs to them: caption, number, and the sentence that first refers to the number."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.chunking.sections import Form, Group, group_blocks
from wenyuan.documents import Block, BlockKind
from wenyuan.text import sentences

Sentence = tuple[int, Block, int, int]
"""(ordinal of the block, the block, start and end in its text)."""

_LABEL: Final = re.compile(r"(?:图表?|圖表?|Figure|FIGURE|Fig\.?|figure|fig\.?)\s*(\d+(?:\s*[-.–—]\s*\d+)*)")
_NUMBER: Final = r"((?:\d{1,3}\s*[-.–—]\s*)*[A-Z]?\d{1,3}[a-z]?)"
_EQUATION: Final = re.compile(rf"(?:式|方程组?|[Ee]quations?|[Ee]qs?\.?)\s*[（(]\s*{_NUMBER}\s*[）)]")
_NUMBERED: Final = re.compile(rf"(?:(?:（|(?:^|\s)\()\s*{_NUMBER}\s*[）)]|\\tag\{{\s*\(?{_NUMBER}\)?\s*\}})\s*$")
_ILLUSTRATIONS: Final = (BlockKind.FIGURE, BlockKind.FORMULA)


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure or formula of a document.

    ``number`` is the one its caption, or the formula itself, gives. ``reference`` is the first sentence of running text
    that names the number. ``before`` and ``after`` are the sentences around a formula, empty at the ends of a section.
    ``captions`` are the ordinals of the blocks of its caption.
    """

    ordinal: int
    block: Block
    caption: str = ""
    number: str | None = None
    reference: Sentence | None = None
    before: str = ""
    after: str = ""
    captions: tuple[int, ...] = ()


def illustrations(blocks: Sequence[Block]) -> list[Illustration]:
    """Return the figures and formulas of a document in reading order, those without a word in them too."""
    groups = group_blocks(blocks, every_figure=True)
    figures, formulas = references(groups), _formula_references(groups)
    found: list[Illustration] = []
    for group in groups:
        for place, (ordinal, block) in enumerate(group.members):
            if block.kind not in _ILLUSTRATIONS:
                continue
            if group.form is Form.FIGURE:
                label = label_of(group)
                caption = "\n".join(head.text for _, head in group.heads)
                own = tuple(place for place, _ in group.heads)
                found.append(Illustration(ordinal, block, caption, label, figures.get(label or ""), captions=own))
            elif block.kind is BlockKind.FORMULA:
                number = formula_number(block.text)
                before, after = _around(group, place)
                reference = formulas.get(number or "")
                found.append(Illustration(ordinal, block, "", number, reference, before, after))
    return sorted(found, key=lambda one: one.ordinal)


def references(groups: Sequence[Group]) -> dict[str, Sentence]:
    """Map a figure's number to the block and span of the first sentence of running text that names it."""
    wanted = {label for group in groups if group.form is Form.FIGURE if (label := label_of(group)) is not None}
    return _mentions(groups, wanted, figure_labels)


def label_of(group: Group) -> str | None:
    """Return the number in a figure's caption, if it has one."""
    return next((label for _, block in group.heads for label in figure_labels(block.text)), None)


def formula_number(text: str) -> str | None:
    """Return the number at the end of a formula, as drawn ``(3-1)`` or in LaTeX; None when it has none."""
    match = _NUMBERED.search(text)
    return _squeezed(match[1] or match[2]) if match else None


def _formula_references(groups: Sequence[Group]) -> dict[str, Sentence]:
    formulas = (block for group in groups for _, block in group.members if block.kind is BlockKind.FORMULA)
    wanted = {number for block in formulas if (number := formula_number(block.text)) is not None}
    return _mentions(groups, wanted, lambda text: map(_squeezed, _EQUATION.findall(text)))


def _mentions(
    groups: Sequence[Group], wanted: set[str], named_in: Callable[[str], Iterable[str]]
) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    if not wanted:
        return found
    for ordinal, block in (member for group in groups if group.form is Form.TEXT for member in group.members):
        if wanted.isdisjoint(named_in(block.text)):
            continue
        for sentence in sentences(block.text):
            for label in named_in(sentence.text):
                if label in wanted and label not in found:
                    found[label] = (ordinal, block, sentence.start, sentence.end)
    return found


def _around(group: Group, place: int) -> tuple[str, str]:
    """Return the last sentence before a member of running text and the first one behind it."""
    before = sentences(group.members[place - 1][1].text) if place else []
    after = sentences(group.members[place + 1][1].text) if place + 1 < len(group.members) else []
    return before[-1].text if before else "", after[0].text if after else ""


def figure_labels(text: str) -> Iterable[str]:
    """Return the numbers of the figures that a text names, as captions give them."""
    return map(_squeezed, _LABEL.findall(text))


def _squeezed(number: str) -> str:
    return re.sub(r"\s*[–—]\s*|\s+", lambda mark: "-" if mark[0].strip() else "", number)
