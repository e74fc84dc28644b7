"""The port of connectors: a complete listing of items, and their bytes. Adapters: ``ingest.sources.connectors``.

A listing names every item there is, so what it does not name is gone. ``tests/contract/sources/kit.py`` says in tests
what an adapter must do.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from wenyuan.errors import WenyuanError

SIDECAR: Final = ".wenyuan-access.yaml"
"""Name of the file that says who may read what lies beside it and below."""

MAX_KEY_BYTES: Final = 2048
MAX_DEPTH: Final = 64
READ_SIZE: Final = 1 << 20
MAX_REVISION: Final = 256
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".filepart", ".tmp", ".swp")


@dataclass(frozen=True, slots=True)
class Listed:
    """One item as listed.

    ``key``: its path with ``/``, unique within the source. ``revision``: changes whenever the bytes may have. ``size``
    in bytes and ``modified`` in seconds since 1970, where known. ``access``: what the source itself says about the
    item, in the words of a sidecar. ``error``: why the item cannot be read; with a key that ends in ``/`` nothing
    below it could be listed, and nothing below it is taken to be gone.
    """

    key: str
    revision: str = ""
    size: int | None = None
    modified: float | None = None
    access: str | None = None
    error: WenyuanError | None = None


class Connector(Protocol):
    """One place that documents are taken from."""

    def listing(self) -> AsyncGenerator[Listed, None]:
        """Yield every item, sidecars included, in any order, each once.

        Raises ``SourceUnreachable`` or ``SourceDenied`` when the place as a whole cannot be listed: an unfinished
        listing must not look like a finished one.
        """
        ...

    def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of the item at the revision listed.

        Raises ``ItemGone``, ``ItemUnreadable``, ``ItemUnsettled`` when the bytes are not those of that revision any
        more, and what ``listing`` raises.
        """
        ...

    async def close(self) -> None:
        """Free what the connector holds."""
        ...


def key_fits(key: str) -> bool:
    """Whether a key can be kept: text, not too long, a path of ordinary parts that is not too deep."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return False
    parts = key.split("/")
    ordinary = all(part not in {"", ".", ".."} for part in parts)
    return ordinary and size <= MAX_KEY_BYTES and len(parts) <= MAX_DEPTH and "\0" not in key


def printable_key(raw: str) -> str:
    """Return a key that shows where an item with an unusable name is; no item is opened by it."""
    text = raw.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    return text if len(text.encode()) <= MAX_KEY_BYTES else text[: MAX_KEY_BYTES // 8] + "…" + text[-64:]


def passed_over(key: str) -> bool:
    """Whether an item is nothing to read by its name: hidden, a lock of an Office program, a download under way."""
    parts = key.split("/")
    if parts[-1] == SIDECAR:
        return any(part.startswith(".") for part in parts[:-1])
    name = parts[-1].lower()
    return any(part.startswith(".") for part in parts) or name.startswith("~$") or name.endswith(_UNFINISHED)
