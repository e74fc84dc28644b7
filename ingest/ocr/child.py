"""The recognition child: ``python -m ingest.ocr.child``. It is given bitmaps only and answers with what it reads.

Started with one JSON argument: ``models`` (folders and graphs by name), ``threads``, ``memory_mb``, ``page_cpu_s`` and
``channel``, the descriptor it answers on. Questions come on standard input: {load: a task} before the first of that
task; then {task: ``PAGE``} with a bitmap, or {task: ``TABLE``, …} with what ``ingest.ocr.bitmap.doubtful`` says.
Anything the libraries print is discarded.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ingest.ocr.frames import PAGE, TABLE, TABLE_MODEL, Header, pack, read_frame
from ingest.sandbox import confine
from ingest.sandbox.calls import refuse_calls

# Loading takes about 5 s of CPU time for pages, less than one for tables; the limit is renewed for every question.
_LOAD_CPU_S: Final = 120
_LIFE_CPU_S: Final = 10**6
_FILE_MB: Final = 64
_OPEN_FILES: Final = 128


def main() -> None:
    """Take on the limits, then answer question after question until standard input ends."""
    confine.die_with_parent()
    options = json.loads(sys.argv[1])
    confine.limit_resources(options["memory_mb"], _LIFE_CPU_S, _FILE_MB, _OPEN_FILES)
    _limit_cpu(_LOAD_CPU_S)
    confine.cut_network()
    confine.confine_files([Path(model) for model in options["models"].values()], Path.cwd())
    refuse_calls()
    with os.fdopen(options["channel"], "wb") as channel:

        def send(header: Header) -> None:
            channel.write(pack(header))
            channel.flush()

        readers = _Readers({name: Path(path) for name, path in options["models"].items()}, options["threads"])
        send({"ready": True})
        while (frame := read_frame(sys.stdin.buffer)) is not None:
            header, body = frame
            _limit_cpu(_LOAD_CPU_S if "load" in header else options["page_cpu_s"])
            try:
                send(readers.answer(header, body) | {"rss_mb": _resident_mb()})
            except Exception as error:  # noqa: BLE001 - named to the service, which replaces the child
                send({"failed": type(error).__name__, "memory": _is_memory(error)})
                return


class _Readers:
    """What the child reads with, loaded when it is first asked for; there is one structure model for all of it."""

    def __init__(self, models: dict[str, Path], threads: int) -> None:
        self._graph = models.pop(TABLE_MODEL, None)
        self._models = models
        self._threads = threads
        self._structure: Any = None
        self._recogniser: Any = None

    def answer(self, header: Header, body: bytes) -> Header:
        if "load" in header:
            self._load(header["load"])
            return {"ready": True}
        if header["task"] == PAGE:
            return asdict(self._recogniser.read(body))
        from ingest.ocr.bitmap.doubtful import look_again

        return look_again(self._structure, header, body)

    def _load(self, task: str) -> None:
        if self._structure is None and self._graph is not None:
            from ingest.tables.image.slanet import TableModel

            self._structure = TableModel(self._graph, self._threads)
        if task == PAGE:
            from ingest.ocr.bitmap.recogniser import Models, Recogniser

            self._recogniser = Recogniser(Models(**self._models), self._structure, self._threads)
        elif task != TABLE or self._structure is None:
            raise LookupError(task)


def _limit_cpu(seconds: float) -> None:
    """Allow that much CPU time from now on; beyond it the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


def _is_memory(error: Exception) -> bool:
    """ONNX Runtime and OpenCV report a failed allocation in classes of their own."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "alloc" in text or "insufficient memory" in text


def _resident_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() >> 20


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # Leave without finalisers: the libraries' threads may hang while they are torn down.
    os._exit(0)
