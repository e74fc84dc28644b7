"""Reading order and headings of real files, labelled by eye: ``python -m benchmarks.parsing.order --documents FOLDER``.

``labels/order.jsonl`` holds short probes in the order in which a person reads a page of two columns or with side notes;
``labels/headings.jsonl`` the headings of whole files with their levels (0 for the title of the document). Both were
read from images of the pages. Files that are not in ``FOLDER`` or below it are named and left out. Exit code 1 when a
bar is missed.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.parsing.metrics.headings import heading_faults, heading_scores, same_text
from benchmarks.parsing.metrics.order import broken_pairs, pairs_in_order
from benchmarks.parsing.metrics.text import Score
from benchmarks.parsing.parser import headings_of, parse, product_parser, shown, text_of
from benchmarks.parsing.report import Bar, verdict
from wenyuan.documents import ParsedDocument

LABELS: Final = Path(__file__).parent / "labels"


def labels(name: str) -> Iterator[dict[str, Any]]:
    """Yield the labels of a file of ``labels/``."""
    with (LABELS / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def find(folder: Path, name: str) -> Path | None:
    """Return the file of this name in the folder or below it."""
    return next((path for path in (folder / name, *folder.rglob(name)) if path.is_file()), None)


def page_text(parsed: ParsedDocument, page: int) -> str:
    """Return the text of the blocks that stand on a page, also those that begin before it or end after it."""
    return text_of([block for block in shown(parsed) if any(box.page == page for box in block.boxes)])


async def run(folder: Path, *, details: bool) -> int:
    """Parse the labelled files and print the result."""
    parsed: dict[str, ParsedDocument] = {}
    probes, headings = list(labels("order.jsonl")), list(labels("headings.jsonl"))
    async with product_parser(ocr=False) as parser:
        for name in sorted({label["file"] for label in (*probes, *headings)}):
            path = await asyncio.to_thread(find, folder, name)
            if path is None:
                print(f"{name}: not there")
            else:
                parsed[name] = await parse(parser, path)
    right = total = 0
    for label in probes:
        if label["file"] in parsed:
            text = page_text(parsed[label["file"]], label["page"])
            good, pairs = pairs_in_order(text, label["probes"])
            right, total = right + good, total + pairs
            print(f"{label['file']} page {label['page']}: {good}/{pairs}")
            if details:
                print(*(f"    {first} | {second}" for first, second in broken_pairs(text, label["probes"])), sep="\n")
    plain = levels = Score(0, 0, 0)
    for label in headings:
        if label["file"] in parsed:
            own = _headings(parsed[label["file"]], label, details=details)
            plain, levels = plain + own[0], levels + own[1]
    bars = [
        Bar(f"reading order ({total} pairs)", right / max(total, 1), 0.98),
        Bar("headings of real files, precision", plain.precision, None),
        Bar("headings of real files, recall", plain.recall, None),
        Bar("with levels, precision", levels.precision, 0.95),
        Bar("with levels, recall", levels.recall, 0.95),
    ]
    return verdict(bars)


def _headings(parsed: ParsedDocument, label: dict[str, Any], *, details: bool) -> tuple[Score, Score]:
    aside = {same_text(text) for text in label.get("either", ())}
    found = [(text, level) for text, level in headings_of(parsed) if same_text(text) not in aside]
    expected = [(text, level) for level, text in label["headings"]]
    plain, levels = heading_scores(found, expected)
    print(
        f"{label['file']}: headings {plain.precision:.3f}/{plain.recall:.3f}, "
        f"with levels {levels.precision:.3f}/{levels.recall:.3f} ({len(expected)})"
    )
    if details:
        for fault in heading_faults(found, expected):
            print(f"    {fault}")
    return plain, levels


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.order", description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="folder that holds the labelled files")
    parser.add_argument("--details", action="store_true", help="list what differs")
    options = parser.parse_args()
    return asyncio.run(run(options.documents, details=options.details))


if __name__ == "__main__":
    sys.exit(main())
