"""What people filled in: values of form fields and text written on the page, as characters at their places.

Set among the characters of the page, a value falls into its line or table cell by itself. A field without any visible
text beside or above it is given its name.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.parsing.characters import is_wide, normalise
from ingest.parsing.pdf.model import WRITTEN_SPACE, Glyph, Rect
from ingest.parsing.pdf.space import PageSpace

_MAX_ANNOTATIONS: Final = 3_000
_MAX_CHARS: Final = 20_000
_UNSEEN: Final = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD: Final = 1 << 13
_MIN_SIZE: Final = 4.0
_MAX_SIZE: Final = 12.0
_PITCH: Final = 1.25
_LATIN_WIDTH: Final = 0.5
_LABEL_REACH: Final = 180.0
_CHECKS: Final = {True: "☑", False: "☐"}


def read_fields(document: pdfium.PdfDocument, page: pdfium.PdfPage, space: PageSpace) -> list[tuple[Rect, str, str]]:
    """Return (box on the shown page, name, value) of the page's filled fields and free texts.

    A box to tick has ☑ or ☐ for its value; a free text has no name.
    """
    found: list[tuple[Rect, str, str]] = []
    form = document.formenv.raw if document.formenv is not None else None
    for annotation in _annotations(page):
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        rect = _rect(annotation, space)
        if rect is None or pdfium_c.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
            continue
        if kind == pdfium_c.FPDF_ANNOT_FREETEXT:
            text = _text(partial(pdfium_c.FPDFAnnot_GetStringValue, annotation, b"Contents"))
            if text:
                found.append((rect, "", text))
        elif kind == pdfium_c.FPDF_ANNOT_WIDGET and form is not None:
            value = _value(form, annotation)
            if value:
                found.append((rect, _name(form, annotation), value))
    return found


def field_glyphs(fields: Sequence[tuple[Rect, str, str]], glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return characters for the fields' values, to be read among ``glyphs`` of the same upright frame."""
    made: list[Glyph] = []
    for rect, name, value in fields:
        text = value if not name or _has_label(rect, glyphs) else f"{name}: {value}"
        made += _written(text, rect)
    return made


def _annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page.raw), _MAX_ANNOTATIONS)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium_c.FPDFPage_CloseAnnot(annotation)


def _rect(annotation: Any, space: PageSpace) -> Rect | None:
    raw = pdfium_c.FS_RECTF()
    if not pdfium_c.FPDFAnnot_GetRect(annotation, ctypes.byref(raw)):
        return None
    rect = space.rect(raw.left, raw.bottom, raw.right, raw.top)
    return rect if rect[2] - rect[0] > 1 and rect[3] - rect[1] > 1 and space.holds(rect) else None


def _value(form: Any, annotation: Any) -> str:
    kind = pdfium_c.FPDFAnnot_GetFormFieldType(form, annotation)
    if pdfium_c.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    if kind in (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON):
        return _CHECKS[bool(pdfium_c.FPDFAnnot_IsChecked(form, annotation))]
    if kind in (pdfium_c.FPDF_FORMFIELD_TEXTFIELD, pdfium_c.FPDF_FORMFIELD_COMBOBOX, pdfium_c.FPDF_FORMFIELD_LISTBOX):
        return _text(partial(pdfium_c.FPDFAnnot_GetFormFieldValue, form, annotation))
    return ""


def _name(form: Any, annotation: Any) -> str:
    shown = _text(partial(pdfium_c.FPDFAnnot_GetFormFieldAlternateName, form, annotation))
    return shown or _text(partial(pdfium_c.FPDFAnnot_GetFormFieldName, form, annotation))


def _text(get: Callable[[Any, int], int]) -> str:
    """Read a UTF-16 string that the library hands out by length and buffer."""
    length = get(None, 0)
    if not 2 < length <= 2 * _MAX_CHARS:
        return ""
    buffer = ctypes.create_string_buffer(length)
    get(ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), length)
    return normalise(buffer.raw[:length].decode("utf-16-le", "replace").rstrip("\0")).strip()


def _has_label(rect: Rect, glyphs: Sequence[Glyph]) -> bool:
    """Tell whether visible text stands in the row of the field, or right above it."""
    x0, y0, x1, y1 = rect
    for glyph in glyphs:
        middle = (glyph.y0 + glyph.y1) / 2
        if y0 - 2 <= middle <= y1 + 2 and x0 - _LABEL_REACH <= glyph.x0 <= x1 + _LABEL_REACH:
            return True
        if glyph.y1 <= y0 + 2 and y0 - glyph.y1 < glyph.size and x0 - 4 <= glyph.x0 <= x1:
            return True
    return False


def _written(text: str, rect: Rect) -> list[Glyph]:
    """Set text into a box as it would be written there, wrapped at its right edge."""
    x0, y0, x1, y1 = rect
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    size = min(max(0.7 * (y1 - y0) / len(rows), _MIN_SIZE), _MAX_SIZE)
    wraps = (y1 - y0) > 2 * _PITCH * size
    made: list[Glyph] = []
    y = y0 + max((y1 - y0 - len(rows) * _PITCH * size) / 2, 0)
    for row in rows:
        x, blank = x0 + 1, 0
        for char in row:
            if char.isspace():
                blank, x = WRITTEN_SPACE, x + _LATIN_WIDTH * size
                continue
            width = size if is_wide(char) else _LATIN_WIDTH * size
            if wraps and x + width > x1 and x > x0 + 1:
                x, y = x0 + 1, y + _PITCH * size
            made.append(Glyph(char, x, y, x + width, y + size, size, bold=False, space=blank))
            x, blank = x + width, 0
        y += _PITCH * size
    return made
