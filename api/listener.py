"""The HTTP listener: uvicorn with bounds on what comes before and between the parts of a request that routes see.

Neither uvicorn nor its parser bounds how long a client may take over the head of a request, or how long head, trailers
and chunk extensions may be. Bodies are timed and limited in ``api.middleware``, which answers in words.
"""

import asyncio
from typing import Final, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from wenyuan.settings import ServerSettings

KIB: Final = 2**10
HEAD_LIMIT: Final = 64 * KIB
"""Bytes of a request, in a row, that are no part of its body."""
READ_SIZE: Final = 16 * KIB
"""Bytes read from a connection at once.

Less than twice that waits for the application, and no piece that it gets is larger: of a body that goes over its limit,
less than four times that is read beyond it.
"""

KEEP_ALIVE_S: Final = 75
"""Seconds without a request after which a connection is closed.

Longer than proxies (60) and HTTP libraries (5 and more) keep one: who closes first never closes under a request.
"""

_GRACE_S: Final = 30


def listener(app: ASGIApp, settings: ServerSettings) -> uvicorn.Config:
    """Return the configuration of a server for ``app`` at the address of the settings."""

    class Bounded(Listener):
        patience_s = settings.read_s

    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Bounded,
        loop="asyncio",
        ws="none",
        log_level="warning",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


class Listener(HttpToolsProtocol):
    """Closes a connection whose request head takes longer than ``patience_s`` or has more than ``HEAD_LIMIT`` bytes."""

    patience_s: float = 30.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_timer: asyncio.TimerHandle | None = None
        self._progress = 0
        self._formal = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection and wait for the head of its first request."""
        super().connection_made(cast("asyncio.Transport", transport))
        if hasattr(transport, "max_size"):
            transport.max_size = READ_SIZE
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse bytes; those that neither end a head nor carry a body are counted."""
        before = self._progress
        super().data_received(data)
        self._formal = self._formal + len(data) if self._progress == before else 0
        if self._formal > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Begin a request: from here on its head is waited for."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """Hand the request to the application."""
        self._head_arrived()
        super().on_headers_complete()
        self._progress += 1

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, and no more before the application has asked for it."""
        self._progress += 1
        super().on_body(body)
        if len(self.cycle.body) >= READ_SIZE:
            self.flow.pause_reading()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.patience_s, self._head_late)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if self._answering():
            self._await_head()  # the client sent the next request early, and it is we who do not read it
        elif not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        # In the middle of an answer another one cannot be given.
        if self._answering():
            self.transport.close()
        else:
            self.send_400_response("Request head too large.")

    def _answering(self) -> bool:
        return self._progress > 0 and not self.cycle.response_complete
