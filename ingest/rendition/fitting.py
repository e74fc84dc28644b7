"""Make a workbook's sheets as wide as a page before it is rendered: a row that runs over pages cannot be read."""

import re
import zipfile
from pathlib import Path
from typing import Final

from ingest.intake import media

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_SETUP: Final = re.compile(
    rb"<(?:\w+:)?pageSetup\b[^>]*?/>|<(?:\w+:)?(?:row|col)Breaks\b.*?</(?:\w+:)?(?:row|col)Breaks>", re.DOTALL
)
_PROPERTIES: Final = re.compile(rb"<(?:\w+:)?sheetPr\b[^>]*?/>|<(?:\w+:)?sheetPr\b.*?</(?:\w+:)?sheetPr>", re.DOTALL)
_ROOT: Final = re.compile(rb"<(\w+:)?worksheet\b[^>]*>")
# What stands behind the page setup, in the order of the schema.
_BEHIND: Final = re.compile(
    rb"<(?:\w+:)?(?:headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|ignoredErrors|smartTags|drawing"
    rb"|legacyDrawing|legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</(?:\w+:)?worksheet>"
)
_MAX_SHEET: Final = 64 * 2**20


def fitted(path: Path, media_type: str, folder: Path) -> Path:
    """Return a copy of an XLSX whose sheets are one page wide; sheets too large to edit, and other files, stay."""
    if media_type != media.XLSX:
        return path
    target = folder / "source.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            data = source.read(entry)
            if _SHEET.fullmatch(entry.filename.lstrip("/")) and len(data) <= _MAX_SHEET:
                data = fit(data)
            made.writestr(entry.filename, data)
    return target


def fit(sheet: bytes) -> bytes:
    """Return a sheet's part with its pages as wide as its columns; unchanged when it is not written as expected."""
    root = _ROOT.search(sheet)
    if root is None:
        return sheet
    prefix = root[1] or b""
    sheet = _SETUP.sub(b"", sheet)
    head = root[0]
    found = _PROPERTIES.search(sheet)
    setting = b'<%spageSetUpPr fitToPage="1"/>' % prefix
    wrapped = b"<%ssheetPr>%s</%ssheetPr>" % (prefix, setting, prefix)
    sheet = sheet.replace(found[0], wrapped, 1) if found else sheet.replace(head, head + wrapped, 1)
    data_end = sheet.rfind(b"sheetData")
    place = _BEHIND.search(sheet, max(data_end, 0))
    if place is None:
        return sheet
    setup = b'<%spageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>' % prefix
    return sheet[: place.start()] + setup + sheet[place.start() :]
