"""One pure ASGI middleware: request id, body limit while streaming, security headers, metrics.

Security headers go on every response, ``no-store`` on everything but the static files of the page.
"""

import re
import secrets
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wenyuan.errors import BodyTooLarge
from wenyuan.obs import LATENCY, REQUESTS

MIB: Final = 2**20
JSON_LIMIT_MB: Final = 1
FORM_OVERHEAD_MB: Final = 1
# Only these take files; a label "multipart" on any other request buys no larger body.
UPLOADS: Final = re.compile(r"/v1/(?:preview|documents(?:/archive|/[^/]+/versions)?|sources/[^/]+/items)")
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
    """Wraps the application; knows the largest upload it takes."""

    def __init__(self, app: ASGIApp, max_file_mb: int) -> None:
        self._app = app
        self._upload_limit_mb = max_file_mb + FORM_OVERHEAD_MB

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"])
        start, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(route, method, status).inc()
            LATENCY.labels(route).observe(time.perf_counter() - start)
            structlog.contextvars.clear_contextvars()

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        form = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
        form = form and scope["method"] == "POST" and UPLOADS.fullmatch(scope["path"]) is not None
        limit_mb = self._upload_limit_mb if form else JSON_LIMIT_MB
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit_mb * MIB:
                raise BodyTooLarge(limit_mb=limit_mb)
            return message

        return limited


def add_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Set the headers that every response carries."""
    headers["X-Request-ID"] = scope["request_id"]
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    # The page's own files may be kept but are checked each time, so that an upgrade never mixes old and new ones.
    headers["Cache-Control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store, private"
