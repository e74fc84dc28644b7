"""Codes that tell what happened to a page."""

from typing import Final

NEEDS_OCR: Final = "page.{number}.needs_ocr"
"""Warning: the text layer of page ``number`` is missing or garbled."""

NO_TEXT: Final = "page.no_text"
"""Error of a page that holds something to read, with no OCR to read it."""

FAILED: Final = "page.failed"
"""Error of a page that could not be analysed."""

UNSEEN_LAYER: Final = "page.{number}.unseen_layer"
"""Warning: the text of page ``number`` is drawn invisibly over its picture, as a scanner's recognition leaves it."""

LAYER_REPLACED: Final = "page.{number}.layer_replaced"
"""Warning: the invisible text of page ``number`` is not what the page shows; it was recognised anew."""

ENDPOINT_FAILED: Final = "page.{number}.endpoint_failed"
"""Warning: the configured endpoint did not read page ``number``; the local recognition did."""

FORMULAS_UNREAD: Final = "page.{number}.formulas_unread"
"""Warning: the formula endpoint did not read all formulas of page ``number``; they keep the characters of the page."""

PICTURE_UNREAD: Final = "picture.{number}.unread"
"""Warning: the picture of block ``number`` (1-based, in reading order) could not be opened or recognised."""

PICTURES_LEFT: Final = "pictures.{count}.left"
"""Warning: so many pictures were over the number that is read of one file."""

TABLE_DOUBTFUL: Final = "table.{number}.doubtful"
"""Note of the parser to recognition: the table that is block ``number`` (1-based) needs a look by the model."""

TABLES_DOUBTFUL: Final = "page.{number}.tables_doubtful"
"""Warning: a table of page ``number`` was found by alignment and is in doubt; no model has looked at it again."""
