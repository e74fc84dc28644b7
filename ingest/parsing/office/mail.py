"""Mail messages as pieces: subject, header lines, body; attachments are named, not read."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from ingest.intake.charset import decode_text
from ingest.parsing.office.html import read_page
from ingest.parsing.office.pieces import Piece, Reading
from ingest.parsing.office.plain import plain_pieces
from wenyuan.documents import BlockKind
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze

_HEADERS = ("From", "To", "Cc", "Date")
# Mail programs label text of the larger set with the name of the smaller one.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252"}


def read_mail(path: Path) -> Reading:
    """Read an EML file; the subject is its title. Warns ``attachment-skipped:N`` (1-based) for each attachment."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not message.keys():
        raise FileCorrupt
    subject = squeeze(str(message.get("Subject", "")))
    names = [squeeze(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    pieces = [Piece(BlockKind.TITLE, subject, level=1)] if subject else []
    lines = [f"{name}: {squeeze(str(message[name]))}" for name in _HEADERS if message.get(name)]
    if names:
        lines.append("附件 Attachments: " + "; ".join(names))
    pieces.append(Piece(BlockKind.PARAGRAPH, "\n".join(lines)))
    pieces.extend(_body(message))
    warnings = tuple(f"attachment-skipped:{number}" for number in range(1, len(names) + 1))
    return Reading(tuple(pieces), subject or None, warnings)


def _body(message: EmailMessage) -> Iterator[Piece]:
    part = message.get_body(preferencelist=("html", "plain"))
    if part is None:
        return
    text = _text(part)
    if part.get_content_type() != "text/html":
        yield from plain_pieces(text)
        return
    for piece in read_page(text).pieces:
        # Headings of the body stand below the subject.
        level = min(piece.level + 1, 9) if piece.kind is BlockKind.TITLE else 0
        yield Piece(piece.kind, piece.text, level, piece.table)


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = (part.get_content_charset() or "").lower()
    try:
        return data.decode(_WIDER.get(charset, charset or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        found = decode_text(data)
        return found[0] if found else data.decode("utf-8", "replace")
