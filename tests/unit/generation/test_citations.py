"""Spans to boxes and numbers."""

import pytest

from generation.citations import CitationBook, build_citation, span_boxes, with_markers
from tests.unit.generation.passages import TRAVEL, passage
from wenyuan.answers import Support
from wenyuan.documents import BlockRange, Box


def test_boxes_of_every_block_the_span_touches() -> None:
    evidence = passage(TRAVEL)
    first, second = (r.boxes[0] for r in evidence.ranges)
    border = TRAVEL.index("\n")
    assert span_boxes(evidence, 0, border) == (first,)
    assert span_boxes(evidence, border - 2, border + 5) == (first, second)
    assert span_boxes(evidence, border + 1, len(TRAVEL)) == (second,)


def test_a_citation_quotes_verbatim_and_takes_the_page_of_its_first_box() -> None:
    evidence = passage(TRAVEL, page=7)
    start = TRAVEL.index("第二十九条")
    citation = build_citation(evidence, start, len(TRAVEL), 3, Support.SUPPORTED)
    assert (citation.quote, citation.page, citation.marker) == (TRAVEL[start:], 7, 3)
    assert citation.id is None
    assert citation.link is None


def test_page_without_boxes() -> None:
    evidence = passage("甲。")
    bare = type(evidence)(**{**{f: getattr(evidence, f) for f in evidence.__slots__}, "ranges": (BlockRange(0, 0, 2),)})
    assert build_citation(bare, 0, 2, 1, Support.SUPPORTED).page == 2
    nowhere = type(bare)(**{**{f: getattr(bare, f) for f in bare.__slots__}, "pages": ()})
    assert build_citation(nowhere, 0, 2, 1, Support.SUPPORTED).page is None


@pytest.mark.parametrize(("start", "end"), [(0, 0), (-1, 2), (1, 999)])
def test_spans_outside_the_text_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        build_citation(passage("甲。"), start, end, 1, Support.SUPPORTED)


def test_one_number_per_passage_quoted() -> None:
    book, a, b = CitationBook(), passage(TRAVEL, "a"), passage(TRAVEL, "b")
    marker, first = book.cite(a, 0, 20, Support.SUPPORTED)
    assert marker == 1
    assert first is not None
    assert book.cite(a, 5, 10, Support.SUPPORTED) == (1, None)
    assert book.cite(b, 5, 10, Support.SUPPORTED)[0] == 2
    assert book.cite(a, 15, 30, Support.PARTIAL)[0] == 3
    assert [c.marker for c in book.citations] == [1, 2, 3]


def test_markers_stand_right_behind_the_sentence() -> None:
    assert with_markers("每公里 0.9 元。 ", [2, 2, 1]) == "每公里 0.9 元。[2][1]"


def test_boxes_on_two_pages_stay_apart() -> None:
    evidence = passage("甲乙")
    ranges = (BlockRange(0, 0, 2, (Box(2, 0, 0, 1, 1), Box(3, 0, 0, 1, 1))),)
    both = type(evidence)(**{**{f: getattr(evidence, f) for f in evidence.__slots__}, "ranges": ranges})
    assert [box.page for box in span_boxes(both, 0, 1)] == [2, 3]
