"""Time to import the application, and to make it, against importing the frameworks it stands on.

Each in a fresh process. Bars: ``import api.app`` under 1.5 s on an idle machine with two cores, and in CPU time at most
1.5 times what the frameworks take; the application with all its routes at most 3.5 times. What it must not load is a
test's business. Bytecode is kept, as in an installation, whatever the shell says. CPU times hold on a busy machine as
well. Exit code 1 when a bar is missed. Run: ``python -m benchmarks.startup``.
"""

import os
import resource
import statistics
import subprocess
import sys
import time

from wenyuan.machine import machine_line

BAR_S = 1.5
BARS = (1.5, 3.5)
ROUNDS = 5
REFERENCE = "import fastapi, sqlalchemy.ext.asyncio, pydantic_settings, numpy, httpx"
OURS = "import api.app"
MADE = "from api.app import create_app; from wenyuan.settings import Settings; create_app(Settings())"


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
    for code in (REFERENCE, OURS, MADE):  # once, so that both find their bytecode, and that in the page cache
        seconds(code)
    times: dict[str, list[tuple[float, float]]] = {REFERENCE: [], OURS: [], MADE: []}
    for _ in range(ROUNDS):
        for code, found in times.items():
            found.append(seconds(code))
    (reference, used), *ours = (tuple(map(statistics.median, zip(*found, strict=True))) for found in times.values())
    print(f"{REFERENCE}: {reference:.2f} s, CPU {used:.2f} s")
    for code, bar, (wall, cpu) in zip((OURS, MADE), BARS, ours, strict=True):
        print(f"{code}: {wall:.2f} s, CPU {cpu:.2f} s, {cpu / used:.2f} x the reference (bar {bar})")
    held = ours[0][0] < BAR_S and all(cpu <= bar * used for bar, (_, cpu) in zip(BARS, ours, strict=True))
    print(f"import under {BAR_S} s and both within their bars: {'yes' if held else 'no'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
