"""Properties of an Outlook message in its compound file. References: MS-OXMSG, MS-OXPROPS, MS-OXRTFCP."""

import datetime as dt
import struct
from collections.abc import Sequence
from typing import Any, Final

SUBJECT: Final = 0x0037
SUBMITTED: Final = 0x0039
HEADERS: Final = 0x007D
SENDER: Final = 0x0C1A
SENDER_ADDRESS: Final = 0x0C1F
SENDER_SMTP: Final = 0x5D01
COPY_TO: Final = 0x0E03
DISPLAY_TO: Final = 0x0E04
DELIVERED: Final = 0x0E06
BODY: Final = 0x1000
RTF: Final = 0x1009
HTML: Final = 0x1013
DATA: Final = 0x3701
SHORT_NAME: Final = 0x3704
LONG_NAME: Final = 0x3707
CONTENT_ID: Final = 0x3712
DISPLAY_NAME: Final = 0x3001
CODE_PAGE: Final = 0x3FDE
HIDDEN: Final = 0x7FFE

EMBEDDED: Final = f"__substg1.0_{DATA:04X}000D"

_MAX_STREAM: Final = 200 * 2**20
_PROPERTIES: Final = "__properties_version1.0"
_ENTRY: Final = 16
_UNICODE, _ANSI, _BINARY = 0x001F, 0x001E, 0x0102
_EPOCH: Final = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_CODE_PAGES: Final = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8", 20127: "ascii"}
_RTF_START: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_COMPRESSED: Final = 0x75465A4C
_STORED: Final = 0x414C454D
_MAX_RTF: Final = 100 * 2**20
_WINDOW: Final = 4096


class Properties:
    """The properties of a message, recipient or attachment: streams under a storage of the compound file."""

    def __init__(self, container: Any, storage: Sequence[str], header: int) -> None:
        self._container = container
        self.storage = list(storage)
        self._fixed = self._read_fixed(header)
        page = self.number(CODE_PAGE) or 0
        self._encoding = _CODE_PAGES.get(page, f"cp{page}" if page else "utf-8")

    def text(self, tag: int) -> str:
        """Return a string property, "" when there is none."""
        data = self._stream(tag, _UNICODE)
        if data is not None:
            return data.decode("utf-16-le", "replace").rstrip("\0")
        data = self._stream(tag, _ANSI)
        if data is None:
            return ""
        for encoding in (self._encoding, "utf-8", "gb18030"):
            try:
                return data.decode(encoding).rstrip("\0")
            except (LookupError, UnicodeDecodeError):
                continue
        return data.decode("latin-1").rstrip("\0")

    def binary(self, tag: int) -> bytes | None:
        """Return a binary property, or None."""
        return self._stream(tag, _BINARY)

    def number(self, tag: int) -> int | None:
        """Return an integer or boolean property, or None."""
        value = self._fixed.get(tag)
        return None if value is None else int.from_bytes(value[:4], "little", signed=True)

    def time(self, tag: int) -> dt.datetime | None:
        """Return a time property, in UTC, or None."""
        value = self._fixed.get(tag)
        if value is None:
            return None
        try:
            return _EPOCH + dt.timedelta(microseconds=int.from_bytes(value, "little") // 10)
        except OverflowError:
            return None

    @property
    def encoding(self) -> str:
        """The encoding of strings that are not Unicode."""
        return self._encoding

    def _read_fixed(self, header: int) -> dict[int, bytes]:
        name = [*self.storage, _PROPERTIES]
        if not self._container.exists(name):
            return {}
        data = self._container.openstream(name).read(_MAX_STREAM)[header:]
        found: dict[int, bytes] = {}
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            _kind, tag = struct.unpack_from("<HH", data, at)
            found[tag] = data[at + 8 : at + _ENTRY]
        return found

    def _stream(self, tag: int, kind: int) -> bytes | None:
        name = [*self.storage, f"__substg1.0_{tag:04X}{kind:04X}"]
        if not self._container.exists(name) or self._container.get_type(name) != _STREAM_TYPE:
            return None
        return bytes(self._container.openstream(name).read(_MAX_STREAM))


_STREAM_TYPE: Final = 2


def decompress_rtf(data: bytes) -> bytes:
    """Return the RTF of a compressed body; raises ``ValueError`` for anything else or too much of it."""
    if len(data) < _ENTRY:
        raise ValueError("short RTF header")
    _size, raw, kind, _checksum = struct.unpack_from("<4I", data)
    body = data[_ENTRY:]
    if kind == _STORED:
        return body[:raw]
    if kind != _COMPRESSED or raw > _MAX_RTF:
        raise ValueError("RTF compression")
    window = bytearray(_RTF_START.ljust(_WINDOW, b"\0"))
    write = len(_RTF_START)
    out = bytearray()
    at = 0
    while at < len(body) and len(out) < raw:
        flags = body[at]
        at += 1
        for bit in range(8):
            if at >= len(body):
                break
            if not flags >> bit & 1:
                window[write] = body[at]
                out.append(body[at])
                write = (write + 1) % _WINDOW
                at += 1
                continue
            if at + 1 >= len(body):
                break
            pair = body[at] << 8 | body[at + 1]
            at += 2
            offset, length = pair >> 4, (pair & 15) + 2
            if offset == write:
                return bytes(out)
            for step in range(length):
                byte = window[(offset + step) % _WINDOW]
                out.append(byte)
                window[write] = byte
                write = (write + 1) % _WINDOW
    return bytes(out)
