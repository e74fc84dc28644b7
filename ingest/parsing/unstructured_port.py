# ruff: noqa: SLF001
"""The one door to the ``unstructured`` library: Word, PowerPoint and HTML as neutral elements, offline.

The library looks at structure here, never at wording: its rules for titles and sentences are English and call a short
Chinese paragraph a title. Its tokenizer loads spaCy and fetches an English model at first use; a few lines stand in
for it, so that nothing is fetched and a parsing process starts two seconds earlier. Telemetry is off before import.

The library's partitioners are subclassed, private as they are, rather than called through ``partition_*``: those add
language detection, hashes and chunking that nobody reads.
"""

import importlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from types import ModuleType
from typing import Any

from wenyuan.text import sentences

_QUIET = {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}
_TOKENIZER = "unstructured.nlp.tokenize"
_HEADING_STYLE = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"(?:toc|目录|目錄)\s*(?:\d|heading$)", re.IGNORECASE)
_CAPTION_STYLE = re.compile(r"(?:caption|题注|題注)$", re.IGNORECASE)
_DIGITS = "零一二三四五六七八九"
_FORMAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_CHINESE_COUNTS = frozenset(
    ["chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"]
)


@dataclass(frozen=True, slots=True)
class Element:
    """What a partitioner found: ``kind`` is title, text, list, table, code, caption, header or footer.

    ``depth`` is the 1-based level of a title, ``html`` a table's mark-up, ``page`` the number of a slide; ``size`` in
    points and ``bold`` describe a whole Word paragraph.
    """

    kind: str
    text: str
    depth: int = 0
    html: str | None = None
    page: int | None = None
    size: float | None = None
    bold: bool = False


_KINDS = {
    "Title": "title",
    "ListItem": "list",
    "Table": "table",
    "CodeSnippet": "code",
    "Header": "header",
    "Footer": "footer",
    "PageBreak": "",
    "Image": "",
}


def read_docx(document: Any) -> Iterator[Element]:
    """Yield the elements of a python-docx ``Document`` in order."""
    module = _load("unstructured.partition.docx")
    labels = module._ListLabels
    labels._format_number = staticmethod(_with_chinese_counts(labels._format_number))
    options = module.DocxPartitionerOptions(
        file=None, file_path=None, include_page_breaks=False, infer_table_structure=True, strategy="fast"
    )
    # The cached property of the options: the document was opened, and flattened, by the caller.
    options.__dict__["document"] = document
    for element in _docx_partitioner(module).iter_document_elements(options):
        kind = getattr(element.metadata, "role", None) or _KINDS.get(element.category, "text")
        if kind:
            yield Element(
                kind,
                element.text,
                depth=(element.metadata.category_depth or 0) + 1 if kind == "title" else 0,
                html=element.metadata.text_as_html,
                size=getattr(element.metadata, "font_size", None),
                bold=bool(getattr(element.metadata, "all_bold", None)),
            )


def read_pptx(presentation: Any) -> Iterator[Element]:
    """Yield the elements of a python-pptx ``Presentation`` slide by slide; speaker notes close their slide."""
    module = _load("unstructured.partition.pptx")
    options = module.PptxPartitionerOptions(
        file=None,
        file_path=None,
        include_page_breaks=False,
        include_slide_notes=True,
        infer_table_structure=True,
        strategy="fast",
    )
    notes: list[Element] = []
    page = 0
    for element in _pptx_partitioner(module, presentation).iter_presentation_elements(options):
        kind = getattr(element.metadata, "role", None) or _KINDS.get(element.category, "text")
        number = element.metadata.page_number or page
        if number != page:
            yield from notes
            notes, page = [], number
        depth = (element.metadata.category_depth or 0) + 1 if kind == "title" else 0
        item = Element("text" if kind == "note" else kind, element.text, depth, element.metadata.text_as_html, page)
        if kind == "note":
            notes.append(item)
        elif kind:
            yield item
    yield from notes


