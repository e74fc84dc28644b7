"""Endpoints on loopback that obey: the chat repeats whatever evidence it is given; every byte put to them is kept."""

import contextlib
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import serving

DIMENSION = 64


class ParrotModel(ThreadingHTTPServer):
    """Answers with the sentences of its prompt, each marked with the passage it stands in.

    It embeds too, by the pairs of characters of a text, and reranks by those that question and text share (TEI).
    ``prompts``: the bodies of all requests. ``heard``: how many there were, by the end of the path.
    """

    daemon_threads = True

    def __init__(self, pause_s: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.prompts: list[str] = []
        self.heard: Counter[str] = Counter()
        self.pause_s = pause_s

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


def words(content: str | list[dict[str, str]]) -> str:
    """Return the words of a message, which may have parts."""
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of a text."""
    return {text[start : start + 2] for start in range(len(text) - 1)}


def vector(text: str) -> list[float]:
    """Return a vector of a text: texts with many pairs in common are near each other."""
    counts = [0.01] * DIMENSION
    for pair in pairs(text):
        counts[hashlib.sha256(pair.encode()).digest()[0] % DIMENSION] += 1.0
    return counts


class _Handler(BaseHTTPRequestHandler):
    server: ParrotModel

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        name = self.path.rsplit("/", 1)[-1]
        self.server.prompts.append(body)
        self.server.heard[name] += 1
        answers: dict[str, Callable[[str], None]] = {"embeddings": self._embed, "rerank": self._rerank}
        answers.get(name, self._chat)(body)

    def _embed(self, body: str) -> None:
        texts = json.loads(body)["input"]
        vectors = [{"index": number, "embedding": vector(text)} for number, text in enumerate(texts)]
        self._answer({"object": "list", "data": vectors, "model": "parrot"})

    def _rerank(self, body: str) -> None:
        asked = json.loads(body)
        wanted = pairs(asked["query"])
        shared = [len(wanted & pairs(text)) / (len(wanted) or 1) for text in asked["texts"]]
        self._answer([{"index": number, "score": score} for number, score in enumerate(shared)])

    def _answer(self, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _chat(self, body: str) -> None:
        prompt = "\n".join(words(message["content"]) for message in json.loads(body)["messages"])
        sentences = re.findall(r"[^。\n<>]{6,}。", prompt)
        text = "".join(f"{sentence}[{1 + number % 8}]" for number, sentence in enumerate(sentences[-12:])) or "无。"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for start in range(0, len(text), 24):
            last = "stop" if start + 24 >= len(text) else None
            delta = {"choices": [{"index": 0, "delta": {"content": text[start : start + 24]}, "finish_reason": last}]}
            self._send(json.dumps({"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"} | delta))
            time.sleep(self.server.pause_s)
        self._send("[DONE]")

    def _send(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())

    def log_message(self, *arguments: object) -> None:
        """Be quiet."""


@contextlib.contextmanager
def parrot(pause_s: float = 0) -> Iterator[ParrotModel]:
    """Run the model while the context lasts; it rests ``pause_s`` after every piece of an answer."""
    with serving(ParrotModel(pause_s)) as server:
        yield server
