"""This parser over PDF files, as a program of its own: ``python -m benchmarks.parsing.engines.ours FILE ...``.

Prints the same JSON object as ``benchmarks.parsing.engines.reference``; ``results`` are the numbers of pages.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

_MAX_PAGES: Final = 100_000


def _peak_mb() -> float:
    """Peak resident memory since the program began; ``ru_maxrss`` would count what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Parse the files with full layout analysis."""
    started = time.process_time()
    from ingest.parsing.pdf.document import parse_pdf

    ready = time.process_time()
    results = [len(parse_pdf(Path(path), _MAX_PAGES, lambda done, total: None).pages) for path in sys.argv[1:]]
    report = {
        "cpu_s": time.process_time() - ready,
        "import_s": ready - started,
        "peak_mb": _peak_mb(),
        "results": results,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
