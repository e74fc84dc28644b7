"""The endpoint embedder against a real HTTP server that behaves well, and in every other way."""

import http.server
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from tests.serving import serving
from wenyuan.errors import EndpointError
from wenyuan.models.embedder import open_embedder
from wenyuan.models.endpoint import EndpointEmbedder
from wenyuan.models.errors import EndpointRejected
from wenyuan.settings import EmbeddingSettings

Reply = tuple[int, bytes]
KEY = "k-very-secret"


def _embedding(text: str) -> list[float]:
    return [float(len(text)), 1.0, 2.0]


def _good(request: dict[str, Any]) -> Reply:
    data = [{"index": i, "embedding": _embedding(text)} for i, text in enumerate(request["input"])]
    return 200, json.dumps({"object": "list", "data": data[::-1]}).encode()


@dataclass
class Server:
    """Answers with the queued behaviours first and well afterwards; keeps what it was asked."""

    url: str = ""
    queue: list[Callable[[dict[str, Any]], Reply]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(request)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            state.paths.append(self.path)
            status, body = (state.queue.pop(0) if state.queue else _good)(request)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + (50 if status == 299 else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as listener:
        state.url = f"http://127.0.0.1:{listener.server_port}"
        yield state


@pytest.fixture
def embedder(server: Server) -> Iterator[EndpointEmbedder]:
    opened = EndpointEmbedder(
        server.url, "m", dimension=3, api_key=KEY, batch=2, query_prefix="q:", passage_prefix="p:", read_s=0.5
    )
    yield opened
    opened.close()


def _reply(status: int, body: bytes = b"{}") -> Callable[[dict[str, Any]], Reply]:
    return lambda _request: (status, body)


def _data(*items: object) -> Callable[[dict[str, Any]], Reply]:
    return _reply(200, json.dumps({"data": list(items)}).encode())


def test_batches_keep_order_and_are_normalised(server: Server, embedder: EndpointEmbedder) -> None:
    texts = ["一", "two", "three!", "四四", "5"]
    vectors = embedder.embed_passages(texts)
    expected = np.array([_embedding("p:" + text) for text in texts])
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    assert vectors.dtype == np.float32
    assert [len(request["input"]) for request in server.requests] == [2, 2, 1]
    assert server.requests[0] == {"model": "m", "input": ["p:一", "p:two"], "encoding_format": "float"}
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    embedder.embed_queries(["年假"])
    assert server.requests[-1]["input"] == ["q:年假"]


def test_nothing_to_embed_asks_nothing(server: Server, embedder: EndpointEmbedder) -> None:
    assert embedder.embed_queries([]).shape == (0, 3)
    assert server.requests == []


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/embeddings"])
def test_accepts_root_base_and_full_address(server: Server, path: str) -> None:
    embedder = EndpointEmbedder(server.url + path, "m", dimension=3)
    embedder.embed_queries(["a"])
    embedder.close()
    assert server.paths == ["/v1/embeddings"]


def test_connect_learns_the_dimension(server: Server) -> None:
    embedder = EndpointEmbedder.connect(server.url, "m")
    assert embedder.dimension == 3
    assert embedder.fingerprint == EndpointEmbedder("http://elsewhere", "m", dimension=3).fingerprint
    assert embedder.fingerprint != EndpointEmbedder("http://elsewhere", "n", dimension=3).fingerprint
    embedder.close()


def test_settings_open_an_endpoint_with_the_familys_prefixes(server: Server, tmp_path: Path) -> None:
    settings = EmbeddingSettings(model="intfloat/multilingual-e5-large", url=server.url, api_key=SecretStr(KEY))
    opened = open_embedder(settings, tmp_path)
    opened.embed_queries(["年假"])
    opened.close()
    assert server.requests[-1]["input"] == ["query: 年假"]
    assert server.headers[-1]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_retries_what_may_pass(server: Server, embedder: EndpointEmbedder, status: int) -> None:
    server.queue = [_reply(status), _reply(status)]
    assert embedder.embed_queries(["a"]).shape == (1, 3)
    assert len(server.requests) == 3


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"", b'{"data": [', b"\xff\xfe", b"[" * 100_000])
def test_garbage_is_retried_then_reported(server: Server, embedder: EndpointEmbedder, body: bytes) -> None:
    server.queue = [_reply(200, body)] * 3
    with pytest.raises(EndpointError, match="not JSON") as caught:
        embedder.embed_queries(["机密内容"])
    assert len(server.requests) == 3
    assert "机密" not in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_cut_answer_is_retried(server: Server, embedder: EndpointEmbedder) -> None:
    server.queue = [_reply(299, b'{"data"')]
    assert embedder.embed_queries(["a"]).shape == (1, 3)
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [301, 400, 401, 404, 413])
def test_refusals_are_not_retried(server: Server, embedder: EndpointEmbedder, status: int) -> None:
    server.queue = [_reply(status, b'{"error": "no"}')]
    with pytest.raises(EndpointRejected, match=f"HTTP {status}") as caught:
        embedder.embed_queries(["a"])
    assert len(server.requests) == 1
    assert KEY not in caught.value.message("zh")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_data({"index": 0, "embedding": [1.0, 2.0]}), "dimension 2 != 3"),
        (_data({"index": 0, "embedding": []}), "dimension 0 != 3"),
        (_data({"index": 0, "embedding": [[1.0, 2.0, 3.0]]}), "dimension 0 != 3"),
        (_data(), "0 vectors for 1 texts"),
        (_data({"index": 1, "embedding": [1, 2, 3]}), "1 vectors"),
        (_data({"index": 0, "embedding": [1, 2, 3]}, {"index": 0, "embedding": [1, 2, 3]}), "2 vectors"),
        (_data({"index": 0, "embedding": "AAAA"}), "no list of embeddings"),
        (_data({"index": 0, "embedding": [1, None, 3]}), "no list of embeddings|not finite"),
        (_data({"index": 0}), "no list of embeddings"),
        (_data("x"), "no list of embeddings"),
        (_reply(200, b'{"data": [{"index": 0, "embedding": [NaN, 1, 2]}]}'), "not finite"),
        (_reply(200, b'{"data": [{"index": 0, "embedding": [1e300, 1, 2]}]}'), "not finite"),
        (_data({"index": 0, "embedding": [0, 0, 0]}), "zero"),
        (_reply(200, b"[]"), "no list of embeddings"),
        (_reply(200, b'{"error": "x"}'), "no list of embeddings"),
    ],
)
def test_wrong_results_are_refused(
    server: Server, embedder: EndpointEmbedder, answer: Callable[[dict[str, Any]], Reply], says: str
) -> None:
    server.queue = [answer]
    with pytest.raises(EndpointRejected, match=says):
        embedder.embed_queries(["a"])
    assert len(server.requests) == 1


