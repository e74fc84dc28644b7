"""Mail of the Internet as a message: the best body is chosen, everything else is attached."""

from collections.abc import Collection, Iterator
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Final, cast

from ingest.intake.charset import decode_text
from ingest.parsing.formats.html import decode_html, read_page
from ingest.parsing.formats.mail.attachments import MAX_DEPTH, read_message
from ingest.parsing.formats.mail.message import Attached, Message, page_body, text_body
from ingest.parsing.formats.mail.parts import part_bytes, part_names, read_parts
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze

_MAX_PARTS: Final = 1_000
# Mail programs label text of the larger set with the name of the smaller one.
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252"}


def read_mail(path: Path) -> Reading:
    """Read an EML file with its attachments; the subject is its title. Raises ``FileCorrupt``."""
    return read_message(open_message(path))


def open_message(path: Path) -> Message:
    """Return the message of an EML file; raises ``FileCorrupt``."""
    message = read_parts(path)
    if not message.keys():
        raise FileCorrupt
    return message_of(message)


def message_of(message: EmailMessage, depth: int = 0) -> Message:
    """Return the message with its body read and its parts as attachments; ``depth`` counts the mails around it."""
    body, rest = _parts(message)
    # The pictures of a mail inside a mail cannot be told from those around it.
    pictures = [part for part in _leaves(message) if part.get_content_maintype() == "image"] if depth == 0 else []
    inside = {name for part in pictures for name in part_names(part)}
    return Message(
        subject=_field(message, "Subject"),
        sender=_field(message, "From"),
        to=_field(message, "To"),
        copy=_field(message, "Cc"),
        date=_field(message, "Date"),
        body=tuple(piece for part in body for piece in _body(part, inside)),
        attached=tuple(_attached(part, depth) for part in rest),
    )


def _field(message: EmailMessage, name: str) -> str:
    try:
        return squeeze(str(message.get(name, "")))
    except (ValueError, IndexError, AttributeError, LookupError):  # the header parser trips over odd headers
        return squeeze(dict(message.raw_items()).get(name, ""))


def _parts(message: MIMEPart) -> tuple[list[MIMEPart], list[MIMEPart]]:
    """Return the parts that make up the body, and those that are attached.

    Of alternatives the richest that says anything is the body. A picture that the body shows is part of it.
    """
    body: list[MIMEPart] = []
    attached: list[MIMEPart] = []
    for part in _leaves(message):
        named = part.get_filename() or part.get_content_disposition() == "attachment"
        if part.get_content_type() in ("text/plain", "text/html") and not named:
            body.append(part)
        else:
            attached.append(part)
    shown = b"".join(part_bytes(part) for part in body if part.get_content_type() == "text/html")
    return body, [part for part in attached if not _is_shown(part, shown)]


def _is_shown(part: MIMEPart, page: bytes) -> bool:
    """Tell whether a part is a picture that the body shows."""
    identity = str(part.get("Content-ID") or "").strip("<> ")
    return part.get_content_maintype() == "image" and bool(identity) and f"cid:{identity}".encode() in page


def _leaves(message: MIMEPart, depth: int = 0) -> Iterator[MIMEPart]:
    kind = message.get_content_type()
    if not message.is_multipart() or kind == "message/rfc822" or depth > _MAX_PARTS:
        yield message
        return
    parts = cast("list[MIMEPart]", message.get_payload())[:_MAX_PARTS]
    if kind == "multipart/alternative":
        parts = _chosen(parts)
    for part in parts:
        yield from _leaves(part, depth + 1)


def _chosen(parts: list[MIMEPart]) -> list[MIMEPart]:
    """The last alternative is the richest; one without words is passed over. Invitations are not bodies."""
    readable = [part for part in parts if part.get_content_type() != "text/calendar"]
    for part in reversed(readable):
        texts = [leaf for leaf in _leaves(part) if leaf.get_content_maintype() == "text"]
        bodies = (_body(leaf) for leaf in texts if leaf.get_content_type() in ("text/html", "text/plain"))
        if any(piece.text for body in bodies for piece in body):
            return [part]
    return readable[:1]


def _body(part: MIMEPart, inside: Collection[str] = ()) -> tuple[Piece, ...]:
    if part.get_content_type() != "text/html":
        return text_body(_text(part))
    charset = (part.get_content_charset() or "").lower() or None
    try:
        return page_body(read_page(decode_html(part_bytes(part), charset), inside=inside).pieces)
    except FileCorrupt:
        return ()


def _text(part: MIMEPart) -> str:
    data = part_bytes(part)
    charset = (part.get_content_charset() or "").lower()
    try:
        return data.decode(_WIDER.get(charset, charset or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        found = decode_text(data)
        return found[0] if found else data.decode("utf-8", "replace")


def _attached(part: MIMEPart, depth: int) -> Attached:
    name = squeeze(part.get_filename() or "")
    if part.get_content_type() == "message/rfc822" and depth < MAX_DEPTH:
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], EmailMessage):
            nested = message_of(inner[0], depth + 1)
            return Attached(name or nested.subject or "message.eml", message=nested)
    return Attached(name or part.get_content_type(), part_bytes(part))
