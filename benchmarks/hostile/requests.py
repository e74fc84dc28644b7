"""Hostile upload requests as the bytes of a connection: forms that flood, lie about their length, smuggle or stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

_NEWLINE: Final = b"\r\n"
_END: Final = b"\r\n--b--\r\n"
_SPACE: Final = b'--b\r\nContent-Disposition: form-data; name="space"\r\n\r\nall\r\n'
_FILE: Final = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Attack:
    """What is written to a connection, piece by piece; ``stops``: the client leaves without waiting for an answer."""

    kind: str
    pieces: tuple[bytes, ...]
    stops: bool = False


def attacks(count: int, seed: int, token: str, limit: int) -> Iterator[Attack]:
    """Yield requests of every kind in turn; ``limit``: bytes of the largest body that the server takes."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        kind = list(_KINDS)[number % len(_KINDS)]
        # One in eight knows no token.
        secret = token if random.random() > 0.125 else "wy_" + "x" * 43
        yield _KINDS[kind](kind, random, secret, limit)


def _head(token: str, *headers: str, boundary: str = "b", path: str = "/v1/documents") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}",
        f"Content-Type: multipart/form-data; boundary={boundary}", *headers, "Connection: close", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode(errors="surrogateescape")


def _form(kind: str, token: str, body: bytes, *headers: str, boundary: str = "b") -> Attack:
    """A form with a true length, in pieces."""
    head = _head(token, f"Content-Length: {len(body)}", *headers, boundary=boundary)
    return Attack(kind, (head, *(body[at : at + _PIECE] for at in range(0, len(body), _PIECE))))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _part_header(kind: str, random: Random, token: str, _: int) -> Attack:
    size = random.choice((5_000, 100_000, 2_000_000))
    name = random.choice((b"X-A", b"Content-Disposition", b"Content-Type"))
    return _form(kind, token, b"--b\r\n" + name + b": " + b"a" * size + b"\r\n\r\nx" + _END)


def _part_headers(kind: str, random: Random, token: str, _: int) -> Attack:
    count = random.choice((9, 1000, 100_000))
    return _form(kind, token, b"--b\r\n" + b"X: y\r\n" * count + b"\r\nx" + _END)


def _many_parts(kind: str, random: Random, token: str, _: int) -> Attack:
    one = random.choice((_SPACE, _FILE + b"x\r\n"))
    return _form(kind, token, one * random.choice((21, 1000, 20_000)) + _END)


def _large_field(kind: str, random: Random, token: str, _: int) -> Attack:
    return _form(kind, token, _FILE + b"x\r\n" + _SPACE[:-5] + b"a" * random.choice((200, 1 << 20, 3 << 20)) + _END)


def _preamble(kind: str, random: Random, token: str, _: int) -> Attack:
    junk = random.choice((b"\r\n", b"-", b"--", b"a", b"\r\n--", b"\n")) * random.choice((100, 1 << 18, 1 << 20))
    whole = _SPACE + _FILE + b"x" + _END
    return _form(kind, token, junk + whole if random.random() < 0.5 else whole + junk)


def _boundary(kind: str, random: Random, token: str, _: int) -> Attack:
    odd = random.choice(
        ("", '"', "b" * 300, "b" * 30_000, "中", "b\x00", "b; boundary=c", '"b', "b; charset=utf-7", " ")
    )
    return _form(kind, token, _SPACE + _FILE + b"x" + _END, boundary=odd)


def _filename(kind: str, random: Random, token: str, _: int) -> Attack:
    name = random.choice(
        (
            b'filename="' + b"a" * 1_000 + b'.md"',
            b'filename="../../../etc/passwd"',
            b'filename="a\0.md"',
            b"filename*=utf-8''%2e%2e%2fa.md",
            b"filename*0=a; filename*1=.md; filename*2*=%00",
            b"filename*=" + b"%ff" * 500,
            b'filename="\xff\xfe\xfd.md"',
            b'filename="a.md"; filename="b.exe"',
            b"filename=" + b"\\" * 500,
        )
    )
    body = b'--b\r\nContent-Disposition: form-data; name="file"; ' + name + b"\r\n\r\nx\r\n" + _SPACE + _END
    return _form(kind, token, body)


