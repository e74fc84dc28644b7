"""Looks for texts in every file of a folder as a thief would: as they are, coded, and inside of what is compressed."""

import base64
import json
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

#: Bytes of what a compressed piece is unpacked to at most, and how deep pieces lie in pieces.
_UNPACKED: Final = 32 * 2**20
_DEPTH: Final = 3
_SHORTEST: Final = 8
_BLOCK: Final = 2**16
#: Where a compressed piece begins, how far behind it the stream stands, and its window bits for ``zlib``.
_STREAMS: Final = ((b"\x1f\x8b\x08", 31), (b"\x78\x01", 15), (b"\x78\x5e", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15))
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Found:
    """A text that stands in a file, and in what form."""

    file: str
    text: str
    form: str


@cache
def forms(text: str) -> tuple[tuple[str, bytes], ...]:
    """Return how a text may stand in a file, by the name of the form."""
    raw = text.encode()
    coded = {
        "utf-8": raw,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "utf-32": text.encode("utf-32-le"),
        "gb18030": text.encode("gb18030"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "url": quote(text).encode(),
        "reversed": raw[::-1],
    }
    for offset in range(3):  # the middle, which is the same whatever stands around it
        whole = base64.b64encode(b"\0" * offset + raw)
        start, end = (4 if offset else 0), len(whole) - (4 if (offset + len(raw)) % 3 else 0)
        if end - start >= _SHORTEST:
            coded[f"base64+{offset}"] = whole[start:end]
            coded[f"base64url+{offset}"] = whole[start:end].translate(bytes.maketrans(b"+/", b"-_"))
    return tuple(coded.items())


def scan(folder: Path, texts: Collection[str]) -> list[Found]:
    """Return every text that stands anywhere in a file below ``folder``, or in the name of one."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        found += [Found(name, text, "name") for text in texts if text in name]
        if path.is_file():
            found += [Found(name, text, form) for text, form in looked_into(_content(path), texts)]
    return found


def _content(path: Path) -> bytes:
    """Return what a file holds, of long runs of zeros, which engines set aside, only the beginning."""
    pieces: list[bytes] = []
    with path.open("rb") as file:
        while piece := file.read(_BLOCK):
            if piece.count(0) < len(piece) or not (pieces and pieces[-1].count(0) == len(pieces[-1])):
                pieces.append(piece)
    return b"".join(pieces)


def looked_into(content: bytes, texts: Collection[str], depth: int = _DEPTH) -> Iterator[tuple[str, str]]:
    """Yield each text that stands in ``content``, with its form; once a form."""
    for text in texts:
        for form, coded in forms(text):
            if coded in content:
                yield text, form
    if depth:
        for number, piece in enumerate(_pieces(content)):
            for text, form in looked_into(piece, texts, depth - 1):
                yield text, f"compressed[{number}]/{form}"


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield what the compressed streams in ``content`` hold: gzip, zlib, and the members of ZIP archives."""
    for magic, bits in _STREAMS:
        for start in _places(content, magic):
            if piece := _inflated(memoryview(content)[start : start + _UNPACKED], bits):
                yield piece
    for start in _places(content, _ZIP):
        head = content[start : start + 30]
        if len(head) == 30:
            data = start + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            if piece := _inflated(memoryview(content)[data : data + _UNPACKED], -15):
                yield piece


def _places(content: bytes, magic: bytes) -> Iterator[int]:
    start = content.find(magic)
    while start >= 0:
        yield start
        start = content.find(magic, start + 1)


def _inflated(stream: memoryview, bits: int) -> bytes:
    """Return what a stream unpacks to as far as it is one; nothing for a chance resemblance."""
    unpacker = zlib.decompressobj(bits)
    found = b""
    try:
        found = unpacker.decompress(stream, _UNPACKED)
    except zlib.error:
        return b""
    return found if len(found) >= _SHORTEST else b""
