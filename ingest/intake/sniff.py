"""Find the media type of a file from its content; the name only chooses among kinds of text, and must not lie."""

import re
from pathlib import Path, PurePath
from typing import Final

from ingest.intake import media, ole
from ingest.intake.archive import check_archive, read_member
from ingest.intake.charset import decode_text
from wenyuan.errors import FileCorrupt, FileEmpty, FileEncrypted, FileTypeMismatch, FileTypeUnsupported

_HEAD: Final = 4096
_PDF_WITHIN: Final = 1024
_TEXT_SAMPLE: Final = 1 << 20
_CONTENT_TYPES_LIMIT: Final = 1 << 20

_OOXML_MAIN: Final = (
    (b"wordprocessingml.document.main+xml", media.DOCX),
    (b"spreadsheetml.sheet.main+xml", media.XLSX),
    (b"presentationml.presentation.main+xml", media.PPTX),
)
_BINARY_MAGIC: Final = (
    (b"GIF8", "image/gif"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
)
_MAIL_HEADER: Final = re.compile(
    rb"^(from|to|cc|subject|date|mime-version|message-id|received|return-path|content-type|content-transfer-encoding"
    rb"|delivered-to|reply-to|sender|x-[\w-]+|dkim-signature|in-reply-to|references|user-agent)[ \t]*:",
    re.IGNORECASE,
)
_MAIL_PROOF: Final = re.compile(rb"(?im)^(from|subject|date|message-id|received|mime-version)[ \t]*:")
_HTML: Final = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(rb"[a-z]+/[a-zA-Z0-9.+-]{1,100}")
_XML: Final = re.compile(r"\s*<\?xml\b|\s*<svg\b", re.IGNORECASE)


def sniff(path: Path, filename: str) -> str:
    """Return the media type of the bytes at ``path``, one of ``media.SUPPORTED``.

    Raises ``FileEmpty``, ``FileTypeUnsupported`` (naming what was found), ``FileTypeMismatch`` (the extension of
    ``filename`` contradicts the content), ``FileEncrypted`` (OOXML in an encrypted container), and for archives
    ``FileUnsafe`` or ``FileCorrupt``.
    """
    if path.stat().st_size == 0:
        raise FileEmpty
    extension = PurePath(filename).suffix.lower()
    media_type = _by_content(path, extension)
    allowed = media.EXTENSIONS.get(extension)
    if media_type in media.SUPPORTED and allowed is not None and media_type not in allowed:
        raise FileTypeMismatch(extension=extension, media_type=media_type)
    if media_type not in media.SUPPORTED:
        raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)
    return media_type


def _by_content(path: Path, extension: str) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    # An HTML or mail file may quote "%PDF-"; a real header stands alone at the start, after junk at most.
    if head.startswith(b"%PDF-") or (b"%PDF-" in head[:_PDF_WITHIN] and b"\0" not in head[:1] and b" obj" in head):
        return media.PDF
    image = _image(head)
    if image is not None:
        return image
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_content(path)
    if head.startswith(ole.MAGIC):
        kind = ole.identify(path)
        if kind == ole.ENCRYPTED_OOXML:
            raise FileEncrypted
        return kind
    for magic, media_type in _BINARY_MAGIC:
        if head.startswith(magic):
            return media_type
    if extension not in media.TEXT_HINTS and _is_mail(head):
        return media.EML
    return _text_content(path, extension)


def _image(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return media.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return media.JPEG
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return media.TIFF
    if (
        head.startswith(b"BM")
        and len(head) > 26
        and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 108, 124)
    ):
        return media.BMP
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return media.WEBP
    return None


def _zip_content(path: Path) -> str:
    entries = check_archive(path)
    names = {entry.name for entry in entries}
    types = read_member(path, entries, "[Content_Types].xml", _CONTENT_TYPES_LIMIT)
    if types is None:
        declared = read_member(path, entries, "mimetype", 128)
        return declared.decode("ascii") if declared and _MEDIA_TYPE.fullmatch(declared) else "application/zip"
    if b"macroEnabled" in types:
        return "application/vnd.ms-office (macroEnabled)"
    for marker, media_type in _OOXML_MAIN:
        if marker in types:
            if "_rels/.rels" not in names:
                raise FileCorrupt
            return media_type
    return "application/zip"


def _is_mail(head: bytes) -> bool:
    """A mail starts with header lines: the first lines are headers or their continuations, two of them or more."""
    block = re.split(rb"\r?\n\r?\n", head.lstrip(b"\xef\xbb\xbf\r\n"), maxsplit=1)[0]
    lines = block.splitlines()
    if lines and lines[0].startswith(b"From "):
        lines = lines[1:]
    if not lines or not _MAIL_HEADER.match(lines[0]):
        return False
    headers = [line for line in lines[:40] if not line.startswith((b" ", b"\t"))]
    known = [line for line in headers if _MAIL_HEADER.match(line)]
    return len(known) >= 2 and len(known) >= 0.5 * len(headers) and _MAIL_PROOF.search(block) is not None


def _text_content(path: Path, extension: str) -> str:
    with path.open("rb") as file:
        data = file.read(_TEXT_SAMPLE)
        if len(data) == _TEXT_SAMPLE:
            # Cut at a line end, so that no character is split.
            data = data[: data.rfind(b"\n") + 1] or data[:-4]
    decoded = decode_text(data)
    if decoded is None:
        return "application/octet-stream"
    text = decoded[0]
    if not text.strip():
        raise FileEmpty
    hint = media.TEXT_HINTS.get(extension)
    if hint is not None:
        return hint
    if _HTML.search(text[:_HEAD]):
        return media.HTML
    if _XML.match(text):
        return "application/xml"
    return media.PLAIN
