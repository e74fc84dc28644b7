"""Word documents: heading styles, native lists, tables with merged cells, header and footer."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.styles.style import ParagraphStyle

from scripts.demo_corpus.model import Block, Document, Figure, Heading, Items, Note, PageBreak, Paragraph, Table
from scripts.demo_corpus.writers.archive import normalise

_FONT = "Noto Sans CJK SC"


def write(document: Document) -> bytes:
    """A .docx package; raises ``ValueError`` on numbered lists, figures and page breaks, which no Word source uses."""
    word = docx.Document()
    _set_up(word, document)
    word.add_heading(document.title, level=0)
    word.add_paragraph(document.masthead()).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for block in document.blocks:
        _add(word, block)
    out = io.BytesIO()
    word.save(out)
    return normalise(out.getvalue(), document.meta["date"])


def _set_up(word: WordDocument, document: Document) -> None:
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet", "Caption", "Intense Quote"):
        style = word.styles[name]
        if isinstance(style, ParagraphStyle):
            style.font.name = _FONT
            # python-docx sets the Latin font only; Word takes Chinese glyphs from the East Asian one.
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    normal = word.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.size = Pt(10.5)
    properties = word.core_properties
    properties.title = document.title
    properties.author = properties.last_modified_by = document.meta["owner"]
    properties.comments = ""
    properties.created = properties.modified = datetime.fromisoformat(document.meta["date"]).replace(tzinfo=UTC)
    section = word.sections[0]
    section.header.paragraphs[0].text = f"砚澜电气股份有限公司　{document.title}"
    section.footer.paragraphs[0].text = f"{document.meta['number']}　{document.meta['version']}　内部资料"


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case Heading(level=level, text=text):
            word.add_heading(text, level=level - 1)
        case Paragraph(text=text):
            word.add_paragraph(text)
        case Note(text=text):
            word.add_paragraph(text, style="Intense Quote")
        case Items(texts=texts, numbered=False):
            for text in texts:
                word.add_paragraph(text, style="List Bullet")
        case Table():
            _add_table(word, block)
        case Items() | Figure() | PageBreak():
            raise ValueError(f"not possible in a Word document: {block}")


def _add_table(word: WordDocument, table: Table) -> None:
    if table.caption:
        word.add_paragraph(table.caption, style="Caption")
    grid = word.add_table(rows=table.height, cols=table.width, style="Table Grid")
    for cell in table.cells:
        first = grid.cell(cell.row, cell.column)
        if cell.rows * cell.columns > 1:
            first = first.merge(grid.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1))
        first.text = cell.text
        if cell.row < table.header:
            first.paragraphs[0].runs[0].bold = True
    word.add_paragraph()
