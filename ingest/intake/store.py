"""Receive uploaded bytes: stream to a temporary file, hash and limit them, make them durable, find their type."""

import asyncio
import contextlib
import hashlib
import secrets
import shutil
import threading
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.intake import unpack
from ingest.intake.malware import Scanner
from ingest.intake.names import clean_filename
from ingest.intake.sniff import sniff
from wenyuan.documents import SourceFile
from wenyuan.errors import FileEmpty, FileError, FileTooLarge, NotFound, StorageFull
from wenyuan.settings import IngestSettings
from wenyuan.vault.errors import KeyDestroyed
from wenyuan.vault.stored import Receiving, StoredFiles

RENDITION: Final = ".pages.pdf"
"""What the name of a file's page images adds to its own; they are kept beside it."""

_FOLDER: Final = "files"
_BUFFER: Final = 1 << 20
_REMOVALS: Final = 10
#: Received files that are looked into at a time; each takes its size in memory.
_LOOKS: Final = 4


@dataclass(frozen=True, slots=True)
class StagedFile:
    """Received and typed bytes that do not belong to a document yet."""

    path: Path
    filename: str
    sha256: str
    size: int
    media_type: str


class Intake:
    """Keeps uploaded files under ``<data_dir>/files/<document id>/<sha256>``."""

    def __init__(self, data_dir: Path, settings: IngestSettings, stored: StoredFiles | None = None) -> None:
        """Take the data folder; ``stored`` seals what is received, without it files are kept as they are."""
        self.stored = stored or StoredFiles()
        self._looks = asyncio.Semaphore(_LOOKS)
        self.files = data_dir / _FOLDER
        self._incoming = data_dir / _FOLDER / ".incoming"
        self._limit_mb = settings.max_file_mb
        self._min_free = settings.min_free_mb * 2**20
        self._scanner = Scanner.from_settings(settings)

    async def stage(self, chunks: AsyncIterable[bytes], filename: str) -> StagedFile:
        """Stream ``chunks`` to a temporary file and find its type; the file is gone if this raises.

        Raises ``FileTooLarge`` as soon as the limit is crossed, ``FileEmpty``, ``StorageFull`` when free space is
        below the watermark, and whatever the scanner and ``sniff`` raise.
        """
        name = clean_filename(filename)
        path = await asyncio.to_thread(self._new_incoming)
        try:
            sha256, size = await self._write(chunks, path)
            if size == 0:
                raise FileEmpty
            media_type = await self._looked_at(path, name)
        except BaseException:
            self.stored.forget(path)
            raise
        return StagedFile(path, name, sha256, size, media_type)

    async def stage_archive(
        self, chunks: AsyncIterable[bytes], filename: str
    ) -> list[tuple[str, StagedFile | FileError]]:
        """Stream a ZIP archive to disk and stage its members; returns name and file, or why it is none, for each.

        Names go through folders, parted by `` / ``. Nothing is left if this raises: what ``stage`` raises,
        ``FileNotArchive``, and ``FileUnsafe`` when the archive is over a limit.
        """
        name = clean_filename(filename)
        path = await asyncio.to_thread(self._new_incoming)
        stopped = threading.Event()
        try:
            await self._write(chunks, path)
            members = await self._unpacked(path, name, stopped)
        finally:
            # A thread cannot be cancelled; told to stop, it removes what it has made.
            stopped.set()
            self.stored.forget(path)
        try:
            return [(member.name, await self._staged(member)) for member in members]
        except BaseException:
            unpack.discard(members, self.stored)
            raise

    async def _looked_at(self, path: Path, name: str) -> str:
        """Have a received file scanned, and return its type."""
        async with self._looks, self._plain(path) as plain:
            await self._scan(plain)
            return await asyncio.to_thread(sniff, plain, name)

    async def _unpacked(self, path: Path, name: str, stopped: threading.Event) -> list[unpack.Member]:
        async with self._looks, self._plain(path) as plain:
            await self._scan(plain)
            await asyncio.to_thread(unpack.require_archive, plain, name)
            shelf = unpack.Shelf(self._receive_now, self.stored)
            return await asyncio.to_thread(unpack.unpack, plain, shelf, stopped)

    @contextlib.asynccontextmanager
    async def _plain(self, path: Path) -> AsyncIterator[Path]:
        """Yield a path under which the content of a received file can be read."""
        with contextlib.ExitStack() as stack:
            opened = await asyncio.to_thread(stack.enter_context, self.stored.plain(path))
            yield opened.path

    async def _staged(self, member: unpack.Member) -> StagedFile | FileError:
        """A scanner may look into archives less deeply than we do, so members are shown to it one by one."""
        if isinstance(member, unpack.Refused):
            return member.error
        try:
            async with self._looks, self._plain(member.path) as plain:
                await self._scan(plain)
        except FileError as error:
            self.stored.forget(member.path)
            return error
        return StagedFile(member.path, member.filename, member.sha256, member.size, member.media_type)

    async def commit(self, staged: StagedFile, document_id: str) -> SourceFile:
        """Move a staged file to its document, durably; the same bytes twice are the same file.

        The path returned is relative to the data folder, so that the folder can move. Raises ``NotFound`` for a
        document that was erased meanwhile.
        """
        target = self.files / document_id / staged.sha256
        try:
            await asyncio.to_thread(self.stored.give, staged.path, target)
        except KeyDestroyed:
            await self.discard(staged)
            raise NotFound from None
        return SourceFile(
            f"{_FOLDER}/{document_id}/{staged.sha256}", staged.filename, staged.sha256, staged.size, staged.media_type
        )

    async def discard(self, staged: StagedFile) -> None:
        """Drop a staged file that is not wanted."""
        await asyncio.to_thread(self.stored.forget, staged.path)

    async def receive(self, chunks: AsyncIterable[bytes], filename: str, document_id: str) -> SourceFile:
        """Stage and commit in one go."""
        return await self.commit(await self.stage(chunks, filename), document_id)

    async def remove_document(self, document_id: str) -> None:
        """Delete every stored file of a document; missing ones are fine."""
        await asyncio.to_thread(_remove_folder, self.files / document_id)

    async def received_since(self, path: str, moment: float) -> bool:
        """Whether the stored file at ``path``, as ``commit`` gave it, was received after ``moment`` (Unix seconds)."""
        file = self._file_at(path)

        def younger() -> bool:
            return file.is_file() and file.stat().st_mtime > moment

        return await asyncio.to_thread(younger)

    async def remove_file(self, path: str) -> None:
        """Delete the stored file at ``path`` with its page images; missing ones are fine."""
        file = self._file_at(path)
        for one in (file, file.with_name(file.name + RENDITION)):
            await asyncio.to_thread(one.unlink, missing_ok=True)

    def _file_at(self, path: str) -> Path:
        folder, document_id, name = path.split("/")
        if folder != _FOLDER:
            raise ValueError(path)
        return self.files / document_id / name

    async def sweep(self) -> int:
        """Remove what an interrupted upload left behind and return how many files; call it at start only."""
        return await asyncio.to_thread(self._sweep)

    async def remove_strays(self, known: Collection[str]) -> int:
        """Remove stored files that are not among ``known`` paths, and return how many; call it at start only.

        An upload that ends between its file and its row leaves one. Without any known path nothing is removed: then
        it is more likely that the database is another one.
        """
        return await asyncio.to_thread(self._remove_strays, frozenset(known)) if known else 0

    def _remove_strays(self, known: frozenset[str]) -> int:
        strays = [
            path
            for path in self.files.glob("*/*")
            if f"{_FOLDER}/{path.parent.name}/{path.name.removesuffix(RENDITION)}" not in known
        ]
        for path in strays:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty
                path.parent.rmdir()
        return len(strays)

    def _sweep(self) -> int:
        stale = list(self._incoming.glob("*")) if self._incoming.is_dir() else []
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _new_incoming(self) -> Path:
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._incoming).free < self._min_free:
            raise StorageFull
        return self._incoming / secrets.token_hex(16)

    def _receive_now(self, chunks: Iterator[bytes]) -> tuple[Path, str, int]:
        """Store bytes durably from a thread; returns path, hash and size."""
        path = self._new_incoming()
        digest = hashlib.sha256()
        size = 0
        try:
            with self.stored.receive(path) as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > self._limit_mb * 2**20:
                        raise FileTooLarge(limit_mb=self._limit_mb)
                    digest.update(chunk)
                    file.write(chunk)
        except BaseException:
            self.stored.forget(path)
            raise
        return path, digest.hexdigest(), size

    async def _scan(self, path: Path) -> None:
        if self._scanner is not None:
            await self._scanner.check(path)

    async def _write(self, chunks: AsyncIterable[bytes], path: Path) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        pending = bytearray()
        file = await asyncio.to_thread(self.stored.receive, path)
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > self._limit_mb * 2**20:
                    raise FileTooLarge(limit_mb=self._limit_mb)
                pending += chunk
                if len(pending) >= _BUFFER:
                    await asyncio.to_thread(_append, file, digest, bytes(pending))
                    pending.clear()
            await asyncio.to_thread(_append, file, digest, bytes(pending))
            await asyncio.to_thread(file.finish)
        finally:
            file.close()
        return digest.hexdigest(), size


def _remove_folder(folder: Path) -> None:
    """Remove a folder; what a job writes into it meanwhile, a rendition, keeps it: then once more."""
    for _ in range(_REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _append(file: Receiving, digest: "hashlib._Hash", data: bytes) -> None:
    digest.update(data)
    file.write(data)
