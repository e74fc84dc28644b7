"""Office files, web pages, mail and text as parsed documents without pages.

``parse_office`` runs in a short-lived child process: each type imports only what it needs, nothing opens a socket,
nothing is written.
"""

import re
from collections.abc import Callable
from pathlib import Path

from ingest.intake import media, ole
from ingest.intake.charset import decode_text
from ingest.parsing.office.pieces import Reading, assemble
from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileTypeUnsupported, ParserUnavailable, WenyuanError


def parse_office(path: Path, media_type: str) -> ParsedDocument:
    """Parse a file of ``media_type``; the result has no pages, and may have no blocks.

    Blocks stand by heading path; blocks of a sheet have an anchor ``'Sheet'!A1:D9``, of a CSV ``A1:D9``, of a
    presentation ``slide N``. Raises ``FileEncrypted``, ``FileCorrupt`` or ``FileTypeUnsupported``.
    """
    try:
        return assemble(_read(path, media_type))
    except (WenyuanError, MemoryError, RecursionError):
        raise
    except ImportError as error:
        raise ParserUnavailable(component=error.name or "office") from error
    except Exception as error:  # the readers raise whatever their XML and ZIP libraries raise
        raise FileCorrupt from error


def _read(path: Path, media_type: str) -> Reading:
    if media_type in media.OFFICE:
        _refuse_ole(path)
        return _container_reader(media_type)(path)
    if media_type == media.EML:
        from ingest.parsing.office.mail import read_mail

        return read_mail(path)
    if media_type in media.TEXTS:
        return _text_reader(media_type)(_text(path, html=media_type == media.HTML))
    raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)


def _container_reader(media_type: str) -> Callable[[Path], Reading]:
    if media_type == media.XLSX:
        from ingest.parsing.office.sheets import read_sheets

        return read_sheets
    from ingest.parsing.office.openxml import read_slides, read_word

    return read_word if media_type == media.DOCX else read_slides


def _text_reader(media_type: str) -> Callable[[str], Reading]:
    if media_type == media.HTML:
        from ingest.parsing.office.html import read_page

        return read_page
    if media_type == media.MARKDOWN:
        from ingest.parsing.office.markdown import read_markdown

        return read_markdown
    if media_type == media.CSV:
        from ingest.parsing.office.rows import read_csv

        return read_csv
    from ingest.parsing.office.plain import read_plain

    return read_plain


def _refuse_ole(path: Path) -> None:
    """An encrypted OOXML file is an OLE container; any other one here is not what its type says."""
    with path.open("rb") as file:
        if file.read(len(ole.MAGIC)) != ole.MAGIC:
            return
    if ole.identify(path) == ole.ENCRYPTED_OOXML:
        raise FileEncrypted
    raise FileCorrupt


def _text(path: Path, *, html: bool) -> str:
    data = path.read_bytes()
    found = (_declared(data) if html else None) or decode_text(data)
    if found is None:
        raise FileCorrupt
    return found[0].replace("\r\n", "\n")


def _declared(data: bytes) -> tuple[str, str] | None:
    """Decode HTML as its ``meta`` element says, if they decode."""
    match = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", data[:4096], re.IGNORECASE)
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    try:
        return data.decode("gb18030" if name in ("gb2312", "gbk") else name), name
    except (LookupError, UnicodeDecodeError):
        return None
