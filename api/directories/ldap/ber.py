"""The part of BER (X.690) that LDAP uses: definite lengths, single-byte tags."""

from collections.abc import Iterator
from typing import Final

INTEGER: Final = 0x02
BOOLEAN: Final = 0x01
OCTETS: Final = 0x04
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
SET: Final = 0x31

Element = tuple[int, bytes]


class MalformedError(ValueError):
    """Bytes that are no BER, or too deep or too long."""


def element(tag: int, *parts: bytes) -> bytes:
    """Return an element around its content."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a whole number."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: str | bytes, tag: int = OCTETS) -> bytes:
    """Return text or bytes."""
    return element(tag, value.encode() if isinstance(value, str) else value)


def boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    """Return true or false."""
    return element(tag, b"\xff" if value else b"\x00")


def elements(content: bytes) -> Iterator[Element]:
    """Yield the elements of some content; raises ``MalformedError``."""
    at = 0
    while at < len(content):
        if at + 2 > len(content):
            raise MalformedError
        tag, size = content[at], content[at + 1]
        at += 2
        if size >= 0x80:
            count = size & 0x7F
            if not 0 < count <= 4 or at + count > len(content):
                raise MalformedError
            size = int.from_bytes(content[at : at + count], "big")
            at += count
        if at + size > len(content):
            raise MalformedError
        yield tag, content[at : at + size]
        at += size


def number(content: bytes) -> int:
    """Return the whole number of an element's content."""
    return int.from_bytes(content, "big", signed=True)
