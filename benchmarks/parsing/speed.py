"""Speed and memory beside other engines: ``make bench-parse DOCUMENTS=FOLDER``.

Every engine reads the papers of ``FOLDER`` in a process of its own, ``--rounds`` times in turns; the median CPU time
counts, imports included. pdfplumber extracts words, text and tables, docling-parse characters, words and lines,
pypdfium2 plain text. Then the memory of one process over a file of 400 pages, and of the children over a generated
text PDF of 500 pages and a scan of 100. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import json
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

from benchmarks.parse_files import MeasuredSandbox
from benchmarks.parsing.drawn.raster import any_wear, render_pages, save_pdf, worn
from benchmarks.parsing.engines import reference
from benchmarks.parsing.parser import parse
from benchmarks.parsing.report import Bar, verdict
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.model import Contents
from benchmarks.parsing.truth.render import CACHE, fingerprint
from ingest.ocr.service import OcrService
from ingest.parsing.reading.engines import open_engines
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.settings import Settings

PAPERS: Final = ("Bio_zh_0.pdf", "Comp_zh_0.pdf", "Enco_zh_0.pdf", "demo1.pdf")
LONG: Final = "pdf2image-memory-error-test-400p.pdf"
_OURS: Final = "ours"
_TIMES: Final = {"pdfplumber": 3.0, "docling-parse": 5.0, "pypdfium2": None}
_LONG_MB: Final = 100.0
_CHILD_MB: Final = 1536.0
_SERVER_MB: Final = 300.0
_TEXT_PAGES: Final = 500
_WATCH_S: Final = 0.5
_STATE: Final = fingerprint(Path(__file__).parent / "truth", Path(__file__).parent / "drawn")


def run_engine(engine: str, paths: Sequence[Path], python: str) -> dict[str, Any]:
    """Run one engine over the files in a process of its own."""
    command = [python, str(reference.__file__), engine]
    if engine == _OURS:
        command = [sys.executable, "-m", "benchmarks.parsing.engines.ours"]
    done = subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def compare(papers: Sequence[Path], python: str, rounds: int) -> list[Bar]:
    """Return how many times our CPU time the other engines take."""
    runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in (_OURS, *_TIMES)}
    for _ in range(rounds):
        for engine, own in runs.items():
            own.append(run_engine(engine, papers, python))
    seconds = {engine: median(run["cpu_s"] + run["import_s"] for run in own) for engine, own in runs.items()}
    print(f"{'engine':14} {'CPU s':>8} {'of import':>9} {'MB':>6}  pages")
    for engine, own in runs.items():
        imports, peak = (median(run[part] for run in own) for part in ("import_s", "peak_mb"))
        print(f"{engine:14} {seconds[engine]:8.2f} {imports:9.2f} {peak:6.0f}  {sum(own[0]['results'])}")
    return [
        Bar(f"CPU of {engine} beside ours", seconds[engine] / seconds[_OURS], bar) for engine, bar in _TIMES.items()
    ]


def text_pdf(cache: Path) -> Path:
    """Return a generated text PDF of at least 500 pages."""
    from benchmarks.parsing.truth.layout import write_pdf

    path = _kept(cache, "text-500.pdf")
    if not path.exists():
        first = compose(1)
        blocks = [
            block
            for turn in range(48)
            for block in compose(1 + turn * 9).blocks
            if not isinstance(block, Contents)
        ]  # fmt: skip
        write_pdf(replace(first.without_notes(), blocks=tuple(blocks)), path)
    return path


def scan_pdf(cache: Path, pages: int) -> Path:
    """Return a scan of ``pages`` pages at 200 dpi."""
    path = _kept(cache, f"scan-{pages}.pdf")
    if not path.exists():
        chooser = Random(pages)
        shown = render_pages(text_pdf(cache), 200, pages)
        save_pdf([worn(page, any_wear(chooser), chooser) for page in shown], path, 200)
    return path


def _kept(cache: Path, name: str) -> Path:
    folder = cache / f"long-{_STATE}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


async def memory(cache: Path, scan_pages: int) -> list[Bar]:
    """Return the peaks of the children over long files, and by how much this process grew meanwhile."""
    settings = Settings()
    limits = settings.ingest
    text = await asyncio.to_thread(text_pdf, cache)
    result = await Sandbox(limits).run("parse_pdf", text, {"skip": []})
    pages = json.loads(result.payload)["pages"]
    bars = [
        Bar("pages of the text PDF", float(len(pages)), float(_TEXT_PAGES)),
        Bar("MB of the child, text PDF", result.peak_mb, _CHILD_MB, most=True),
    ]
    if not scan_pages:
        return bars
    scan = await asyncio.to_thread(scan_pdf, cache, scan_pages)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sandbox = MeasuredSandbox(limits)
    async with open_engines(limits, settings.models_dir) as engines:
        if engines is None or not isinstance(engines.local, OcrService):
            raise SystemExit("recognition is off in the settings")
        reading = asyncio.create_task(parse(FileParser(sandbox, engines, limits), scan))
        peak = 0.0
        while not reading.done():
            peak = max(peak, peak_of(engines.local.child_pid))
            await asyncio.wait([reading], timeout=_WATCH_S)
        parsed = reading.result()
    failed = sum(page.error is not None for page in parsed.pages)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    megabytes = scan.stat().st_size / 2**20
    return [
        *bars,
        Bar(f"pages of the scan ({megabytes:.0f} MB) that failed", float(failed), 0.0, most=True),
        Bar("MB of the parsing child, scan", sandbox.peak_mb, _CHILD_MB, most=True),
        Bar("MB of the recognition child, scan", peak, _CHILD_MB, most=True),
        Bar("MB by which the server's process grew", grown, _SERVER_MB, most=True),
    ]


def peak_of(pid: int | None) -> float:
    """Return the peak resident memory of a process in MB, 0 when there is none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


async def run(options: argparse.Namespace) -> int:
    """Measure everything and print the bars."""
    bars: list[Bar] = []
    papers = [options.documents / name for name in PAPERS]
    missing = [path.name for path in (*papers, options.documents / LONG) if not path.is_file()]
    if missing:
        raise SystemExit(f"{options.documents} lacks {', '.join(missing)}")
    bars += await asyncio.to_thread(compare, papers, options.python, options.rounds)
    long = await asyncio.to_thread(run_engine, _OURS, [options.documents / LONG], options.python)
    bars.append(Bar(f"MB over {long['results'][0]} pages", long["peak_mb"], _LONG_MB, most=True))
    bars += await memory(options.cache, options.scan_pages)
    return verdict(bars)


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.speed", description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="folder that holds the papers")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the other engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scan-pages", type=int, default=100, help="pages of the scan; 0 leaves it out")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where generated files are kept")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
