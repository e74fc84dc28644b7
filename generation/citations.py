"""From a quoted span to a citation: numbering, page and boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from wenyuan.answers import Citation, Evidence, Support
from wenyuan.documents import Box


def span_boxes(evidence: Evidence, start: int, end: int) -> tuple[Box, ...]:
    """Return the boxes of every block range that ``text[start:end]`` touches, in reading order, each once."""
    boxes = (box for r in evidence.ranges if r.start < end and start < r.end for box in r.boxes)
    return tuple(dict.fromkeys(boxes))


def build_citation(evidence: Evidence, start: int, end: int, marker: int, support: Support) -> Citation:
    """Return the citation of ``evidence.text[start:end]``.

    The page is that of the first box, else the first page of the passage, else None (formats without pages).
    Raises ``ValueError`` when the span is empty or lies outside the text.
    """
    if not 0 <= start < end <= len(evidence.text):
        raise ValueError("span outside the evidence")
    boxes = span_boxes(evidence, start, end)
    page = boxes[0].page if boxes else next(iter(evidence.pages), None)
    return Citation(
        marker=marker,
        chunk_id=evidence.chunk_id,
        document_id=evidence.document_id,
        version_id=evidence.version_id,
        document_title=evidence.document_title,
        page=page,
        boxes=boxes,
        heading_path=evidence.heading_path,
        anchor=evidence.anchor,
        quote=evidence.text[start:end],
        start=start,
        end=end,
        support=support,
    )


@dataclass(slots=True)
class CitationBook:
    """The citations of one answer, numbered in the order of their first use: one number per distinct quoted passage."""

    citations: list[Citation] = field(default_factory=list)

    def cite_cell(
        self, evidence: Evidence, start: int, end: int, boxes: tuple[Box, ...], anchor: str | None
    ) -> tuple[int, Citation | None]:
        """Return the number of a cell of a table, and its citation when it is cited for the first time.

        The span is its row in the passage, the boxes are those of the cell, and ``anchor`` its address in a sheet.
        """
        for known in self.citations:
            same = (known.chunk_id, known.start, known.end) == (evidence.chunk_id, start, end)
            if same and ((known.boxes, known.anchor) == (boxes, anchor) or not (boxes or anchor)):
                return known.marker, None
        citation = build_citation(evidence, start, end, len(self.citations) + 1, Support.SUPPORTED)
        page = boxes[0].page if boxes else citation.page
        citation = replace(citation, boxes=boxes or citation.boxes, page=page, anchor=anchor or citation.anchor)
        self.citations.append(citation)
        return citation.marker, citation

    def cite(self, evidence: Evidence, start: int, end: int, support: Support) -> tuple[int, Citation | None]:
        """Return the number of the passage, and its citation when it is cited for the first time.

        A span that lies within a passage cited before takes its number.
        """
        for known in self.citations:
            if known.chunk_id == evidence.chunk_id and known.start <= start and end <= known.end:
                return known.marker, None
        citation = build_citation(evidence, start, end, len(self.citations) + 1, support)
        self.citations.append(citation)
        return citation.marker, citation


def with_markers(text: str, markers: Sequence[int]) -> str:
    """Return ``text`` with ``[n]`` right behind it, each number once; ``![`` would begin a picture and gets a space."""
    said = text.rstrip()
    return said + (" " if said.endswith("!") else "") + "".join(f"[{n}]" for n in dict.fromkeys(markers))
