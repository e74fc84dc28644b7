"""A file on which our own reader fails is read by the second one; what neither reads keeps the first reason."""

from pathlib import Path
from typing import NoReturn

import docx
import openpyxl
import pptx
import pytest

from ingest.intake import media
from ingest.parsing.office import parse_office
from wenyuan.documents import BlockKind

READERS = {
    media.DOCX: "ingest.parsing.office.word.reader.read_word",
    media.PPTX: "ingest.parsing.office.slides.reader.read_slides",
    media.XLSX: "ingest.parsing.office.sheets.reader.read_sheets",
}


def fail(_path: Path) -> NoReturn:
    raise ZeroDivisionError


def write(path: Path, media_type: str) -> None:
    if media_type == media.DOCX:
        document = docx.Document()
        document.add_heading("第一章 总则", 1)
        document.add_paragraph("差旅费在三十日内报销。")
        table = document.add_table(2, 2)
        for cell, text in zip(
            (cell for row in table.rows for cell in row.cells), ["项目", "金额", "车票", "553"], strict=True
        ):
            cell.text = text
        document.save(str(path))
    elif media_type == media.PPTX:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        assert slide.shapes.title is not None
        slide.shapes.title.text = "年度计划"
        slide.placeholders[1].text = "差旅费在三十日内报销。"
        deck.save(str(path))
    else:
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["项目", "金额"])
        book.active.append(["差旅费在三十日内报销。", 553])
        book.save(path)


@pytest.mark.parametrize("media_type", READERS)
def test_a_flaw_of_ours_costs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_type: str) -> None:
    path = tmp_path / "a"
    write(path, media_type)
    own = parse_office(path, media_type)
    monkeypatch.setattr(READERS[media_type], fail)
    second = parse_office(path, media_type)
    assert "reader.second" in second.warnings
    assert "reader.second" not in own.warnings
    assert any("差旅费在三十日内报销。" in block.text for block in second.blocks)
    assert (media_type == media.DOCX) == any(
        block.kind is BlockKind.TITLE and block.level == 1 and block.text == "第一章 总则" for block in second.blocks
    )
    tables = [block.table for block in second.blocks if block.kind is BlockKind.TABLE]
    assert all(table is not None and (table.rows, table.columns) == (2, 2) for table in tables)


def test_what_neither_reads_keeps_the_first_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"PK\3\4 nothing of a document")
    monkeypatch.setattr(READERS[media.DOCX], fail)
    with pytest.raises(ZeroDivisionError):
        parse_office(path, media.DOCX)
