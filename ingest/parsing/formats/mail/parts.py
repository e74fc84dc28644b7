"""Parts of a mail in MIME, and the names under which a page shows them."""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from pathlib import Path


def read_parts(path: Path) -> EmailMessage:
    """Return the message of a file in MIME, whatever stands in it."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def part_bytes(part: MIMEPart) -> bytes:
    """Return the decoded content of a part that has no parts."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def part_names(part: MIMEPart) -> Iterator[str]:
    """Yield the names under which a page may show a part of its mail."""
    identity = str(part.get("Content-ID") or "").strip("<> ")
    if identity:
        yield f"cid:{identity}"
    address = str(part.get("Content-Location") or "").strip()
    if address:
        yield address
