"""One pure ASGI middleware: request id, limits of size and time while a body streams, security headers, metrics.

Security headers go on every response, ``no-store`` on everything but the static files of the page.
"""

import asyncio
import re
import secrets
import time
from contextlib import suppress
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wenyuan.errors import BodyTooLarge, RequestTooSlow
from wenyuan.obs import LATENCY, REQUESTS
from wenyuan.settings import ServerSettings

MIB: Final = 2**20
JSON_LIMIT_MB: Final = 1
FORM_OVERHEAD_MB: Final = 1
# Groups with all their members, and directories, are larger than what people write.
DIRECTORY_LIMIT_MB: Final = 32
DIRECTORIES: Final = re.compile(r"/scim/v2/Groups(?:/[^/]+)?|/v1/directory/import")
# A question may bring a picture within its body, which base64 makes larger by a third.
ASKING: Final = "/v1/chat/completions"
PICTURES: Final = "/v1/pictures"
# Only these take files; a label "multipart" on any other request buys no larger body.
UPLOADS: Final = re.compile(r"/v1/(?:preview|documents(?:/archive|/[^/]+/versions)?|sources/[^/]+/items)")
LINGER_S: Final = 1.0
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Edge:
    """Wraps the application; knows the largest upload it takes, and how long it waits for one."""

    def __init__(self, app: ASGIApp, server: ServerSettings, max_file_mb: int) -> None:
        self._app = app
        self._server = server
        self._upload_limit_mb = max_file_mb + FORM_OVERHEAD_MB

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"])
        start, status = time.perf_counter(), 500
        body = self._body(scope, receive)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                add_headers(headers, scope)
                if not body.ended:
                    headers["Connection"] = "close"  # nobody reads the rest
            elif not (body.ended or message.get("more_body", False)):
                await send({**message, "more_body": True})
                await body.linger()
                message = {"type": "http.response.body"}
            await send(message)

        try:
            await self._app(scope, body.receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(route, method, status).inc()
            LATENCY.labels(route).observe(time.perf_counter() - start)
            structlog.contextvars.clear_contextvars()

    def _body(self, scope: Scope, receive: Receive) -> "_Body":
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "") if scope["method"] == "POST" else ""
        return _Body(receive, headers, self._limit_mb(scope["path"], kind), self._server)

    def _limit_mb(self, path: str, kind: str) -> int:
        form = kind.startswith("multipart/form-data")
        if form and UPLOADS.fullmatch(path):
            return self._upload_limit_mb
        if form and path == PICTURES:
            return self._server.max_picture_mb + FORM_OVERHEAD_MB
        if path == ASKING and kind.startswith("application/json"):
            return -(-self._server.max_picture_mb * 4 // 3) + JSON_LIMIT_MB
        return DIRECTORY_LIMIT_MB if DIRECTORIES.fullmatch(path) else JSON_LIMIT_MB


class _Body:
    """The body of a request as it arrives; ``ended``: there is nothing more to read."""

    def __init__(self, receive: Receive, headers: Headers, limit_mb: int, server: ServerSettings) -> None:
        declared = headers.get("content-length", "")
        self._declared = int(declared) if declared.isascii() and declared.isdigit() else 0
        self.ended = not self._declared and "transfer-encoding" not in headers
        self._receive = receive
        self._limit_mb = limit_mb
        self._server = server
        self._taken = 0
        self._waited = 0.0

    async def receive(self) -> Message:
        """Return the next piece; raises ``BodyTooLarge``, and ``RequestTooSlow`` when the client keeps us waiting."""
        if self.ended:
            return await self._receive()
        if self._declared > self._limit_mb * MIB:
            raise BodyTooLarge(limit_mb=self._limit_mb)
        began = time.monotonic()
        # Only time spent waiting counts: a server that is busy must not take its own delay for the client's.
        earned = self._taken / (self._server.read_kib_s * 1024)
        try:
            async with asyncio.timeout(max(self._server.read_s + earned - self._waited, 0)):
                message = await self._receive()
        except TimeoutError:
            raise RequestTooSlow from None
        self._waited += time.monotonic() - began
        self._see(message)
        if self._taken > self._limit_mb * MIB:
            self.ended = False
            raise BodyTooLarge(limit_mb=self._limit_mb)
        return message

    async def linger(self) -> None:
        """Give a client that is still sending time to read the answer: to close on it may drop what it has not read.

        One more piece is taken, since it may be the last; of a body over its limit none.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                if self._taken <= self._limit_mb * MIB:
                    self._see(await self._receive())
                if not self.ended:
                    await asyncio.sleep(LINGER_S)

    def _see(self, message: Message) -> None:
        self._taken += len(message.get("body", b""))
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)


def add_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Set the headers that every response carries."""
    headers["X-Request-ID"] = scope["request_id"]
    if acting_as := scope.get("acting_as"):
        headers["X-Acting-As"] = acting_as
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    # The page's own files may be kept but are checked each time, so that an upgrade never mixes old and new ones.
    headers["Cache-Control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store, private"
