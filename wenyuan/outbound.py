"""The one guard of outgoing connections: only hosts that were named, resolved once, only addresses that are allowed.

``guarded_client`` and ``guarded_async_client`` give httpx clients that connect to the address that was checked, so that
a name cannot turn into another address between check and connection; every redirect is checked again. All clients of
configured endpoints come from here. For libraries that open connections of their own, ``Guard.check`` does the same
check without the pinning.
"""

import asyncio
import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wenyuan.errors import EndpointError, OutboundRefused

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

MAX_REDIRECTS: Final = 3
_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC: Final = re.compile(r"\d+|0x[0-9a-f]*")
# Never reachable, whatever is allowed: this network, protocol assignments, multicast, reserved.
_NEVER: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fec0::/10", "ff00::/8")
)
# Reachable by an address that was named itself, never by a name that leads there: link-local addresses (metadata
# services among them), and the metadata addresses of providers that lie in private ranges.
_BY_ADDRESS: Final = tuple(
    ipaddress.ip_network(network) for network in ("169.254.0.0/16", "100.100.100.200/32", "fd00:ec2::/32", "fe80::/10")
)
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_LOOPBACK: Final = ipaddress.IPv6Address("::1")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


def endpoint_name(url: str, model: str | None = None) -> str:
    """Return host and port of an address, and the model there, as logs and the audit name an endpoint.

    User, password, path and query are left out: they may be secrets.
    """
    parts = urlsplit(url)
    place = (parts.hostname or "?") + (f":{parts.port}" if parts.port else "")
    return f"{place} {model}" if model else place


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be connected to.

    ``hosts``: names or addresses, each with ``:port`` or for every port; ``*.example.com`` stands for the names below
    it, and an IPv6 address is written in brackets. ``private``: whether they may be in private ranges; metadata
    services and link-local addresses only where ``hosts`` has the address itself. ``resolve`` returns the addresses
    of a name, as text.
    """

    hosts: tuple[str, ...]
    private: bool = False
    resolve: Resolver | None = None

    @classmethod
    def for_endpoint(cls, url: str) -> "Guard":
        """Return the guard of an endpoint that the administrator's settings name: it alone, also in a private range."""
        host, port = _origin(_parsed(url))
        return cls((f"[{host}]:{port}" if ":" in host else f"{host}:{port}",), private=True)

    def names(self, url: str) -> bool:
        """Return whether ``hosts`` has the host and port of ``url``, wherever that leads."""
        try:
            host, port = _origin(_parsed(url))
        except OutboundRefused:
            return False
        return any(_matches(entry, host, port) for entry in self.hosts)

    def check(self, url: str) -> str:
        """Return the address, as text, that ``url`` may be fetched from; raises as ``address`` does."""
        return self.address(_parsed(url))

    def address(self, url: "httpx.URL") -> str:
        """Return the address to connect to for ``url``.

        Raises ``OutboundRefused`` when none is allowed, ``EndpointError`` when its name cannot be resolved now.
        """
        host, port = _origin(url)
        if not any(_matches(entry, host, port) for entry in self.hosts):
            raise OutboundRefused(reason=f"{host}:{port}")
        literal = _literal(host)
        try:
            found = [host] if literal is not None else list((self.resolve or _system_resolver)(host, port))
        except OSError:
            raise EndpointError(reason=f"{host}: DNS") from None
        # One forbidden address among several spoils the name: which one is taken would be a matter of luck.
        if not found or not all(self._permits(one, named=literal is not None) for one in found):
            raise OutboundRefused(reason=f"{host}:{port}")
        return found[0]

    def _permits(self, text: str, *, named: bool) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
            return False
        inner = [address, *_carried(address)]
        closed = _NEVER if named else (*_NEVER, *_BY_ADDRESS)
        if any(one in network for one in inner for network in closed if one.version == network.version):
            return False
        return self.private or all(one.is_global for one in inner)


