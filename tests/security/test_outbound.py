"""Outgoing connections: 500 ways around the guard lead nowhere, and what is allowed connects to what was checked."""

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from wenyuan.errors import EndpointError, OutboundRefused
from wenyuan.outbound import Guard, guarded_async_client, guarded_client

PRIVATE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1",
    "100.127.255.254", "169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "100.100.100.200",
)  # fmt: skip
PRIVATE_6 = (
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1", "fec0::1", "2001:db8::1",
    "fe80::1%eth0", "::1%lo",
)  # fmt: skip
NEVER = ("169.254.169.254", "0.0.0.0", "100.100.100.200", "192.0.0.192", "fe80::1", "fd00:ec2::254", "ff02::1")


def spellings(address: str) -> Iterator[str]:
    """Ways to write an IPv4 address that some library somewhere understands."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = address.split(".")
    yield address
    yield f"{address}."
    yield str(number)
    yield hex(number)
    yield f"0{number:o}"
    yield ".".join(f"0{int(part):o}" for part in (a, b, c, d))
    yield ".".join(hex(int(part)) for part in (a, b, c, d))
    yield ".".join(part.zfill(3) for part in (a, b, c, d))
    yield f"{a}.{b}.{int(c) * 256 + int(d)}"
    yield f"{a}.{number & 0xFFFFFF}"
    yield address.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    yield address.replace(".", "。")
    yield f"{a}.{b}.{c}.{d}%00.example.com"
    yield f"user@{address}"
    yield f"example.com@{address}"
    yield f"[::ffff:{address}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"
    yield f"[2001:0:{number >> 16:x}:{number & 0xFFFF:x}::f7f7:f7f7]"


def cases() -> list[tuple[str, str]]:
    """(URL, what its name resolves to, if it is a name)."""
    found = [(f"http://{one}/", "") for address in PRIVATE for one in spellings(address)]
    found += [(f"https://[{address}]:8443/x", "") for address in PRIVATE_6]
    found += [(f"http://allowed.example/{n}", address) for n, address in enumerate((*PRIVATE, *PRIVATE_6))]
    found += [
        (url, "93.184.216.34")
        for url in (
            "ftp://allowed.example/",
            "file:///etc/passwd",
            "gopher://allowed.example/",
            "http://allowed.example.evil.example/",
            "http://evil-allowed.example/",
            "http://allowed.example:22/",
            "http://user:pass@allowed.example/",
            "http://allowed.example@evil.example/",
            "http://evil.example#allowed.example",
            "http://evil.example?allowed.example",
            "http://evil.example\\@allowed.example/",
            "http:///allowed.example",
            "//allowed.example/",
            "allowed.example",
            "http://",
            "",
            "http://[::1",
            "http://allowed.example:99999/",
            "http://ａllowed.example.evil.example/",
        )
    ]
    return found


def guard(answers: dict[str, str] | str, *, private: bool = False, hosts: tuple[str, ...] | None = None) -> Guard:
    return Guard(
        hosts if hosts is not None else ("allowed.example:80", "allowed.example:443"),
        private,
        lambda host, _: [answers if isinstance(answers, str) else answers[host]],
    )


def test_there_are_five_hundred_cases() -> None:
    assert len(cases()) >= 500


@pytest.mark.parametrize("everywhere", [False, True], ids=["listed", "everything listed"])
def test_no_way_leads_to_a_private_address(everywhere: bool) -> None:
    passed = []
    for url, answer in cases():
        hosts = None
        if everywhere and not answer:
            # The address itself is on the list, in every spelling: private ranges are closed all the same.
            hosts = (url.split("//")[1].rsplit("@", 1)[-1].rstrip("/"), *PRIVATE, *(f"[{one}]" for one in PRIVATE_6))
        try:
            passed.append((url, guard(answer, hosts=hosts).check(url)))
        except OutboundRefused:
            continue
    assert not passed


@pytest.mark.parametrize("address", NEVER)
def test_metadata_services_are_closed_even_where_private_ranges_are_open(address: str) -> None:
    with pytest.raises(OutboundRefused):
        guard(address, private=True).check("http://allowed.example/")


def test_one_private_address_among_several_refuses_the_name() -> None:
    both = Guard(("allowed.example",), resolve=lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(OutboundRefused):
        both.check("https://allowed.example/")


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        (("allowed.example",), "https://allowed.example/x"),
        (("allowed.example:8443",), "https://ALLOWED.example.:8443/x"),
        (("*.example",), "http://allowed.example/"),
        (("93.184.216.34",), "http://93.184.216.34/"),
        (("bücher.example",), "http://xn--bcher-kva.example/"),
    ],
)
def test_what_is_listed_passes(hosts: tuple[str, ...], url: str) -> None:
    assert guard("93.184.216.34", hosts=hosts).check(url) == "93.184.216.34"


def test_an_endpoint_of_the_settings_may_be_private_and_is_the_only_one() -> None:
    endpoint = Guard.for_endpoint("http://127.0.0.1:8080/v1")
    assert endpoint.check("http://127.0.0.1:8080/v1/embeddings") == "127.0.0.1"
    assert Guard.for_endpoint("http://[::1]:8080/v1").check("http://[::1]:8080/") == "::1"
    for other in ("http://127.0.0.1:8081/", "http://127.0.0.2:8080/", "https://127.0.0.1/"):
        with pytest.raises(OutboundRefused):
            endpoint.check(other)


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://100.100.100.200/", "http://[fd00:ec2::254]/"])
def test_a_metadata_service_is_reached_only_where_its_address_itself_is_named(url: str) -> None:
    assert Guard.for_endpoint(url).check(url)
    with pytest.raises(OutboundRefused):
        Guard.for_endpoint("http://models.internal/").check(url)
    with pytest.raises(OutboundRefused):
        Guard((url.removeprefix("http://").rstrip("/"),)).check(url)
    for other in ("http://0.0.0.0/", "http://224.0.0.1/", "http://[ff02::1]/"):
        with pytest.raises(OutboundRefused):
            Guard.for_endpoint(other).check(other)


def test_a_name_that_cannot_be_resolved_now_may_be_later() -> None:
    def fails(*_: object) -> list[str]:
        raise OSError

    with pytest.raises(EndpointError) as caught:
        Guard(("models.internal",), private=True, resolve=fails).check("http://models.internal/")
    assert caught.value.retryable


def test_no_other_module_makes_a_client_for_an_endpoint() -> None:
    root = Path(__file__).resolve().parents[2]
    makers = [
        path.relative_to(root).as_posix()
        for room in ("wenyuan", "ingest", "retrieval", "generation", "eval", "api")
        for path in (root / room).rglob("*.py")
        if re.search(r"httpx\.(Async)?Client\(", path.read_text(encoding="utf-8"))
    ]
    # The command line and the demonstration speak to our own server.
    assert sorted(makers) == ["api/cli/client.py", "eval/demo/product.py", "wenyuan/outbound.py"]


@asynccontextmanager
async def server(location: str | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"302 Found\r\nLocation: {location}" if location else "200 OK"
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], seen


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    answers = ["127.0.0.1", "10.255.255.1"]
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return [answers[min(len(asked), len(answers)) - 1]]

    async with server() as (port, seen):
        allowed = Guard((f"name.example:{port}",), private=True, resolve=rebinding)
        async with guarded_async_client(allowed) as http:
            assert (await http.get(f"http://name.example:{port}/")).status_code == 200
        assert len(asked) == 1
        assert f"Host: name.example:{port}".encode() in seen[0]


async def test_every_redirect_is_checked_again() -> None:
    async with server() as (inner_port, inner_seen):
        for location in (
            f"http://127.0.0.1:{inner_port}/",
            f"http://inner.example:{inner_port}/",
            "http://2130706433/",
        ):
            async with server(location) as (port, seen):
                allowed = Guard((f"name.example:{port}",), private=True, resolve=lambda *_: ["127.0.0.1"])
                async with guarded_async_client(allowed, follow_redirects=True) as http:
                    with pytest.raises(OutboundRefused):
                        await http.get(f"http://name.example:{port}/")
                assert len(seen) == 1
        assert not inner_seen


async def test_redirects_come_to_an_end_and_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with server("/again") as (port, seen):

        def fetch() -> None:
            allowed = Guard.for_endpoint(f"http://127.0.0.1:{port}")
            with guarded_client(allowed, follow_redirects=True) as http:
                http.get(f"http://127.0.0.1:{port}/")

        with pytest.raises(httpx.TooManyRedirects):
            await asyncio.to_thread(fetch)
    assert len(seen) == 4
