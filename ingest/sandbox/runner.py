"""The parent's side of the sandbox: start a child, watch it, bound it, and bring its answer or its death back."""

import asyncio
import json
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.sandbox.protocol import ERROR, FAILURE, HEADER, PROGRESS, RESULT, Json, Progress, Request
from ingest.sandbox.surroundings import child_environment
from wenyuan.errors import FileError, ParserDied, ParserFailed, ParserLimit
from wenyuan.settings import IngestSettings
from wenyuan.vault.stored import PlainFile, StoredFiles

_MAX_RESULT: Final = 256 * 2**20
_MAX_MESSAGE: Final = 64 * 2**10
_FILE_MB: Final = 256
_OPEN_FILES: Final = 128
# CPU seconds a child has of each second on the clock: for itself, and for a page.
_CPU_SHARE: Final = 0.75
_CPU_SHARE_OF_PAGE: Final = 0.5
_LIMIT_SIGNALS: Final = (signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ)


@dataclass(frozen=True, slots=True)
class ChildResult:
    """What a child gave back, the seconds it took and its peak resident memory in MB."""

    payload: bytes
    seconds: float
    peak_mb: float


class Sandbox:
    """Runs named operations on files in children of their own, at most ``max_children`` at once."""

    def __init__(self, settings: IngestSettings, max_children: int = 4, stored: StoredFiles | None = None) -> None:
        """Take the limits; ``stored`` opens files that are sealed, which children are given in memory."""
        self._settings = settings
        self.stored = stored or StoredFiles()
        self._slots = asyncio.Semaphore(max_children)

    async def run(
        self,
        operation: str,
        path: Path,
        options: Mapping[str, Json],
        on_progress: Progress | None = None,
    ) -> ChildResult:
        """Run ``operation`` on ``path`` and return its result.

        Raises the ``FileError`` the child raised; ``ParserLimit`` when it was killed for time or memory; ``ParserDied``
        when it crashed; ``ParserFailed`` for an unexpected exception in it. When the caller is cancelled, the child and
        everything it started are killed first. The wall clock limit is ``parse_wall_s`` plus
        ``parse_wall_per_page_s`` for every page the child announces.
        """
        async with self._slots:
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="wenyuan-"))
            try:
                with ExitStack() as stack:
                    plain = await asyncio.to_thread(stack.enter_context, self.stored.plain(path))
                    return await self._run_in(folder, operation, plain, options, on_progress)
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def _run_in(
        self, folder: Path, operation: str, plain: PlainFile, options: Mapping[str, Json], on_progress: Progress | None
    ) -> ChildResult:
        started = time.monotonic()
        read_end, write_end = os.pipe()
        try:
            request = self._request(operation, plain.path, options, write_end)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-s",
                "-m",
                "ingest.sandbox.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(write_end,) if plain.descriptor is None else (write_end, plain.descriptor),
                cwd=folder,
                env=child_environment(folder),
                start_new_session=True,
            )
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        frames = await _Frames.open(read_end)
        try:
            async with asyncio.timeout(self._settings.parse_wall_s) as clock:
                await _feed(process, request.dump())
                return await self._listen(process, frames, clock, on_progress, started)
        except TimeoutError:
            seconds = math.ceil(time.monotonic() - started)
            raise ParserLimit(reason=f"{seconds} s") from None
        finally:
            _kill_group(process)
            frames.close()
            await asyncio.shield(process.wait())

    def _request(self, operation: str, path: Path, options: Mapping[str, Json], channel: int) -> Request:
        limits = self._settings
        return Request(
            operation,
            str(path),
            {"max_pages": limits.max_pages, **options},
            limits.parse_memory_mb,
            limits.parse_wall_s * _CPU_SHARE,
            limits.parse_wall_per_page_s * _CPU_SHARE_OF_PAGE,
            _FILE_MB,
            _OPEN_FILES,
            channel,
        )

    async def _listen(
        self,
        process: asyncio.subprocess.Process,
        frames: "_Frames",
        clock: asyncio.Timeout,
        on_progress: Progress | None,
        started: float,
    ) -> ChildResult:
        extended = False
        while True:
            frame = await frames.next()
            if frame is None:
                raise _death(await process.wait())
            kind, payload = frame
            if kind == RESULT:
                return ChildResult(payload[8:], time.monotonic() - started, int.from_bytes(payload[:8], "big") / 1024)
            if kind == ERROR:
                raise _error(payload)
            if kind == FAILURE:
                raise ParserFailed(reason=str(json.loads(payload))[:200])
            done, total = json.loads(payload)
            if not extended:
                extended = True
                pages = min(int(total), self._settings.max_pages)
                clock.reschedule((clock.when() or 0.0) + pages * self._settings.parse_wall_per_page_s)
            if on_progress is not None:
                on_progress(int(done), int(total))


class _Frames:
    """Reads the child's frames from the pipe, each bounded before it is read."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport) -> None:
        self._reader = reader
        self._transport = transport

    @classmethod
    async def open(cls, descriptor: int) -> "_Frames":
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        return cls(reader, transport)

    async def next(self) -> tuple[bytes, bytes] | None:
        """Return the next (kind, payload), or None at the end of the stream."""
        try:
            kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
            if kind not in (PROGRESS, ERROR, FAILURE, RESULT) or length > (
                _MAX_RESULT if kind == RESULT else _MAX_MESSAGE
            ):
                raise ParserLimit(reason="result size")
            return kind, await self._reader.readexactly(length)
        except asyncio.IncompleteReadError:
            return None

    def close(self) -> None:
        self._transport.close()


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    stdin = process.stdin
    if stdin is None:
        return
    # A child that died already is noticed by the silence of its channel.
    with suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(data)
        await stdin.drain()
        stdin.close()


def _kill_group(process: asyncio.subprocess.Process) -> None:
    # The child leads its own session, so its process group carries its id until the last member is gone.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _death(status: int) -> ParserLimit:
    """Say why a child ended without an answer: the kernel ends those over a limit with signals of its own."""
    if status >= 0:
        return ParserDied(reason=f"exit status {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return ParserLimit(reason=f"process died: {name}") if -status in _LIMIT_SIGNALS else ParserDied(reason=name)


def _registry(base: type[FileError]) -> dict[str, type[FileError]]:
    found = {base.code: base}
    for child in base.__subclasses__():
        found |= _registry(child)
    return found


def _error(payload: bytes) -> FileError:
    message = json.loads(payload)
    return file_error(str(message["code"]), dict(message["params"]))


def file_error(code: str, params: Mapping[str, object]) -> FileError:
    """Rebuild the error a child raised, from its code; an unknown code becomes the base class."""
    cls = _registry(FileError).get(code, FileError)
    try:
        return cls(**{str(key): str(value)[:200] for key, value in params.items()})
    except KeyError:
        return FileError()