def guarded_client(guard: Guard, **options: Any) -> "httpx.Client":
    """Return an httpx client that connects through ``guard``; ``options`` are those of ``httpx.Client``."""
    import httpx

    transport_options = {name: options.pop(name) for name in ("verify", "limits", "http2") if name in options}

    class Transport(httpx.BaseTransport):
        """Connects to the address that was checked; each host has connections of its own."""

        def __init__(self) -> None:
            self._inner: dict[str, httpx.HTTPTransport] = {}

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            pinned = _pinned(request, guard.address(request.url))
            inner = self._inner.get(request.url.host)
            if inner is None:
                inner = self._inner[request.url.host] = httpx.HTTPTransport(trust_env=False, **transport_options)
            return inner.handle_request(pinned)

        def close(self) -> None:
            for inner in self._inner.values():
                inner.close()

    return httpx.Client(**_settled(options), transport=Transport())


def guarded_async_client(guard: Guard, **options: Any) -> "httpx.AsyncClient":
    """Return an asynchronous httpx client that connects through ``guard``; names are resolved in a thread."""
    import httpx

    transport_options = {name: options.pop(name) for name in ("verify", "limits", "http2") if name in options}

    class Transport(httpx.AsyncBaseTransport):
        """Connects to the address that was checked; each host has connections of its own."""

        def __init__(self) -> None:
            self._inner: dict[str, httpx.AsyncHTTPTransport] = {}

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            pinned = _pinned(request, await asyncio.to_thread(guard.address, request.url))
            inner = self._inner.get(request.url.host)
            if inner is None:
                inner = self._inner[request.url.host] = httpx.AsyncHTTPTransport(trust_env=False, **transport_options)
            return await inner.handle_async_request(pinned)

        async def aclose(self) -> None:
            for inner in self._inner.values():
                await inner.aclose()

    return httpx.AsyncClient(**_settled(options), transport=Transport())


def _settled(options: dict[str, Any]) -> dict[str, Any]:
    # Proxies of the environment would connect for us, unguarded.
    return {"follow_redirects": False, **options, "max_redirects": MAX_REDIRECTS, "trust_env": False}


def _pinned(request: "httpx.Request", address: str) -> "httpx.Request":
    """The same request to the address; the name goes on in the Host header and in the TLS handshake."""
    import httpx

    host = request.url.host
    extensions = {**request.extensions, "sni_hostname": host} if _literal(host) is None else request.extensions
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )


def _parsed(url: str) -> "httpx.URL":
    import httpx

    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise OutboundRefused(reason="URL") from None


def _origin(url: "httpx.URL") -> tuple[str, int]:
    """Return host and port in one spelling; refuses other schemes, user names, and numbers dressed up as names."""
    if url.scheme not in _PORTS or url.userinfo:
        raise OutboundRefused(reason=f"{url.scheme or '?'}://")
    host = _ascii(url.host)
    if _literal(host) is None:
        labels = host.split(".")
        if not all(_LABEL.fullmatch(label) for label in labels) or _NUMERIC.fullmatch(labels[-1]):
            raise OutboundRefused(reason="URL")
    return host, url.port or _PORTS[url.scheme]


def _ascii(host: str) -> str:
    """Return a host in one spelling: ASCII, small letters, without the final dot."""
    host = unicodedata.normalize("NFKC", host).lower().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise OutboundRefused(reason="URL") from None


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(entry: str, host: str, port: int) -> bool:
    name, _, wanted = entry.rpartition(":") if re.search(r"[^:\]]:\d+$|\]:\d+$", entry) else (entry, "", "")
    if wanted and int(wanted) != port:
        return False
    if name.startswith("*."):
        return host.endswith(f".{_ascii(name[2:])}") and _literal(host) is None
    name = _ascii(name.strip("[]"))
    literal = _literal(name)
    return _literal(host) == literal if literal is not None else host == name


def _carried(address: Address) -> Iterator[Address]:
    """Yield the IPv4 addresses that an IPv6 address may lead to: mapped, 6to4, Teredo, NAT64, compatible."""
    if isinstance(address, ipaddress.IPv4Address) or address == _LOOPBACK:
        return
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo
    elif any(address in network for network in _NAT64) or address in _COMPATIBLE:
        yield low


def _system_resolver(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
