"""Pages read by a vision model over HTTP: what is sent, what comes back, and what does not."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from ingest.ocr.vision.endpoint import VisionEndpoint, open_endpoint
from ingest.ocr.vision.markdown import page_of_markdown
from tests.serving import serving
from wenyuan.documents import Block, BlockKind, Box
from wenyuan.errors import EndpointError
from wenyuan.settings import IngestSettings

WHOLE = (Box(3, 0.0, 0.0, 595.0, 842.0),)
Reply = Callable[[dict[str, Any]], tuple[int, bytes]]


def said(text: str, finish: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": finish}]}).encode()


@contextmanager
def server(reply: Reply) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on loopback; yields its address and the requests it got."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append({"path": self.path, "key": self.headers["Authorization"], "body": body})
            status, data = reply(body)
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as running:
        yield f"http://127.0.0.1:{running.server_port}", seen


async def read(url: str, page_s: float = 5.0) -> tuple[Block, ...]:
    endpoint = VisionEndpoint(url, "paddleocr-vl", "secret", page_s)
    try:
        return await endpoint.recognise(b"picture", 3, 595.0, 842.0)
    finally:
        await endpoint.close()


async def test_a_page_is_sent_and_its_text_stands_on_the_whole_page() -> None:
    with server(lambda body: (200, said("# 停车规定\n\n每月三百元，\n由行政部收取。"))) as (url, seen):
        blocks = await read(url)
    assert blocks == (
        Block(BlockKind.TITLE, "停车规定", WHOLE, level=1),
        Block(BlockKind.PARAGRAPH, "每月三百元，由行政部收取。", WHOLE),
    )
    (request,) = seen
    assert (request["path"], request["key"]) == ("/v1/chat/completions", "Bearer secret")
    assert request["body"]["model"] == "paddleocr-vl"
    (image, _) = request["body"]["messages"][0]["content"]
    assert base64.b64decode(image["image_url"]["url"].partition(",")[2]) == b"picture"


@pytest.mark.parametrize(
    "reply",
    [
        (500, b""),
        (302, said("文字")),
        (200, b"no json"),
        (200, b'{"choices": []}'),
        (200, said("")),
        (200, said("这一页没有读完", finish="length")),
        (200, b" " * (5 * 2**20)),
    ],
    ids=["status", "redirect", "garbage", "no choice", "empty", "cut off", "too long"],
)
async def test_what_is_no_text_is_an_error_without_the_key(reply: tuple[int, bytes]) -> None:
    with server(lambda body: reply) as (url, _), pytest.raises(EndpointError) as caught:
        await read(url)
    assert "secret" not in str(caught.value.params)


async def test_an_endpoint_that_is_slow_or_not_there_is_given_up() -> None:
    def late(body: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(0.5)
        return 200, said("太晚")

    with server(late) as (url, _), pytest.raises(EndpointError):
        await read(url, page_s=0.1)
    with pytest.raises(EndpointError):
        await read("http://127.0.0.1:9")


def test_tables_of_both_kinds_become_cells() -> None:
    text = (
        "| 级别 | 标准 |\n|---|:--:|\n| 经理 | 800 |\n\n"
        "<table><tr><th colspan=2>合计</th></tr><tr><td rowspan='2'>甲</td><td>1</td></tr><tr><td>2</td></tr></table>\n"
        "- 第一项\n- **第二项**"
    )
    piped, html, *items = page_of_markdown(text, 3, 595.0, 842.0)
    assert piped.text == "级别 | 标准\n经理 | 800"
    assert html.table is not None
    assert (html.table.rows, html.table.columns) == (3, 2)
    assert [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in html.table.cells] == [
        (0, 0, 1, 2),
        (1, 0, 2, 1),
        (1, 1, 1, 1),
        (2, 1, 1, 1),
    ]
    assert [block.text for block in items] == ["- 第一项", "- 第二项"]


def test_hostile_tables_stay_small() -> None:
    rows = "<tr>" + "<td rowspan=999999999 colspan=999999999>x</td>" * 50 + "</tr>"
    assert page_of_markdown(f"<table>{rows * 50}</table>", 3, 595.0, 842.0) == ()


def test_the_endpoint_is_off_unless_named_in_full() -> None:
    assert open_endpoint(IngestSettings()) is None
    for url, model in (("http://127.0.0.1:8080", None), ("file:///etc/passwd", "m"), ("127.0.0.1", "m")):
        with pytest.raises(ValidationError):
            IngestSettings(ocr_url=url, ocr_model=model)
    assert open_endpoint(IngestSettings(ocr_url="https://ocr.local/v1", ocr_model="m", ocr_api_key=SecretStr("k")))
