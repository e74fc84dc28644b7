"""Try one file as the product would: type, parse, finish and cut it, in a forked process under the sandbox's limits.

The product starts a fresh interpreter for every file; a fork of a parent that has imported the parsers is as confined
and a hundred times faster. What the server itself does with a file (finding its type) runs in it as well, and is timed.
"""

import json
import os
import secrets
import select
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.hostile.files.seeds import SEEDS
from ingest.intake import media, sniff
from ingest.intake.unpack import Refused, Shelf, discard, unpack
from ingest.parsing.operations import image, office, pdf
from ingest.sandbox import confine
from ingest.sandbox.calls import refuse_calls
from ingest.sandbox.protocol import dump_value
from ingest.tables.finish import finish_tables
from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileError, FileIsArchive, FileNoText
from wenyuan.vault.stored import StoredFiles

MEMORY_MB: Final = 1536
_ROOM_MB: Final = 1024
CPU_S: Final = 100
WALL_S: Final = 120.0
MAX_PAGES: Final = 2000
_MAX_ANSWER: Final = 1 << 16
_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a trial ended.

    ``outcome``: ``parsed``, the code of a ``FileError``, ``limit`` (memory, time), ``died`` (a signal), or ``bug``: an
    exception that is none of ours, with its place in ``detail``. ``intake_s``: CPU seconds in the part that runs in the
    server; ``after_s`` in the worker after the child; ``peak_mb``: what a confined trial added to resident
    memory at its peak.
    """

    outcome: str
    detail: str = ""
    seconds: float = 0.0
    intake_s: float = 0.0
    after_s: float = 0.0
    peak_mb: float = 0.0
    media_type: str = ""
    warnings: tuple[str, ...] = ()


def read(path: Path, name: str, after: Callable[[ParsedDocument], object] | None = None) -> Verdict:
    """Type and parse a file in this process and say how it ended; ``after`` gets what was parsed."""
    started, before = time.perf_counter(), time.process_time()
    intake = parsed_at = 0.0
    media_type = ""
    warnings: tuple[str, ...] = ()
    outcome, detail = "parsed", ""
    try:
        try:
            media_type = sniff(path, name)
        finally:
            intake = time.process_time() - before
        parsed = _operation(media_type)(path, {"media_type": media_type, "max_pages": MAX_PAGES}, lambda *_: None)
        dump_value(parsed)
        warnings = parsed.warnings
        parsed_at = time.process_time()
        if not parsed.pages and not any(block.text.strip() for block in parsed.blocks):
            raise FileNoText
        parsed = ParsedDocument(parsed.pages, finish_tables(parsed.blocks, parsed.pages), parsed.title, parsed.warnings)
        if after is not None:
            after(parsed)
    except FileIsArchive:
        outcome, detail = _take_apart(path)
    except FileError as error:
        outcome, detail = error.code, str(error.params.get("reason", ""))
    except (MemoryError, RecursionError) as error:
        outcome, detail = "limit", type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever else comes out is what is looked for
        outcome, detail = "bug", place(error)
    behind = time.process_time() - parsed_at if parsed_at else 0.0
    return Verdict(outcome, detail, time.perf_counter() - started, intake, behind, 0.0, media_type, warnings)


def warm(formats: Iterable[str], folder: Path) -> None:
    """Import what the formats need before the first fork by reading a sound file of each; raises if one is not."""
    empty = folder / "warm"
    empty.mkdir(exist_ok=True)
    for name in formats:
        path = folder / f"sound.{name}"
        path.write_bytes(SEEDS[name](Random(1)))
        with chdir(empty):
            verdict = read(path, path.name)
        if verdict.outcome != "parsed":
            raise RuntimeError(f"{path.name}: {verdict.outcome} {verdict.detail}")


class Batch:
    """Tries many files under one name each in confined forks that take ``_BATCH`` files before the next one begins.

    Several times cheaper than a fork for each. A file that does not end with an answer ends its fork, and is tried once
    more in one of its own: what is said of it is never the doing of the file before.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._child = 0
        self._left = 0
        self._asks = self._answers = -1

    def attempt(self, path: Path) -> Verdict:
        """Run ``read`` on a file in the folder, under its own name."""
        if not self._left:
            self.close()
            self._fork()
        self._left -= 1
        os.write(self._asks, path.name.encode() + b"\n")
        answer = _receive(self._answers, time.perf_counter() + WALL_S, b"\n")
        if answer and answer.endswith(b"\n"):
            fields: dict[str, Any] = json.loads(answer)
            verdict = Verdict(**fields | {"warnings": tuple(fields["warnings"])})
            if verdict.outcome not in ("bug", "limit"):
                return verdict
        self.close()
        return attempt(path, path.name, self._scratch)

    def close(self) -> None:
        """End the fork."""
        if self._child:
            os.close(self._asks)
            os.close(self._answers)
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
        self._child = self._left = 0

    def _fork(self) -> None:
        asked, self._asks = os.pipe()
        self._answers, answered = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._asks)
            os.close(self._answers)
            self._serve(asked, answered)
        os.close(asked)
        os.close(answered)
        self._left = _BATCH

    def _serve(self, asked: int, answered: int) -> None:
        try:
            _confine([self._folder], self._scratch, CPU_S * _BATCH)
            with os.fdopen(asked, "rb") as names:
                for line in names:
                    confine.limit_cpu(time.process_time() + CPU_S)
                    path = self._folder / line.decode().rstrip("\n")
                    os.write(answered, dump_value(read(path, path.name))[:_MAX_ANSWER] + b"\n")
        finally:
            os._exit(0)


