"""Frames between the service and its child: two lengths, a JSON header, a body of bytes."""

import asyncio
import json
import struct
from typing import Any, BinaryIO, Final

_LENGTHS: Final = struct.Struct(">II")
_MAX_HEADER: Final = 16 * 2**20
_MAX_BODY: Final = 256 * 2**20

Header = dict[str, Any]

PAGE: Final = "page"
"""The task of reading a page."""

TABLE: Final = "table"
"""The task of looking again at a table of a text layer."""

TABLE_MODEL: Final = "tables"
"""What the model of table structures is called among those of the child."""


class BadFrame(Exception):
    """The other side sent lengths no frame has."""


def pack(header: Header, body: bytes = b"") -> bytes:
    """One frame as bytes."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return _LENGTHS.pack(len(text), len(body)) + text + body


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """Read a frame from a buffered stream; None at its end."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_length, body_length = _check(lengths)
    data = stream.read(header_length + body_length)
    if len(data) < header_length + body_length:
        return None
    return json.loads(data[:header_length]), data[header_length:]


async def receive_frame(reader: asyncio.StreamReader) -> tuple[Header, bytes] | None:
    """Read a frame from an asyncio stream; None at its end."""
    try:
        header_length, body_length = _check(await reader.readexactly(_LENGTHS.size))
        header = json.loads(await reader.readexactly(header_length))
        return header, await reader.readexactly(body_length)
    except asyncio.IncompleteReadError:
        return None


def _check(lengths: bytes) -> tuple[int, int]:
    header, body = _LENGTHS.unpack(lengths)
    if header > _MAX_HEADER or body > _MAX_BODY:
        raise BadFrame(header, body)
    return header, body
