"""Opens the index that the settings name. Engines are imported only when they are used."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

from retrieval.index.folder import FolderLock, adopt, read_fingerprint
from retrieval.lexical import FINGERPRINT
from wenyuan.ports import VectorIndex
from wenyuan.settings import IndexSettings

#: The index that is in the place of before there was more than one.
FIRST: Final = 1


async def open_index(
    settings: IndexSettings, folder: Path, embedder: str, dimension: int, lexical: str = FINGERPRINT
) -> VectorIndex:
    """Open or create the index: the engine in process in ``folder``, or the cluster at ``settings.url``.

    Raises ``IndexLocked`` (another process holds the folder), ``IndexMismatch`` (vectors of another embedder or of
    another tokenisation), ``TransientError`` (the cluster does not answer). ``lexical`` is what
    ``retrieval.index.common.lexical_fingerprint`` returns.

    Approximate search, which both may take up for a scope that sees many points, is ruled out by
    ``settings.search = "exact"``: then what a scope does not see has no part in any place or score.
    """
    exact = settings.search == "exact"
    if settings.kind == "edge":
        from retrieval.index.edge import EdgeIndex

        return await EdgeIndex.open(folder, embedder, dimension, lexical, exact=exact)
    from retrieval.index.client import ClientIndex

    given = (_url(settings), settings.collection, embedder, dimension, lexical)
    return await ClientIndex.open(*given, api_key=_key(settings), exact=exact)


class Places:
    """Where the indexes of one installation lie, by number: folders in ``folder``, or collections of the cluster."""

    def __init__(self, settings: IndexSettings, folder: Path) -> None:
        """Take the folder for this process alone when the engine runs in it; raises ``IndexLocked``."""
        self._settings = settings
        self._folder = folder
        self._lock: FolderLock | None = None
        if settings.kind == "edge":
            self._lock = FolderLock(folder)
            adopt(folder, self._place(FIRST))

    async def found(self) -> str | None:
        """Return the fingerprint of an index in the first place, None where there is none."""
        if self._settings.kind == "edge":
            return await asyncio.to_thread(read_fingerprint, self._place(FIRST))
        from retrieval.index.client import found_fingerprint

        return await found_fingerprint(_url(self._settings), self._collection(FIRST), _key(self._settings))

    async def open(self, number: int, embedder: str, dimension: int, lexical: str) -> VectorIndex:
        """Open or create an index, see ``open_index``."""
        settings = self._settings.model_copy(update={"collection": self._collection(number)})
        return await open_index(settings, self._place(number), embedder, dimension, lexical)

    async def drop(self, number: int) -> None:
        """Remove an index that nobody has open, if it is there."""
        if self._settings.kind == "edge":
            await asyncio.to_thread(shutil.rmtree, self._place(number), ignore_errors=True)
            return
        from retrieval.index.client import drop

        await drop(_url(self._settings), self._collection(number), _key(self._settings))

    def close(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            self._lock.release()

    def _place(self, number: int) -> Path:
        return self._folder / str(number)

    def _collection(self, number: int) -> str:
        return self._settings.collection if number == FIRST else f"{self._settings.collection}-{number}"


def _url(settings: IndexSettings) -> str:
    if settings.url is None:
        raise ValueError("index.kind = server needs index.url")
    return settings.url


def _key(settings: IndexSettings) -> str | None:
    return settings.api_key.get_secret_value() if settings.api_key else None
