"""Presentations: reading order, groups, lists, links, pictures, charts, what a show does not show."""

import io
from pathlib import Path
from typing import Any

import pptx
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches, Pt

from ingest.intake import media
from ingest.parsing.office import parse_office
from ingest.parsing.office.package import read_media
from wenyuan.documents import BlockKind, Hidden, ParsedDocument

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def parse(presentation: Any, folder: Path) -> ParsedDocument:
    path = folder / "片.pptx"
    presentation.save(str(path))
    return parse_office(path, media.PPTX)


def blank(presentation: Any) -> Any:
    return presentation.slides.add_slide(presentation.slide_layouts[6])


def box(shapes: Any, text: str, left: float, top: float, width: float = 3, height: float = 0.5) -> Any:
    shape = shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    shape.text_frame.text = text
    return shape


def texts(parsed: ParsedDocument) -> list[str]:
    return [block.text for block in parsed.blocks]


def test_shapes_are_read_by_their_places(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    box(slide.shapes, "页脚说明", 0.5, 6.5, 8)
    box(slide.shapes, "右下", 5, 3.4)
    box(slide.shapes, "右上", 5, 1.8)
    box(slide.shapes, "左下", 0.5, 4.6)
    box(slide.shapes, "左上", 0.5, 2.4)
    slide.shapes.title.text = "总览"
    assert texts(parse(presentation, tmp_path)) == ["总览", "左上", "左下", "右上", "右下", "页脚说明"]


def test_rows_of_aligned_boxes_are_read_across(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = blank(presentation)
    for text, left, top in (("丁", 5, 3), ("甲", 0.5, 1), ("丙", 0.5, 3), ("乙", 5, 1)):
        box(slide.shapes, text, left, top)
    assert texts(parse(presentation, tmp_path)) == ["甲", "乙", "丙", "丁"]


def test_a_group_is_read_as_a_whole(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = blank(presentation)
    box(slide.shapes, "之后", 0.5, 5)
    group = slide.shapes.add_group_shape()
    box(group.shapes, "组二", 1, 2)
    box(group.shapes, "组一", 1, 1)
    assert texts(parse(presentation, tmp_path)) == ["组一", "组二", "之后"]


def test_items_are_numbered_as_shown(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    frame = box(blank(presentation).shapes, "登记", 1, 1).text_frame
    frame.add_paragraph().text = "派单"
    for item in frame.paragraphs:
        item._p.get_or_add_pPr().append(parse_xml(f'<a:buAutoNum {A} type="arabicParenR" startAt="3"/>'))
    frame.add_paragraph().text = "说明"
    parsed = parse(presentation, tmp_path)
    assert [(block.kind, block.text) for block in parsed.blocks] == [
        (BlockKind.LIST, "3) 登记"),
        (BlockKind.LIST, "4) 派单"),
        (BlockKind.PARAGRAPH, "说明"),
    ]


def test_body_placeholders_hold_items_and_only_titles_are_titles(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.placeholders[1].text_frame.text = "第一点"
    parsed = parse(presentation, tmp_path)
    assert [(block.kind, block.text) for block in parsed.blocks] == [(BlockKind.LIST, "第一点")]


def test_links_pictures_and_charts(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = blank(presentation)
    shape = box(slide.shapes, "", 1, 0.5)
    shape.text_frame.paragraphs[0].add_run().text = "见"
    linked = shape.text_frame.paragraphs[0].add_run()
    linked.text = "官网"
    linked.hyperlink.address = "https://a.example/"
    png = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(png, "PNG")
    picture = slide.shapes.add_picture(png, Inches(1), Inches(2))
    picture._element.nvPicPr.cNvPr.set("descr", "厂区照片")
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["一", "二"]
    data.add_series("产量", (1, 2.5))  # type: ignore[no-untyped-call]
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(2), data)
    text, figure, table = parse(presentation, tmp_path).blocks
    assert [(link.start, link.end, link.target) for link in text.links] == [(1, 3, "https://a.example/")]
    assert (figure.kind, figure.text) == (BlockKind.FIGURE, "厂区照片")
    assert read_media(tmp_path / "片.pptx", figure.media or "").startswith(b"\x89PNG")
    assert table.text.splitlines() == ["| 产量", "一 | 1", "二 | 2.5"]


def test_what_a_show_does_not_show_is_marked(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    slide = blank(presentation)
    box(slide.shapes, "看得见", 1, 1)
    tiny = box(slide.shapes, "太小", 1, 2)
    tiny.text_frame.paragraphs[0].runs[0].font.size = Pt(1)
    box(slide.shapes, "画外", -9, 3)
    concealed = box(slide.shapes, "隐藏", 1, 4)
    concealed._element.nvSpPr.cNvPr.set("hidden", "1")
    other = blank(presentation)
    box(other.shapes, "隐藏页", 1, 1)
    other._element.set("show", "0")
    parsed = parse(presentation, tmp_path)
    assert {block.text: block.hidden for block in parsed.blocks} == {
        "看得见": None,
        "太小": Hidden.TINY,
        "画外": Hidden.OFF_PAGE,
        "隐藏": Hidden.MARKED,
        "隐藏页": Hidden.MARKED,
    }
    assert parsed.warnings == ("slide-hidden:2",)
