"""Find the media type of a file from its content; the name only chooses among kinds of text, and must not lie."""

import re
from pathlib import Path, PurePath
from typing import Final

from ingest.intake import media, ole
from ingest.intake.archive import Effort, check_archive, ends_as_archive, read_member
from ingest.intake.charset import decode_text
from wenyuan.errors import (
    FileCorrupt,
    FileEmpty,
    FileEncrypted,
    FileIsArchive,
    FileTypeMismatch,
    FileTypeUnsupported,
    FileUnsafe,
)

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
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"{\\rtf", media.RTF),
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
_SCRIPT: Final = re.compile(rb"<script|<\?php", re.IGNORECASE)
_VTT: Final = re.compile(r"\ufeff?WEBVTT(?:[ \t\n]|$)")
_SRT: Final = re.compile(r"\ufeff?\s*\d+[ \t]*\n\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->", re.ASCII)
_JSON: Final = re.compile(r"""\{\s*(?:\}|")|\[\s*(?:[\[\]{"]|-?\d+[\d.eE+-]*\s*[,\]]|(?:true|false|null)\s*[,\]])""")
_SCALAR: Final = re.compile(r""""[^"]*"|-?\d[\d.eE+-]*|true|false|null""")
_XML: Final = re.compile(r"\s*<\?xml\b|\s*<svg\b", re.IGNORECASE)


def sniff(path: Path, filename: str, effort: Effort | None = None) -> str:
    """Return the media type of the bytes at ``path``, one of ``media.SUPPORTED``.

    Raises ``FileEmpty``, ``FileTypeUnsupported`` (naming what was found), ``FileTypeMismatch`` (the extension of
    ``filename`` contradicts the content), ``FileEncrypted`` (OOXML in an encrypted container), ``FileIsArchive``, for
    archives and files that are two things at once ``FileUnsafe``, and ``FileCorrupt``.
    """
    if path.stat().st_size == 0:
        raise FileEmpty
    extension = PurePath(filename).suffix.lower()
    media_type = _by_content(path, extension, effort)
    allowed = media.EXTENSIONS.get(extension)
    if media_type == media.ZIP and (extension == ".zip" or allowed is None):
        raise FileIsArchive
    if media_type in media.SUPPORTED | {media.ZIP} and allowed is not None and media_type not in allowed:
        raise FileTypeMismatch(extension=extension, media_type=media_type)
    if media_type not in media.SUPPORTED:
        raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)
    return media_type


def _by_content(path: Path, extension: str, effort: Effort | None) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_content(path, effort)
    visual = _image(head) or (media.PDF if _is_pdf(head) else None)
    if visual is not None:
        _refuse_two_faced(path, head, visual)
        return visual
    if head.startswith(ole.MAGIC):
        kind = ole.identify(path)
        if kind == ole.ENCRYPTED_OOXML:
            raise FileEncrypted
        return kind
    for magic, media_type in _BINARY_MAGIC:
        if head.startswith(magic):
            return media_type
    if extension not in media.TEXT_HINTS and _is_mail(head):
        return media.MHTML if _is_web_archive(head, extension) else media.EML
    return _text_content(path, extension)


def _is_pdf(head: bytes) -> bool:
    """An HTML or mail file may quote "%PDF-"; a real header stands alone at the start, after junk at most."""
    return head.startswith(b"%PDF-") or (b"%PDF-" in head[:_PDF_WITHIN] and b"\0" not in head[:1] and b" obj" in head)


def _refuse_two_faced(path: Path, head: bytes, media_type: str) -> None:
    """Refuse what another program would open as something else: a page before the header, an archive at the end."""
    before = head[: head.find(b"%PDF-")] if media_type == media.PDF else b""
    if _HTML.search(before.decode("latin-1")) or _SCRIPT.search(before):
        raise FileUnsafe(reason="PDF + HTML")
    if ends_as_archive(path):
        raise FileUnsafe(reason=f"{media_type} + ZIP")


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
    if head.startswith((b"GIF87a", b"GIF89a")):
        return media.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return media.WEBP
    return None


def _zip_content(path: Path, effort: Effort | None) -> str:
    entries = check_archive(path, effort)
    names = {entry.name for entry in entries}
    types = read_member(path, entries, "[Content_Types].xml", _CONTENT_TYPES_LIMIT)
    if types is None:
        return _package(read_member(path, entries, "mimetype", 128), names)
    if b"macroEnabled" in types:
        return "application/vnd.ms-office (macroEnabled)"
    for marker, media_type in _OOXML_MAIN:
        if marker in types:
            if "_rels/.rels" not in names:
                raise FileCorrupt
            return media_type
    return media.ZIP


def _package(declared: bytes | None, names: set[str]) -> str:
    """A ZIP package by the member that names its type, if it has what such a package must have."""
    if "OFD.xml" in names:
        return media.OFD
    if declared is None or not _MEDIA_TYPE.fullmatch(declared.strip()):
        return media.ZIP
    media_type = declared.strip().decode("ascii").removesuffix("-template")
    needed = "META-INF/container.xml" if media_type == media.EPUB else "content.xml"
    if media_type in media.OPEN_DOCUMENT | {media.EPUB} and needed not in names:
        raise FileCorrupt
    return media_type


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


def _is_web_archive(head: bytes, extension: str) -> bool:
    """A page saved by a browser: a mail of related parts that nobody sent."""
    block = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    if re.search(rb"(?im)^content-type[ \t]*:\s*multipart/related", block) is None:
        return False
    sent = re.search(rb"(?im)^(received|return-path|to|message-id|delivered-to)[ \t]*:", block)
    return sent is None or b"<Saved by " in block or extension in (".mht", ".mhtml")


def _text_content(path: Path, extension: str) -> str:
    with path.open("rb") as file:
        data = file.read(_TEXT_SAMPLE)
        whole = len(data) < _TEXT_SAMPLE
        if not whole:
            # Cut at a line end, so that no character is split.
            data = data[: data.rfind(b"\n") + 1] or data[:-4]
    decoded = decode_text(data)
    if decoded is None:
        return "application/octet-stream"
    text = decoded[0].replace("\r\n", "\n")
    if not text.strip():
        raise FileEmpty
    hint = media.TEXT_HINTS.get(extension)
    if hint is not None:
        return hint
    found = _records(text, extension, whole=whole) or _subtitles(text)
    if found is not None:
        return found
    if _HTML.search(text[:_HEAD]):
        return media.HTML
    if _XML.match(text):
        return "application/xml"
    return media.PLAIN


def _subtitles(text: str) -> str | None:
    if _VTT.match(text):
        return media.VTT
    return media.SRT if _SRT.match(text) else None


def _records(text: str, extension: str, *, whole: bool) -> str | None:
    """JSON or JSON lines by their brackets; a single value counts under its extension only."""
    stripped = text.lstrip("\ufeff").strip()
    lines = [line.strip() for line in stripped.splitlines()[:3] if line.strip()]
    if len(lines) > 1 and all(line[0] in "{[" and line[-1] in "}]" and len(line) > 1 for line in lines[:2]):
        return media.JSONL if _JSON.match(lines[0]) and _JSON.match(lines[1]) else None
    if _JSON.match(stripped) and (not whole or stripped[-1] in "}]"):
        return media.JSONL if extension in (".jsonl", ".ndjson") and len(lines) == 1 else media.JSON
    if extension in (".json", ".jsonl", ".ndjson") and _SCALAR.fullmatch(stripped):
        return media.JSON
    return None
