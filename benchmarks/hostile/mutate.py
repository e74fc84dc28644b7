"""Seeded mutation of sound files: bytes anywhere, and for ZIP packages also the members behind an intact container."""

import io
import re
import zipfile
from random import Random
from typing import Final

_EDGES: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NUMBER: Final = re.compile(rb"\d+")
_NUMBERS: Final = (
    b"-1",
    b"0",
    b"2147483648",
    b"99999999999999999999",
    b"1e309",
    b"-0.0",
    b"NaN",
    b"65536",
    "٣".encode(),
)
_TOKENS: Final = (
    b"<", b">", b'"', b"&", b"\0", b"\xff\xfe", b"%", b"{", b"}", b"[[[[", b"]]", b"\\u0", b"\r\n\r\n", b"--b\r\n",
    b"/Kids [1 0 R]", b"/Length 999999", b" R", b"stream\n", b"<a>", b"</a>", b"&#x0;", b"&x;", "中".encode(), b"|",
    b"\\bin99 ", b"=?utf-8?b?/w==?=", b"PK\3\4", b"xmlns=''", b"\xed\xa0\x80", b"Infinity", "\u202e".encode(),
)  # fmt: skip


def mutated(data: bytes, random: Random, *, package: bool = False) -> bytes:
    """Return a mutant of ``data``; ``package``: half of the mutants change members of the ZIP archive instead."""
    if package and random.random() < 0.75:
        return _mutated_package(data, random)
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 8, 32))):
        if not changed:
            break
        random.choice(_CHANGES)(changed, random)
    return bytes(changed)


def _mutated_package(data: bytes, random: Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    chosen = set(random.sample(range(len(members)), min(len(members), random.choice((1, 1, 1, 2, 3)))))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members):
            if number not in chosen:
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
                continue
            fate = random.random()
            if fate < 0.05:
                continue
            other = random.choice(members)[1]
            changed = other if fate < 0.1 else b"" if fate < 0.13 else mutated(content, random)
            archive.writestr(zipfile.ZipInfo(name), changed, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _flip(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _byte(data: bytearray, random: Random) -> None:
    data[random.randrange(len(data))] = random.choice((0, 0xFF, 0x7F, 0x20, random.randrange(256)))


def _length_field(data: bytearray, random: Random) -> None:
    size = random.choice((1, 2, 4))
    at = random.randrange(max(len(data) - size, 1))
    value = random.choice(_EDGES) & ((1 << 8 * size) - 1)
    data[at : at + size] = value.to_bytes(size, random.choice(("little", "big")))


def _number(data: bytearray, random: Random) -> None:
    found = list(_NUMBER.finditer(data, random.randrange(len(data)), min(len(data), 1 << 20)))
    if found:
        one = random.choice(found[:200])
        data[one.start() : one.end()] = random.choice(_NUMBERS)


def _cut(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    del data[at : at + random.choice((1, 4, 64, len(data)))]


def _double(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    piece = bytes(data[at : at + random.choice((4, 64, 1024))])
    data[at:at] = piece * random.choice((1, 2, 200))


def _move(data: bytearray, random: Random) -> None:
    at, to = random.randrange(len(data)), random.randrange(len(data))
    piece = bytes(data[at : at + random.choice((8, 128, 2048))])
    data[to : to + len(piece)] = piece


def _token(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    token = random.choice(_TOKENS)
    data[at : at + random.choice((0, len(token)))] = token * random.choice((1, 1, 1, 500))


_CHANGES: Final = (_flip, _flip, _byte, _length_field, _number, _number, _cut, _double, _move, _token)
