"""The generator is reproducible, equals what is committed, and makes files that keep their promises."""

import hashlib
import io
import zipfile
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pypdfium2
import pytest

from scripts.demo_corpus.__main__ import main
from scripts.demo_corpus.build import TARGETS, Target, build, load_source
from scripts.demo_corpus.fonts import PACKAGE, find_font
from scripts.demo_corpus.model import Table, block_texts
from tests.unit.demo_corpus.reading import CORPUS, SCAN, normalise, pages

KANGXI = range(0x2E80, 0x2FE0)
needs_font = pytest.mark.skipif(find_font() is None, reason=f"the Debian package {PACKAGE} is not installed")
FILES = [target.file for target in TARGETS]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpus")
    build(out)
    return out


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@needs_font
def test_two_runs_make_the_same_bytes(built: Path, tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    assert digests(tmp_path) == digests(built)


@needs_font
@pytest.mark.parametrize("file", FILES)
def test_the_committed_file_is_what_the_generator_makes(file: str, built: Path) -> None:
    # Compression libraries differ between machines, so packages and PDFs are compared by what they contain.
    mine, committed = (built / file).read_bytes(), (CORPUS / file).read_bytes()
    if file.endswith((".docx", ".xlsx")):
        assert _entries(mine) == _entries(committed)
    elif file.endswith(".pdf"):
        _compare_pdfs(mine, committed)
    else:
        assert mine == committed


def _entries(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _compare_pdfs(mine: bytes, committed: bytes) -> None:
    with pypdfium2.PdfDocument(mine) as left, pypdfium2.PdfDocument(committed) as right:
        assert len(left) == len(right)
        for number in range(len(left)):
            texts = [pdf[number].get_textpage().get_text_range() for pdf in (left, right)]
            assert texts[0] == texts[1]
            images = [np.asarray(pdf[number].render(scale=0.5).to_pil().convert("L"), float) for pdf in (left, right)]
            assert float(np.abs(images[0] - images[1]).mean()) < 1.0  # grey levels of 255


def test_a_missing_font_is_named_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "out"), "--font", str(tmp_path / "no.ttf")]) == 2
    assert PACKAGE in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_font_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"not a font at all")
    assert main(["--out", str(tmp_path / "out"), "--font", str(tmp_path / "bad.ttf")]) == 2
    assert PACKAGE in capsys.readouterr().err


def test_the_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < 4_000_000


@pytest.mark.parametrize(
    "target", [t for t in TARGETS if t.file.endswith(".pdf") and t.file != SCAN], ids=lambda target: target.file
)
def test_the_text_layer_holds_the_text(target: Target) -> None:
    text = "".join(pages(target.file))
    with pypdfium2.PdfDocument(CORPUS / target.file) as pdf:
        raw = "".join(pdf[number].get_textpage().get_text_range() for number in range(len(pdf)))
    assert not [char for char in raw if ord(char) in KANGXI]
    missing = [s for block in load_source(target).blocks for s in block_texts(block) if normalise(s) not in text]
    # Only a passage that runs over a page break, where header and footer come between, may be split.
    assert len(missing) <= len(pages(target.file)) - 1


def test_the_fonts_of_the_pdfs_are_embedded() -> None:
    for file in FILES:
        if file.endswith(".pdf") and file != SCAN:
            data = (CORPUS / file).read_bytes()
            assert data.count(b"/FontFile2") == data.count(b"/FontDescriptor ") > 0


def test_the_scan_has_two_pages_and_no_text_layer() -> None:
    with pypdfium2.PdfDocument(CORPUS / SCAN) as pdf:
        assert len(pdf) == 2
        assert all(pdf[number].get_textpage().count_chars() == 0 for number in range(2))


@pytest.mark.parametrize(("file", "least"), [("travel-policy.pdf", 4), ("switchgear-manual.pdf", 5)])
def test_long_documents_have_several_pages(file: str, least: int) -> None:
    assert len(pages(file)) >= least


def test_the_handbook_has_headings_lists_and_merged_cells() -> None:
    word = docx.Document(str(CORPUS / "employee-handbook.docx"))
    styles = [paragraph.style.name for paragraph in word.paragraphs if paragraph.style is not None]
    assert styles.count("Heading 1") >= 10
    assert "List Bullet" in styles
    first = word.tables[0]
    assert first.cell(0, 2)._tc is first.cell(0, 3)._tc
    assert first.cell(2, 0)._tc is first.cell(3, 0)._tc


def test_the_selection_tables_have_sheets_with_merged_headers() -> None:
    book = openpyxl.load_workbook(CORPUS / "selection-tables.xlsx")
    assert book.sheetnames == ["高压柜选型", "低压柜选型", "电流互感器", "备件清单"]
    assert all(sheet.merged_cells.ranges for sheet in book)
    assert {str(area) for area in book["高压柜选型"].merged_cells.ranges} >= {"A1:G1", "C2:D2", "A2:A3"}


def test_sources_have_no_table_wider_than_its_cells() -> None:
    for target in TARGETS:
        for block in load_source(target).blocks:
            if isinstance(block, Table):
                assert sum(cell.rows * cell.columns for cell in block.cells) == block.height * block.width
