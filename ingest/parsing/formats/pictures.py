"""Pictures inside pages, mails and RTF files, found by the name that their figure has."""

import base64
import binascii
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from ingest.intake import media
from wenyuan.errors import FileCorrupt

_ATTACHED: Final = "attachment:"
_NUMBERED: Final = re.compile(r"image:(\d{1,6})")
_DATA: Final = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE)


def find_picture(path: Path, media_type: str, name: str) -> bytes:
    """Return the bytes of a picture: ``image:N`` counts the pictures of a page or an RTF file, 1-based.

    In a mail or a saved page the name is ``cid:`` and the id of its part, or the address it was saved under;
    ``attachment:N`` is a picture attached to a mail. Raises ``FileCorrupt`` when there is none.
    """
    numbered = _NUMBERED.fullmatch(name)
    found: bytes | None = None
    if media_type == media.RTF and numbered:
        from ingest.parsing.formats.rtf.pictures import rtf_picture

        found = rtf_picture(path.read_bytes(), int(numbered[1]))
    elif media_type == media.HTML and numbered:
        from ingest.parsing.formats.html import decode_html

        found = _in_page(decode_html(path.read_bytes()), int(numbered[1]))
    elif name.startswith(_ATTACHED) and media_type in (media.EML, media.MSG):
        found = _attached(path, media_type, name.removeprefix(_ATTACHED))
    elif media_type in (media.EML, media.MHTML):
        found = _in_mail(path, name, int(numbered[1]) if numbered else None)
    if not found:
        raise FileCorrupt
    return found


def _attached(path: Path, media_type: str, number: str) -> bytes | None:
    if media_type == media.MSG:
        from ingest.parsing.formats.mail.msg import open_message
    else:
        from ingest.parsing.formats.mail.eml import open_message
    items = open_message(path).attached
    return items[int(number) - 1].data if number.isdecimal() and 0 < int(number) <= len(items) else None


def _in_page(text: str, number: int) -> bytes | None:
    from ingest.xmltree import parse_html

    for index, node in enumerate(parse_html(text).iter("img"), 1):
        if index == number:
            return _decoded((node.get("src") or "").strip())
    return None


def _decoded(address: str) -> bytes | None:
    match = _DATA.fullmatch(address)
    if match is None:
        return None
    try:
        return base64.b64decode(unquote_to_bytes(match[2])) if match[1] else unquote_to_bytes(match[2])
    except (binascii.Error, ValueError):
        return None


def _in_mail(path: Path, name: str, number: int | None) -> bytes | None:
    from ingest.parsing.formats.html import decode_html
    from ingest.parsing.formats.mail.parts import part_bytes, part_names, read_parts

    for part in read_parts(path).walk():
        if number is None and name in part_names(part):
            return part_bytes(part)
        if number is not None and part.get_content_type() == "text/html":
            found = _in_page(decode_html(part_bytes(part)), number)
            if found:
                return found
    return None
