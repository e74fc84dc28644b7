"""Sixty and more bombs: archives that unpack to more than they say or may, pictures and PDFs that ask for more."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.hostile.files.seeds import PACKAGES, SEEDS, zipped

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile file. ``warning``: what a parser that reads it must say; ``refused``: it must not be read at all."""

    kind: str
    filename: str
    data: bytes
    refused: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A member as it is written: what it holds, and what its records say instead."""

    name: str
    data: bytes
    says: int | None = None
    says_packed: int | None = None
    flags: int = 0
    method: int = 8


def bombs() -> Iterator[Case]:
    """Yield every bomb; all of them must be refused."""
    for kind in PACKAGES:
        for name, data in _in_package(kind):
            yield Case(f"bomb {name}", f"bomb.{kind}", data, refused=True)
    yield Case("bomb nested", "bomb.zip", nested(5, 40 * 2**20), refused=True)
    yield Case("bomb wide and nested", "bomb.zip", _wide(), refused=True)
    yield Case("bomb of links", "bomb.zip", _links(), refused=True)
    for kind, data in _pictures():
        yield Case("bomb pixels", f"bomb.{kind}", data, refused=True)
    yield Case("bomb pages", "bomb.pdf", many_pages(2500), refused=True)


def deflated(size: int) -> bytes:
    """Return ``size`` zero bytes as a raw deflate stream, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(2**20)
    parts = [packer.compress(block) for _ in range(size >> 20)] + [packer.compress(block[: size & 0xFFFFF])]
    return b"".join([*parts, packer.flush()])


def written(members: list[Member]) -> bytes:
    """Write an archive whose records say what ``members`` tell them to."""
    body, directory = b"", b""
    for one in members:
        name = one.name.encode()
        packed = len(one.data) if one.says_packed is None else one.says_packed
        size = _inflated(one) if one.says is None else one.says
        offset = len(body)
        body += _LOCAL.pack(b"PK\3\4", 20, one.flags, one.method, 0, 0, 0, packed, size, len(name), 0) + name + one.data
        directory += _CENTRAL.pack(
            b"PK\1\2", 20, 20, one.flags, one.method, 0, 0, 0, packed, size, len(name), 0, 0, 0, 0, 0, offset
        )
        directory += name
    end = _END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + end


def nested(depth: int, size: int) -> bytes:
    """An archive in an archive in an archive, with ``size`` zeros at the bottom."""
    data = zipped({"zeros": bytes(size)})
    for level in range(depth):
        data = zipped({f"{level}.zip": data})
    return data


def many_pages(count: int) -> bytes:
    """A PDF that lists one page object ``count`` times."""
    kids = b"3 0 R " * count
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    ]
    return pdf(objects)


def pdf(objects: list[bytes], header: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """A PDF of the objects given, the first of which is the catalogue."""
    out = bytearray(header)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)
    return bytes(out)


def _in_package(kind: str) -> Iterator[tuple[str, bytes]]:
    """Bombs inside the package of a format, where a parser would look, or in a plain archive."""
    members = _members(kind)
    zeros = deflated(30 * 2**20)
    yield "ratio", written([*members, Member("a.xml", zeros, says=30 * 2**20)])
    yield "ratio under a lie", written([*members, Member("a.xml", zeros, says=1000)])
    yield "many small ratios", written([*members, *_repeated(Member("s", deflated(2**20 - 1), says=2**20 - 1), 400)])
    yield "huge claim", written([*members, Member("a.xml", deflated(1000), says=4_000_000_000)])
    yield "many entries", written([*members, *_repeated(Member("e", b"", method=0), 5_100)])
    yield "overlap", _overlapping(members)


def _repeated(member: Member, count: int) -> list[Member]:
    return [
        Member(f"{member.name}{n}", member.data, member.says, None, member.flags, member.method) for n in range(count)
    ]


def _members(kind: str) -> list[Member]:
    if kind == "zip":
        return [Member("a.txt", b"words", method=0)]
    with zipfile.ZipFile(io.BytesIO(SEEDS[kind](Random(1)))) as archive:
        return [Member(name, archive.read(name), method=0) for name in archive.namelist()]


def _overlapping(members: list[Member]) -> bytes:
    """Many central records over the same data, as in the bombs that need no nesting."""
    whole = written([*members, Member("kernel.xml", deflated(900_000), says=900_000)])
    at = whole.rfind(b"PK\1\2")
    record = whole[at : whole.rfind(b"PK\5\6")]
    end = list(_END.unpack(whole[whole.rfind(b"PK\5\6") :]))
    for index in (3, 4):
        end[index] += 500
    end[5] += 500 * len(record)
    return whole[:at] + record * 501 + _END.pack(*end)


def _wide() -> bytes:
    inner = zipped({f"{n}.txt": bytes(900_000) for n in range(40)})
    return zipped({f"{n}.zip": inner for n in range(40)}, zipfile.ZIP_STORED)


def _links() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("passwd.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def _inflated(member: Member) -> int:
    return len(member.data) if member.method == 0 else len(zlib.decompress(member.data, -15))


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A grey PNG that says it is ``width`` × ``height``."""
    header = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def _pictures() -> Iterator[tuple[str, bytes]]:
    yield "png", png(60_000, 60_000, bytes(60_001 * 1000))
    yield "png", png(2**31 - 1, 2**31 - 1)
    # A start-of-frame marker with the largest size there is.
    yield (
        "jpg",
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\1\x22\0\2\x11\1\3\x11\1" + b"\xff\xda\0\2" + bytes(500),
    )
    yield "bmp", b"BM" + struct.pack("<3L", 1000, 0, 54) + struct.pack("<L2l2H6L", 40, 60_000, 60_000, 1, 24, *[0] * 6)
    yield "gif", b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\2\2L\1\0;"
    tags = [(256, 4, 1, 70_000), (257, 4, 1, 70_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    tags += [(277, 3, 1, 1), (278, 4, 1, 70_000), (279, 4, 1, 100)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<2H2L", *tag) for tag in tags) + bytes(4)
    yield "tiff", b"II*\0" + struct.pack("<L", 8) + directory + bytes(200)
    yield (
        "webp",
        b"RIFF" + struct.pack("<L", 30) + b"WEBPVP8X" + struct.pack("<L", 10) + b"\x10" + bytes(3) + b"\xff" * 6,
    )
