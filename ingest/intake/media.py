"""Media types that are accepted, and which file extensions may carry them."""

from typing import Final

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
BMP: Final = "image/bmp"
WEBP: Final = "image/webp"
GIF: Final = "image/gif"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
DOC: Final = "application/msword"
XLS: Final = "application/vnd.ms-excel"
PPT: Final = "application/vnd.ms-powerpoint"
ODT: Final = "application/vnd.oasis.opendocument.text"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
ODP: Final = "application/vnd.oasis.opendocument.presentation"
RTF: Final = "application/rtf"
OFD: Final = "application/ofd"
EPUB: Final = "application/epub+zip"
HTML: Final = "text/html"
MHTML: Final = "multipart/related"
EML: Final = "message/rfc822"
MSG: Final = "application/vnd.ms-outlook"
MARKDOWN: Final = "text/markdown"
CSV: Final = "text/csv"
JSON: Final = "application/json"
JSONL: Final = "application/x-ndjson"
SRT: Final = "application/x-subrip"
VTT: Final = "text/vtt"
PLAIN: Final = "text/plain"
ZIP: Final = "application/zip"

IMAGES: Final = frozenset({PNG, JPEG, TIFF, BMP, WEBP, GIF})
OFFICE: Final = frozenset({DOCX, XLSX, PPTX})
LEGACY: Final = frozenset({DOC, XLS, PPT})
OPEN_DOCUMENT: Final = frozenset({ODT, ODS, ODP})
TEXTS: Final = frozenset({HTML, MARKDOWN, CSV, JSON, JSONL, SRT, VTT, PLAIN})
SUPPORTED: Final = IMAGES | OFFICE | LEGACY | OPEN_DOCUMENT | TEXTS | {PDF, OFD, RTF, EPUB, MHTML, EML, MSG}

SUPPORTED_NAMES: Final = (
    "PDF, OFD, DOCX, XLSX, PPTX, DOC, XLS, PPT, ODT, ODS, ODP, RTF, EPUB, HTML, MHTML, Markdown, TXT, CSV, JSON, "
    "JSONL, EML, MSG, SRT, VTT, PNG, JPEG, TIFF, BMP, WebP, GIF"
)

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
    ".gif": frozenset({GIF}),
    ".doc": frozenset({DOC, RTF}),  # word processors write RTF under this name
    ".dot": frozenset({DOC, RTF}),
    ".wps": frozenset({DOC}),
    ".xls": frozenset({XLS}),
    ".et": frozenset({XLS}),
    ".ppt": frozenset({PPT}),
    ".pps": frozenset({PPT}),
    ".dps": frozenset({PPT}),
    ".odt": frozenset({ODT}),
    ".ods": frozenset({ODS}),
    ".odp": frozenset({ODP}),
    ".rtf": frozenset({RTF}),
    ".ofd": frozenset({OFD}),
    ".epub": frozenset({EPUB}),
    ".mht": frozenset({MHTML}),
    ".mhtml": frozenset({MHTML}),
    ".msg": frozenset({MSG}),
    ".json": frozenset({JSON, JSONL}),
    ".jsonl": frozenset({JSONL, JSON}),
    ".ndjson": frozenset({JSONL, JSON}),
    ".srt": frozenset({SRT}),
    ".vtt": frozenset({VTT}),
    # Types that are refused by content; anything readable under such a name is a contradiction.
    ".zip": frozenset(),
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
