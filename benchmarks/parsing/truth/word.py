"""The document as DOCX, for LibreOffice and for the DOCX parser."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image, ImageDraw

from benchmarks.parsing.truth.model import (
    Contents,
    DocumentBlock,
    Figure,
    Heading,
    Items,
    Paragraph,
    Remark,
    TableBlock,
    TableKind,
    TruthDocument,
)
from wenyuan.documents import Cell

_ALIGNS: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_FONTS: Final = {True: "Noto Serif CJK SC", False: "Noto Sans CJK SC"}
_PAGE_MM: Final = 162.0
_PADDING: Final = 4
_COLUMN_MM: Final = 77.0
_NOTES_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def write_docx(document: TruthDocument, path: Path, *, styled: bool) -> None:
    """Write the document; headings are paragraph styles if ``styled``, else only formatted text with a number."""
    _Writer(document, styled=styled).write(path)


class _Writer:
    def __init__(self, document: TruthDocument, *, styled: bool) -> None:
        self._truth = document
        self._look = document.look
        self._styled = styled
        self._file = Document()
        self._notes: list[str] = []

    def write(self, path: Path) -> None:
        self._styles()
        self._furniture()
        for index, block in enumerate(self._truth.blocks):
            if index == self._truth.opening and self._truth.columns == 2:
                self._columns()
            self._block(block)
        if self._notes:
            self._add_notes()
        self._file.save(str(path))

    def _styles(self) -> None:
        look = self._look
        normal = self._file.styles["Normal"]
        normal.font.size = Pt(look.body_size)
        _set_fonts(normal.element.get_or_add_rPr(), _FONTS[look.serif])
        normal.paragraph_format.line_spacing = look.leading / 1.25
        normal.paragraph_format.space_after = Pt(2)
        for level, (size, bold) in enumerate(zip(look.sizes, look.bold, strict=True)):
            style = self._file.styles["Title" if level == 0 else f"Heading {level}"]
            style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
            style.font.color.rgb = RGBColor(0, 0, 0)
            _set_fonts(style.element.get_or_add_rPr(), _FONTS[look.serif])
            borders = style.element.pPr.find(qn("w:pBdr"))
            if borders is not None:
                style.element.pPr.remove(borders)

    def _furniture(self) -> None:
        section = self._file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(24)
        head = section.header.paragraphs[0]
        head.text, head.alignment = self._look.running_head, WD_ALIGN_PARAGRAPH.CENTER
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        rest = self._look.page_number
        for name, field in (("{page}", "PAGE"), ("{pages}", "NUMPAGES")):
            before, found, rest = rest.partition(name)
            foot.add_run(before)
            if found:
                foot._p.append(  # noqa: SLF001
                    parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
                )
        foot.add_run(rest)

    def _columns(self) -> None:
        section = self._file.add_section(WD_SECTION.CONTINUOUS)
        columns = section._sectPr.find(qn("w:cols"))  # noqa: SLF001
        if columns is None:
            columns = OxmlElement("w:cols")
            section._sectPr.append(columns)  # noqa: SLF001
        columns.set(qn("w:num"), "2")
        columns.set(qn("w:space"), "400")

    def _block(self, block: DocumentBlock) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block)
            case Items():
                self._items(block)
            case TableBlock():
                self._caption(block.caption, above=True)
                self._table(block)
            case Remark():
                paragraph = self._file.add_paragraph()
                paragraph.add_run(block.text).font.size = Pt(0.85 * self._look.body_size)
            case Figure():
                picture = self._file.add_paragraph()
                picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
                picture.paragraph_format.keep_with_next = True
                picture.add_run().add_picture(_chart(block.heights), width=Mm(60))
                self._caption(block.caption, above=False)
            case Contents():
                self._contents(block)

    def _heading(self, block: Heading) -> None:
        style = "Title" if block.level == 0 else f"Heading {block.level}"
        paragraph = self._file.add_paragraph(style=style if self._styled else None)
        run = paragraph.add_run(block.text)
        if not self._styled:
            run.font.size, run.font.bold = Pt(self._look.sizes[block.level]), self._look.bold[block.level]
            paragraph.paragraph_format.space_before = Pt(self._look.body_size * 0.8)
            paragraph.paragraph_format.keep_with_next = True
        if block.level == 0:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self._file.add_paragraph(block.text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        if self._look.indent:
            paragraph.paragraph_format.first_line_indent = Pt(2 * self._look.body_size)
        if block.note is not None:
            self._notes.append(block.note)
            run = paragraph.add_run()
            run.font.superscript = True
            run._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="{len(self._notes)}"/>'))  # noqa: SLF001

    def _items(self, block: Items) -> None:
        for item in block.items:
            paragraph = self._file.add_paragraph(item, style="List Bullet" if block.bulleted else None)
            if not block.bulleted:
                paragraph.paragraph_format.left_indent = Pt(2 * self._look.body_size)

    def _caption(self, text: str, *, above: bool) -> None:
        paragraph = self._file.add_paragraph()
        paragraph.add_run(text).font.size = Pt(0.92 * self._look.body_size)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = above

    def _table(self, block: TableBlock) -> None:
        grid = self._file.add_table(block.table.rows, block.table.columns)
        room = _COLUMN_MM if self._truth.columns == 2 else _PAGE_MM
        for column, share in zip(grid.columns, _shares(block), strict=True):
            column.width = Mm(room * share)
            for cell in column.cells:
                cell.width = column.width
        grid.alignment = 1
        _table_borders(grid, block.kind)
        for cell in block.table.cells:
            self._cell(grid, cell, block)
        for row in grid.rows[: block.head_rows]:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
        for row in grid.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
        self._file.add_paragraph()

    def _cell(self, grid: Any, cell: Cell, block: TableBlock) -> None:
        place = grid.cell(cell.row, cell.column)
        if cell.row_span > 1 or cell.column_span > 1:
            place = place.merge(grid.cell(cell.row + cell.row_span - 1, cell.column + cell.column_span - 1))
        paragraph = place.paragraphs[0]
        run = paragraph.add_run(cell.text)
        run.font.size = Pt(0.92 * self._look.body_size)
        run.font.bold = cell.header and any(self._look.bold)
        centred = cell.header and cell.column_span > 1
        paragraph.alignment = _ALIGNS["center" if centred else block.aligns[cell.column]]
        paragraph.paragraph_format.line_spacing = 1
        place.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        ends_head = cell.row + cell.row_span == block.head_rows
        if block.kind is TableKind.THREE_LINE and (ends_head or (cell.header and cell.column_span > 1)):
            for column in range(cell.column, cell.column + cell.column_span):
                lowest = grid.cell(cell.row + cell.row_span - 1, column)
                _borders(lowest._tc.get_or_add_tcPr(), "w:tcBorders", {"bottom": 6})  # noqa: SLF001

    def _contents(self, block: Contents) -> None:
        head = self._file.add_paragraph()
        head.paragraph_format.page_break_before = True
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = head.add_run(block.title)
        run.font.size, run.font.bold = Pt(self._look.sizes[1]), True
        for text, level, page in block.entries:
            line = self._file.add_paragraph(f"{text}\t{page}")
            line.paragraph_format.left_indent = Pt(2 * self._look.body_size * (level - 1))
            line.paragraph_format.tab_stops.add_tab_stop(Mm(162), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        self._file.paragraphs[-1].runs[-1].add_break(WD_BREAK.PAGE)

    def _add_notes(self) -> None:
        kinds = (("separator", "separator"), ("continuationSeparator", "continuationSeparator"))
        notes = [
            f'<w:footnote w:type="{kind}" w:id="{index}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for index, (kind, mark) in enumerate(kinds, start=-1)
        ]
        size = round(1.6 * self._look.body_size)
        notes += [
            f'<w:footnote w:id="{index}"><w:p>'
            '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
            f'<w:r><w:rPr><w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve"> {text}</w:t></w:r>'
            "</w:p></w:footnote>"
            for index, text in enumerate(self._notes, start=1)
        ]
        xml = f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {nsdecls("w")}>{"".join(notes)}</w:footnotes>'
        part = Part(PackURI("/word/footnotes.xml"), _NOTES_TYPE, xml.encode(), self._file.part.package)
        self._file.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _shares(block: TableBlock) -> list[float]:
    """Return the part of the table's width each column needs for its longest text, within bounds."""
    longest = [11.0] * block.table.columns
    for cell in block.table.cells:
        if cell.column_span == 1:
            longest[cell.column] = max(longest[cell.column], min(len(cell.text.encode("gb18030")) + _PADDING, 24))
    return [length / sum(longest) for length in longest]


