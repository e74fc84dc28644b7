"""Line breaking for mixed Chinese and Latin text.

Neither the PDF library nor the image library breaks such text well: numbers with their unit and words stay
whole here, and no line starts with a closing mark or ends with an opening one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_OPENING = "（《“‘「([<"
_CLOSING = "，。；：、！？）》”’」…%℃)]>,.;:!?"
_UNIT = re.compile(
    rf"[{re.escape(_OPENING)}]*"
    r"(?:\d[\d.,]*\s[A-Za-zμΩ²·]{1,4}\b|[A-Za-z0-9][^\s\u2e80-\uffef]*|[^\s])"  # "650 mm", a word, one character
    rf"[{re.escape(_CLOSING)}]*|\s+"
)


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Split ``text`` into lines not wider than ``width`` (a single unit that is wider stands alone).

    ``measure`` gives the width of a string in the same unit as ``width``. Joining the lines gives the text
    back, except for the white space at the breaks.
    """
    lines: list[str] = []
    line = ""
    for unit in _UNIT.findall(text):
        if line.strip() and measure((line + unit).rstrip()) > width:
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
    return [*lines, line.rstrip()] if line.strip() else lines or [""]
