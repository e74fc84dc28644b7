"""A watched folder: files below a root that the settings name; links are not followed, half-written files are left."""

import asyncio
import itertools
import os
import stat
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from ingest.sources.errors import ItemGone, ItemName, ItemUnreadable, ItemUnsettled, SourceDenied, SourceUnreachable
from ingest.sources.port import MAX_DEPTH, READ_SIZE, Listed, key_fits, passed_over, printable_key

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FolderConnector:
    """Implements :class:`ingest.sources.port.Connector` for the folder ``parts`` below ``root``.

    Every path is opened part by part from the root without following links, so that no exchange of a folder for a link
    leads out of it. A file is settled once nothing about it has changed for ``settle_s``.
    """

    def __init__(self, root: Path, parts: Sequence[str], *, settle_s: float, max_items: int) -> None:
        self._root = root
        self._parts = tuple(parts)
        self._settle_s = settle_s
        self._max_items = max_items

    async def listing(self) -> AsyncGenerator[Listed, None]:
        """Yield every regular file; raises as the port says."""
        waiting: list[tuple[str, ...]] = [()]
        while waiting:
            folder = waiting.pop()
            items, folders = await asyncio.to_thread(self._members, folder)
            for item in items:
                yield item
            waiting += folders

    async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
        """Yield the bytes; raises as the port says, ``ItemUnsettled`` also when they change while they are read."""
        handle = await asyncio.to_thread(self._open, item)
        try:
            while data := await asyncio.to_thread(os.read, handle, READ_SIZE):
                yield data
            if _revision(os.fstat(handle)) != item.revision:
                raise ItemUnsettled
        except OSError as error:
            raise ItemUnreadable from error
        finally:
            os.close(handle)

    async def close(self) -> None:
        """Nothing is held."""

    def _members(self, folder: tuple[str, ...]) -> tuple[list[Listed], list[tuple[str, ...]]]:
        """Return the files and the folders of one folder; one that cannot be read is listed as such."""
        try:
            handle = self._descend(folder)
        except FileNotFoundError as error:
            if not folder:
                raise SourceUnreachable(reason="folder") from error
            return [], []  # gone since its parent was read
        except OSError as error:
            if not folder:
                raise SourceDenied from error
            return [Listed("/".join(folder) + "/", error=ItemUnreadable())], []
        try:
            with os.scandir(handle) as entries:
                # One more than the limit is enough to be refused for it.
                found = sorted(itertools.islice(entries, self._max_items + 1), key=lambda entry: entry.name)
                return self._sorted_out(folder, found)
        finally:
            os.close(handle)

    def _sorted_out(
        self, folder: tuple[str, ...], entries: Sequence["os.DirEntry[str]"]
    ) -> tuple[list[Listed], list[tuple[str, ...]]]:
        items: list[Listed] = []
        folders: list[tuple[str, ...]] = []
        for entry in entries:
            path = (*folder, entry.name)
            key = "/".join(path)
            if entry.is_symlink() or passed_over(key):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if not key_fits(key) or (is_folder and len(path) >= MAX_DEPTH):
                items.append(Listed(printable_key(key) + ("/" if is_folder else ""), error=ItemName()))
            elif is_folder:
                folders.append(path)
            else:
                items += self._file(entry, key)
        return items, folders

    def _file(self, entry: "os.DirEntry[str]", key: str) -> list[Listed]:
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return []
        except OSError:
            return [Listed(key, error=ItemUnreadable())]
        if not stat.S_ISREG(found.st_mode):
            return []
        error = ItemUnsettled() if self._is_fresh(found) else None
        return [Listed(key, _revision(found), found.st_size, found.st_mtime, error=error)]

    def _is_fresh(self, found: os.stat_result) -> bool:
        # The time of the last change of anything: unlike that of the content, no program can set it back.
        return -self._settle_s < time.time() - found.st_ctime < self._settle_s

    def _open(self, item: Listed) -> int:
        *folder, name = item.key.split("/")
        try:
            parent = self._descend(folder)
            try:
                handle = os.open(name, _FILE, dir_fd=parent)
            finally:
                os.close(parent)
        except FileNotFoundError as error:
            raise ItemGone from error
        except OSError as error:
            raise ItemUnreadable from error
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or _revision(found) != item.revision or self._is_fresh(found):
            os.close(handle)
            raise ItemUnsettled
        return handle

    def _descend(self, parts: Sequence[str]) -> int:
        """Open a folder, part by part; raises ``OSError``."""
        handle = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in (*self._parts, *parts):
            try:
                inner = os.open(part, _FOLDER, dir_fd=handle)
            finally:
                os.close(handle)
            handle = inner
        return handle


def _revision(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
