"""Parse every file of a folder and print one line each: ``python -m benchmarks.parse_files FOLDER``.

Columns: status, pages, pages with an error, pages from OCR, blocks, seconds, peak memory of the parsing child in MB,
name, and the error code of a file that was refused. Ends with 1 when a parser crashed (an unexpected exception or a
child that died), else 0: a refusal with its own code is a result.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingest.intake import sniff
from ingest.parsing.reading.engines import open_engines
from ingest.parsing.service import FileParser
from ingest.sandbox import ChildResult, Sandbox
from ingest.sandbox.protocol import Json, Progress
from wenyuan.documents import PageSource, SourceFile
from wenyuan.errors import FileError, ParserFailed, ParserLimit
from wenyuan.settings import IngestSettings, Settings


class MeasuredSandbox(Sandbox):
    """Remembers the largest peak memory of the children, in MB, by operation."""

    def __init__(self, settings: IngestSettings) -> None:
        super().__init__(settings)
        self.peaks: dict[str, float] = {}

    async def run(
        self, operation: str, path: Path, options: Mapping[str, Json], on_progress: Progress | None = None
    ) -> ChildResult:
        """Run and note the peak."""
        result = await super().run(operation, path, options, on_progress)
        self.peaks[operation] = max(self.peaks.get(operation, 0.0), result.peak_mb)
        return result


async def measure(folder: Path, paths: list[Path], *, ocr: bool) -> int:
    settings = Settings()
    sandbox = MeasuredSandbox(settings.ingest)
    totals: Counter[str] = Counter()
    print(f"{'status':8}{'pages':>6}{'bad':>5}{'ocr':>5}{'blocks':>8}{'s':>8}{'MB':>7}  file")
    chosen = settings.ingest.model_copy(update={"ocr": ocr})
    async with open_engines(chosen, settings.models_dir) as engines:
        parser = FileParser(sandbox, engines, chosen)
        for path in paths:
            sandbox.peaks.clear()
            status, line = await _one(parser, path)
            totals[status] += 1
            peak = max(sandbox.peaks.values(), default=0.0)
            print(f"{status:8}{line[0]}{peak:7.0f}  {path.relative_to(folder)}  {line[1]}", flush=True)
    print(", ".join(f"{count} {status}" for status, count in totals.items()))
    return 1 if totals["crash"] else 0


async def _one(parser: FileParser, path: Path) -> tuple[str, tuple[str, str]]:
    started = time.perf_counter()
    blank = f"{'-':>6}{'-':>5}{'-':>5}{'-':>8}"
    try:
        media_type = await asyncio.to_thread(sniff, path, path.name)
        parsed = await parser.parse(SourceFile(str(path), path.name, "", 0, media_type))
    except FileError as error:
        crashed = isinstance(error, ParserFailed | ParserLimit)
        seconds = time.perf_counter() - started
        return "crash" if crashed else "refused", (f"{blank}{seconds:8.2f}", f"{error.code} {error.params or ''}")
    except Exception as error:  # noqa: BLE001  - a crash is what this looks for
        return "crash", (f"{blank}{time.perf_counter() - started:8.2f}", repr(error))
    seconds = time.perf_counter() - started
    bad = sum(page.error is not None for page in parsed.pages)
    read = sum(page.source is PageSource.OCR for page in parsed.pages)
    counts = f"{len(parsed.pages):6}{bad:5}{read:5}{len(parsed.blocks):8}{seconds:8.2f}"
    return "partial" if bad else "ok", (counts, "")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--no-ocr", action="store_true", help="leave pages without a text layer unread")
    options = arguments.parse_args()
    paths = sorted(path for path in options.folder.rglob("*") if path.is_file())
    return asyncio.run(measure(options.folder, paths, ocr=not options.no_ocr))


if __name__ == "__main__":
    sys.exit(main())
