"""Time to import the application, against importing the frameworks it stands on, each in a fresh process.

Bar: ``import api.app`` under 1.5 s on an idle machine with two cores. What it must not load is a test's business.
Exit code 1 when the bar is missed. Run: ``python -m benchmarks.startup``.
"""

import statistics
import subprocess
import sys
import time

from wenyuan.machine import machine_line

BAR_S = 1.5
ROUNDS = 5
REFERENCE = "import fastapi, sqlalchemy.ext.asyncio, pydantic_settings, numpy, httpx"
OURS = "import api.app"


def seconds(code: str) -> float:
    """Return the wall time of a fresh interpreter running ``code``."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> int:
    """Print both medians, their ratio and the verdict."""
    print(machine_line())
    for code in (REFERENCE, OURS):  # once, so that both find their files in the page cache
        seconds(code)
    times = {code: [] for code in (REFERENCE, OURS)}  # type: dict[str, list[float]]
    for _ in range(ROUNDS):
        for code, found in times.items():
            found.append(seconds(code))
    reference, ours = (statistics.median(times[code]) for code in (REFERENCE, OURS))
    print(f"{REFERENCE}: {reference:.2f} s")
    print(f"{OURS}: {ours:.2f} s (bar {BAR_S} s), {ours / reference:.2f} x the reference")
    return 0 if ours < BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
