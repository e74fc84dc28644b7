"""The objects of a page in the order they are drawn, those inside forms among them."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf.model import Rect

_MAX_DEPTH: Final = 4

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class PageObject:
    """A handle with its kind and the matrix of the form that holds it."""

    handle: Any
    kind: int
    matrix: Matrix


def walk(page: Any) -> Iterator[PageObject]:
    """Yield the objects of the page with this handle; forms are gone into, four deep at most."""
    return _walk(page, IDENTITY, 0)


def _walk(container: Any, matrix: Matrix, depth: int) -> Iterator[PageObject]:
    if depth == 0:
        count, get = pdfium_c.FPDFPage_CountObjects(container), pdfium_c.FPDFPage_GetObject
    else:
        count, get = pdfium_c.FPDFFormObj_CountObjects(container), pdfium_c.FPDFFormObj_GetObject
    for index in range(count):
        handle = get(container, index)
        kind = pdfium_c.FPDFPageObj_GetType(handle)
        if kind != pdfium_c.FPDF_PAGEOBJ_FORM:
            yield PageObject(handle, kind, matrix)
        elif depth < _MAX_DEPTH:
            yield from _walk(handle, compose(matrix_of(handle), matrix), depth + 1)


def matrix_of(handle: Any) -> Matrix:
    """Return the matrix of an object."""
    raw = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(handle, ctypes.byref(raw)):
        return IDENTITY
    return raw.a, raw.b, raw.c, raw.d, raw.e, raw.f


def bounds_of(item: PageObject) -> Rect | None:
    """Return the box of an object in user space (y upwards), or None where the library knows none."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    refs = (ctypes.byref(left), ctypes.byref(bottom), ctypes.byref(right), ctypes.byref(top))
    if not pdfium_c.FPDFPageObj_GetBounds(item.handle, *refs):
        return None
    if item.matrix == IDENTITY:
        return left.value, bottom.value, right.value, top.value
    corners = [apply(item.matrix, x, y) for x in (left.value, right.value) for y in (bottom.value, top.value)]
    xs, ys = [point[0] for point in corners], [point[1] for point in corners]
    return min(xs), min(ys), max(xs), max(ys)


def compose(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that applies ``inner`` and then ``outer``."""
    if outer == IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where ``matrix`` puts a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
