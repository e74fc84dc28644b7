"""Codes that tell what happened to a page."""

from typing import Final

NEEDS_OCR: Final = "page.{number}.needs_ocr"
"""Warning: the text layer of page ``number`` is missing or garbled."""

NO_TEXT: Final = "page.no_text"
"""Error of a page that holds something to read, with no OCR to read it."""

FAILED: Final = "page.failed"
"""Error of a page that could not be analysed."""
