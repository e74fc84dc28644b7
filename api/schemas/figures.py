"""Bodies of figures and formulas."""

from pydantic import BaseModel

from api.schemas.common import BoxBody
from ingest.chunking.figures import Illustration, Sentence
from ingest.chunking.lines import boxes_of


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
        image = f"/v1/documents/{document_id}/blocks/{found.ordinal}/image?version={version_id}"
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


class FigureListBody(BaseModel):
    """Figures and formulas in reading order; ``total`` counts all of the kind, ``next_offset`` asks for the next."""

    version_id: str
    total: int
    items: list[FigureBody]
    next_offset: int | None
