"""The document as PDF, drawn by reportlab with an embedded TrueType font, or with a CID font that is not embedded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Paragraph as Flow

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
from scripts.demo_corpus.fonts import load_font

_ALIGNS: Final = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}
_MARGIN: Final = 22 * mm
_NOTES_HEIGHT: Final = 24 * mm
_GAP: Final = 7 * mm


def write_pdf(document: TruthDocument, path: Path) -> None:
    """Draw the document to ``path``; two columns begin below the one-column opening."""
    _Writer(document).write(path)


class _Chart(Flowable):  # type: ignore[misc]
    """Bars and axes, without words."""

    def __init__(self, heights: tuple[float, ...], unit: float) -> None:
        super().__init__()
        self._heights, self._unit = heights, unit
        self.width, self.height = unit * len(heights), 100.0
        self.hAlign = "CENTER"

    def draw(self) -> None:
        self.canv.setFillColorRGB(0.29, 0.47, 0.71)
        for index, share in enumerate(self._heights):
            self.canv.rect(self._unit * (index + 0.2), 0, 0.6 * self._unit, 95 * share, stroke=0, fill=1)
        self.canv.setFillColorRGB(0, 0, 0)
        self.canv.line(0, 0, self.width, 0)
        self.canv.line(0, 0, 0, self.height)


class _NoteMark(Flowable):  # type: ignore[misc]
    """Takes no room; leaves its footnote with the page it comes to stand on."""

    def __init__(self, note: Flow) -> None:
        super().__init__()
        self.width = self.height = 0
        self._note = note

    def draw(self) -> None:
        notes = getattr(self.canv, "page_notes", [])
        self.canv.page_notes = [*notes, self._note]


class _Leader(Flowable):  # type: ignore[misc]
    """A line of the contents: text, dots up to the page number at the right edge."""

    def __init__(self, text: str, page: int, indent: float, font: str, size: float) -> None:
        super().__init__()
        self._text, self._page, self._indent, self._font, self._size = text, str(page), indent, font, size

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 1.7 * self._size

    def draw(self) -> None:
        def measure(text: str) -> float:
            return float(pdfmetrics.stringWidth(text, self._font, self._size))

        self.canv.setFont(self._font, self._size)
        self.canv.drawString(self._indent, 0, self._text)
        number_at = self.width - measure(self._page)
        start = self._indent + measure(self._text) + 3
        count = int((number_at - 3 - start) / measure("."))
        self.canv.drawString(start, 0, "." * max(count, 0))
        self.canv.drawString(number_at, 0, self._page)


class _Writer:
    def __init__(self, document: TruthDocument) -> None:
        self._document = document
        self._look = document.look
        self._heavy = load_font(None, _texts(document)).name
        self._font = self._heavy
        if self._look.serif and document.language == "zh":
            self._font = "STSong-Light"
            pdfmetrics.registerFont(UnicodeCIDFont(self._font))
        elif document.language == "en":
            self._font, self._heavy = (
                ("Times-Roman", "Times-Bold") if self._look.serif else ("Helvetica", "Helvetica-Bold")
            )
        self._notes = 0

    def write(self, path: Path) -> None:
        """Draw everything."""
        opening: list[Flowable] = []
        rest: list[Flowable] = []
        for index, block in enumerate(self._document.blocks):
            (opening if index < self._document.opening else rest).extend(self._flow(block))
        template = BaseDocTemplate(str(path), pagesize=A4, invariant=1)
        width, height = A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN - _NOTES_HEIGHT
        if self._document.columns == 1:
            template.addPageTemplates(self._page("page", [(_MARGIN, width, height)]))
            template.build([*opening, *rest])
            return
        column, right = (width - _GAP) / 2, _MARGIN + (width + _GAP) / 2
        top = sum(flow.wrap(width, height)[1] + flow.getSpaceBefore() + flow.getSpaceAfter() for flow in opening) + 6
        low = height - top
        first = [(_MARGIN, width, top, low), (_MARGIN, column, low), (right, column, low)]
        template.addPageTemplates(self._page("first", first))
        template.addPageTemplates(self._page("later", [(_MARGIN, column, height), (right, column, height)]))
        template.build([NextPageTemplate("later"), *opening, FrameBreak(), *rest])

    def _page(self, name: str, places: Sequence[tuple[float, ...]]) -> PageTemplate:
        frames = [
            Frame(left, _MARGIN + _NOTES_HEIGHT + sum(above), width, height, 0, 0, 0, 0)
            for left, width, height, *above in places
        ]
        return PageTemplate(name, frames, onPageEnd=self._furniture)

    def _style(self, size: float, *, heavy: bool = False, **more: Any) -> ParagraphStyle:
        wrap = {"wordWrap": "CJK"} if self._document.language == "zh" else {}
        defaults = {
            "fontName": self._heavy if heavy else self._font,
            "fontSize": size,
            "leading": size * self._look.leading,
        }
        return ParagraphStyle("style", **{**defaults, **wrap, **more})

    def _flow(self, block: DocumentBlock) -> list[Flowable]:
        size = self._look.body_size
        match block:
            case Heading():
                style = self._style(
                    self._look.sizes[block.level],
                    heavy=self._look.bold[block.level],
                    spaceBefore=0.9 * size,
                    spaceAfter=0.45 * size,
                    keepWithNext=1,
                    alignment=TA_LEFT if block.level else TA_CENTER,
                )
                return [Flow(_escape(block.text), style)]
            case Paragraph():
                return self._paragraph(block)
            case Items():
                style = self._style(size, leftIndent=2 * size, bulletIndent=size)
                bullet = {"bulletText": "•"} if block.bulleted else {}
                return [Flow(_escape(item), style, **bullet) for item in block.items]
            case TableBlock():
                caption = self._style(0.92 * size, alignment=TA_CENTER, keepWithNext=1, spaceBefore=0.5 * size)
                return [Flow(_escape(block.caption), caption), self._table(block), Spacer(0, 0.9 * size)]
            case Remark():
                return [Flow(_escape(block.text), self._style(0.85 * size))]
            case Figure():
                caption = self._style(0.92 * size, alignment=TA_CENTER)
                unit = 22.0 if self._document.columns == 2 else 32.0
                return [
                    KeepTogether([Spacer(0, size), _Chart(block.heights, unit), Flow(_escape(block.caption), caption)])
                ]
            case Contents():
                head = Flow(_escape(block.title), self._style(self._look.sizes[1], heavy=True, alignment=TA_CENTER))
                lines = [
                    _Leader(text, page, 2 * size * (level - 1), self._font, size) for text, level, page in block.entries
                ]
                return [PageBreak(), head, Spacer(0, size), *lines, PageBreak()]

    def _paragraph(self, block: Paragraph) -> list[Flowable]:
        size = self._look.body_size
        indent = 2 * size if self._look.indent else 0
        style = self._style(size, firstLineIndent=indent, alignment=TA_JUSTIFY, spaceAfter=0.2 * size)
        if block.note is None:
            return [Flow(_escape(block.text), style)]
        self._notes += 1
        text = f"{_escape(block.text)}<super size='{0.65 * size:.1f}'>{self._notes}</super>"
        note = Flow(f"{self._notes} {_escape(block.note)}", self._style(0.8 * size, leading=size))
        return [Flow(text, style), _NoteMark(note)]

    def _table(self, block: TableBlock) -> Table:
        size = 0.92 * self._look.body_size
        rows: list[list[Any]] = [[""] * block.table.columns for _ in range(block.table.rows)]
        commands: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        for cell in block.table.cells:
            centred = cell.header and cell.column_span > 1
            align = TA_CENTER if centred else _ALIGNS[block.aligns[cell.column]]
            style = self._style(size, heavy=cell.header and any(self._look.bold), leading=1.3 * size, alignment=align)
            rows[cell.row][cell.column] = Flow(_escape(cell.text), style)
            if cell.row_span > 1 or cell.column_span > 1:
                end = (cell.column + cell.column_span - 1, cell.row + cell.row_span - 1)
                commands.append(("SPAN", (cell.column, cell.row), end))
        commands += _rules(block)
        return Table(rows, colWidths=self._widths(block, size), repeatRows=block.head_rows, style=TableStyle(commands))

    def _widths(self, block: TableBlock, size: float) -> list[float]:
        room = A4[0] - 2 * _MARGIN
        if self._document.columns == 2:
            room = (room - _GAP) / 2 - 2
        wanted = [0.0] * block.table.columns
        for cell in block.table.cells:
            if cell.column_span == 1:
                width = pdfmetrics.stringWidth(cell.text, self._heavy, size) + 14
                wanted[cell.column] = max(wanted[cell.column], width)
        share = min(1.0, room / sum(wanted))
        if share == 1.0:
            return wanted
        # Only columns wider than an even share give way, so that numbers stay on one line.
        narrow = [width for width in wanted if width <= room / len(wanted)]
        left = (room - sum(narrow)) / max(sum(wanted) - sum(narrow), 1)
        return [width if width <= room / len(wanted) else width * left for width in wanted]

    def _furniture(self, canvas: Any, template: Any) -> None:
        look = self._look
        canvas.setFont(self._heavy, 8.5)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 14 * mm, look.running_head)
        number = look.page_number.format(page=canvas.getPageNumber(), pages=99)
        canvas.drawCentredString(A4[0] / 2, 12 * mm, number)
        at = _MARGIN
        notes = getattr(canvas, "page_notes", [])
        for note in reversed(notes):
            _, height = note.wrap(A4[0] - 2 * _MARGIN, _NOTES_HEIGHT)
            note.drawOn(canvas, _MARGIN, at)
            at += height + 1
        if notes:
            canvas.line(_MARGIN, at + 3, _MARGIN + 45 * mm, at + 3)
        canvas.page_notes = []


def _rules(block: TableBlock) -> list[tuple[Any, ...]]:
    if block.kind is TableKind.BORDERLESS:
        return []
    if block.kind is TableKind.THREE_LINE:
        edge = block.head_rows - 1
        groups = [cell for cell in block.table.cells if cell.header and cell.column_span > 1]
        return [
            *(
                (
                    "LINEBELOW",
                    (cell.column, cell.row),
                    (cell.column + cell.column_span - 1, cell.row),
                    0.5,
                    colors.black,
                )
                for cell in groups
            ),
            ("LINEABOVE", (0, 0), (-1, 0), 1.5, colors.black),
            ("LINEBELOW", (0, edge), (-1, edge), 0.75, colors.black),
            ("LINEBELOW", (0, -1), (-1, -1), 1.5, colors.black),
        ]
    return [("GRID", (0, 0), (-1, -1), 0.75, colors.black)]


def _texts(document: TruthDocument) -> list[str]:
    texts = [document.look.running_head]
    for block in document.blocks:
        match block:
            case Heading() | Paragraph() | Remark():
                texts.append(block.text)
            case Items():
                texts.extend(block.items)
            case TableBlock():
                texts.extend([block.caption, *(cell.text for cell in block.table.cells)])
            case _:
                pass
    return texts


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
