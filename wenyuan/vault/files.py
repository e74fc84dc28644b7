"""Small files of keys: written whole or not at all, and overwritten before they go."""

import contextlib
import os
import secrets
from pathlib import Path


def write_new(path: Path, text: str) -> None:
    """Write a file (mode 600) whole, durably, and only if there is none: another process may make it at the same time.

    Raises ``OSError``.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
    sync_folder(path.parent)


def overwrite(path: Path) -> None:
    """Write zeros over a small file, as far as the disk lets that reach what stood there."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