def _length(kind: str, random: Random, token: str, limit: int) -> Attack:
    body = _SPACE + _FILE + b"x" + _END
    lie = random.choice(("-1", "+5", "0x10", "1e3", "", "9" * 30, str(limit + 1), "5, 500", str(len(body) - 9)))
    return Attack(kind, (_head(token, f"Content-Length: {lie}"), body))


def _two_framings(kind: str, random: Random, token: str, _: int) -> Attack:
    headers = random.choice(
        (
            ("Content-Length: 5", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
            ("Transfer-Encoding: xchunked",),
            ("Content-Length: 5", "Content-Length: 500"),
            ("Transfer-Encoding : chunked",),
            ("Content-Encoding: gzip", "Content-Length: 5"),
        )
    )
    smuggled = b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
    return Attack(kind, (_head(token, *headers), b"0\r\n\r\n" + smuggled))


def _chunks(kind: str, random: Random, token: str, _: int) -> Attack:
    body = random.choice(
        (
            b"fffffffffffffffff\r\nx\r\n",
            b"-1\r\nx\r\n",
            b"5\r\nx",
            b"1;" + b"a" * 300_000 + b"\r\nx\r\n0\r\n\r\n",
            b"0\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
            b"".join(b"1\r\n%c\r\n" % byte for byte in (_SPACE + _FILE + b"x" + _END) * 50) + b"0\r\n\r\n",
        )
    )
    return Attack(kind, (_head(token, "Transfer-Encoding: chunked"), body))


def _endless(kind: str, random: Random, token: str, limit: int) -> Attack:
    filler = random.choice((_chunk(b"x" * _PIECE), _chunk(b"\r\n" * (_PIECE // 2)), _chunk(b"\r\n--b" * 13_000)))
    pieces = (filler,) * (2 * limit // len(filler))
    return Attack(kind, (_head(token, "Transfer-Encoding: chunked"), _chunk(_FILE), *pieces))


def _leaves(kind: str, random: Random, token: str, _: int) -> Attack:
    body = _SPACE + _FILE + b"x" * random.choice((10, 900_000)) + _END
    cut = random.randrange(len(body))
    return Attack(kind, (_head(token, f"Content-Length: {len(body)}"), body[:cut]), stops=True)


def _nested(kind: str, random: Random, token: str, _: int) -> Attack:
    inner = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (depth, depth + 1)
        for depth in range(random.choice((3, 5_000)))
    )
    head = b'--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n'
    return _form(kind, token, head + inner + _END)


def _bare(kind: str, random: Random, token: str, _: int) -> Attack:
    body = (_SPACE + _FILE + b"x" + _END).replace(_NEWLINE, random.choice((b"\n", b"\r", b"\r\r\n", b"\0\n")))
    return _form(kind, token, body)


def _broken(kind: str, random: Random, token: str, _: int) -> Attack:
    body = bytearray((_SPACE + _FILE + b"words " * 50 + _END) * 2)
    for _ in range(random.choice((1, 4, 30))):
        body[random.randrange(len(body))] = random.choice(b'\0\r\n-b:;="\xff ')
    return _form(kind, token, bytes(body))


def _request_head(kind: str, random: Random, token: str, _: int) -> Attack:
    many = random.choice((("X: " + "a" * 300_000,), tuple(f"X-{n}: y" for n in range(20_000)), ("X: \udcff\udc80",)))
    return _form(kind, token, _SPACE + _FILE + b"x" + _END, *many)


_KINDS: Final[dict[str, Callable[[str, Random, str, int], Attack]]] = {
    "part header": _part_header,
    "part headers": _part_headers,
    "many parts": _many_parts,
    "large field": _large_field,
    "preamble and epilogue": _preamble,
    "boundary": _boundary,
    "filename": _filename,
    "length": _length,
    "two framings": _two_framings,
    "chunks": _chunks,
    "endless": _endless,
    "leaves": _leaves,
    "nested": _nested,
    "line ends": _bare,
    "broken": _broken,
    "request head": _request_head,
}
