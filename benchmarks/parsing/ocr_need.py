"""Which pages need OCR: ``python -m benchmarks.parsing.ocr_need --data FOLDER``.

``FOLDER`` holds the folders named in ``labels/ocr_need.jsonl`` (files with the pages that were looked at; those whose
text is only seen are listed, all others have it in their text layer). Beside them stand generated pages with every sort
of text layer (``drawn.layers``) and all pages of a few generated documents. A miss is a page (or a picture with text on
it, or an invisible layer that says something else) that recognition would not look at; a false alarm a page that would
be recognised as a whole though its text layer says all. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.parsing.drawn.layers import layer_pages
from benchmarks.parsing.order import labels
from benchmarks.parsing.parser import parse_layer
from benchmarks.parsing.report import Bar, verdict
from benchmarks.parsing.truth.render import CACHE, GENERATORS, rendered
from ingest.parsing.reading.parts import Aim, parts_of
from wenyuan.documents import ParsedDocument
from wenyuan.errors import FileError

_MOST_PICTURES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A file, its labelled pages (None: all), and what those need that are not ``no``."""

    sort: str
    path: Path
    pages: frozenset[int] | None
    needs: dict[int, str]


def page_numbers(text: str) -> frozenset[int]:
    """Return the numbers of ``1-12,15-191/10``."""
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        numbers.update(range(int(first), int(last or first) + 1, int(step or 1)))
    return frozenset(numbers)


def real_files(data: Path) -> Iterator[LabelledFile]:
    """Yield the labelled files that are there."""
    for label in labels("ocr_need.jsonl"):
        path = data / label["folder"] / label["file"]
        if not path.is_file():
            print(f"{path.name}: not there")
            continue
        needs = {page: need for need in ("page", "picture") for page in label.get(need, ())}
        yield LabelledFile("real files", path, page_numbers(label["pages"]), needs)


def generated_files(cache: Path) -> Iterator[LabelledFile]:
    """Yield generated pages of every sort, and documents that are all text."""
    for page in layer_pages(cache):
        needs = {} if page.label == "no" else {1: page.label}
        yield LabelledFile(page.sort, page.path, None, needs)
    for path in rendered((2, 4, 6), GENERATORS, cache).values():
        yield LabelledFile("documents", path, None, {})


def decided(parsed: ParsedDocument) -> dict[int, set[Aim]]:
    """Return what recognition would look at, by page."""
    aims: dict[int, set[Aim]] = {}
    for part in parts_of(parsed, _MOST_PICTURES)[0]:
        aims.setdefault(part.page, set()).add(part.aim)
    return aims


def judge(need: str, aims: set[Aim]) -> str | None:
    """Return ``miss``, ``false alarm`` or None."""
    enough = {"page": {Aim.PAGE}, "picture": {Aim.PAGE, Aim.PICTURE}, "layer": {Aim.PAGE, Aim.LAYER}}
    if need == "no":
        return "false alarm" if Aim.PAGE in aims else None
    return None if aims & enough[need] else "miss"


async def run(data: Path | None, cache: Path) -> int:
    """Judge every page and print the faults and the bars."""
    faults: Counter[str] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    generated = await asyncio.to_thread(lambda: list(generated_files(cache)))
    for file in [*(real_files(data) if data is not None else ()), *generated]:
        try:
            parsed = await parse_layer(file.path)
        except FileError as error:
            faults["miss"] += 1
            print(f"not parsed: {file.path.name}: {error}")
            continue
        aims = decided(parsed)
        for page in parsed.pages:
            if file.pages is not None and page.number not in file.pages:
                continue
            need = file.needs.get(page.number, "no")
            seen[file.sort, need] += 1
            if fault := judge(need, aims.get(page.number, set())):
                faults[fault] += 1
                print(f"{fault}: {file.sort}, {file.path.name} page {page.number} ({need})")
    for (sort, need), count in sorted(seen.items()):
        print(f"{sort:14} {need:8} {count:5} pages")
    total = seen.total()
    clean = sum(count for (_, need), count in seen.items() if need == "no")
    bars = [
        Bar("pages labelled", float(total), 300),
        Bar("misses", float(faults["miss"]), 0, most=True),
        Bar("false alarms, share of pages that need none", faults["false alarm"] / max(clean, 1), 0.01, most=True),
    ]
    return verdict(bars)


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.ocr_need", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the folders with the labelled files")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where drawn documents are kept")
    options = parser.parse_args()
    return asyncio.run(run(options.data, options.cache))


if __name__ == "__main__":
    sys.exit(main())
