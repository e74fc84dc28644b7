"""Time to import the application, against importing the frameworks it stands on, each in a fresh process.

Bar: ``import api.app`` under 1.5 s on an idle machine with two cores. What it must not load is a test's business.
Bytecode is kept, as in an installation, whatever the shell says. CPU times hold on a busy machine as well. Exit code 1
when the bar is missed. Run: ``python -m benchmarks.startup``.
"""

import os
import resource
import statistics
import subprocess
import sys
import time

from wenyuan.machine import machine_line

BAR_S = 1.5
ROUNDS = 5
REFERENCE = "import fastapi, sqlalchemy.ext.asyncio, pydantic_settings, numpy, httpx"
OURS = "import api.app"


def seconds(code: str) -> tuple[float, float]:
    """Return the wall time and the CPU time of a fresh interpreter running ``code``."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start, used = time.perf_counter(), _cpu_of_children()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return time.perf_counter() - start, _cpu_of_children() - used


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print the medians, their ratio and the verdict."""
    print(machine_line())
    for code in (REFERENCE, OURS):  # once, so that both find their bytecode, and that in the page cache
        seconds(code)
    times: dict[str, list[tuple[float, float]]] = {REFERENCE: [], OURS: []}
    for _ in range(ROUNDS):
        for code, found in times.items():
            found.append(seconds(code))
    reference, ours = (list(map(statistics.median, zip(*times[code], strict=True))) for code in (REFERENCE, OURS))
    print(f"{REFERENCE}: {reference[0]:.2f} s, CPU {reference[1]:.2f} s")
    print(f"{OURS}: {ours[0]:.2f} s (bar {BAR_S} s), CPU {ours[1]:.2f} s, {ours[1] / reference[1]:.2f} x the reference")
    return 0 if ours[0] < BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
