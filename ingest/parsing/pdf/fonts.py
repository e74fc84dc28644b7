"""What the fonts of a PDF tell about their text: weight, mathematics, fixed pitch."""

import ctypes
import re
from typing import Any, Final

import pypdfium2.raw as pdfium_c

from ingest.parsing.pdf import calls
from ingest.parsing.pdf.model import MATH, MONO

_BOLD_NAMES: Final = (b"bold", b"heiti", b"simhei", b"-hei", b"black", b"fzht", b"fzhei", b"heavy")
_BOLD_WEIGHT: Final = 600
_FIXED_PITCH: Final = 1
_MONO_NAMES: Final = (b"mono", b"courier", b"consola", b"menlo", b"typewriter", b"cmtt", b"inconsolata", b"source-code")
_MATH_NAMES: Final = re.compile(
    rb"(?:^|\+)(?:cm(?:mi|sy|ex|bsy|mib)|ms[ab]m|eu[fs]m|lm(?:math|mi|sy|ex)|mtsy|mtmi|mtex|rmtmi|math|symbol|xits|stix"
    rb"|txsy|txmi|pxsy|pxmi|esint|euclid(?:symbol|extra|math)|universalmath)|cambriamath|math(?:-|pi|ematic)|mathjax",
)


class Fonts:
    """Answers for the font of a character; each font of the page is asked once."""

    def __init__(self, textpage: Any) -> None:
        self._text = textpage
        self._known: dict[int, tuple[bool, int]] = {}
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def look(self, at: int, handle: Any) -> tuple[bool, int]:
        """Return (bold, bits) of character ``at`` of the text object ``handle``.

        Bold by weight, or by the font's name: Founder and Type 3 fonts carry no weight.
        """
        font = calls.FONT(handle) if handle else None
        known = self._known.get(font) if font is not None else None
        if known is None:
            known = self._read(at)
            if font is not None:
                self._known[font] = known
        return known

    def _read(self, at: int) -> tuple[bool, int]:
        length = pdfium_c.FPDFText_GetFontInfo(self._text, at, self._name, 128, ctypes.byref(self._flags))
        name = self._name.raw[: max(length - 1, 0)].lower() if 0 < length <= 128 else b""
        bold = pdfium_c.FPDFText_GetFontWeight(self._text, at) >= _BOLD_WEIGHT or any(b in name for b in _BOLD_NAMES)
        fixed = bool(self._flags.value & _FIXED_PITCH) or any(mono in name for mono in _MONO_NAMES)
        look = (MATH if _MATH_NAMES.search(name) else 0) | (MONO if fixed else 0)
        return bold, look
