"""WebDAV against the kit: wsgidav in a process of its own; and servers that answer with tricks."""

import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from ingest.sources.connectors.webdav import WebDavConnector
from ingest.sources.errors import SourceDenied, SourceMisconfigured, SourceUnreachable
from ingest.sources.port import Connector
from tests.contract.sources.desk import Desk
from tests.contract.sources.kit import ConnectorContract, OnDisk, group_names
from tests.contract.sources.servers import free_port, server
from tests.serving import serving
from wenyuan.db.access.directory import find_group
from wenyuan.settings import SourceCredentials, SourceEndpoint

LI = SourceCredentials(user="li", password=SecretStr("secret"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder, port = tmp_path_factory.mktemp("dav"), free_port()
    program = str(Path(__file__).with_name("dav_server.py"))
    with server([program, str(folder), str(port)], f"http://127.0.0.1:{port}/dav/") as url:
        yield folder, url


class Collection(OnDisk):
    """A collection of the server's, written to as its users do: on its disk."""

    settle_s = 0.0

    def __init__(self, folder: Path, url: str) -> None:
        self.name = secrets.token_hex(6)
        self.root = folder / self.name
        self.root.mkdir()
        self.url = url

    def connect(self, given: SourceCredentials | None = LI) -> Connector:
        return WebDavConnector(SourceEndpoint(kind="webdav", url=self.url), given, self.name, max_items=200)


class TestWebDav(ConnectorContract):
    @pytest.fixture
    def place(self, shared: tuple[Path, str]) -> Collection:
        return Collection(*shared)

    async def test_a_property_says_who_reads_a_file(self, place: Collection, desk: Desk) -> None:
        await place.put("a.txt", b"one")
        await place.put("b.txt", b"two")
        body = (
            '<D:propertyupdate xmlns:D="DAV:" xmlns:W="urn:wenyuan"><D:set><D:prop>'
            "<W:access>allow: ['group:hr']</W:access></D:prop></D:set></D:propertyupdate>"
        )
        async with httpx.AsyncClient(auth=("li", "secret"), trust_env=False) as http:
            response = await http.request("PROPPATCH", f"{place.url}{place.name}/a.txt", content=body)
        assert response.status_code == 207
        assert await desk.sync() is None
        found = await desk.documents()
        async with desk.database.read() as tx:
            assert group_names(found["a"].policy) == [await find_group(tx, "hr")]
        assert group_names(found["b"].policy) == []

    async def test_a_wrong_account_and_a_missing_path_delete_nothing(self, place: Collection, desk: Desk) -> None:
        await place.put("a.txt", b"one")
        assert await desk.sync() is None
        desk.connect = lambda: place.connect(SourceCredentials(user="li", password=SecretStr("wrong")))
        assert await desk.sync() == "source.denied"
        place.name = "nowhere"
        desk.connect = place.connect
        assert await desk.sync() == "source.unreachable"
        assert await desk.titles() == {"a"}


class Answer(BaseHTTPRequestHandler):
    """Answers every question with the same words."""

    status = 207
    body = b""

    def do_PROPFIND(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.send_header("Location", "http://192.0.2.1/")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None: ...


def member(href: str, *, folder: bool = False) -> str:
    kind = "<D:resourcetype><D:collection/></D:resourcetype>" if folder else "<D:resourcetype/>"
    return (
        f'<D:response><D:href>{href}</D:href><D:propstat><D:prop>{kind}<D:getetag>"1"</D:getetag></D:prop>'
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )


async def listed(body: str, status: int = 207) -> list[str]:
    handler = type("Handler", (Answer,), {"body": body.encode(), "status": status})
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as http:
        endpoint = SourceEndpoint(kind="webdav", url=f"http://127.0.0.1:{http.server_port}/base")
        connector = WebDavConnector(endpoint, None, "", max_items=50)
        try:
            return [f"{item.key}{'!' if item.error else ''}" async for item in connector.listing()]
        finally:
            await connector.close()


async def test_members_outside_of_the_collection_are_passed_over() -> None:
    hrefs = ["/base/ok.txt", "/etc/passwd", "/base/../up.txt", "/base/%2e%2e/up.txt", "/base/a/b.txt", "/basement.txt"]
    members = "".join(member(href) for href in [*hrefs, "http://192.0.2.1/base/host.txt", "/base/%FF.txt"])
    found = await listed(f'<D:multistatus xmlns:D="DAV:">{members}{member("/base/", folder=True)}</D:multistatus>')
    assert found == ["ok.txt", "host.txt", "\\udcff.txt!"]


async def test_endless_folders_end() -> None:
    again = '<D:multistatus xmlns:D="DAV:">' + member("/base/in/", folder=True) + "</D:multistatus>"
    assert await listed(again) == []


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("<html>", 207, SourceUnreachable),
        ('<!DOCTYPE a [<!ENTITY b "bbbbb">]><D:multistatus xmlns:D="DAV:"><D:response>', 207, SourceUnreachable),
        ("", 302, SourceMisconfigured),
        ("", 403, SourceDenied),
        ("", 500, SourceUnreachable),
        ("", 405, SourceMisconfigured),
    ],
)
async def test_other_answers_are_no_listing(body: str, status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await listed(body, status)
