"""The space of a shown page: crop box, page rotation, y downwards."""

import pypdfium2 as pdfium

from ingest.parsing.pdf.model import Rect


class PageSpace:
    """Maps the user space of a PDF page to the page as it is shown."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self.rotation = int(page.get_rotation())
        width, height = page.get_size()
        self.width = float(width)
        self.height = float(height)

    @property
    def upright(self) -> tuple[float, float] | None:
        """``(left, top)`` when a point (x, y) is shown at (x - left, top - y), None on a page that is turned."""
        return (self._left, self._top) if self.rotation == 0 else None

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Map a point."""
        if self.rotation == 90:
            return y - self._bottom, x - self._left
        if self.rotation == 180:
            return self._right - x, y - self._bottom
        if self.rotation == 270:
            return self._top - y, self._right - x
        return x - self._left, self._top - y

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """Map a box given by any two opposite corners."""
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def holds(self, rect: Rect) -> bool:
        """Tell whether the middle of a box is on the shown page."""
        x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
        return -1 <= x <= self.width + 1 and -1 <= y <= self.height + 1
