"""Bodies of figures and formulas."""

from pydantic import BaseModel

from api.schemas.common import BoxBody
from ingest.chunking.figures import Illustration, Sentence, figure_labels
from ingest.chunking.lines import boxes_of
from wenyuan.answers import FigureRef
from wenyuan.documents import Block


def image_path(document_id: str, version_id: str, ordinal: int) -> str:
    """Return where the picture of a block is fetched."""
    return f"/v1/documents/{document_id}/blocks/{ordinal}/image?version={version_id}"


class ReferenceBody(BaseModel):
    """The sentence that first refers to a figure or formula by its number, the ordinal of its block, and its page."""

    block: int
    text: str
    page: int | None

    @classmethod
    def of(cls, sentence: Sentence) -> "ReferenceBody":
        """Return the body of a sentence."""
        ordinal, block, start, end = sentence
        boxes = boxes_of(block, start, end)
        return cls(block=ordinal, text=block.text[start:end], page=boxes[0].page if boxes else None)


class FigureBody(BaseModel):
    """A figure or formula.

    ``text`` is what was read in a figure and what its file says of it, or the formula. ``before`` and ``after`` are the
    sentences around a formula. ``image`` is the path of its picture, null for one that has neither place nor picture.
    """

    ordinal: int
    kind: str
    number: str | None
    caption: str
    text: str
    page: int | None
    box: BoxBody | None
    heading_path: list[str]
    anchor: str | None
    confidence: float | None
    reference: ReferenceBody | None
    before: str
    after: str
    image: str | None

    @classmethod
    def of(cls, found: Illustration, document_id: str, version_id: str) -> "FigureBody":
        """Return the body of a figure of a version."""
        block = found.block
        box = block.boxes[0] if block.boxes else None
        drawn = box is not None or block.media is not None
        image = image_path(document_id, version_id, found.ordinal)
        return cls(
            ordinal=found.ordinal,
            kind=block.kind,
            number=found.number,
            caption=found.caption,
            text=block.text,
            page=None if box is None else box.page,
            box=None if box is None else BoxBody.of(box),
            heading_path=list(block.heading_path),
            anchor=block.anchor,
            confidence=block.confidence,
            reference=None if found.reference is None else ReferenceBody.of(found.reference),
            before=found.before,
            after=found.after,
            image=image if drawn else None,
        )


class CitedFigureBody(BaseModel):
    """A figure that belongs to a citation.

    ``relation``: ``cited`` (it is what is cited), ``named`` (the passage names it or points to it) or ``beside`` (it
    stands right beside). ``image`` is the path of its picture, authorised anew whenever it is opened; null for one
    without a picture that the reader may see.
    """

    ordinal: int
    relation: str
    number: str | None
    caption: str
    page: int | None
    box: BoxBody | None
    anchor: str | None
    image: str | None

    @classmethod
    def of(
        cls, ref: FigureRef, block: Block, caption: str, document_id: str, version_id: str, *, drawn: bool
    ) -> "CitedFigureBody":
        """Return the body of a figure, with its caption as it may be shown."""
        box = block.boxes[0] if block.boxes else None
        return cls(
            ordinal=ref.ordinal,
            relation=ref.relation,
            number=next(iter(figure_labels(caption)), None),
            caption=caption,
            page=None if box is None else box.page,
            box=None if box is None else BoxBody.of(box),
            anchor=block.anchor,
            image=image_path(document_id, version_id, ref.ordinal) if drawn else None,
        )


class FigureListBody(BaseModel):
    """Figures and formulas in reading order; ``total`` counts all of the kind, ``next_offset`` asks for the next."""

    version_id: str
    total: int
    items: list[FigureBody]
    next_offset: int | None