def _set_fonts(properties: Any, name: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for side in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{side}"), name)


def _table_borders(grid: Any, kind: TableKind) -> None:
    sides: dict[str, int] = {}
    if kind is TableKind.THREE_LINE:
        sides = {"top": 12, "bottom": 12}
    elif kind is not TableKind.BORDERLESS:
        sides = dict.fromkeys(("top", "left", "bottom", "right", "insideH", "insideV"), 6)
    if sides:
        _borders(grid._tbl.tblPr, "w:tblBorders", sides)  # noqa: SLF001


def _borders(parent: Any, name: str, sides: dict[str, int]) -> None:
    element = OxmlElement(name)
    for side, eighths in sides.items():
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(eighths)), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        element.append(line)
    parent.append(element)


def _chart(heights: Iterable[float]) -> io.BytesIO:
    shares = list(heights)
    image = Image.new("RGB", (60 * len(shares), 240), "white")
    pen = ImageDraw.Draw(image)
    for index, share in enumerate(shares):
        pen.rectangle((60 * index + 12, 230 - 200 * share, 60 * index + 48, 230), fill=(74, 120, 181))
    pen.line((2, 0, 2, 230, 60 * len(shares), 230), fill="black", width=2)
    made = io.BytesIO()
    image.save(made, "PNG")
    made.seek(0)
    return made
