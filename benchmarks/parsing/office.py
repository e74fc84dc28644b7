"""DOCX and HTML whose content is known: ``python -m benchmarks.parsing.office --seeds 1-9``.

Each generated document is written as DOCX with heading styles, as DOCX whose headings are only formatted and numbered
text, and as HTML. Prints a line each: characters (F1), headings, order, TEDS with spans; with ``--pages`` also the
share of the blocks of DOCX that LibreOffice puts on a page and into a box. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Final

from benchmarks.parsing.metrics.text import Score
from benchmarks.parsing.parser import parse, product_parser, shown
from benchmarks.parsing.pdf import Measured, line, measure, seed_list
from benchmarks.parsing.report import Bar, verdict
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.expected import expected_of
from benchmarks.parsing.truth.html import to_html
from benchmarks.parsing.truth.word import write_docx
from wenyuan.documents import Block, ParsedDocument

_FORMS: Final = ("styled.docx", "plain.docx", "html")


def write(seed: int, form: str, folder: Path) -> Path:
    """Write the document of a seed in one of the forms."""
    document = compose(seed)
    path = folder / f"{document.name}.{form}"
    if form == "html":
        path.write_text(to_html(document), encoding="utf-8")
    else:
        write_docx(document, path, styled=form == "styled.docx")
    return path


def located(parsed: ParsedDocument) -> tuple[int, int]:
    """Return (blocks with a page and a box, blocks that have text or cells)."""
    blocks = [block for block in shown(parsed) if block.text.strip() or block.table is not None]
    return sum(map(_has_place, blocks)), len(blocks)


def _has_place(block: Block) -> bool:
    return any(box.page >= 1 and box.x1 > box.x0 and box.y1 > box.y0 for box in block.boxes)


def totals(rows: dict[str, list[Measured]], places: dict[str, tuple[int, int]]) -> list[Bar]:
    """Return the bars of every form."""
    bars = []
    for form, own in rows.items():
        tables = [table.content for row in own for table in row.tables]
        levels = sum((row.levels for row in own), Score(0, 0, 0))
        recovered = 0.90 if form == "plain.docx" else None
        found, blocks = places[form]
        bars += [
            Bar(f"{form}: characters F1", fmean(row.characters.f1 for row in own), None),
            Bar(f"{form}: headings with levels, precision", levels.precision, recovered),
            Bar(f"{form}: headings with levels, recall", levels.recall, recovered),
            Bar(f"{form}: TEDS with spans (n={len(tables)})", fmean(tables) if tables else 1.0, 0.99),
        ]
        if blocks:
            bars.append(Bar(f"{form}: blocks with page and box (n={blocks})", found / blocks, 0.97))
    return bars


async def run(seeds: Sequence[int], *, details: bool, pages: bool) -> int:
    """Parse every document in every form and print the result."""
    rows: dict[str, list[Measured]] = {form: [] for form in _FORMS}
    places = dict.fromkeys(_FORMS, (0, 0))
    with tempfile.TemporaryDirectory() as scratch:
        async with product_parser(ocr=False, renders=pages) as parser:
            for seed in seeds:
                expected = expected_of(compose(seed))
                for form in _FORMS:
                    path = await asyncio.to_thread(write, seed, form, Path(scratch))
                    started = time.perf_counter()
                    parsed = await parse(parser, path)
                    row = measure(path.name, parsed, expected, time.perf_counter() - started)
                    rows[form].append(row)
                    if pages and form != "html":
                        found, blocks = located(parsed)
                        places[form] = places[form][0] + found, places[form][1] + blocks
                    print(line(row), flush=True)
                    if details:
                        print(*(f"    {fault}" for fault in row.faults), sep="\n")
    return verdict(totals(rows, places))


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.office", description=__doc__)
    parser.add_argument("--seeds", default="1-9", help="1-9 for tuning, 100 and above for the final figure")
    parser.add_argument("--details", action="store_true", help="list what differs")
    parser.add_argument("--pages", action="store_true", help="have LibreOffice put the blocks on pages")
    options = parser.parse_args()
    return asyncio.run(run(seed_list(options.seeds), details=options.details, pages=options.pages))


if __name__ == "__main__":
    sys.exit(main())
