"""Rerankers behind HTTP, against a server on loopback that speaks each shape."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from retrieval.rerank.endpoint import SHAPES, EndpointReranker
from tests.contract.rerank.kit import ANSWER, QUESTION, RerankContract, found, passage
from tests.serving import serving
from wenyuan.errors import EndpointError, SettingsError

ROUTES = {
    "tei": "/rerank",
    "jina": "/v1/rerank",
    "cohere": "/v2/rerank",
    "dashscope": "/api/v1/services/rerank/text-rerank/text-rerank",
}


def relevance(query: str, text: str) -> float:
    """The share of the question's characters that the text holds."""
    asked = set(query)
    return len(asked & set(text)) / len(asked)


class Server(ThreadingHTTPServer):
    """Answers in one shape, best first as real servers do, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, shape: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shape = shape
        self.seen: list[tuple[str, str | None, dict[str, Any]]] = []
        self.status, self.spoiled, self.wait_s = 200, "", 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, body: dict[str, Any]) -> Any:
        asked = body["input"] if self.shape == "dashscope" else body
        texts = asked["texts" if self.shape == "tei" else "documents"]
        name = "score" if self.shape == "tei" else "relevance_score"
        rows = [{"index": i, name: relevance(asked["query"], text)} for i, text in enumerate(texts)]
        rows.sort(key=lambda row: -row[name])
        if self.shape == "tei":
            return rows
        return {"output": {"results": rows}} if self.shape == "dashscope" else {"results": rows, "id": "x"}


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers["Authorization"], body))
        time.sleep(self.server.wait_s)
        content = (self.server.spoiled or json.dumps(self.server.answer(body))).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Be quiet."""


@pytest.fixture(params=sorted(SHAPES))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with serving(Server(request.param)) as running:
        yield running


@pytest.fixture
def reranker(server: Server) -> Iterator[EndpointReranker]:
    opened = EndpointReranker(server.shape, server.url, "rerank-m", api_key="geheim", total_s=1.0)
    yield opened
    opened.close()


class TestEndpointReranker(RerankContract):
    async def test_it_asks_the_route_with_key_model_context_and_text(
        self, server: Server, reranker: EndpointReranker
    ) -> None:
        await reranker.rerank(QUESTION, found())
        [(path, authorization, body)] = server.seen
        assert (path, authorization, body["model"]) == (ROUTES[server.shape], "Bearer geheim", "rerank-m")
        assert f"员工手册 / 费用\\n{ANSWER}" in json.dumps(body, ensure_ascii=False)

    async def test_scores_are_the_servers_own(self, reranker: EndpointReranker) -> None:
        ranked = await reranker.rerank(QUESTION, found())
        whole = [f"{item.context}\n{item.text}" for item in ranked]
        assert [item.score for item in ranked] == [relevance(QUESTION, text) for text in whole]

    async def test_a_large_pool_goes_in_parts(self, server: Server, reranker: EndpointReranker) -> None:
        pool = [passage(number, "无关") for number in range(70)] + [passage(70, ANSWER)]
        ranked = await reranker.rerank(QUESTION, pool)
        assert ranked[0].text == ANSWER
        assert len(server.seen) == 3

    async def test_a_full_address_is_used_as_it_stands(self, server: Server) -> None:
        opened = EndpointReranker(server.shape, f"{server.url}/gateway/score")
        await opened.rerank(QUESTION, found())
        opened.close()
        path, authorization, body = server.seen[0]
        assert (path, authorization) == ("/gateway/score", None)
        assert "model" not in body

    @pytest.mark.parametrize("spoiled", ["{", "[]", "{}", "null", '{"results": [{"index": 0}]}', "[" * 100_000])
    async def test_an_answer_that_does_not_fit_is_an_error(
        self, server: Server, reranker: EndpointReranker, spoiled: str
    ) -> None:
        server.spoiled = spoiled
        with pytest.raises(EndpointError) as caught:
            await reranker.rerank(QUESTION, found())
        assert ANSWER not in str(caught.value)

    @pytest.mark.parametrize("number", ["NaN", "1e999", '"x"', "null"])
    async def test_a_score_that_is_no_number_is_an_error(
        self, server: Server, reranker: EndpointReranker, number: str
    ) -> None:
        answer = json.dumps(
            server.answer(
                {"input": {"query": "a", "documents": ["b"]}, "query": "a"} | {"texts": ["b"], "documents": ["b"]}
            )
        )
        server.spoiled = answer.replace("0.0", number)
        assert number in server.spoiled
        with pytest.raises(EndpointError):
            await reranker.rerank("a", [passage(1, "b")])

    async def test_after_a_failure_it_is_left_alone(self, server: Server, reranker: EndpointReranker) -> None:
        server.status = 503
        for _ in range(3):
            with pytest.raises(EndpointError):
                await reranker.rerank(QUESTION, found())
        assert len(server.seen) == 1

    async def test_a_slow_server_is_not_waited_for(self, server: Server) -> None:
        server.wait_s = 1.0
        opened = EndpointReranker(server.shape, server.url, total_s=0.2)
        start = time.monotonic()
        with pytest.raises(EndpointError):
            await opened.rerank(QUESTION, found())
        opened.close()
        assert time.monotonic() - start < 0.9


@pytest.mark.parametrize("url", ["", "ftp://host/x", "http://", "no address", "http://[::"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        EndpointReranker("tei", url)
