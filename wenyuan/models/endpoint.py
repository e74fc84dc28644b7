"""Embedder over an OpenAI-compatible `/v1/embeddings` endpoint (vLLM, TEI, Ollama, a cloud provider …)."""

import hashlib
import json
import random
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from wenyuan.errors import EndpointError
from wenyuan.models.errors import EndpointRejected
from wenyuan.outbound import Guard, guarded_client
from wenyuan.ports import Vectors

if TYPE_CHECKING:
    import httpx

_CONNECT_S = 2.0
_READ_S = 30.0
_RETRIES = 2
_BACKOFF_S = 0.25
_MAX_BACKOFF_S = 2.0
_MAX_RESPONSE_BYTES = 64 << 20
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
# Rough sizes of a token for texts whose tokenizer is not here: a CJK character is about one, other text four
# characters; three keeps the estimate on the safe side.
_CHARS_PER_TOKEN = 3
_CJK_FROM = "\u2e80"


class EndpointEmbedder:
    """Embeds through HTTP, in batches, with bounded time and at most two retries.

    Failures that may pass (no connection, time-out, 429, 5xx, a cut or garbled answer) raise the retryable
    `EndpointError` after the retries; refusals and vectors that do not fit raise `EndpointRejected` at once.
    Neither carries text or key. Safe to use from several threads.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        dimension: int,
        api_key: str | None = None,
        batch: int = 16,
        query_prefix: str = "",
        passage_prefix: str = "",
        read_s: float = _READ_S,
    ) -> None:
        """`url` is the server's root, its `/v1` base or the full address of the embeddings route.

        `dimension` 0 means: take that of the first answer (see `connect`).
        """
        import httpx

        self.name = model
        self.dimension = dimension
        self._prefixes = (query_prefix, passage_prefix)
        self.fingerprint = self._fingerprint()
        self._batch = batch
        self._url = _route(url)
        self._host = httpx.URL(self._url).netloc.decode()
        self._total_s = _CONNECT_S + 2 * read_s
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = httpx.Timeout(read_s, connect=_CONNECT_S)
        self._client = guarded_client(Guard.for_endpoint(self._url), headers=headers, timeout=timeout)
        self._random = random.Random()  # noqa: S311 - jitter
        self._stop = threading.Event()

    @classmethod
    def connect(
        cls,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        batch: int = 16,
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> Self:
        """Open an embedder and learn its dimension with one request; raises as the embedding calls do."""
        embedder = cls(
            url, model, dimension=0, api_key=api_key, batch=batch,
            query_prefix=query_prefix, passage_prefix=passage_prefix,
        )  # fmt: skip
        try:
            embedder.dimension = embedder._request(["ok"]).shape[1]
            embedder.fingerprint = embedder._fingerprint()
        except BaseException:
            embedder.close()
            raise
        return embedder

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return self._embed(self._prefixes[0], texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return self._embed(self._prefixes[1], texts)

    def count_tokens(self, text: str) -> int:
        """An estimate from above for usual text: one per CJK character, one per three other characters."""
        cjk = sum(character >= _CJK_FROM for character in text)
        return cjk + -(-(len(text) - cjk) // _CHARS_PER_TOKEN)

    def close(self) -> None:
        """Close the connections and end a pending back-off."""
        self._stop.set()
        self._client.close()

    def _fingerprint(self) -> str:
        """Model name, dimension and prefixes; the address is left out, since a server may move."""
        parts = ("endpoint", self.name, str(self.dimension), *self._prefixes)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    def _embed(self, prefix: str, texts: Sequence[str]) -> Vectors:
        parts = [
            self._request([prefix + text for text in texts[start : start + self._batch]])
            for start in range(0, len(texts), self._batch)
        ]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), np.float32)

    def _request(self, texts: list[str]) -> Vectors:
        """One batch, with retries; returns (n, dimension) unit vectors."""
        for attempt in range(_RETRIES + 1):
            try:
                return self._vectors(self._post(texts), len(texts))
            except EndpointError as error:
                if not error.retryable or attempt == _RETRIES or self._stop.wait(self._pause(attempt)):
                    raise
        raise AssertionError("unreachable")

    def _pause(self, attempt: int) -> float:
        """Exponential back-off with full jitter, in seconds."""
        return self._random.uniform(0, min(_BACKOFF_S * 2**attempt, _MAX_BACKOFF_S)) + _BACKOFF_S / 10

    def _post(self, texts: list[str]) -> Any:
        """The decoded JSON answer; `httpx` has no total time limit, so the reading loop keeps one."""
        import httpx

        body = {"model": self.name, "input": texts, "encoding_format": "float"}
        deadline = time.monotonic() + self._total_s
        content = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                self._check_status(response)
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _MAX_RESPONSE_BYTES or time.monotonic() > deadline:
                        raise self._failed("the answer is too long or too slow")
        except httpx.HTTPError as error:
            raise self._failed(type(error).__name__) from error
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._failed("the answer is not JSON") from error

    def _check_status(self, response: "httpx.Response") -> None:
        status = response.status_code
        if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
            raise self._failed(f"HTTP {status}")
        if not response.is_success:
            raise EndpointRejected(host=self._host, detail=f"HTTP {status}")

    def _vectors(self, answer: Any, count: int) -> Vectors:
        """Check the answer's shape and return its vectors in the order of the input."""
        try:
            items = sorted(answer["data"], key=lambda item: int(item["index"]))
            order = [int(item["index"]) for item in items]
            with np.errstate(over="ignore"):  # what does not fit float32 becomes infinite and is refused below
                vectors = np.array([item["embedding"] for item in items], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise EndpointRejected(host=self._host, detail="no list of embeddings") from error
        if order != list(range(count)):
            raise EndpointRejected(host=self._host, detail=f"{len(order)} vectors for {count} texts")
        size = vectors.shape[1] if vectors.ndim == 2 else 0
        if size == 0 or (self.dimension and size != self.dimension):
            raise EndpointRejected(host=self._host, detail=f"dimension {size} != {self.dimension}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EndpointRejected(host=self._host, detail="a vector is not finite or zero")
        return np.asarray(vectors / lengths, np.float32)

    def _failed(self, why: str) -> EndpointError:
        return EndpointError(reason=f"{self._host}: {why}")


def _route(url: str) -> str:
    """The address of the embeddings route; `EndpointRejected` for what is no http(s) address."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise EndpointRejected(host="?", detail="embedding.url") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise EndpointRejected(host=parsed.host or "?", detail="embedding.url")
    path = parsed.path.rstrip("/")
    if not path.endswith("/embeddings"):
        path = f"{path or '/v1'}/embeddings"
    return str(parsed.copy_with(path=path))
