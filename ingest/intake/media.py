"""Media types that are accepted, and which file extensions may carry them."""

from typing import Final

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
BMP: Final = "image/bmp"
WEBP: Final = "image/webp"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
HTML: Final = "text/html"
EML: Final = "message/rfc822"
MARKDOWN: Final = "text/markdown"
CSV: Final = "text/csv"
PLAIN: Final = "text/plain"

IMAGES: Final = frozenset({PNG, JPEG, TIFF, BMP, WEBP})
OFFICE: Final = frozenset({DOCX, XLSX, PPTX})
TEXTS: Final = frozenset({HTML, MARKDOWN, CSV, PLAIN})
SUPPORTED: Final = frozenset({PDF, EML}) | IMAGES | OFFICE | TEXTS

SUPPORTED_NAMES: Final = "PDF, DOCX, XLSX, PPTX, HTML, Markdown, TXT, CSV, EML, PNG, JPEG, TIFF, BMP, WebP"

# An extension outside this table says nothing; one inside it must agree with the content.
EXTENSIONS: Final[dict[str, frozenset[str]]] = {
    ".pdf": frozenset({PDF}),
    ".png": frozenset({PNG}),
    ".jpg": frozenset({JPEG}),
    ".jpeg": frozenset({JPEG}),
    ".jfif": frozenset({JPEG}),
    ".tif": frozenset({TIFF}),
    ".tiff": frozenset({TIFF}),
    ".bmp": frozenset({BMP}),
    ".webp": frozenset({WEBP}),
    ".docx": frozenset({DOCX}),
    ".xlsx": frozenset({XLSX}),
    ".pptx": frozenset({PPTX}),
    ".eml": frozenset({EML}),
    ".html": frozenset({HTML}),
    ".htm": frozenset({HTML}),
    ".xhtml": frozenset({HTML}),
    ".md": frozenset({MARKDOWN}),
    ".markdown": frozenset({MARKDOWN}),
    ".csv": frozenset({CSV}),
    ".txt": frozenset({PLAIN}),
    ".text": frozenset({PLAIN}),
    ".log": frozenset({PLAIN}),
    # Legacy and foreign types that are refused by content; plain text under such a name is a contradiction too.
    ".doc": frozenset(),
    ".xls": frozenset(),
    ".ppt": frozenset(),
    ".zip": frozenset(),
    ".rtf": frozenset(),
    ".exe": frozenset(),
}

TEXT_HINTS: Final[dict[str, str]] = {
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".csv": CSV,
    ".txt": PLAIN,
    ".text": PLAIN,
    ".log": PLAIN,
}
