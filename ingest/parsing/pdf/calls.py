"""Calls into pdfium that are made for every character and object of a page."""

import ctypes
from typing import Any, Final

import pypdfium2.raw as pdfium_c


def _plain(function: Any, result: "type[ctypes._SimpleCData[Any]]" = ctypes.c_int) -> Any:
    """Return the same function without conversion and check of its arguments, which cost more than the call.

    Arguments must be integers of 32 bits, pointers or ``c_void_p`` (an address as a plain integer would be cut), or
    ``ctypes.byref`` of a buffer. An address comes back as an integer.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.CFUNCTYPE(result)(address)


def floats(count: int) -> tuple[Any, "memoryview[float]"]:
    """Return a buffer that calls fill, to be handed to them, and a view of its values."""
    buffer = (ctypes.c_float * count)()
    return ctypes.byref(buffer), memoryview(buffer).cast("B").cast("f")


CODE: Final = _plain(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint)
IS_MADE: Final = _plain(pdfium_c.FPDFText_IsGenerated)
IS_UNMAPPED: Final = _plain(pdfium_c.FPDFText_HasUnicodeMapError)
OBJECT: Final = _plain(pdfium_c.FPDFText_GetTextObject, ctypes.c_void_p)
BOX: Final = _plain(pdfium_c.FPDFText_GetLooseCharBox)
ORIGIN: Final = _plain(pdfium_c.FPDFText_GetCharOrigin)
SIZE: Final = _plain(pdfium_c.FPDFText_GetFontSize, ctypes.c_double)
MATRIX: Final = _plain(pdfium_c.FPDFText_GetMatrix)

FONT: Final = _plain(pdfium_c.FPDFTextObj_GetFont, ctypes.c_void_p)
RENDER_MODE: Final = _plain(pdfium_c.FPDFTextObj_GetTextRenderMode)
FILL_COLOUR: Final = _plain(pdfium_c.FPDFPageObj_GetFillColor)
STROKE_COLOUR: Final = _plain(pdfium_c.FPDFPageObj_GetStrokeColor)
SET_FILL: Final = _plain(pdfium_c.FPDFPageObj_SetFillColor)
SET_ACTIVE: Final = _plain(pdfium_c.FPDFPageObj_SetIsActive)

OBJECTS_OF_PAGE: Final = _plain(pdfium_c.FPDFPage_CountObjects)
OBJECTS_OF_FORM: Final = _plain(pdfium_c.FPDFFormObj_CountObjects)
PAGE_OBJECT: Final = _plain(pdfium_c.FPDFPage_GetObject, ctypes.c_void_p)
FORM_OBJECT: Final = _plain(pdfium_c.FPDFFormObj_GetObject, ctypes.c_void_p)
KIND: Final = _plain(pdfium_c.FPDFPageObj_GetType)
BOUNDS: Final = _plain(pdfium_c.FPDFPageObj_GetBounds)
OBJECT_MATRIX: Final = _plain(pdfium_c.FPDFPageObj_GetMatrix)
IS_SEE_THROUGH: Final = _plain(pdfium_c.FPDFPageObj_HasTransparency)
DRAW_MODE: Final = _plain(pdfium_c.FPDFPath_GetDrawMode)
SEGMENTS: Final = _plain(pdfium_c.FPDFPath_CountSegments)
SEGMENT: Final = _plain(pdfium_c.FPDFPath_GetPathSegment, ctypes.c_void_p)
SEGMENT_POINT: Final = _plain(pdfium_c.FPDFPathSegment_GetPoint)
SEGMENT_KIND: Final = _plain(pdfium_c.FPDFPathSegment_GetType)
SEGMENT_CLOSES: Final = _plain(pdfium_c.FPDFPathSegment_GetClose)
