"""Bind, search in pages, unbind (RFC 4511, RFC 2696). Referrals are not followed: they would lead who knows where."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from api.directories.ldap import ber
from wenyuan.outbound import Guard
from wenyuan.people.errors import DirectoryMalformed, DirectoryRefused, DirectoryUnreachable
from wenyuan.text import one_line

MAX_MESSAGE: Final = 64 * 2**20
MAX_PAGES: Final = 100_000
_PAGED: Final = "1.2.840.113556.1.4.319"
_START_TLS: Final = "1.3.6.1.4.1.1466.20037"
_BASE, _SUBTREE = 0, 2
_BUSY: Final = frozenset({3, 51, 52, 80})
_DENIED: Final = frozenset({7, 8, 13, 34, 48, 49, 50, 53})
_REFERRAL: Final = 10
_NO_SUCH_OBJECT: Final = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its DN and values by attribute in small letters."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def text(self, attribute: str) -> str:
        """Return the first value as text, '' without one."""
        held = self.values.get(attribute.lower(), ())
        return one_line(held[0].decode(errors="replace")) if held else ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the directory answers, and how the line to it is protected."""

    url: str
    start_tls: bool
    ca_file: Path | None
    timeout_s: float


class Connection:
    """One bound connection; requests one after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._number = 0

    async def open(self, user: str, secret: str) -> None:
        """Connect, protect the line, bind; raises ``DirectoryUnreachable`` and ``DirectoryRefused``."""
        parts = urlsplit(self._server.url)
        secure = parts.scheme == "ldaps"
        port = parts.port or (636 if secure else 389)
        host = parts.hostname or ""
        named = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        address = await asyncio.to_thread(Guard.for_endpoint(named).check, named)
        context = await asyncio.to_thread(self._context) if secure or self._server.start_tls else None
        with _reached():
            async with asyncio.timeout(self._server.timeout_s):
                self._reader, self._writer = await asyncio.open_connection(
                    address,
                    port,
                    limit=2**20,
                    ssl=context if secure else None,
                    server_hostname=host if secure else None,
                )
            if context is not None and not secure:
                await self._ask(0x77, ber.octets(_START_TLS, 0x80), answers=0x78)
                async with asyncio.timeout(self._server.timeout_s):
                    await self._writer.start_tls(context, server_hostname=host)
        await self._ask(0x60, ber.integer(3) + ber.octets(user) + ber.octets(secret, 0x80), answers=0x61)

    async def close(self) -> None:
        """Say goodbye and close."""
        if self._writer is None:
            return
        with contextlib.suppress(OSError, ssl.SSLError):
            self._send(0x42, b"")
            self._writer.close()
            async with asyncio.timeout(1):
                await self._writer.wait_closed()

    async def search(
        self, base: str, condition: bytes, attributes: Sequence[str], page: int
    ) -> AsyncGenerator[Entry, None]:
        """Yield the entries below ``base`` that meet a condition, page by page."""
        cookie = b""
        for _ in range(MAX_PAGES):
            control = ber.element(ber.SEQUENCE, ber.integer(page), ber.octets(cookie))
            found, cookie = await self._search(base, _SUBTREE, condition, attributes, control)
            for entry in found:
                yield entry
            if not cookie:
                return
        raise DirectoryMalformed(reason=f"> {MAX_PAGES}")

    async def read(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """Return one entry by name."""
        found, _ = await self._search(dn, _BASE, ber.octets("objectClass", 0x87), attributes, None)
        return found[0] if found else None

    async def _search(
        self, base: str, scope: int, condition: bytes, attributes: Sequence[str], control: bytes | None
    ) -> tuple[list[Entry], bytes]:
        request = (
            ber.octets(base)
            + ber.integer(scope, ber.ENUMERATED)
            + ber.integer(0, ber.ENUMERATED)  # aliases are not followed either
            + ber.integer(0)
            + ber.integer(0)
            + ber.boolean(False)
            + condition
            + ber.element(ber.SEQUENCE, *(ber.octets(name) for name in attributes))
        )
        self._send(0x63, request, control)
        entries: list[Entry] = []
        while True:
            tag, content, cookie = await self._receive()
            if tag == 0x64:
                entries.append(_entry(content))
            elif tag == 0x65:
                if _result(content) == _NO_SUCH_OBJECT and scope == _BASE:
                    return [], b""
                _require(content)
                return entries, cookie
            elif tag != 0x73:  # a referral is passed over
                raise DirectoryMalformed(reason=f"0x{tag:02x}")

    async def _ask(self, tag: int, content: bytes, *, answers: int) -> None:
        self._send(tag, content)
        got, body, _ = await self._receive()
        if got != answers:
            raise DirectoryMalformed(reason=f"0x{got:02x}")
        _require(body)

    def _send(self, tag: int, content: bytes, control: bytes | None = None) -> None:
        if self._writer is None:
            raise DirectoryUnreachable(reason="LDAP")
        self._number += 1
        parts = [ber.integer(self._number), ber.element(tag, content)]
        if control is not None:
            one = ber.element(ber.SEQUENCE, ber.octets(_PAGED), ber.octets(control))
            parts.append(ber.element(0xA0, one))
        self._writer.write(ber.element(ber.SEQUENCE, *parts))

    async def _receive(self) -> tuple[int, bytes, bytes]:
        """Return tag and content of the next answer to the last request, and the cookie of the next page."""
        while True:
            with _reached(), _understood():
                message = await self._message()
                (_, number), (tag, content), *rest = ber.elements(message)
                if ber.number(number) == self._number:
                    return tag, content, _cookie(rest)
                if ber.number(number) == 0:  # the server is about to hang up
                    raise DirectoryUnreachable(reason="LDAP")

    async def _message(self) -> bytes:
        if self._reader is None:
            raise DirectoryUnreachable(reason="LDAP")
        async with asyncio.timeout(self._server.timeout_s):
            tag, size = await self._reader.readexactly(2)
            if tag != ber.SEQUENCE or size == 0x80 or size > 0x84:
                raise ber.MalformedError
            if size > 0x80:
                size = int.from_bytes(await self._reader.readexactly(size & 0x7F), "big")
            if size > MAX_MESSAGE:
                raise ber.MalformedError
            return await self._reader.readexactly(size)

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._server.ca_file)
        except (OSError, ssl.SSLError):
            raise DirectoryRefused(reason="ca_file") from None


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise DirectoryRefused(reason=f"TLS: {getattr(error, 'verify_message', '') or error.reason}") from None
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise DirectoryUnreachable(reason=type(error).__name__) from None


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise DirectoryMalformed(reason="BER") from None


def _entry(content: bytes) -> Entry:
    with _understood():
        (_, dn), (_, listed) = ber.elements(content)
        values = {}
        for _, one in ber.elements(listed):
            (_, name), (_, held) = ber.elements(one)
            values[name.decode().lower()] = [value for _, value in ber.elements(held)]
        return Entry(dn.decode(), MappingProxyType(values))


def _cookie(rest: list[ber.Element]) -> bytes:
    for _, controls in rest:
        for _, control in ber.elements(controls):
            (_, name), *others = ber.elements(control)
            if name == _PAGED.encode() and others:
                _, (_, cookie) = ber.elements(next(ber.elements(others[-1][1]))[1])
                return cookie
    return b""


def _result(content: bytes) -> int:
    with _understood():
        return ber.number(next(ber.elements(content), (0, b"\xff"))[1])


def _require(content: bytes) -> None:
    code = _result(content)
    if code in _BUSY:
        raise DirectoryUnreachable(reason=f"LDAP {code}")
    if code in _DENIED:
        raise DirectoryRefused(reason=f"LDAP {code}")
    if code == _REFERRAL:
        raise DirectoryRefused(reason="referral")
    if code:
        raise DirectoryMalformed(reason=f"LDAP {code}")
