"""The objects of a page in the order they are drawn, those inside forms among them."""

import ctypes
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.model import Rect

_MAX_DEPTH: Final = 4

Matrix: TypeAlias = tuple[float, float, float, float, float, float]
IDENTITY: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class PageObject(NamedTuple):
    """A handle with its kind and the matrix of the form that holds it."""

    handle: ctypes.c_void_p
    kind: int
    matrix: Matrix


def walk(page: Any) -> Iterator[PageObject]:
    """Yield the objects of the page with this handle; forms are gone into, four deep at most."""
    return _walk(page, calls.OBJECTS_OF_PAGE(page), calls.PAGE_OBJECT, IDENTITY, 0)


def _walk(container: Any, count: int, get: Any, matrix: Matrix, depth: int) -> Iterator[PageObject]:
    kind_of, address = calls.KIND, ctypes.c_void_p
    for index in range(count):
        handle = address(get(container, index))
        kind = kind_of(handle)
        if kind != pdfium_c.FPDF_PAGEOBJ_FORM:
            yield PageObject(handle, kind, matrix)
        elif depth < _MAX_DEPTH:
            inner = compose(matrix_of(handle), matrix)
            yield from _walk(handle, calls.OBJECTS_OF_FORM(handle), calls.FORM_OBJECT, inner, depth + 1)


def matrix_of(handle: ctypes.c_void_p) -> Matrix:
    """Return the matrix of an object."""
    raw = pdfium_c.FS_MATRIX()
    if not calls.OBJECT_MATRIX(handle, ctypes.byref(raw)):
        return IDENTITY
    return raw.a, raw.b, raw.c, raw.d, raw.e, raw.f


def bounds_of(item: PageObject) -> Rect | None:
    """Return the box of an object in user space (y upwards), or None where the library knows none."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    refs = (ctypes.byref(left), ctypes.byref(bottom), ctypes.byref(right), ctypes.byref(top))
    if not calls.BOUNDS(item.handle, *refs):
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