def read_html(text: str) -> Iterator[Element]:
    """Yield the elements of an HTML text in order."""
    module = _load("unstructured.partition.html.partition")
    options = module.HtmlPartitionerOptions(
        file_path=None,
        file=None,
        text=text,
        encoding=None,
        url=None,
        headers={},
        ssl_verify=True,
        skip_headers_and_footers=False,
        detection_origin=None,
    )
    for element in module._HtmlPartitioner.iter_elements(options):
        kind = _KINDS.get(element.category, "text")
        if kind:
            depth = (element.metadata.category_depth or 0) + 1 if kind == "title" else 0
            yield Element(kind, element.text, depth, element.metadata.text_as_html)


# --- loading ----------------------------------------------------------------------------------------------------


def _load(name: str) -> ModuleType:
    """Import a partitioner with telemetry off, the tokenizer replaced, and its rules on wording switched off."""
    os.environ.update(_QUIET)
    if _TOKENIZER not in sys.modules:
        sys.modules[_TOKENIZER] = _tokenizer()
    module = importlib.import_module(name)
    parser = importlib.import_module("unstructured.partition.html.parser") if ".html." in name else module
    for rule in ("is_possible_title", "is_possible_narrative_text", "is_us_city_state_zip", "is_email_address"):
        if hasattr(parser, rule):
            setattr(parser, rule, _never)
    return module


def _never(_text: str) -> bool:
    return False


def _tokenizer() -> ModuleType:
    module = ModuleType(_TOKENIZER)
    replacements = {
        "sent_tokenize": lambda text: [sentence.text for sentence in sentences(text)],
        "word_tokenize": str.split,
        "pos_tag": lambda text: [(word, "") for word in text.split()],
    }
    for name, function in replacements.items():
        setattr(module, name, function)
    return module


# --- Word -------------------------------------------------------------------------------------------------------


def _docx_partitioner(module: ModuleType) -> Any:
    title, text = module.Title, module.Text

    class Partitioner(module._DocxPartitioner):  # type: ignore[name-defined, misc]
        """Headings by outline level or style in any language; tables of contents left out."""

        def __init__(self, opts: Any) -> None:
            super().__init__(opts)
            self._styles = _Styles()

        def _classify_paragraph_to_element(self, paragraph: Any, label: str = "") -> Iterator[Any]:
            if not _CONTENTS_STYLE.match(self._style_name(paragraph)):
                yield from super()._classify_paragraph_to_element(paragraph, label)

        def _style_based_element_type(self, paragraph: Any) -> Any:
            if self._styles.heading_level(paragraph):
                return title
            found = super()._style_based_element_type(paragraph)
            # "List Paragraph" only indents; numbering or a bullet makes a list item.
            return None if found is title or self._style_name(paragraph) == "List Paragraph" else found

        def _parse_paragraph_text_for_element_type(self, _paragraph: Any) -> Any:
            return text

        def _paragraph_metadata(self, paragraph: Any) -> Any:
            metadata = module.ElementMetadata(category_depth=max(self._styles.heading_level(paragraph) - 1, 0))
            metadata.font_size, metadata.all_bold = self._styles.look(paragraph)
            if _CAPTION_STYLE.match(self._style_name(paragraph)):
                metadata.role = "caption"
            return metadata

        def _table_emphasis(self, _table: Any) -> tuple[list[str], list[str]]:
            return [], []

    return Partitioner


class _Styles:
    """What a paragraph's style says, looked up once a style: a document has many paragraphs and few styles."""

    def __init__(self) -> None:
        self._levels: dict[str | None, int] = {}
        self._looks: dict[str | None, tuple[float | None, bool]] = {}

    def heading_level(self, paragraph: Any) -> int:
        """Depth 1–9 by the paragraph's outline level, its style's name, or its style's outline level; else 0."""
        own = paragraph._p.xpath("./w:pPr/w:outlineLvl/@w:val")
        if own:
            return _outline(own[0])
        key = paragraph._p.style
        if key not in self._levels:
            self._levels[key] = _style_level(paragraph.style)
        return self._levels[key]

    def look(self, paragraph: Any) -> tuple[float | None, bool]:
        """Font size in points of the longest run, and whether all of the text is bold."""
        key = paragraph._p.style
        if key not in self._looks:
            self._looks[key] = _style_look(paragraph.style)
        size, bold = self._looks[key]
        longest, all_bold = 0, True
        for run in paragraph.runs:
            length = len(run.text.strip())
            if not length:
                continue
            all_bold = all_bold and bool(bold if run.font.bold is None else run.font.bold)
            if length > longest and run.font.size is not None:
                longest, size = length, run.font.size.pt
        return size, all_bold


