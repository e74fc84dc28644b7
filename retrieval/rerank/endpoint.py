"""Rerankers behind HTTP: Text Embeddings Inference, Jina, Cohere, DashScope, and what speaks like one of them."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rerankers import Document

from retrieval.rerank.base import EvidenceRanker
from wenyuan.errors import EndpointError, SettingsError
from wenyuan.outbound import Guard, endpoint_name, guarded_client

if TYPE_CHECKING:
    import httpx

_CONNECT_S: Final = 1.0
#: After a failure the endpoint is left alone for this long, so that a dead one does not slow every question.
_PAUSE_S: Final = 15.0
#: Texts in one request: what a TEI server takes at its defaults.
_BATCH: Final = 32
_MAX_RESPONSE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Shape:
    """How a family of servers is asked and answers.

    ``route``: path used when only a server's root is configured; ``documents``: name of the list of texts; ``results``:
    keys that lead to the list of results; ``score``: name of the relevance in a result. With ``nested`` question and
    texts stand under ``input`` and the rest under ``parameters``.
    """

    route: str
    documents: str
    results: tuple[str, ...]
    score: str
    extra: Mapping[str, Any]
    nested: bool = False

    def body(self, model: str | None, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """Return the JSON body of a request."""
        named = {} if model is None else {"model": model}
        asked = {"query": query, self.documents: list(texts)}
        if self.nested:
            return named | {"input": asked, "parameters": dict(self.extra)}
        return named | asked | dict(self.extra)

    def read(self, answer: Any, count: int) -> list[float]:
        """Return the relevance of each text in order; raises ``ValueError`` unless each has one finite number."""
        try:
            for key in self.results:
                answer = answer[key]
            scores = {int(item["index"]): float(item[self.score]) for item in answer}
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError("no list of results") from error
        if sorted(scores) != list(range(count)) or len(answer) != count:
            raise ValueError(f"{len(answer)} results for {count} texts")
        if not all(map(math.isfinite, scores.values())):
            raise ValueError("a score is not a number")
        return [scores[place] for place in range(count)]


SHAPES: Final[Mapping[str, Shape]] = {
    "tei": Shape("/rerank", "texts", (), "score", {"raw_scores": False, "truncate": True}),
    "jina": Shape("/v1/rerank", "documents", ("results",), "relevance_score", {"return_documents": False}),
    "cohere": Shape("/v2/rerank", "documents", ("results",), "relevance_score", {}),
    "dashscope": Shape(
        "/api/v1/services/rerank/text-rerank/text-rerank",
        "documents",
        ("output", "results"),
        "relevance_score",
        {"return_documents": False},
        nested=True,
    ),
}


class EndpointReranker(EvidenceRanker):
    """Asks a server for the relevance of context and text together; safe to use from several threads.

    Every failure (no connection, time-out, an error status, an answer that does not fit) raises ``EndpointError``,
    which carries neither text nor key. A pool is asked once, without retries: the fused order is there to fall back on.
    """

    def __init__(
        self, shape: str, url: str, model: str | None = None, *, api_key: str | None = None, total_s: float = 2.0
    ) -> None:
        """Ask ``url``, a server's root or the full address of its route; ``total_s`` bounds one rerank in seconds."""
        import httpx

        super().__init__(model or shape)
        self._shape = SHAPES[shape]
        self._model = model
        self._url = _address(url, self._shape.route)
        self.endpoint = endpoint_name(str(self._url), model)
        self._total_s = total_s
        self._quiet_until = -math.inf
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(total_s, connect=min(_CONNECT_S, total_s))
        self._client = guarded_client(Guard.for_endpoint(str(self._url)), headers=headers, timeout=timeout)

    def scores(self, query: str, documents: Sequence[Document]) -> list[float]:
        """Return the relevance of each document as the server gives it, in their order."""
        if time.monotonic() < self._quiet_until:
            raise EndpointError(reason="rerank: paused after a failure")
        deadline = time.monotonic() + self._total_s
        texts = [_whole(document) for document in documents]
        found: list[float] = []
        try:
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                answer = self._post(self._shape.body(self._model, query, batch), deadline)
                found += self._shape.read(answer, len(batch))
        except ValueError as error:
            self._quiet_until = time.monotonic() + _PAUSE_S
            raise EndpointError(reason=f"rerank: {self._url.host}: {error}") from None
        return found

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, body: dict[str, Any], deadline: float) -> Any:
        """Return the decoded answer; raises ``ValueError`` that says what failed.

        ``httpx`` bounds each read but not their sum, so the reading loop keeps the deadline.
        """
        import httpx

        content = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if not response.is_success:
                    raise ValueError(f"HTTP {response.status_code}")
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _MAX_RESPONSE_BYTES or time.monotonic() > deadline:
                        raise ValueError("the answer is too long or too slow")
        except httpx.HTTPError as error:
            raise ValueError(type(error).__name__) from error
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError("the answer is not JSON") from error


def _whole(document: Document) -> str:
    context = document.metadata.get("context")
    return f"{context}\n{document.text}" if context else document.text or ""


def _address(url: str, route: str) -> "httpx.URL":
    """Return the address to ask; raises ``SettingsError`` for what is no http(s) address."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise SettingsError(reason="retrieval.rerank_url is not an address") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SettingsError(reason="retrieval.rerank_url is not an http or https address")
    return parsed.copy_with(path=route) if parsed.path in {"", "/"} else parsed
