"""A chat endpoint on loopback that obeys: it repeats whatever evidence it is given, and keeps every prompt it saw."""

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ParrotModel(ThreadingHTTPServer):
    """Answers with the sentences of its prompt, each marked with the passage it stands in."""

    daemon_threads = True

    def __init__(self, pause_s: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.prompts: list[str] = []
        self.pause_s = pause_s

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ParrotModel

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.prompts.append(body)
        prompt = "\n".join(message["content"] for message in json.loads(body)["messages"])
        sentences = re.findall(r"[^。\n<>]{6,}。", prompt)
        text = "".join(f"{sentence}[{1 + number % 8}]" for number, sentence in enumerate(sentences[-12:])) or "无。"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for start in range(0, len(text), 24):
            delta = {"choices": [{"index": 0, "delta": {"content": text[start : start + 24]}, "finish_reason": None}]}
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
    with ParrotModel(pause_s) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
