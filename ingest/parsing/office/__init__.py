"""Office files as parsed documents: Word, Excel, PowerPoint.

``parse_office`` runs in a short-lived child process: each type imports only what it needs, nothing opens a socket,
nothing is written. Tables of this package serve other formats too, whose children must not load what follows them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileTypeUnsupported, ParserUnavailable, WenyuanError

if TYPE_CHECKING:
    from ingest.parsing.office.pieces import Reading


def parse_office(path: Path, media_type: str) -> ParsedDocument:
    """Parse a file of ``media_type``; the result has no pages, and may have no blocks.

    Blocks stand by heading path; blocks of a sheet have an anchor ``'Sheet'!A1:D9``, of a presentation ``slide N``.
    Raises ``FileEncrypted``, ``FileCorrupt`` or ``FileTypeUnsupported``.
    A file on which our reader fails otherwise is read by ``unstructured``, with the warning ``reader.second``.
    """
    from ingest.intake import media
    from ingest.parsing.office.pieces import assemble

    if media_type not in media.OFFICE:
        raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)
    _refuse_ole(path)
    try:
        return assemble(_reader(media_type)(path))
    except (WenyuanError, MemoryError, RecursionError):
        raise
    except ImportError as error:
        raise ParserUnavailable(component=error.name or "office") from error
    except Exception as error:  # noqa: BLE001 – a flaw of ours: another reader may still read the file
        return assemble(_read_again(path, media_type, error))


def _read_again(path: Path, media_type: str, error: Exception) -> "Reading":
    from ingest.parsing.unstructured_port import read_again

    try:
        return read_again(path, media_type)
    except Exception:  # noqa: BLE001 – the first reason says more
        raise error from None


def _reader(media_type: str) -> Callable[[Path], "Reading"]:
    from ingest.intake import media

    if media_type == media.XLSX:
        from ingest.parsing.office.sheets.reader import read_sheets

        return read_sheets
    if media_type == media.DOCX:
        from ingest.parsing.office.word.reader import read_word

        return read_word
    from ingest.parsing.office.slides.reader import read_slides

    return read_slides


def _refuse_ole(path: Path) -> None:
    """An encrypted OOXML file is an OLE container; any other one here is not what its type says."""
    from ingest.intake import ole

    with path.open("rb") as file:
        if file.read(len(ole.MAGIC)) != ole.MAGIC:
            return
    if ole.identify(path) == ole.ENCRYPTED_OOXML:
        raise FileEncrypted
    raise FileCorrupt