def attempt(path: Path, name: str, scratch: Path, after: Callable[[ParsedDocument], object] | None = None) -> Verdict:
    """Run ``read`` in a confined fork; it may read ``path`` and write in ``scratch`` alone."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(path, name, scratch, writer, after)
    os.close(writer)
    try:
        answer = _receive(reader, started + WALL_S)
    finally:
        os.close(reader)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - started
    if answer is None:
        return Verdict("limit", "wall clock", seconds)
    if not answer:
        number = os.waitstatus_to_exitcode(status)
        outcome = "limit" if -number == signal.SIGXCPU else "died"
        return Verdict(outcome, signal.Signals(-number).name if number < 0 else f"exit {number}", seconds)
    fields: dict[str, Any] = json.loads(answer)
    return Verdict(**fields | {"warnings": tuple(fields["warnings"])})


def place(error: BaseException) -> str:
    """Type of an exception and the line of the product it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if {"ingest", "wenyuan"} & set(Path(frame.filename).parts)] or frames
    last = own[-1]
    return f"{type(error).__name__} in {'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"


def _take_apart(path: Path) -> tuple[str, str]:
    """Unpack an archive as a bulk upload is; its members become files of their own, under names of our making."""
    scratch, stored = Path.cwd(), StoredFiles()

    def receive(pieces: Iterator[bytes]) -> tuple[Path, str, int]:
        file = scratch / secrets.token_hex(16)
        size = 0
        with file.open("xb") as out:
            for piece in pieces:
                size += out.write(piece)
        return file, "", size

    try:
        members = unpack(path, Shelf(receive, stored), threading.Event())
    except FileError as error:
        return error.code, str(error.params.get("reason", ""))
    discard(members, stored)
    if any(scratch.iterdir()):
        return "bug", "files left behind"
    refused = [member.error for member in members if isinstance(member, Refused)]
    if len(refused) == len(members):
        return refused[0].code if refused else "empty archive", str(len(refused))
    return "parsed", f"{len(members)} members, {len(refused)} refused"


def _operation(media_type: str) -> Callable[..., ParsedDocument]:
    if media_type == media.PDF:
        return pdf
    return image if media_type in media.IMAGES else office


def _in_child(
    path: Path, name: str, scratch: Path, writer: int, after: Callable[[ParsedDocument], object] | None
) -> None:
    try:
        held = _memory_mb("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        _confine([path], scratch, CPU_S)
        verdict = replace(read(path, name, after), peak_mb=max(_memory_mb("VmHWM") - held, 0.0))
        os.write(writer, dump_value(verdict)[:_MAX_ANSWER])
    finally:
        os._exit(0)


def _confine(readable: list[Path], scratch: Path, cpu_s: int) -> None:
    os.chdir(scratch)
    # What the parent holds is not the trial's: a test session may hold more than a parser ever may.
    confine.limit_resources(max(MEMORY_MB, int(_memory_mb("VmSize")) + _ROOM_MB), cpu_s, 256, 128)
    confine.cut_network()
    confine.confine_files(readable, scratch)
    refuse_calls()


def _receive(reader: int, deadline: float, end: bytes = b"\0") -> bytes | None:
    """Return what the child wrote up to ``end`` or its death (nothing if it wrote nothing), None when time ran out."""
    said = b""
    while not said.endswith(end):
        left = deadline - time.perf_counter()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            return None
        piece = os.read(reader, _MAX_ANSWER)
        if not piece:
            return said
        said += piece
    return said


def _memory_mb(field: str) -> float:
    """A size of this process that the kernel counts: ``VmRSS``, ``VmHWM`` (its peak) or ``VmSize``."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024
