"""Honest Office files with the parts that people's own have: comments, changes, charts, notes, fields, objects."""

import io
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any, Final

import docx
import openpyxl
import pptx
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.chart import BarChart, PieChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from benchmarks.hostile.files.seeds import WORDS, image_bytes

_W: Final = nsdecls("w")
_BY: Final = 'w:author="王芳" w:date="2026-11-02T09:00:00Z"'


def word_reviewed(random: Random) -> bytes:
    """Comments and tracked changes."""
    document = docx.Document()
    for number in range(random.randint(3, 30)):
        paragraph = document.add_paragraph(WORDS)
        if number % 3 == 0:
            document.add_comment(paragraph.runs, "请核对金额。", author="王芳")
        paragraph.paragraph_format.element.append(
            parse_xml(f'<w:ins {_W} w:id="{900 + number}" {_BY}><w:r><w:t>新增</w:t></w:r></w:ins>')
        )
        gone = f'<w:del {_W} w:id="{500 + number}" {_BY}><w:r><w:delText>删去</w:delText></w:r></w:del>'
        paragraph.paragraph_format.element.append(parse_xml(gone))
    return _saved(document)


def word_report(random: Random) -> bytes:
    """Sections, running heads with fields, a contents field, a content control, nested and merged tables, pictures."""
    document = docx.Document()
    field = f'<w:fldSimple {_W} w:instr=" TOC \\o &quot;1-3&quot; "><w:r><w:t>目录</w:t></w:r></w:fldSimple>'
    document.add_paragraph().paragraph_format.element.append(parse_xml(field))
    for number in range(random.randint(2, 6)):
        section = document.add_section()
        section.orientation = random.choice((WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE))
        head = section.header.paragraphs[0]
        head.text = "内部资料 "
        head.paragraph_format.element.append(
            parse_xml(f'<w:fldSimple {_W} w:instr=" PAGE "><w:r><w:t>{number}</w:t></w:r></w:fldSimple>')
        )
        document.add_heading(f"第{number + 1}章 总则", random.randint(1, 3))
        control = f"<w:sdt {_W}><w:sdtContent><w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        document.element.body.insert(-1, parse_xml(control))
        table = document.add_table(4, 4, style="Table Grid")
        table.cell(0, 0).merge(table.cell(1, 1)).text = "预算"
        table.cell(2, 2).add_table(2, 2).cell(0, 0).text = "300"
        document.add_picture(io.BytesIO(image_bytes(random, random.choice(("PNG", "JPEG", "BMP", "GIF", "TIFF")))))
    return _saved(document)


def word_letter(random: Random) -> bytes:
    """Lists of every style, breaks, a footer, and words of many looks."""
    document: Any = docx.Document()
    for style in ("List Bullet", "List Number", "List Bullet 2", "Intense Quote", "Caption", "Title"):
        for _ in range(random.randint(1, 5)):
            run = document.add_paragraph(style=style).add_run(WORDS)
            run.bold, run.italic = random.random() < 0.5, random.random() < 0.5
    document.add_page_break()
    document.sections[0].footer.paragraphs[0].text = "第 1 页"
    document.core_properties.title = "关于报销的通知"
    return _saved(document)


def sheet_with_charts(random: Random) -> bytes:
    """Charts, a picture, comments, rules, validation, names, several sheets of which one is hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["部门", "预算", "日期"])
    rows = random.randint(5, 60)
    for row in range(rows):
        sheet.append([f"部门{row}", row * 1.5, date(2026, 11, 2)])
    for chart in (BarChart(), PieChart()):
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=rows + 1), titles_from_data=True)
        sheet.add_chart(chart, random.choice(("E2", "H20")))
    sheet.add_image(SheetImage(io.BytesIO(image_bytes(random, "PNG"))), "K2")
    sheet["B2"].comment = Comment("请核对", "王芳")
    sheet.conditional_formatting.add("B2:B9", CellIsRule("greaterThan", ["3"], fill=PatternFill("solid", "FFFF00")))
    choice = DataValidation("list", formula1='"是,否"')
    sheet.add_data_validation(choice)
    choice.add("D2")
    book.defined_names["总额"] = DefinedName("总额", attr_text="Sheet!$B$2")
    book.create_sheet("隐藏").sheet_state = "hidden"
    return _saved(book)


def sheet_as_form(random: Random) -> bytes:
    """Merged and coloured heads, frozen panes, groups, a filter, formulas, number formats, protection."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:F1")
    sheet["A1"] = "差旅费报销单"
    sheet["A1"].font = Font(size=16, bold=True, color="FFFFFF")
    sheet["A1"].fill = PatternFill("solid", "1F3864")
    for row in range(2, random.randint(6, 200)):
        for column, (value, code) in enumerate(
            ((row, "0"), (row * 0.13, "0.00%"), (-row * 1000, "#,##0;[Red]-#,##0"), (45000 + row, "yyyy年m月d日")), 1
        ):
            cell = sheet.cell(row, column, value)
            cell.number_format = code
        sheet.cell(row, 5, f"=SUM(A{row}:C{row})")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A2:E5"
    sheet.row_dimensions.group(4, 5, hidden=True)
    sheet.protection.sheet = True
    return _saved(book)


def show_with_charts(random: Random) -> bytes:
    """Charts, tables, notes, pictures and connectors on every layout."""
    show = pptx.Presentation()
    for layout in show.slide_layouts:
        slide = show.slides.add_slide(layout)
        if slide.shapes.title is not None:
            slide.shapes.title.text = "季度汇报"
        data = CategoryChartData()  # type: ignore[no-untyped-call]
        data.categories = ["一季度", "二季度"]
        data.add_series("收入", (random.random(), random.random()))  # type: ignore[no-untyped-call]
        place = (Inches(1), Inches(2), Inches(4), Inches(3))
        slide.shapes.add_chart(random.choice((XL_CHART_TYPE.PIE, XL_CHART_TYPE.LINE)), *place, data)
        slide.shapes.add_table(3, 2, *place).table.cell(0, 0).text = "fee"
        slide.shapes.add_connector(1, *place)
        slide.shapes.add_picture(io.BytesIO(image_bytes(random, "PNG")), Inches(5), Inches(1))
        slide.notes_slide.notes_text_frame.text = WORDS
    return _saved(show)


def show_of_groups(random: Random) -> bytes:
    """Groups in groups, shapes of many kinds with words, an embedded workbook."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    for number in range(random.randint(3, 40)):
        shape = group.shapes.add_shape(1 + number % 20, Inches(1), Inches(1), Inches(2), Inches(1))
        shape.text_frame.text = WORDS
        if number % 5 == 0:
            group = group.shapes.add_group_shape()
    book = io.BytesIO(sheet_as_form(random))
    slide.shapes.add_ole_object(book, "Excel.Sheet.12", Inches(1), Inches(5), Inches(1), Inches(1))
    return _saved(show)


def _saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


RICH: Final[dict[str, Callable[[Random], bytes]]] = {
    "reviewed.docx": word_reviewed,
    "report.docx": word_report,
    "letter.docx": word_letter,
    "charts.xlsx": sheet_with_charts,
    "form.xlsx": sheet_as_form,
    "charts.pptx": show_with_charts,
    "groups.pptx": show_of_groups,
}
