"""What is looked for on the pages of a rendition, and how."""

from typing import Final

WORDS: Final = "words"
"""A text, found by its characters."""

NOTE: Final = "note"
"""A foot- or endnote: a text that stands out of order, at the end of a page or of the document."""

HEAD: Final = "head"
"""A running head, found where it was left out of the text."""

PICTURE: Final = "picture"
"""A picture, found among the pictures of the pages."""

DRAWN: Final = "drawn"
"""An equation: what stands between its neighbours."""

BESIDE: Final = "beside"
"""A comment: it has the place of what stands before it."""
