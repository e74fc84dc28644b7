"""Entry of the child process: ``python -m ingest.sandbox.child``. Imports nothing heavy before the limits stand."""

import importlib
import math
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from ingest.sandbox import confine
from ingest.sandbox.calls import refuse_calls
from ingest.sandbox.protocol import ERROR, FAILURE, HEADER, PROGRESS, RESULT, Json, Progress, Request, dump_value
from wenyuan.errors import FileError, FileUnsafe


class Operation(Protocol):
    """What a child can do with a file; bytes come back as they are, anything else as JSON."""

    def __call__(self, path: Path, options: dict[str, Json], progress: Progress) -> object:
        """Return the result or raise a ``FileError``."""
        ...


_PROCESSES: Final = 16

OPERATIONS: Final = {
    "parse_pdf": ("ingest.parsing.operations", "pdf"),
    "parse_image": ("ingest.parsing.operations", "image"),
    "parse_office": ("ingest.parsing.operations", "office"),
    "render_page": ("ingest.parsing.operations", "marked_page"),
    "bitmaps": ("ingest.parsing.operations", "bitmaps"),
    "part": ("ingest.parsing.operations", "part"),
    "render_office": ("ingest.rendition.operations", "render"),
    "parse_legacy": ("ingest.rendition.operations", "parse_legacy"),
    "locate": ("ingest.rendition.operations", "locate"),
}


def main() -> None:
    """Read the request, take on the limits, run the operation, answer."""
    confine.die_with_parent()
    request = Request.load(sys.stdin.buffer.read())
    with os.fdopen(request.channel, "wb", buffering=0) as channel:

        def send(kind: bytes, payload: bytes) -> None:
            view = memoryview(HEADER.pack(kind, len(payload)) + payload)
            while view:
                view = view[channel.write(view) :]

        _answer(request, send)
        # Leave without finalisers: libraries may hang or crash while they are torn down.
        sys.stdout.flush()
    os._exit(0)


def _answer(request: Request, send: Callable[[bytes, bytes], None]) -> None:
    try:
        sockets = request.options.get("sockets")
        # Only the operations that run another program start processes; the system counts those of the whole user.
        processes = None if sockets else _PROCESSES
        most = math.ceil(request.cpu_s + request.cpu_per_page_s * _max_pages(request))
        confine.limit_resources(request.memory_mb, most, request.file_mb, request.open_files, processes)
        confine.limit_cpu(request.cpu_s)
        confine.cut_network()
        confine.confine_files(
            [Path(request.path), *_also_readable(request)], Path.cwd(), Path(str(sockets)) if sockets else None
        )
        refuse_calls(own_sockets=bool(sockets))
        result = _run(request, _reporting(request, send))
    except FileError as error:
        send(ERROR, dump_value({"code": error.code, "params": error.params}))
    except MemoryError:
        send(ERROR, dump_value({"code": "file.parser_limit", "params": {"reason": f"{request.memory_mb} MB"}}))
    except RecursionError:
        send(ERROR, dump_value({"code": FileUnsafe.code, "params": {"reason": "nesting depth"}}))
    except Exception as error:  # noqa: BLE001  - the border of the process: the parent must hear of everything
        send(FAILURE, dump_value(_place(error)))
    else:
        peak = _peak_kb()
        body = result if isinstance(result, bytes) else dump_value(result)
        send(RESULT, peak.to_bytes(8, "big") + body)


def _reporting(request: Request, send: Callable[[bytes, bytes], None]) -> Progress:
    """Tell the parent of each page; the first time, allow the CPU time of all of them."""
    known = False

    def report(done: int, total: int) -> None:
        nonlocal known
        if not known:
            known = True
            confine.limit_cpu(request.cpu_s + request.cpu_per_page_s * min(total, _max_pages(request)))
        send(PROGRESS, dump_value([done, total]))

    return report


def _max_pages(request: Request) -> int:
    return int(str(request.options["max_pages"]))


def _also_readable(request: Request) -> list[Path]:
    """What the parent names beside the file: a program that the operation starts, and its data."""
    named = request.options.get("readable", [])
    return [Path(str(path)) for path in named] if isinstance(named, list) else []


def _run(request: Request, progress: Progress) -> object:
    module, function = OPERATIONS[request.operation]
    operation: Operation = getattr(importlib.import_module(module), function)
    return operation(Path(request.path), request.options, progress)


def _peak_kb() -> int:
    """Peak resident memory of this process; ``getrusage`` would count the parent's before the exec."""
    with Path("/proc/self/status").open(encoding="ascii", errors="replace") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


def _place(error: Exception) -> str:
    """Type and place of an unexpected exception; never its message, which may quote the document."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "ingest" in Path(frame.filename).parts] or frames
    return f"{type(error).__name__} in {Path(own[-1].filename).stem}:{own[-1].lineno}" if own else type(error).__name__


if __name__ == "__main__":
    main()
