"""Safety check of a ZIP container before any library opens it.

The central directory is read here, not by ``zipfile``, because what it claims is checked against the bytes: counts,
overlaps (a quine or an overlapping bomb), encryption, links, and the true inflated size, streamed and thrown away.
Reference for the record layouts: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14–4.3.16.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ingest.intake.charset import plausible
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe

MAX_ENTRIES: Final = 5_000
MAX_TOTAL_BYTES: Final = 500 * 2**20
MAX_RATIO: Final = 100
RATIO_AFTER_BYTES: Final = 2**20
_WHOLE_RATIO_AFTER_BYTES: Final = 16 * 2**20
MAX_DIRECTORY_BYTES: Final = 8 * 2**20

_BLOCK: Final = 1 << 16
_EOCD: Final = struct.Struct("<4s4H2LH")
_EOCD64_LOCATOR: Final = struct.Struct("<4sLQL")
_EOCD64: Final = struct.Struct("<4sQ2H2L4Q")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_ENCRYPTED_FLAGS: Final = 0x1 | 0x40 | 0x2000
_UNICODE_NAME: Final = 0x7075
_STORED: Final = 0
_DEFLATED: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as its central record describes it."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    compressed: int
    size: int
    offset: int
    mode: int


@dataclass(slots=True)
class Effort:
    """How many bytes may still be inflated to check archives: one upload may hold many, each within its limits."""

    left: int = 8 * MAX_TOTAL_BYTES


def check_archive(path: Path, effort: Effort | None = None) -> tuple[Entry, ...]:
    """Return the members of a harmless archive; ``effort`` is what it shares with the other archives of its upload.

    Raises ``FileUnsafe`` over a limit or for overlaps, links and odd methods, ``FileEncrypted`` for encrypted
    members, ``FileCorrupt`` when the records do not fit the bytes.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        length = file.tell()
        try:
            entries, directory_at = _central_directory(file, length)
            spans = _data_spans(file, entries, directory_at)
        except (struct.error, IndexError) as error:
            raise FileCorrupt from error
        for entry in entries:
            _check_entry(entry)
        _check_inflated(file, entries, spans, effort or Effort())
    return entries


def ends_as_archive(path: Path) -> bool:
    """Tell whether a file of another type ends with the directory of a ZIP archive, so that a program would open it."""
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(length - min(length, _EOCD.size + 0xFFFF))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if at + _EOCD.size <= len(tail):
            *_, comment = _EOCD.unpack_from(tail, at)
            if at + _EOCD.size + comment == len(tail):
                return True
        at = tail.rfind(b"PK\5\6", 0, at)
    return False


