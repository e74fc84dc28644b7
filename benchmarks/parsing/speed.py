"""Speed and memory beside other engines: ``make bench-parse DOCUMENTS=FOLDER``.

Every engine reads the papers of ``FOLDER`` in a process of its own, ``--rounds`` times in turns; the median CPU time
counts, imports included. pdfplumber extracts words, text and tables, docling-parse characters, words and lines,
pypdfium2 plain text. Then the memory of the children over a file of 400 pages: the one that parses it, those that draw
its doubtful tables, and the one that looks at them with the structure model (its pictures are not read). Last, what
generated files cost the children and the server's process: a text PDF of 500 pages, a heavy scan at 400 dpi, a scan of
100 pages. That part alone without ``--documents``. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
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
from wenyuan.documents import Page
from wenyuan.settings import Settings

PAPERS: Final = ("Bio_zh_0.pdf", "Comp_zh_0.pdf", "Enco_zh_0.pdf", "demo1.pdf")
LONG: Final = "pdf2image-memory-error-test-400p.pdf"
_OURS: Final = "ours"
_TIMES: Final = {"pdfplumber": 3.0, "docling-parse": 5.0, "pypdfium2": None}
_LONG_MB: Final = 100.0
_CHILD_MB: Final = 1536.0
_SERVER_MB: Final = 300.0
_TEXT_PAGES: Final = 500
_TEXT_TURNS: Final = 54
_HEAVY_PAGES: Final = 12
_HEAVY_DPI: Final = 400
_HEAVY_MB: Final = 44.0
_SCAN_DPI: Final = 200
_WATCH_S: Final = 0.5
# Writing 5 makes the peak of a process (VmHWM) what it holds now.
_PEAK_RESET: Final = Path("/proc/self/clear_refs")
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

    path = _kept(cache, f"text-{_TEXT_TURNS}.pdf")
    if not path.exists():
        first = compose(1)
        blocks = [
            block
            for turn in range(_TEXT_TURNS)
            for block in compose(1 + turn * 9).blocks
            if not isinstance(block, Contents)
        ]  # fmt: skip
        write_pdf(replace(first.without_notes(), blocks=tuple(blocks)), path)
    return path


def scan_pdf(cache: Path, pages: int, dpi: int) -> Path:
    """Return a scan of the first ``pages`` pages of the text PDF."""
    path = _kept(cache, f"scan-{pages}-{dpi}.pdf")
    if not path.exists():
        chooser = Random(pages)
        shown = render_pages(text_pdf(cache), dpi, pages)
        save_pdf([worn(page, any_wear(chooser), chooser) for page in shown], path, dpi)
    return path


def _kept(cache: Path, name: str) -> Path:
    folder = cache / f"long-{_STATE}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def long_files(cache: Path, scan_pages: int) -> dict[str, Path]:
    """Draw the files in a process of its own, whose memory is not ours; the name of each says what it is."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        files = {
            "text": apart.submit(text_pdf, cache).result(),
            "heavy scan": apart.submit(scan_pdf, cache, _HEAVY_PAGES, _HEAVY_DPI).result(),
        }
        if scan_pages:
            files["scan"] = apart.submit(scan_pdf, cache, scan_pages, _SCAN_DPI).result()
    return files


async def memory(cache: Path, scan_pages: int) -> list[Bar]:
    """Return the peaks of the children over each long file, and by how much this process grew meanwhile."""
    bars: list[Bar] = []
    for name, path in (await asyncio.to_thread(long_files, cache, scan_pages)).items():
        read = await _measured(path)
        for page in read.failed:
            print(f"{name}: page {page.number}: {page.error}")
        megabytes = path.stat().st_size / 2**20
        bars += [
            Bar(f"{name}: pages", float(read.pages), _TEXT_PAGES if name == "text" else None),
            Bar(f"{name}: MB of the file", megabytes, _HEAVY_MB if name == "heavy scan" else None),
            Bar(f"{name}: pages that failed", float(len(read.failed)), 0.0, most=True),
            Bar(f"{name}: MB of the parsing child", max(read.peaks.values()), _CHILD_MB, most=True),
            Bar(f"{name}: MB of the recognition child", read.recognition, _CHILD_MB, most=True),
            Bar(f"{name}: MB by which the server's process grew", read.grown, _SERVER_MB, most=True),
        ]
    return bars


@dataclass(frozen=True, slots=True)
class _Measured:
    """A file parsed as the product does it: peaks in MB of the sandboxed children by operation and of recognition."""

    pages: int
    failed: list[Page]
    peaks: dict[str, float]
    recognition: float
    grown: float


async def _measured(path: Path, pictures: int | None = None) -> _Measured:
    """Parse a file, at most ``pictures`` of its pictures read (None: as the settings say)."""
    settings = Settings()
    limits = settings.ingest
    if pictures is not None:
        limits = limits.model_copy(update={"ocr_pictures": pictures})
    before = _status(None, "VmRSS")
    await asyncio.to_thread(_PEAK_RESET.write_text, "5")
    sandbox = MeasuredSandbox(limits)
    async with open_engines(limits, settings.models_dir) as engines:
        if engines is None or not isinstance(engines.local, OcrService):
            raise SystemExit("recognition is off in the settings")
        reading = asyncio.create_task(parse(FileParser(sandbox, engines, limits), path))
        recognition = 0.0
        while not reading.done():
            recognition = max(recognition, _status(engines.local.child_pid, "VmHWM"))
            await asyncio.wait([reading], timeout=_WATCH_S)
        parsed = reading.result()
    failed = [page for page in parsed.pages if page.error is not None]
    grown = _status(None, "VmHWM") - before
    return _Measured(len(parsed.pages), failed, sandbox.peaks, recognition, grown)


def _status(pid: int | None, field: str) -> float:
    """Return a field of a process (None: this one) that says MB of memory, 0 when there is no such process."""
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


async def beside_others(options: argparse.Namespace) -> list[Bar]:
    """Return how the papers fare beside other engines, and what the file of 400 pages takes."""
    papers = [options.documents / name for name in PAPERS]
    missing = [path.name for path in (*papers, options.documents / LONG) if not path.is_file()]
    if missing:
        raise SystemExit(f"{options.documents} lacks {', '.join(missing)}")
    bars = await asyncio.to_thread(compare, papers, options.python, options.rounds)
    long = await _measured(options.documents / LONG, pictures=0)
    return [
        *bars,
        Bar(f"MB of the parsing child over {long.pages} pages", long.peaks["parse_pdf"], _LONG_MB, most=True),
        Bar("MB of the children that draw its doubtful tables", long.peaks.get("bitmaps", 0.0), _LONG_MB, most=True),
        Bar("MB of the recognition child that looks at them", long.recognition, _CHILD_MB, most=True),
        Bar("MB by which the server's process grew meanwhile", long.grown, _SERVER_MB, most=True),
    ]


async def run(options: argparse.Namespace) -> int:
    """Measure what was asked for and print the bars."""
    bars = await beside_others(options) if options.documents is not None else []
    bars += await memory(options.cache, options.scan_pages)
    return verdict(bars)


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.speed", description=__doc__)
    parser.add_argument("--documents", type=Path, help="folder that holds the papers; without it only memory")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the other engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scan-pages", type=int, default=100, help="pages of the scan; 0 leaves it out")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where generated files are kept")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
