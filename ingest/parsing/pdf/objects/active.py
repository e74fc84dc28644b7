"""What a PDF would do when opened in a viewer: told, never done.

The names are looked for in the bytes of the file and of its object streams, since the PDF library shows only some of
them. Names may be spelled with ``#xx`` escapes; ISO 32000-1, 7.3.5, 7.5.7 and 12.6.
"""

import mmap
import re
import zlib
from pathlib import Path
from typing import Final

ACTIVE: Final = "active-content:{kind}"
"""Warning: what is left out: ``script``, ``launch``, ``submit``, ``remote`` (a file elsewhere), ``attachment``,
``media``."""

_KINDS: Final = {
    b"JavaScript": "script",
    b"Launch": "launch",
    b"SubmitForm": "submit",
    b"ImportData": "submit",
    b"GoToR": "remote",
    b"GoToE": "remote",
    b"EmbeddedFiles": "attachment",
    b"FileAttachment": "attachment",
    b"RichMedia": "media",
}
# Long names only: pictures hold every short one by chance.
_NAME: Final = re.compile(rb"/(?=[EFGIJLRS#])((?:[A-Za-z]|#[0-9A-Fa-f]{2}){5,40})(?![A-Za-z0-9#])")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECTS: Final = re.compile(rb"/ObjStm\b[^>]{0,400}>>\s{0,4}stream\r?\n")
_MAX_STREAM: Final = 4 * 2**20
_MAX_STREAMS: Final = 2_000
_MAX_INFLATED: Final = 64 * 2**20


def active_content(path: Path) -> tuple[str, ...]:
    """Return one warning for each kind of active content in a PDF, in alphabetical order."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _kinds(data) | _packed_kinds(data)
    return tuple(ACTIVE.format(kind=kind) for kind in sorted(found))


def _packed_kinds(data: mmap.mmap) -> set[str]:
    """The kinds in object streams, which are compressed as a rule."""
    found: set[str] = set()
    left = _MAX_INFLATED
    for number, match in enumerate(_OBJECTS.finditer(data)):
        if number >= _MAX_STREAMS or left <= 0:
            break
        try:
            inflated = zlib.decompressobj().decompress(data[match.end() : match.end() + _MAX_STREAM], _MAX_STREAM)
        except zlib.error:
            continue
        left -= len(inflated)
        found |= _kinds(inflated)
    return found


def _kinds(data: bytes | mmap.mmap) -> set[str]:
    names = {match[1] for match in _NAME.finditer(data)}
    plain = {_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name) for name in names}
    return {kind for name, kind in _KINDS.items() if name in plain}