def read_member(path: Path, entries: Sequence[Entry], name: str, limit: int) -> bytes | None:
    """Return up to ``limit`` inflated bytes of a member of a checked archive, or None when it has no such member."""
    entry = next((one for one in entries if one.name == name), None)
    if entry is None:
        return None
    with path.open("rb") as file:
        start = _data_start(file, entry)
        file.seek(start)
        # What cannot be compressed grows by five bytes a block.
        data = file.read(min(entry.compressed, limit + limit // 1000 + 1024))
    return data[:limit] if entry.method == _STORED else zlib.decompressobj(-15).decompress(data, limit)


def inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Yield the content of a member of a checked archive in pieces of at most 64 KiB."""
    file.seek(_data_start(file, entry))
    left = entry.compressed
    inflater = None if entry.method == _STORED else zlib.decompressobj(-15)
    while left > 0:
        data = file.read(min(_BLOCK, left))
        if not data:
            raise FileCorrupt
        left -= len(data)
        if inflater is None:
            yield data
            continue
        while data and not inflater.eof:
            yield inflater.decompress(data, _BLOCK)
            data = inflater.unconsumed_tail
    while inflater is not None and not inflater.eof and (rest := inflater.decompress(b"", _BLOCK)):
        yield rest


def _central_directory(file: BinaryIO, length: int) -> tuple[tuple[Entry, ...], int]:
    count, size, offset = _end_record(file, length)
    if count > MAX_ENTRIES:
        raise FileUnsafe(reason=f"ZIP > {MAX_ENTRIES} entries")
    if size > MAX_DIRECTORY_BYTES:
        raise FileUnsafe(reason="ZIP directory size")
    if offset + size > length:
        raise FileCorrupt
    file.seek(offset)
    data = file.read(size)
    entries: list[Entry] = []
    at = 0
    while at < len(data):
        if len(entries) >= MAX_ENTRIES:
            raise FileUnsafe(reason=f"ZIP > {MAX_ENTRIES} entries")
        entry, at = _central_entry(data, at)
        entries.append(entry)
    if len(entries) != count:
        raise FileCorrupt
    return tuple(entries), offset


def _end_record(file: BinaryIO, length: int) -> tuple[int, int, int]:
    """Return (entries, directory size, directory offset)."""
    tail = min(length, _EOCD.size + 0xFFFF)
    file.seek(length - tail)
    data = file.read(tail)
    at = data.rfind(b"PK\5\6")
    if at < 0:
        raise FileCorrupt
    _, _, _, _, count, size, offset, _ = _EOCD.unpack_from(data, at)
    if count != 0xFFFF and size != 0xFFFFFFFF and offset != 0xFFFFFFFF:
        return count, size, offset
    if at < _EOCD64_LOCATOR.size:
        raise FileCorrupt
    magic, _, record_at, _ = _EOCD64_LOCATOR.unpack_from(data, at - _EOCD64_LOCATOR.size)
    if magic != b"PK\6\7":
        return count, size, offset
    file.seek(record_at)
    record = _EOCD64.unpack(file.read(_EOCD64.size))
    if record[0] != b"PK\6\6":
        raise FileCorrupt
    return record[7], record[8], record[9]


def _central_entry(data: bytes, at: int) -> tuple[Entry, int]:
    record = _CENTRAL.unpack_from(data, at)
    if record[0] != b"PK\1\2":
        raise FileCorrupt
    flags, method = record[3], record[4]
    compressed, size = record[8], record[9]
    name_length, extra_length, comment_length = record[10], record[11], record[12]
    external, offset = record[15], record[16]
    name_at = at + _CENTRAL.size
    raw = data[name_at : name_at + name_length]
    extra = data[name_at + name_length : name_at + name_length + extra_length]
    size, compressed, offset = _zip64(extra, size, compressed, offset)
    name = raw.decode("utf-8", errors="replace") if flags & 0x800 else _decode_name(raw, extra)
    entry = Entry(name, raw, flags, method, compressed, size, offset, external >> 16)
    return entry, name_at + name_length + extra_length + comment_length


def _decode_name(raw: bytes, extra: bytes) -> str:
    """A name without the UTF-8 flag: the Unicode name beside it, else UTF-8, GB18030, or what the format says.

    Programs on Chinese systems write names in the code page of the system and do not say so.
    """
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == _UNICODE_NAME and length > 5 and zlib.crc32(raw) == struct.unpack_from("<L", extra, at + 5)[0]:
            return extra[at + 9 : at + 4 + length].decode("utf-8", errors="replace")
        at += 4 + length
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if plausible(name):
            return name
    return raw.decode("cp437")


def _zip64(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1:
            values = list(struct.unpack_from(f"<{length // 8}Q", extra, at + 4))
            if size == 0xFFFFFFFF:
                size = values.pop(0)
            if compressed == 0xFFFFFFFF:
                compressed = values.pop(0)
            if offset == 0xFFFFFFFF:
                offset = values.pop(0)
        at += 4 + length
    return size, compressed, offset


def _data_start(file: BinaryIO, entry: Entry) -> int:
    file.seek(entry.offset)
    record = _LOCAL.unpack(file.read(_LOCAL.size))
    if record[0] != b"PK\3\4" or file.read(record[9]) != entry.raw_name:
        raise FileCorrupt
    return entry.offset + _LOCAL.size + int(record[9]) + int(record[10])


def _data_spans(file: BinaryIO, entries: Sequence[Entry], directory_at: int) -> list[int]:
    """Return where each member's data starts, after making sure that no two members share bytes."""
    starts = [_data_start(file, entry) for entry in entries]
    spans = sorted((entry.offset, start + entry.compressed) for entry, start in zip(entries, starts, strict=True))
    end = 0
    for start, stop in [*spans, (directory_at, directory_at)]:
        if start < end:
            raise FileUnsafe(reason="ZIP overlapping entries")
        end = stop
    return starts


def _check_entry(entry: Entry) -> None:
    if entry.flags & _ENCRYPTED_FLAGS:
        raise FileEncrypted
    if stat.S_ISLNK(entry.mode):
        raise FileUnsafe(reason="ZIP symbolic link")
    if entry.method not in (_STORED, _DEFLATED):
        raise FileUnsafe(reason=f"ZIP method {entry.method}")
    parts = entry.name.replace("\\", "/").split("/")
    if ".." in parts or entry.name.startswith(("/", "\\")) or "\0" in entry.name:
        raise FileUnsafe(reason="ZIP path")


def _check_inflated(file: BinaryIO, entries: Sequence[Entry], starts: Sequence[int], effort: Effort) -> None:
    # What the records claim is judged before anything is inflated; what they hide is found by inflating.
    claimed, packed = sum(entry.size for entry in entries), sum(entry.compressed for entry in entries)
    if claimed > MAX_TOTAL_BYTES:
        raise FileUnsafe(reason=f"ZIP > {MAX_TOTAL_BYTES >> 20} MiB")
    if claimed > _WHOLE_RATIO_AFTER_BYTES and claimed > MAX_RATIO * packed:
        raise FileUnsafe(reason=f"ZIP ratio > {MAX_RATIO}:1")
    effort.left -= claimed
    if effort.left < 0:
        raise FileUnsafe(reason="ZIP too many archives")
    for entry, start in zip(entries, starts, strict=True):
        file.seek(start)
        size = entry.compressed if entry.method == _STORED else _inflate(file, entry.compressed, entry.size)
        if size != entry.size:
            raise FileCorrupt


def _inflate(file: BinaryIO, compressed: int, claimed: int) -> int:
    """Count the inflated bytes of a member without keeping them; stops at the first limit that is crossed.

    ``claimed``: what its record says they are; one byte more is a lie, and enough.
    """
    inflater = zlib.decompressobj(-15)
    consumed = produced = 0
    while consumed < compressed and not inflater.eof:
        pending = file.read(min(_BLOCK, compressed - consumed))
        if not pending:
            raise FileCorrupt
        consumed += len(pending)
        while pending and not inflater.eof:
            try:
                produced += len(inflater.decompress(pending, _BLOCK))
            except zlib.error as error:
                raise FileCorrupt from error
            pending = inflater.unconsumed_tail
            if produced > claimed:
                raise FileCorrupt
            if produced > RATIO_AFTER_BYTES and produced > MAX_RATIO * consumed:
                raise FileUnsafe(reason=f"ZIP ratio > {MAX_RATIO}:1")
    while not inflater.eof and (rest := inflater.decompress(b"", _BLOCK)):
        produced += len(rest)
    if not inflater.eof:
        raise FileCorrupt
    return produced
