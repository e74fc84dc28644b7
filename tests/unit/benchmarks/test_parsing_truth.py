"""Generated documents: the same for a seed, and their truth says what they show."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from pypdfium2 import PdfDocument

from benchmarks.parsing.drawn.layers import layer_pages
from benchmarks.parsing.drawn.photographs import photograph
from benchmarks.parsing.drawn.raster import Wear, render_pages, worn
from benchmarks.parsing.metrics.text import canonical, char_score
from benchmarks.parsing.ocr_need import judge, page_numbers
from benchmarks.parsing.order import labels
from benchmarks.parsing.pdf import seed_list
from benchmarks.parsing.scans import excerpt
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.expected import expected_of
from benchmarks.parsing.truth.html import to_html
from benchmarks.parsing.truth.layout import write_pdf
from benchmarks.parsing.truth.model import TableBlock, TableKind
from benchmarks.parsing.truth.sentences import han
from benchmarks.parsing.truth.word import write_docx
from ingest.parsing.reading.parts import Aim
from wenyuan.documents import Table


def covers(table: Table) -> bool:
    """Whether every position of the grid is covered exactly once."""
    taken = Counter(
        (row, column)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    )
    return taken == Counter((row, column) for row in range(table.rows) for column in range(table.columns))


@pytest.mark.parametrize("seed", range(1, 10))
def test_a_seed_gives_one_document_with_whole_tables(seed: int) -> None:
    document = compose(seed)
    assert document == compose(seed) != compose(seed + 9)
    tables = [block for block in document.blocks if isinstance(block, TableBlock)]
    assert all(covers(block.table) for block in tables)
    kinds = {block.kind for block in tables}
    assert kinds == set() or {TableKind.RULED, TableKind.MERGED, TableKind.THREE_LINE, TableKind.BORDERLESS} <= kinds
    expected = expected_of(document)
    assert expected.headings[0][1] == 0
    assert all(expected.text.count(text) >= 1 for text, _ in expected.headings)


def test_levels_never_skip_one() -> None:
    for seed in range(1, 10):
        levels = [level for _, level in expected_of(compose(seed)).headings]
        assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_probes_stand_in_the_order_of_the_text() -> None:
    expected = expected_of(compose(4))
    plain = canonical(expected.text).casefold()
    places = [plain.find(probe) for probe in expected.probes]
    assert len(places) > 20
    assert places == sorted(places)


def test_a_drawn_page_shows_the_text_of_its_truth(tmp_path: Path) -> None:
    document = excerpt(compose(2))
    write_pdf(document, tmp_path / "page.pdf")
    with PdfDocument(tmp_path / "page.pdf") as pdf:
        assert len(pdf) == 1
        shown = pdf[0].get_textpage().get_text_range()
    assert char_score(shown, expected_of(document).text).f1 > 0.99


def test_html_and_docx_hold_every_heading(tmp_path: Path) -> None:
    from docx import Document

    document = compose(1)
    write_docx(document, tmp_path / "plain.docx", styled=False)
    paragraphs = {paragraph.text for paragraph in Document(str(tmp_path / "plain.docx")).paragraphs}
    html = to_html(document)
    for text, _ in expected_of(document).headings:
        assert text in paragraphs
        assert f">{text}</h" in html


def test_wear_keeps_the_size_and_quarters_turn_it(tmp_path: Path) -> None:
    write_pdf(excerpt(compose(2)), tmp_path / "page.pdf")
    page = render_pages(tmp_path / "page.pdf", 50, 1)[0]
    assert np.array_equal(worn(page, Wear(), Random(0)), page)
    turned = worn(page, Wear(skew=2, noise=5, blur=0.5, paper=230, quarters=1), Random(0))
    assert turned.shape == page.shape[::-1]
    assert turned.max() < 256
    assert turned.mean() < page.mean()


def test_a_photograph_is_larger_and_uneven() -> None:
    sheet = np.full((80, 120, 3), 255, np.uint8)
    photo = photograph(sheet, Random(3))
    assert photo.shape[0] > 80
    assert photo[20:60, 30:90].std() > 2


def test_generated_layers_are_what_their_label_says(tmp_path: Path) -> None:
    sorts = ("text", "blank", "photo", "inline", "wrong-layer")
    pages = list(layer_pages(tmp_path, each=1, photos=1, sorts=sorts))
    texts = {}
    for page in pages:
        with PdfDocument(page.path) as pdf:
            texts[page.sort] = len(pdf[0].get_textpage().get_text_range().strip())
    assert {page.sort: page.label for page in pages} == dict(
        zip(("text", "blank", "photo", "wrong-layer", "inline"), ("no", "no", "no", "layer", "page"), strict=True)
    )
    assert texts["text"] > 500
    assert texts["wrong-layer"] > 500
    assert texts["blank"] == texts["photo"] == texts["inline"] == 0
    again = {page.path: page.path.stat().st_mtime_ns for page in pages}
    kept = layer_pages(tmp_path, each=1, photos=1, sorts=sorts)
    assert {page.path: page.path.stat().st_mtime_ns for page in kept} == again


def test_what_recognition_looks_at_is_judged_by_the_need() -> None:
    assert judge("no", {Aim.PICTURE}) is None
    assert judge("no", {Aim.PAGE}) == "false alarm"
    assert judge("page", {Aim.PICTURE}) == "miss"
    assert judge("picture", {Aim.PICTURE}) is None
    assert judge("layer", set()) == "miss"


def test_numbers_are_read_from_short_forms() -> None:
    assert page_numbers("1-3,10-30/10") == {1, 2, 3, 10, 20, 30}
    assert seed_list("1-3,7") == [1, 2, 3, 7]
    assert [han(number) for number in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_labels_are_short_and_many() -> None:
    order = list(labels("order.jsonl"))
    assert sum(len(label["probes"]) - 1 for label in order) >= 150
    assert all(2 < len(probe) <= 10 for label in order for probe in label["probes"])
    pages = [page_numbers(label["pages"]) for label in labels("ocr_need.jsonl")]
    assert sum(map(len, pages)) >= 300
    for label in labels("ocr_need.jsonl"):
        assert {*label.get("page", ()), *label.get("picture", ())} <= page_numbers(label["pages"])
