"""The sketch of a switchgear cabinet with its four compartments."""

from __future__ import annotations

from reportlab.lib import colors
from reportlab.platypus import Flowable

_HEIGHT = 190.0
# Compartment: name, then x, y, width and height as shares of the cabinet.
_ROOMS = (
    ("仪表室", 0.0, 0.72, 0.36, 0.28),
    ("断路器室", 0.0, 0.0, 0.36, 0.72),
    ("母线室", 0.36, 0.5, 0.64, 0.5),
    ("电缆室", 0.36, 0.0, 0.64, 0.5),
)


class Cabinet(Flowable):  # type: ignore[misc]  # the library is untyped
    """A side view of the cabinet, centred in ``width`` points."""

    def __init__(self, font: str, width: float) -> None:
        super().__init__()
        self.font = font
        self.width = width
        self.height = _HEIGHT

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size in points, independent of the room given."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the outline and the names of the compartments."""
        wide, high = 150.0, _HEIGHT - 10
        left = (self.width - wide) / 2
        self.canv.setFont(self.font, 9)
        self.canv.setStrokeColor(colors.HexColor("#333333"))
        self.canv.setLineWidth(1.5)
        for name, x, y, share, tall in _ROOMS:
            self.canv.setFillColor(colors.HexColor("#f2f5f9"))
            self.canv.rect(left + x * wide, 5 + y * high, share * wide, tall * high, fill=1)
            self.canv.setFillColor(colors.black)
            self.canv.drawCentredString(left + (x + share / 2) * wide, 5 + (y + tall / 2) * high - 3, name)
