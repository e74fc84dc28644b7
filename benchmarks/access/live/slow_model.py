"""A chat endpoint on loopback that repeats the evidence it is given, slowly, so that an answer can be interrupted."""

import contextlib
import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from tests.serving import serving

PAUSE_S: Final = 0.15
LONGEST_S: Final = 20.0


class SlowModel(ThreadingHTTPServer):
    """Says the sentences of its prompt again and again, each marked with the first passage."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = "\n".join(message["content"] for message in body["messages"])
        sentences = re.findall(r"[^。\n<>]{6,}CANARY[^。\n<>]*。", prompt) or ["无。"]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        deadline = time.monotonic() + LONGEST_S
        with contextlib.suppress(OSError):
            number = 0
            while time.monotonic() < deadline:
                self._say(f"{sentences[number % len(sentences)]}[1]")
                number += 1
                time.sleep(PAUSE_S)
            self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, text: str) -> None:
        delta = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
        told = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "slow"} | delta
        self.wfile.write(f"data: {json.dumps(told)}\n\n".encode())

    def log_message(self, *arguments: object) -> None:
        """Be quiet."""


@contextlib.contextmanager
def slow_model() -> Iterator[SlowModel]:
    """Run the model while the context lasts."""
    with serving(SlowModel()) as server:
        yield server
