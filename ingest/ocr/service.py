"""Recognition as a service: one warm child process, one page at a time, killed when it does not behave."""

import asyncio
import json
import math
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from ingest.ocr.answer import blocks_of
from ingest.ocr.doubtful import mended, question_of
from ingest.ocr.frames import PAGE, TABLE, TABLE_MODEL, BadFrame, Header, pack, receive_frame
from ingest.ocr.models import OcrModels, chosen_ocr_models, find_ocr_models
from ingest.sandbox.surroundings import child_environment
from wenyuan.documents import Block
from wenyuan.errors import ParserFailed, ParserLimit, ParserUnavailable
from wenyuan.settings import IngestSettings

# A start takes a fraction of a second, the models of pages about 5 s, of tables less than one.
_START_S: Final = 120.0
_CPU_SPARE_S: Final = 5.0
_KEPT_BYTES: Final = 512 * 2**20
_STEP_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class OcrLimits:
    """Bounds of recognition.

    ``page_s``: wall seconds a page or table; CPU time is bounded by ``page_s`` times ``threads``. ``memory_mb``:
    address space of the child. A child is replaced after ``pages_per_child`` of them or when its resident memory has
    passed ``resident_mb``, and ended when idle for ``idle_s`` seconds (it holds about 0.9 GB once it has read a page).
    """

    page_s: float = 90.0
    memory_mb: int = 3072
    threads: int = 1
    pages_per_child: int = 200
    resident_mb: int = 1300
    idle_s: float = 300.0


class OcrService:
    """Reads page bitmaps and doubtful tables in a child process of its own; they queue up behind one another."""

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
        answer = await self._answer({"task": PAGE}, bitmap_png)
        with _understood():
            return await asyncio.to_thread(blocks_of, answer, page, width, height)

    @property
    def looks_at_tables(self) -> bool:
        """Whether the model of table structures is installed."""
        return TABLE_MODEL in self.models.paths()

    async def look_again(self, table: Block, bitmap_png: bytes, text: bytes) -> Block | None:
        """Return a table of a text layer as the structure model sees it, None when it stands as it is.

        ``text`` are the characters of the table as ``TableDrawer.draw`` wrote them, which fill the cells. Raises as
        ``recognise``.
        """
        question = question_of(table) | {"task": TABLE, "png": len(bitmap_png)}
        answer = await self._answer(question, bitmap_png + text)
        with _understood():
            return await asyncio.to_thread(mended, table, answer)

    async def close(self) -> None:
        """End the child; a page in work is given up."""
        self._closed = True
        self._cancel_idle()
        if self._child is not None:
            self._child.kill()
        async with self._lock:
            await self._drop()

    async def _answer(self, question: Header, body: bytes) -> Header:
        """Ask the child, one started or replaced as need be; whatever goes wrong ends it."""
        async with self._lock:
            if self._closed:
                raise ParserUnavailable(component="OCR")
            self._cancel_idle()
            try:
                answer = await self._ask(question, body)
            except BaseException:
                await self._drop()
                raise
            if self._child is not None and self._child.is_worn(self._limits, int(answer["rss_mb"])):
                await self._drop()
            self._schedule_idle()
        return answer

    async def _ask(self, question: Header, body: bytes) -> Header:
        if self._child is None or not self._child.is_alive:
            await self._drop()
            self._child = await _Child.start(self.models, self._limits)
        await self._child.load(question["task"])
        try:
            async with asyncio.timeout(self._limits.page_s):
                answer = await self._child.ask(question, body)
        except TimeoutError:
            raise ParserLimit(reason=f"OCR {self._limits.page_s:g} s") from None
        if answer is None:
            raise ParserLimit(reason=f"OCR {await self._child.death()}")
        if "failed" in answer:
            if answer.get("memory"):
                raise ParserLimit(reason=f"OCR {self._limits.memory_mb} MB")
            raise ParserFailed(reason=f"OCR {answer['failed']}")
        return answer

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
        self._asked = 0
        self._loaded: set[str] = set()

    @classmethod
    async def start(cls, models: OcrModels, limits: OcrLimits) -> "_Child":
        """Start a child and wait until it listens."""
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

    async def load(self, task: str) -> None:
        """Have the models of a task loaded unless they are; raises ``ParserUnavailable``."""
        if task not in self._loaded:
            await self._send({"load": task})
            await self._wait_ready()
            self._loaded.add(task)

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
        """Whether the child has read enough, or grown enough, to be replaced."""
        return self._asked >= limits.pages_per_child or resident_mb > limits.resident_mb

    async def ask(self, question: Header, body: bytes) -> Header | None:
        """Send a question and return the answer, None when the child died."""
        self._asked += 1
        await self._send(question, body)
        return await self._receive()

    async def _send(self, header: Header, body: bytes = b"") -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._stdin.write(pack(header, body))
            await self._stdin.drain()

    async def _receive(self) -> Header | None:
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


@contextmanager
def _understood() -> Iterator[None]:
    """The child has seen a stranger's bitmap: what it answers may be anything."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError) as error:
        raise ParserFailed(reason="OCR answer") from error


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
    return child_environment(folder, threads) | {
        # The large tensors of each line come from memory kept from the last: fetched from the system again and again,
        # zeroed, they cost a quarter of the CPU time of a page.
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
        "MALLOC_TOP_PAD_": str(_STEP_BYTES),
        "PADDLE_PDX_CACHE_HOME": str(folder),
    }
