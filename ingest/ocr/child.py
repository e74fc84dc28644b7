"""The recognition child: ``python -m ingest.ocr.child``. It is given bitmaps only and answers with lines.

Started with one JSON argument: ``models`` (folders and graphs by name), ``threads``, ``memory_mb``, ``page_cpu_s`` and
``channel``, the descriptor it answers on. Bitmaps come on standard input. Anything the libraries print is discarded.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ingest.ocr.frames import pack, read_frame
from ingest.sandbox import confine

# Starting takes about 5 s of CPU time; the limit is renewed for every page.
_START_CPU_S: Final = 120
_LIFE_CPU_S: Final = 10**6
_FILE_MB: Final = 64
_OPEN_FILES: Final = 128


def main() -> None:
    """Take on the limits, load the models, then answer bitmap after bitmap until standard input ends."""
    confine.die_with_parent()
    options = json.loads(sys.argv[1])
    confine.limit_resources(options["memory_mb"], _LIFE_CPU_S, _FILE_MB, _OPEN_FILES)
    _limit_cpu(_START_CPU_S)
    confine.cut_network()
    confine.confine_files([Path(model) for model in options["models"].values()], Path.cwd())
    with os.fdopen(options["channel"], "wb") as channel:

        def send(header: dict[str, Any]) -> None:
            channel.write(pack(header))
            channel.flush()

        try:
            recogniser = _load(options)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service shall know
            send({"failed": type(error).__name__, "memory": _is_memory(error)})
            return
        send({"ready": True})
        while (frame := read_frame(sys.stdin.buffer)) is not None:
            _limit_cpu(options["page_cpu_s"])
            try:
                send(asdict(recogniser.read(frame[1])) | {"rss_mb": _resident_mb()})
            except Exception as error:  # noqa: BLE001 - named to the service, which replaces the child
                send({"failed": type(error).__name__, "memory": _is_memory(error)})
                return


def _load(options: dict[str, Any]) -> Any:
    from ingest.ocr.bitmap.recogniser import Models, Recogniser

    return Recogniser(Models(**{name: Path(path) for name, path in options["models"].items()}), options["threads"])


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
