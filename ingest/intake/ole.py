"""Name the content of an OLE2 container (the box of legacy Office files and of encrypted OOXML)."""

import mmap
from pathlib import Path
from typing import Final

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_OOXML: Final = "encrypted-ooxml"

_HEADER: Final = 512
_ENTRY: Final = 128
_NAME_LENGTH_AT: Final = 64
# Directory entry names, most telling first.
_STREAMS: Final = (
    ("EncryptedPackage", ENCRYPTED_OOXML),
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
)


def identify(path: Path) -> str:
    """Return ``ENCRYPTED_OOXML`` or the media type of the legacy file; ``application/x-ole-storage`` if unknown."""
    if path.stat().st_size <= _HEADER:
        return "application/x-ole-storage"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for stream, kind in _STREAMS:
            if _has_entry(data, stream):
                return kind
    return "application/x-ole-storage"


def _has_entry(data: mmap.mmap, name: str) -> bool:
    """Look for a directory entry: the name in UTF-16 at a 128-byte boundary, with its own length field behind it."""
    needle = name.encode("utf-16-le") + b"\0\0"
    length = len(needle).to_bytes(2, "little")
    at = data.find(needle, _HEADER)
    while at >= 0:
        if at % _ENTRY == 0 and data[at + _NAME_LENGTH_AT : at + _NAME_LENGTH_AT + 2] == length:
            return True
        at = data.find(needle, at + 2)
    return False
