"""Which figures belong to a quoted passage: by what the passage says of them, and by where they stand."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.chunking.figures import Illustration, figure_labels, illustrations
from wenyuan.answers import FigureRef, Relation
from wenyuan.documents import Block, BlockKind

#: Figures of one citation.
MOST: Final = 3
#: Blocks before and behind a passage in which its figures are looked for, and those that it names elsewhere.
NEAR: Final = 12
FAR: Final = 400
#: So many blocks on stands the picture that a passage points to, or one with a caption that stands beside it, at most.
_POINTED: Final = 6
_BESIDE: Final = 2
#: Sides in page units of the smallest picture without a caption that is no ornament.
_SMALLEST: Final = 60.0
_BELOW: Final = re.compile(
    r"下图|下列图|下面的?(?:示意)?图|如图所示|(?:figure|diagram|chart|picture|image|drawing)s? below"
    r"|following (?:figure|diagram|chart|picture|image|drawing)|(?:shown|depicted) below",
    re.IGNORECASE,
)
_ABOVE: Final = re.compile(
    r"上图|上面的?(?:示意)?图|(?:figure|diagram|chart|picture|image|drawing)s? above"
    r"|(?:preceding|above) (?:figure|diagram|chart|picture|image|drawing)",
    re.IGNORECASE,
)
_NO_WORDS: Final = frozenset({BlockKind.FIGURE, BlockKind.CAPTION})


@dataclass(frozen=True, slots=True)
class _Placed:
    """A figure with the ordinals that its blocks, and the one that first refers to it, have in the version."""

    found: Illustration
    ordinal: int
    captions: tuple[int, ...]
    referred: int | None

    def apart(self, ordinal: int) -> int:
        """Return how many blocks away it stands, negative before the block of that ordinal."""
        places = [place - ordinal for place in (self.ordinal, *self.captions)]
        return min(places, key=abs)

    def ref(self, relation: Relation) -> FigureRef:
        return FigureRef(self.ordinal, self.captions, relation)


def choose_figures(blocks: Mapping[int, Block], quoted: Collection[int]) -> tuple[FigureRef, ...]:
    """Return the figures that belong to the ``quoted`` blocks, at most ``MOST``, the surest first.

    ``blocks`` are those around the quoted ones that the reader may read, by ordinal. A figure belongs to a passage that
    is of the figure itself; to one that names its number, or points to it as below or above; and where there is no such
    figure, to the one right beside in the same section, unless another passage introduces it.
    """
    placed = _placed(blocks)
    texts = _texts(blocks, quoted)
    sure = [one.ref(Relation.CITED) for one in placed if {one.ordinal, *one.captions} & set(quoted)]
    named = {label for text in texts.values() for label in figure_labels(text)}
    sure += [one.ref(Relation.NAMED) for label in sorted(named) if (one := _called(label, placed, quoted)) is not None]
    sure += [one.ref(Relation.NAMED) for at, text in texts.items() for one in _pointed(at, text, placed, blocks)]
    known: dict[int, FigureRef] = {}
    for ref in sure:
        known.setdefault(ref.ordinal, ref)
    if not known and (near := _nearest(placed, texts, blocks)) is not None:
        known[near.ordinal] = near.ref(Relation.BESIDE)
    return tuple(known.values())[:MOST]


def names_others(blocks: Mapping[int, Block], quoted: Collection[int]) -> bool:
    """Return whether the quoted blocks name a figure that is not among ``blocks``."""
    named = {label for text in _texts(blocks, quoted).values() for label in figure_labels(text)}
    return not named <= {one.found.number for one in _placed(blocks)}


def _placed(blocks: Mapping[int, Block]) -> list[_Placed]:
    ordinals = sorted(blocks)
    found = illustrations([blocks[ordinal] for ordinal in ordinals])
    return [
        _Placed(
            one,
            ordinals[one.ordinal],
            tuple(ordinals[place] for place in one.captions),
            None if one.reference is None else ordinals[one.reference[0]],
        )
        for one in found
        if one.block.kind is BlockKind.FIGURE
    ]


def _texts(blocks: Mapping[int, Block], quoted: Collection[int]) -> dict[int, str]:
    return {at: blocks[at].text for at in sorted(quoted) if at in blocks and blocks[at].kind not in _NO_WORDS}


def _called(label: str, placed: Sequence[_Placed], quoted: Collection[int]) -> _Placed | None:
    """Return the figure of that number; numbers begin anew in the parts of some documents, so the nearest one."""
    own = [one for one in placed if one.found.number == label]
    return min(own, key=lambda one: min(abs(one.apart(at)) for at in quoted), default=None)


def _pointed(at: int, text: str, placed: Sequence[_Placed], blocks: Mapping[int, Block]) -> list[_Placed]:
    """Return the figures that a block points to as the next or the last one of its section."""
    path = blocks[at].heading_path
    own = [one for one in placed if one.found.block.heading_path == path and abs(one.apart(at)) <= _POINTED]
    behind = [one for one in own if one.apart(at) > 0] if _BELOW.search(text) else []
    before = [one for one in own if one.apart(at) < 0] if _ABOVE.search(text) else []
    return behind[:1] + before[-1:]


def _nearest(placed: Sequence[_Placed], texts: Mapping[int, str], blocks: Mapping[int, Block]) -> _Placed | None:
    """Return the figure right beside a quoted block, the one behind it rather than the one before."""
    repeated = Counter(one.found.block.media for one in placed)
    near: list[tuple[int, bool, _Placed]] = []
    for one in placed:
        block = one.found.block
        elsewhere = one.referred is not None and one.referred not in texts
        if elsewhere or (block.media is not None and repeated[block.media] > 1) or _ornament(one.found):
            continue
        for at in texts:
            apart = one.apart(at)
            if abs(apart) <= (_BESIDE if one.found.caption else 1) and block.heading_path == blocks[at].heading_path:
                near.append((abs(apart), apart < 0, one))
    return min(near, key=lambda each: each[:2])[2] if near else None


def _ornament(found: Illustration) -> bool:
    """Say whether a picture is too small to show anything; one with a caption never is."""
    sides = [side for box in found.block.boxes for side in (box.x1 - box.x0, box.y1 - box.y0)]
    return not found.caption and bool(sides) and min(sides) < _SMALLEST
