"""The machine: facts that stand beside every timed figure, and memory that goes back to it."""

import ctypes
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LOOPS: Final = 400_000
_REPEATS: Final = 5


def machine_facts() -> dict[str, str | int | float]:
    """Return processor, cores usable, memory, Python, load, and the time of the calibration loop in milliseconds."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.system(),
        "load_1min": round(os.getloadavg()[0], 2),
        "calibration_ms": calibration_ms(),
    }


def machine_line() -> str:
    """Return the facts as one line for a report."""
    return ", ".join(f"{name} {value}" for name, value in machine_facts().items())


def calibration_ms() -> float:
    """Return the best time of a fixed piece of integer arithmetic: it compares machines and shows a busy one."""
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        total = 0
        for number in range(_LOOPS):
            total += number * number & 1023
        best = min(best, time.perf_counter() - start)
    return round(1000 * best, 1)


def give_back() -> None:
    """Return free memory to the system, where the C library can (glibc does); takes some milliseconds.

    What millions of small pieces were made of, as the vocabulary of a tokenizer is, stays with the heap of the thread
    that asked for them: a process that opens and closes models would grow by one of them for each of its threads.
    """
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