def _outline(value: str) -> int:
    """``w:outlineLvl`` 0–8 is a heading of depth 1–9, 9 is body text."""
    return int(value) + 1 if value.isdecimal() and int(value) <= 8 else 0


def _style_level(style: Any) -> int:
    for ancestor in _ancestry(style):
        name = ancestor.name or ""
        if match := _HEADING_STYLE.match(name):
            return int(match[1])
        if name in ("Title", "标题"):
            return 1
        if own := ancestor.element.xpath("./w:pPr/w:outlineLvl/@w:val"):
            return _outline(own[0])
    return 0


def _style_look(style: Any) -> tuple[float | None, bool]:
    size: float | None = None
    bold: bool | None = None
    for ancestor in _ancestry(style):
        if size is None and ancestor.font.size is not None:
            size = ancestor.font.size.pt
        if bold is None:
            bold = ancestor.font.bold
    return size, bool(bold)


def _ancestry(style: Any) -> Iterator[Any]:
    seen: set[str] = set()
    while style is not None and style.style_id not in seen:
        seen.add(style.style_id)
        yield style
        style = getattr(style, "base_style", None)


def _with_chinese_counts(plain: Any) -> Any:
    """Teach the list labels the numbering of Chinese documents; the library leaves such labels out."""
    if getattr(plain, "chinese", False):
        return plain

    def format_number(value: int, number_format: str) -> str:
        if number_format in _CHINESE_COUNTS and 0 < value < 10_000:
            return chinese_number(value)
        if number_format == "chineseLegalSimplified" and 0 < value < 10_000:
            return chinese_number(value, _FORMAL_DIGITS, ("", "拾", "佰", "仟"), "壹")
        if number_format == "ideographDigital":
            return "".join(_DIGITS[int(digit)] for digit in str(value)).replace("零", "〇")
        if number_format == "decimalFullWidth":
            return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))
        return str(plain(value, number_format))

    format_number.chinese = True  # type: ignore[attr-defined]
    return format_number


def chinese_number(
    value: int, digits: str = _DIGITS, units: tuple[str, ...] = ("", "十", "百", "千"), kept_one: str = ""
) -> str:
    """Write 1 … 9999 as Word numbers chapters: 十, 十二, 二十, 一百零三. With ``kept_one`` ten is 壹拾."""
    written = ""
    text = str(value)
    for index, digit in enumerate(text):
        unit = units[len(text) - index - 1]
        if digit != "0":
            written += digits[int(digit)] + unit
        elif not written.endswith(digits[0]) and int(text[index:]) > 0:
            written += digits[0]
    return written[1:] if 10 <= value < 20 and not kept_one else written


# --- PowerPoint -------------------------------------------------------------------------------------------------


def _pptx_partitioner(module: ModuleType, presentation: Any) -> Any:
    class Partitioner(module._PptxPartitioner):  # type: ignore[name-defined, misc]
        """Merged cells keep their spans, notes are marked as such."""

        _presentation = presentation

        def _iter_maybe_slide_notes(self, slide: Any) -> Iterator[Any]:
            for element in super()._iter_maybe_slide_notes(slide):
                element.metadata.role = "note"
                yield element

        def _iter_table_element(self, graphfrm: Any) -> Iterator[Any]:
            html = _pptx_table(graphfrm.table)
            yield module.Table(text="", metadata=self._opts.table_metadata(html))

    return Partitioner


def _pptx_table(table: Any) -> str:
    rows = []
    for row in table.rows:
        cells = [
            f'<td rowspan="{cell.span_height}" colspan="{cell.span_width}">{escape(cell.text)}</td>'
            if cell.is_merge_origin
            else f"<td>{escape(cell.text)}</td>"
            for cell in row.cells
            if not cell.is_spanned
        ]
        rows.append("<tr>" + "".join(cells) + "</tr>")
    return "<table>" + "".join(rows) + "</table>"
