"""PDFs with a text layer and an embedded font subset: headings, lists, tables, running header and footer."""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

from scripts.demo_corpus import model
from scripts.demo_corpus.fonts import Font
from scripts.demo_corpus.writers.cabinet import Cabinet
from scripts.demo_corpus.writers.wrap import wrap

_MARGIN = 22 * mm
_FRAME_PADDING = 6  # what the library leaves free at each side of its frame
_WIDTH = A4[0] - 2 * (_MARGIN + _FRAME_PADDING)
_BLUE = colors.HexColor("#1f4e79")
_CELL_PADDING = 4.0


def write(document: model.Document, font: Font) -> bytes:
    """An A4 PDF; raises ``ValueError`` for a figure it has no drawing of."""
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=24 * mm,
        bottomMargin=22 * mm,
        title=document.title,
        author=document.meta["owner"],
        invariant=1,
    )
    maker = _Maker(font)
    story = maker.opening(document)
    for block in document.blocks:
        story.extend(maker.block(block))

    def furniture(canvas: Canvas, _: Any) -> None:
        _furniture(canvas, document, font)

    template.build(story, onFirstPage=furniture, onLaterPages=furniture)
    return out.getvalue()


def _furniture(canvas: Canvas, document: model.Document, font: Font) -> None:
    company = "砚澜电气股份有限公司" if document.is_chinese else "Yanlan Electric Co., Ltd."
    page = canvas.getPageNumber()
    canvas.saveState()
    canvas.setFont(font.name, 8)
    canvas.setFillColor(colors.HexColor("#555555"))
    canvas.drawString(_MARGIN, A4[1] - 15 * mm, f"{company}  {document.title}")
    canvas.drawRightString(A4[0] - _MARGIN, A4[1] - 15 * mm, document.meta.get("classification", ""))
    canvas.drawString(_MARGIN, 12 * mm, f"{document.meta['number']}  {document.meta['version']}")
    canvas.drawRightString(A4[0] - _MARGIN, 12 * mm, f"第 {page} 页" if document.is_chinese else f"Page {page}")
    canvas.setStrokeColor(_BLUE)
    canvas.line(_MARGIN, A4[1] - 17 * mm, A4[0] - _MARGIN, A4[1] - 17 * mm)
    canvas.restoreState()


@dataclass(frozen=True)
class _Maker:
    """Turns blocks into flowables of one font."""

    font: Font

    def style(self, size: float, **options: Any) -> ParagraphStyle:
        return ParagraphStyle("", fontName=self.font.name, fontSize=size, leading=size * 1.6, **options)

    def paragraph(self, text: str, style: ParagraphStyle, width: float = _WIDTH) -> Paragraph:
        """Text with the line breaks set here: the library would break inside numbers."""
        room = width - style.leftIndent - style.rightIndent - 1
        lines = wrap(text, room, lambda part: self.font.width(part, style.fontSize))
        return Paragraph("<br/>".join(escape(line) for line in lines), style)

    def opening(self, document: model.Document) -> list[Flowable]:
        """Title and masthead, on a page of their own when the document has a cover."""
        title = self.paragraph(document.title, self.style(20, alignment=TA_CENTER, textColor=_BLUE, spaceAfter=8))
        masthead = self.style(9, alignment=TA_CENTER, textColor=colors.HexColor("#555555"), spaceAfter=10)
        if "cover" not in document.meta:
            return [title, self.paragraph(document.masthead(), masthead)]
        lines = [self.paragraph(line, masthead) for line in document.masthead().split("　")]
        cover = self.paragraph(document.meta["cover"], self.style(34, alignment=TA_CENTER, spaceAfter=30))
        return [Spacer(1, 70 * mm), cover, title, Spacer(1, 70 * mm), *lines, PageBreak()]

    def block(self, block: model.Block) -> list[Flowable]:
        """The flowables of one block."""
        match block:
            case model.Heading(level=level, text=text):
                size = 14 if level == 2 else 11.5
                return [
                    self.paragraph(text, self.style(size, textColor=_BLUE, spaceBefore=8, spaceAfter=4, keepWithNext=1))
                ]
            case model.Paragraph(text=text):
                return [self.paragraph(text, self.style(10.5, spaceAfter=4))]
            case model.Note(text=text):
                box = {"backColor": colors.HexColor("#eef3f9"), "borderPadding": 5, "spaceAfter": 12}
                return [self.paragraph(text, self.style(9.5, leftIndent=6, rightIndent=6, **box))]
            case model.Items(texts=texts, numbered=numbered):
                style = self.style(10.5, leftIndent=18, spaceAfter=2)
                return [
                    self.item(f"{number}." if numbered else "•", text, style) for number, text in enumerate(texts, 1)
                ]
            case model.Table():
                return self.table(block)
            case model.Figure(name="cabinet", caption=caption):
                return [KeepTogether([Cabinet(self.font.name, _WIDTH), self.caption(caption)])]
            case model.Figure(name=name):
                raise ValueError(f"no drawing named {name}")
            case model.PageBreak():
                return [PageBreak()]

    def item(self, mark: str, text: str, style: ParagraphStyle) -> Paragraph:
        room = _WIDTH - style.leftIndent - 1
        lines = wrap(text, room, lambda part: self.font.width(part, style.fontSize))
        return Paragraph("<br/>".join(escape(line) for line in lines), style, bulletText=mark)

    def caption(self, text: str) -> Paragraph:
        return self.paragraph(text, self.style(9.5, alignment=TA_CENTER, spaceBefore=4, spaceAfter=4, keepWithNext=1))

    def table(self, table: model.Table) -> list[Flowable]:
        """The caption and the table; ``keepWithNext`` holds heading, caption and table together on one page."""
        widths = self.column_widths(table)
        style = self.style(9, alignment=TA_CENTER)
        grid: list[list[Any]] = [[""] * table.width for _ in range(table.height)]
        commands: list[tuple[Any, ...]] = [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
            ("BACKGROUND", (0, 0), (-1, table.header - 1), colors.HexColor("#d9e2f0")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
        ]
        for cell in table.cells:
            width = sum(widths[cell.column : cell.column + cell.columns]) - 2 * _CELL_PADDING
            grid[cell.row][cell.column] = self.paragraph(cell.text, style, width)
            if cell.rows * cell.columns > 1:
                end = (cell.column + cell.columns - 1, cell.row + cell.rows - 1)
                commands.append(("SPAN", (cell.column, cell.row), end))
        drawn = PdfTable(grid, colWidths=widths, style=commands, repeatRows=table.header, spaceAfter=8)
        return [self.caption(table.caption), drawn] if table.caption else [drawn]

    def column_widths(self, table: model.Table) -> list[float]:
        """Widths in points that sum to the text width, by the longest cell of each column (150 points at most)."""
        wishes = [0.0] * table.width
        for cell in table.cells:
            if cell.columns == 1:
                wish = min(self.font.width(cell.text, 9), 150.0) + 2 * _CELL_PADDING + 6
                wishes[cell.column] = max(wishes[cell.column], wish)
        return [wish * _WIDTH / sum(wishes) for wish in wishes]
