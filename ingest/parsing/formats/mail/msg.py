"""Outlook messages as a message, with what is attached to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import olefile

from ingest.parsing.formats.html import decode_html, read_page
from ingest.parsing.formats.mail import mapi
from ingest.parsing.formats.mail.attachments import MAX_DEPTH, read_message
from ingest.parsing.formats.mail.mapi import Properties, decompress_rtf
from ingest.parsing.formats.mail.message import Attached, Message, page_body, text_body
from ingest.parsing.formats.rtf.reader import read_rtf_bytes
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze

_ATTACHMENT: Final = "__attach_version1.0_"
# Bytes before the first property: of the message itself, of one inside another, of an attachment.
_TOP: Final = 32
_INNER: Final = 24
_PART: Final = 8


def read_outlook(path: Path) -> Reading:
    """Read an MSG file with its attachments; the subject is its title. Raises ``FileCorrupt``."""
    return read_message(open_message(path))


def open_message(path: Path) -> Message:
    """Return the message of an MSG file; raises ``FileCorrupt``."""
    try:
        container = olefile.OleFileIO(str(path))
    except OSError as error:
        raise FileCorrupt from error
    with container:
        return _message(container, [], 0)


def _message(container: Any, storage: Sequence[str], depth: int) -> Message:
    properties = Properties(container, storage, _INNER if depth else _TOP)
    name = properties.text(mapi.SENDER)
    address = properties.text(mapi.SENDER_SMTP) or properties.text(mapi.SENDER_ADDRESS)
    sent = properties.time(mapi.SUBMITTED) or properties.time(mapi.DELIVERED)
    return Message(
        subject=squeeze(properties.text(mapi.SUBJECT)),
        sender=f"{name} <{address}>" if name and "@" in address and name != address else name or address,
        to=properties.text(mapi.DISPLAY_TO).replace(";", ","),
        copy=properties.text(mapi.COPY_TO).replace(";", ","),
        date=f"{sent:%Y-%m-%d %H:%M} UTC" if sent else "",
        body=_body(properties),
        attached=tuple(_attachments(container, storage, depth)),
    )


def _body(properties: Properties) -> tuple[Piece, ...]:
    """The HTML body, else the RTF one, else the plain one: the first that says anything."""
    html = properties.binary(mapi.HTML)
    page = decode_html(html, _declared(html, properties)) if html else properties.text(mapi.HTML)
    if page.strip():
        pieces = page_body(read_page(page).pieces)
        if any(piece.text for piece in pieces):
            return pieces
    plain = properties.text(mapi.BODY)
    packed = properties.binary(mapi.RTF)
    if packed and not plain.strip():
        try:
            return page_body(read_rtf_bytes(decompress_rtf(packed)).pieces)
        except (ValueError, FileCorrupt):
            return ()
    return text_body(plain)


def _declared(html: bytes, properties: Properties) -> str | None:
    """A page that names its encoding itself is believed."""
    return None if b"charset" in html[:4096].lower() else properties.encoding


def _attachments(container: Any, storage: Sequence[str], depth: int) -> list[Attached]:
    names = sorted(
        {entry[len(storage)] for entry in container.listdir(streams=True, storages=True)
         if len(entry) > len(storage) and list(entry[: len(storage)]) == list(storage)
         and entry[len(storage)].startswith(_ATTACHMENT)}
    )  # fmt: skip
    found: list[Attached] = []
    for part in names:
        place = [*storage, part]
        properties = Properties(container, place, _PART)
        name = squeeze(
            properties.text(mapi.LONG_NAME) or properties.text(mapi.SHORT_NAME) or properties.text(mapi.DISPLAY_NAME)
        )
        embedded = [*place, mapi.EMBEDDED]
        if container.exists(embedded) and depth < MAX_DEPTH:
            inner = _message(container, embedded, depth + 1)
            found.append(Attached(name or inner.subject or "message.msg", message=inner))
        elif not (properties.text(mapi.CONTENT_ID) and properties.number(mapi.HIDDEN)):
            found.append(Attached(name or part, properties.binary(mapi.DATA)))
    return found
