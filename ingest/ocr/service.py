"""Recognition as a service: one warm child process, one page at a time, killed when it does not behave."""

import asyncio
import json
import math
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from ingest.ocr.answer import blocks_of
from ingest.ocr.frames import BadFrame, pack, receive_frame
from ingest.ocr.models import OcrModels, chosen_ocr_models, find_ocr_models
from wenyuan.documents import Block
from wenyuan.errors import ParserFailed, ParserLimit, ParserUnavailable
from wenyuan.settings import IngestSettings

_ROOT: Final = Path(__file__).resolve().parents[2]
_START_S: Final = 120.0
_CPU_SPARE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class OcrLimits:
    """Bounds of recognition.

    ``page_s``: wall seconds a page; CPU time is bounded by ``page_s`` times ``threads``. ``memory_mb``: address space
    of the child. A child is replaced after ``pages_per_child`` pages or when its resident memory has passed
    ``resident_mb``, and ended when idle for ``idle_s`` seconds (it holds about 0.8 GB).
    """

    page_s: float = 90.0
    memory_mb: int = 3072
    threads: int = 1
    pages_per_child: int = 200
    resident_mb: int = 1300
    idle_s: float = 300.0


class OcrService:
    """Reads the text of page bitmaps in a child process of its own; pages queue up behind one another."""

    def __init__(self, models: OcrModels, limits: OcrLimits | None = None) -> None:
        self.models = models
        self._limits = limits or OcrLimits()
        self._lock = asyncio.Lock()
        self._child: _Child | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def child_pid(self) -> int | None:
        """Process id of the warm child, None while there is none."""
        return self._child.pid if self._child is not None else None

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        """Return the blocks of a page in reading order.

        ``width`` and ``height`` are the page's size in its units: the bitmap is scaled to it, and boxes are in it. Each
        block has its mean confidence. Raises ``ParserLimit`` when the page takes too long, too much memory, or the
        child dies of it; ``ParserFailed`` for a bitmap that cannot be read; ``ParserUnavailable`` when the engine does
        not start. The next page gets a fresh child. Waiting for earlier pages does not count as time.
        """
        async with self._lock:
            if self._closed:
                raise ParserUnavailable(component="OCR")
            self._cancel_idle()
            try:
                header = await self._ask(bitmap_png)
            except BaseException:
                await self._drop()
                raise
            if self._child is not None and self._child.is_worn(self._limits, int(header["rss_mb"])):
                await self._drop()
            self._schedule_idle()
        try:
            return await asyncio.to_thread(blocks_of, header, page, width, height)
        except (KeyError, IndexError, TypeError, ValueError) as error:  # the child has seen a stranger's bitmap
            raise ParserFailed(reason="OCR answer") from error

    async def close(self) -> None:
        """End the child; a page in work is given up."""
        self._closed = True
        self._cancel_idle()
        if self._child is not None:
            self._child.kill()
        async with self._lock:
            await self._drop()

    async def _ask(self, bitmap_png: bytes) -> dict[str, Any]:
        if self._child is None or not self._child.is_alive:
            await self._drop()
            self._child = await _Child.start(self.models, self._limits)
        try:
            async with asyncio.timeout(self._limits.page_s):
                header = await self._child.ask(bitmap_png)
        except TimeoutError:
            raise ParserLimit(reason=f"OCR {self._limits.page_s:g} s") from None
        if header is None:
            raise ParserLimit(reason=f"OCR {await self._child.death()}")
        if "failed" in header:
            if header.get("memory"):
                raise ParserLimit(reason=f"OCR {self._limits.memory_mb} MB")
            raise ParserFailed(reason=f"OCR {header['failed']}")
        return header

    async def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            await asyncio.shield(child.clean())

    def _schedule_idle(self) -> None:
        if self._child is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._limits.idle_s, self._child.kill)

    def _cancel_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def open_ocr(settings: IngestSettings, models_dir: Path) -> OcrService:
    """Return the service on the models built at set-up, or on chosen ones; its child starts with the first page."""
    chosen = settings.ocr_models
    models = find_ocr_models(models_dir) if chosen is None else chosen_ocr_models(chosen)
    return OcrService(models, OcrLimits(page_s=settings.ocr_page_s))


class _Child:
    """The process, its pipes and its scratch folder."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        stdin: asyncio.StreamWriter,
        reader: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
        folder: Path,
    ) -> None:
        self._process = process
        self._stdin = stdin
        self._reader = reader
        self._transport = transport
        self._folder = folder
        self._pages = 0

    @classmethod
    async def start(cls, models: OcrModels, limits: OcrLimits) -> "_Child":
        """Start a child and wait until its models are loaded (about 5 s)."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="wenyuan-ocr-"))
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-s", "-m", "ingest.ocr.child", _options(models, limits, write_end)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(write_end,),
                cwd=folder,
                env=_environment(folder, limits.threads),
                start_new_session=True,
            )
        except BaseException:
            os.close(read_end)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(write_end)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        pipe = os.fdopen(read_end, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        child = cls(process, cast("asyncio.StreamWriter", process.stdin), reader, transport, folder)
        try:
            await child._wait_ready()
        except BaseException:
            child.kill()
            await asyncio.shield(child.clean())
            raise
        return child

    async def _wait_ready(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                header = await self._receive()
        except TimeoutError:
            raise ParserUnavailable(component=f"OCR ({_START_S:g} s)") from None
        if header is None:
            raise ParserUnavailable(component=f"OCR ({await self.death()})")
        if "failed" in header:
            raise ParserUnavailable(component=f"OCR ({header['failed']})")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    def is_worn(self, limits: OcrLimits, resident_mb: int) -> bool:
        """Whether the child has read enough pages, or grown enough, to be replaced."""
        return self._pages >= limits.pages_per_child or resident_mb > limits.resident_mb

    async def ask(self, bitmap_png: bytes) -> dict[str, Any] | None:
        """Send a bitmap and return the answer, None when the child died."""
        self._pages += 1
        with suppress(BrokenPipeError, ConnectionResetError):
            self._stdin.write(pack({}, bitmap_png))
            await self._stdin.drain()
        return await self._receive()

    async def _receive(self) -> dict[str, Any] | None:
        try:
            frame = await receive_frame(self._reader)
        except (BadFrame, ValueError):
            return {"failed": "frame"}
        return frame[0] if frame is not None else None

    async def death(self) -> str:
        """How the process ended: a signal's name or an exit status."""
        status = await self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def kill(self) -> None:
        """Kill the child and whatever it started."""
        # It leads its own session; while it has not been waited for, its group's id cannot be another's.
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def clean(self) -> None:
        """Reap the process, close the pipes, remove its folder."""
        self._transport.close()
        self._stdin.close()
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)


def _options(models: OcrModels, limits: OcrLimits, channel: int) -> str:
    return json.dumps(
        {
            "models": {name: str(path.resolve()) for name, path in models.paths().items()},
            "threads": limits.threads,
            "memory_mb": limits.memory_mb,
            "page_cpu_s": math.ceil(limits.page_s * limits.threads + _CPU_SPARE_S),
            "channel": channel,
        }
    )


def _environment(folder: Path, threads: int) -> dict[str, str]:
    """Nothing of the parent's environment: it may hold secrets. All caches go to the scratch folder."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PADDLE_PDX_CACHE_HOME": str(folder),
        "DO_NOT_TRACK": "1",
    }
