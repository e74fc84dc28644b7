"""Web pages, mail, books, OpenDocument, RTF, records, subtitles, OFD and text as parsed documents.

``parse_format`` runs in a short-lived child process: each type imports only what it needs, nothing opens a socket, and
nothing is written outside the child's own folder.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from ingest.intake import media
from ingest.intake.charset import decode_text
from ingest.parsing.office.pieces import Reading, assemble
from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileCorrupt, FileTypeUnsupported, ParserUnavailable, WenyuanError

# Readers of a text, of a file as pieces, and of a file with pages, by media type: module and function.
_TEXTS: Final = {
    media.MARKDOWN: ("markdown", "read_markdown"),
    media.CSV: ("rows", "read_csv"),
    media.SRT: ("subtitles", "read_subtitles"),
    media.VTT: ("subtitles", "read_subtitles"),
    media.PLAIN: ("plain", "read_plain"),
}
_FILES: Final = {
    media.HTML: ("html", "read_html_file"),
    media.MHTML: ("mail.mhtml", "read_web_archive"),
    media.ODT: ("odf.reader", "read_open_document"),
    media.ODS: ("odf.reader", "read_open_document"),
    media.ODP: ("odf.reader", "read_open_document"),
    media.JSON: ("records", "read_json"),
    media.JSONL: ("records", "read_json_lines"),
    media.MSG: ("mail.msg", "read_outlook"),
    media.EPUB: ("epub", "read_book"),
    media.RTF: ("rtf.reader", "read_rtf"),
    media.EML: ("mail.eml", "read_mail"),
}
_PAGED: Final = {media.OFD: ("ofd.reader", "parse_ofd")}


def parse_format(path: Path, media_type: str) -> ParsedDocument:
    """Parse a file of ``media_type``; only OFD has pages, and there may be no blocks.

    Blocks stand by heading path, and where the format counts by an anchor: ``A1:D9`` in a CSV file, a JSON pointer, a
    time span. Raises ``FileEncrypted``, ``FileCorrupt``, ``FileUnsafe`` or ``FileTypeUnsupported``.
    """
    try:
        if media_type in _PAGED:
            return cast(ParsedDocument, _reader(*_PAGED[media_type])(path))
        return assemble(read_format(path, media_type))
    except (WenyuanError, MemoryError, RecursionError):
        raise
    except ImportError as error:
        raise ParserUnavailable(component=error.name or "formats") from error
    except Exception as error:  # the readers raise whatever their XML, ZIP and mail libraries raise
        raise FileCorrupt from error


def read_format(path: Path, media_type: str) -> Reading:
    """Return the pieces of a file without pages; raises whatever its reader raises."""
    if media_type in _TEXTS:
        return cast(Reading, _reader(*_TEXTS[media_type])(read_text(path)))
    if media_type in _FILES:
        return cast(Reading, _reader(*_FILES[media_type])(path))
    raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)


def read_text(path: Path) -> str:
    """Return the decoded text of a file with line breaks as LF; raises ``FileCorrupt`` when it is not text."""
    found = decode_text(path.read_bytes())
    if found is None:
        raise FileCorrupt
    return found[0].replace("\r\n", "\n")


def _reader(module: str, function: str) -> Callable[..., object]:
    return cast(Callable[..., object], getattr(import_module(f"ingest.parsing.formats.{module}"), function))
