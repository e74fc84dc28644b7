"""Servers in a thread beside a test."""

import contextlib
import threading
from collections.abc import Iterator
from socketserver import BaseServer
from typing import Final, TypeVar

_Server = TypeVar("_Server", bound=BaseServer)
LOOKS_EVERY_S: Final = 0.02
"""How soon a server sees that it is to stop."""


@contextlib.contextmanager
def serving(server: _Server) -> Iterator[_Server]:
    """Have a server answer while the context lasts; nothing of it is left afterwards."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(LOOKS_EVERY_S,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
