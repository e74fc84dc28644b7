"""From the bitmap as it is to the page set upright and straight, and back."""

import math

Point = tuple[float, float]


class Upright:
    """A bitmap of ``width`` by ``height`` pixels, turned by ``quarters`` of 90 degrees against the clock, straightened.

    ``slant`` is the angle of the lines of text on the turned bitmap, clockwise in radians; the upright frame is the
    turned bitmap rotated by it about its middle, and as much larger as that takes.
    """

    def __init__(self, width: float, height: float, quarters: int = 0, slant: float = 0.0) -> None:
        self._stored = width, height
        self._quarters = quarters % 4
        self._turned = (height, width) if quarters % 2 else (width, height)
        self._cos, self._sin = math.cos(slant), math.sin(slant)
        wide, high = self._turned
        cos, sin = abs(self._cos), abs(self._sin)
        self.size = wide * cos + high * sin, wide * sin + high * cos

    @property
    def matrix(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """The affine map from the turned bitmap to the upright frame."""
        (cx, cy), (ux, uy) = ((side / 2 for side in size) for size in (self._turned, self.size))
        cos, sin = self._cos, self._sin
        return (cos, sin, ux - cos * cx - sin * cy), (-sin, cos, uy + sin * cx - cos * cy)

    def straight(self, x: float, y: float) -> Point:
        """Where a point of the turned bitmap stands in the upright frame."""
        one, two = self.matrix
        return one[0] * x + one[1] * y + one[2], two[0] * x + two[1] * y + two[2]

    def back(self, x: float, y: float) -> Point:
        """Where a point of the upright frame stands on the bitmap as it is."""
        dx, dy = x - self.size[0] / 2, y - self.size[1] / 2
        x = self._cos * dx - self._sin * dy + self._turned[0] / 2
        y = self._sin * dx + self._cos * dy + self._turned[1] / 2
        width, height = self._stored
        if self._quarters == 1:
            return width - y, x
        if self._quarters == 2:
            return width - x, height - y
        return (y, height - x) if self._quarters == 3 else (x, y)