def test_a_slow_server_is_given_up_in_bounded_time(server: Server, embedder: EndpointEmbedder) -> None:
    def slow(request: dict[str, Any]) -> Reply:
        time.sleep(1)
        return _good(request)

    server.queue = [slow] * 3
    started = time.monotonic()
    with pytest.raises(EndpointError, match="Timeout"):
        embedder.embed_queries(["a"])
    assert time.monotonic() - started < 4


def test_nobody_listening_is_a_transient_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        embedder = EndpointEmbedder(f"http://127.0.0.1:{taken.getsockname()[1]}", "m", dimension=3)
        with pytest.raises(EndpointError, match="ConnectError") as caught:
            embedder.embed_queries(["a"])
    embedder.close()
    assert caught.value.retryable


def test_environment_proxies_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    embedder = EndpointEmbedder(server.url, "m", dimension=3)
    assert embedder.embed_queries(["a"]).shape == (1, 3)
    embedder.close()


@pytest.mark.parametrize("url", ["", "ftp://host/v1", "localhost:8000", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(EndpointRejected, match=r"embedding\.url"):
        EndpointEmbedder(url, "m", dimension=3)


def test_counts_tokens_from_above(embedder: EndpointEmbedder) -> None:
    assert embedder.count_tokens("年假怎么申请？") == 7
    assert embedder.count_tokens("annual leave") == 4
    assert embedder.count_tokens("") == 0
