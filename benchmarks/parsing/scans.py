"""Recognition of scans: ``python -m benchmarks.parsing.scans [--omnidocbench FOLDER]``.

Pages of generated documents are drawn, turned into pictures at 200 dpi and worn as an office scanner does it (skew up
to 3 degrees, noise, blur, grey paper), some turned by quarters; character F1 over all of them, character error rate
over the two-column ones. The same pictures go through bare ``rapidocr`` (same weights, one thread) in the same run
unless ``--alone``; CPU time is compared page by page after a page to warm up. With ``--omnidocbench``, its page images
are measured by its own definitions. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Final

from PIL import Image

from benchmarks.parsing.drawn.raster import Picture, any_wear, render_pages, worn
from benchmarks.parsing.engines import reference
from benchmarks.parsing.metrics.html import table_from_html, without_latex
from benchmarks.parsing.metrics.omnidoc import page_distances, page_truth
from benchmarks.parsing.metrics.teds import match_tables, teds
from benchmarks.parsing.metrics.text import Score, cer, char_score
from benchmarks.parsing.parser import parse, product_parser, shown, tables_of, text_of
from benchmarks.parsing.report import Bar, verdict
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.expected import expected_of
from benchmarks.parsing.truth.model import Contents, DocumentBlock, Figure, Heading, TableBlock, TruthDocument
from benchmarks.parsing.truth.render import draw
from ingest.ocr.service import OcrService, open_ocr
from ingest.parsing.outline import with_heading_paths
from wenyuan.documents import Page, ParsedDocument
from wenyuan.settings import Settings

_DPI: Final = 200.0
_CHARACTERS: Final = 700
_CHARACTERS_TWO_COLUMNS: Final = 1300
_SMALL: Final = 12
_GENERATORS: Final = ("reportlab", "chromium")


@dataclass(frozen=True, slots=True)
class Scan:
    """A worn picture of a page and the document it shows."""

    name: str
    picture: Picture
    truth: TruthDocument
    quarters: int


def excerpt(document: TruthDocument) -> TruthDocument:
    """Return the beginning of a document that fits on one page, without contents, footnotes and running heads.

    Two-column ones also go without tables and figures, whose place in the order is a matter of taste.
    """
    limit = _CHARACTERS if document.columns == 1 else _CHARACTERS_TWO_COLUMNS
    left_out = (Contents,) if document.columns == 1 else (Contents, TableBlock, Figure)
    kept: list[DocumentBlock] = []
    size = 0
    for block in document.without_notes().blocks[_start(document) :]:
        if isinstance(block, left_out) or (isinstance(block, TableBlock) and block.table.rows > _SMALL):
            continue
        size += len(expected_of(replace(document, blocks=(block,))).text)
        if size > limit:
            break
        kept.append(block)
    look = replace(document.look, running_head="", page_number="")
    return replace(document.without_notes(), blocks=tuple(kept), look=look)


def _start(document: TruthDocument) -> int:
    """Return where to begin: every other document at the heading before its first small table."""
    if document.columns == 2 or document.seed % 2:
        return 0
    blocks = document.blocks
    small = (at for at, block in enumerate(blocks) if isinstance(block, TableBlock) and block.table.rows <= _SMALL)
    table = next(small, 0)
    return next((at for at in range(table, 0, -1) if isinstance(blocks[at], Heading)), 0)


def scans(seeds: Sequence[int], scratch: Path) -> list[Scan]:
    """Draw and wear one page of each seed; every third stands turned, by another quarter each time."""
    made = []
    for place, seed in enumerate(seeds):
        truth = excerpt(compose(seed))
        path = draw([truth], _GENERATORS[place % 2], scratch)[0]
        chooser = Random(seed)
        quarters = (place // 3) % 4 if place % 3 == 0 else 0
        pages = render_pages(path, _DPI)
        if len(pages) > 1:
            # Text that ran over is not on the picture: such a page cannot be measured.
            continue
        made.append(Scan(truth.name, worn(pages[0], any_wear(chooser, quarters), chooser), truth, quarters))
    return made


def png(picture: Picture) -> bytes:
    """Return a picture as PNG."""
    made = io.BytesIO()
    Image.fromarray(picture).save(made, "PNG", compress_level=1)
    return made.getvalue()


async def read(service: OcrService, picture: Picture) -> ParsedDocument:
    """Recognise one picture."""
    height, width = picture.shape[:2]
    blocks = await service.recognise(png(picture), 1, width, height)
    return ParsedDocument((Page(1, width, height),), with_heading_paths(blocks))


def bare(pictures: Sequence[Picture], python: str) -> list[dict[str, Any]]:
    """Return text and CPU seconds of bare recognition, picture by picture."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, picture in enumerate(pictures):
            paths.append(Path(folder) / f"{index}.png")
            paths[-1].write_bytes(png(picture))
        command = [python, str(reference.__file__), "rapidocr", *map(str, paths)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    results: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["results"]
    return results


def cpu_of(pid: int | None) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def generated(seeds: Sequence[int], python: str | None) -> list[Bar]:
    """Measure generated scans, beside the bare engine if there is an interpreter that has it."""
    with tempfile.TemporaryDirectory() as scratch:
        pages = await asyncio.to_thread(scans, seeds, Path(scratch))
    theirs = []
    if python is not None:
        theirs = (await asyncio.to_thread(bare, [page.picture for page in (pages[0], *pages)], python))[1:]
    total, ours, errors, texts = await _ours(pages)
    bars = [Bar(f"characters F1 over {len(pages)} scans", total.f1, 0.995)]
    if theirs:
        plain = sum((char_score(own["text"], text) for own, text in zip(theirs, texts, strict=True)), Score(0, 0, 0))
        bars += [
            Bar("the same, bare engine (turned pages included)", plain.f1, None),
            Bar("CPU beside the bare engine", ours / sum(own["cpu_s"] for own in theirs), 1.1, most=True),
        ]
    bars.append(Bar("CPU seconds a page", ours / len(pages), None))
    if errors:
        bars.append(Bar(f"CER of {len(errors)} two-column scans", fmean(errors), 0.01, most=True))
    return bars


async def _ours(pages: Sequence[Scan]) -> tuple[Score, float, list[float], list[str]]:
    """Return characters, CPU seconds, error rates of two-column pages, and the expected text of each page."""
    settings = Settings()
    service = open_ocr(settings.ingest, settings.models_dir)
    total, ours = Score(0, 0, 0), 0.0
    errors, texts = [], []
    try:
        await read(service, pages[0].picture)
        for page in pages:
            before = cpu_of(service.child_pid)
            found = text_of(shown(await read(service, page.picture)))
            spent = cpu_of(service.child_pid) - before
            expected = expected_of(page.truth).text
            score, wrong = char_score(found, expected), cer(found, expected)
            total, ours = total + score, ours + spent
            texts.append(expected)
            if page.truth.columns == 2:
                errors.append(wrong)
            print(
                f"{page.name:24} turned {90 * page.quarters:3}  columns {page.truth.columns}  F1 {score.f1:.4f}  "
                f"CER {wrong:.4f}  CPU {spent:5.2f} s",
                flush=True,
            )
    finally:
        await service.close()
    return total, ours, errors, texts


async def omnidocbench(folder: Path) -> list[Bar]:
    """Measure the page images of an OmniDocBench folder (``truth.json`` and ``images/``)."""
    pages = json.loads(await asyncio.to_thread((folder / "truth.json").read_text, encoding="utf-8"))
    chinese, texts, orders, tables = Score(0, 0, 0), [], [], []
    async with product_parser(ocr=True) as parser:
        for page in pages:
            name = Path(page["page_info"]["image_path"]).name
            parsed = await parse(parser, folder / "images" / name)
            blocks = shown(parsed)
            text, order = page_distances([block.text for block in blocks if block.table is None], page_truth(page))
            texts.append(text)
            orders.append(order)
            score = _page_characters(page, text_of(blocks))
            if page["page_info"]["page_attribute"]["language"] == "simplified_chinese":
                chinese += score
            wanted = [table_from_html(without_latex(x["html"])) for x in page["layout_dets"] if x.get("html")]
            found = match_tables(tables_of(parsed), wanted)
            own = [0.0 if table is None else teds(table, truth) for table, truth in zip(found, wanted, strict=True)]
            tables += own
            shares = " ".join(f"{value:.3f}" for value in own)
            print(f"{name[-40:]:40} text {text:.3f} order {order:.3f} F1 {score.f1:.4f} TEDS {shares}", flush=True)
    return [
        Bar("OmniDocBench, characters F1 of Chinese pages", chinese.f1, 0.96),
        Bar("OmniDocBench, text edit distance", fmean(texts), None),
        Bar("OmniDocBench, reading-order edit distance", fmean(orders), None),
        Bar(f"OmniDocBench, TEDS of {len(tables)} tables", fmean(tables), None),
    ]


def _page_characters(page: dict[str, Any], found: str) -> Score:
    left_out = ("header", "footer", "page_number", "abandon")
    parts = []
    for block in page["layout_dets"]:
        if block["category_type"] in left_out:
            continue
        if block.get("html"):
            parts += [cell.text for cell in table_from_html(block["html"]).cells]
        else:
            parts.append(block.get("text") or block.get("latex") or "")
    return char_score(found, without_latex("\n".join(parts)))


async def run(options: argparse.Namespace) -> int:
    """Measure what was asked for."""
    seeds = range(options.first_seed, options.first_seed + options.count)
    python = None if options.alone else options.python
    bars = await generated(list(seeds), python) if options.count else []
    if options.omnidocbench is not None:
        bars += await omnidocbench(options.omnidocbench)
    return verdict(bars)


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.scans", description=__doc__)
    parser.add_argument("--first-seed", type=int, default=1, help="1 for tuning, 100 and above for the final figure")
    parser.add_argument("--count", type=int, default=18, help="scans; 0 for none")
    parser.add_argument("--omnidocbench", type=Path, help="folder with truth.json and images/")
    parser.add_argument("--alone", action="store_true", help="leave the bare engine out")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has rapidocr")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
