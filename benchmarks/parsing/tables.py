"""Tables of real files, labelled by eye: ``python -m benchmarks.parsing.tables --documents FOLDER``.

``labels/tables.jsonl`` holds the grid of each table with its spans, and a few short texts with the row and column they
stand in; nearly all are three-line or borderless. Prints TEDS of the structure and how many of the texts stand in their
cell. The figures are reported, without a bar.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.parsing.metrics.teds import teds
from benchmarks.parsing.metrics.text import canonical
from benchmarks.parsing.order import find, labels
from benchmarks.parsing.parser import parse, product_parser
from benchmarks.parsing.report import Bar, verdict
from wenyuan.documents import Cell, ParsedDocument, Table


def grid(label: dict[str, Any]) -> Table:
    """Return the labelled grid without texts."""
    spans = {(row, column): (down, right) for row, column, down, right in label["spans"]}
    hidden = {
        (row + below, column + beside)
        for (row, column), (down, right) in spans.items()
        for below in range(down)
        for beside in range(right)
        if below or beside
    }
    places = [(r, c) for r in range(label["rows"]) for c in range(label["columns"]) if (r, c) not in hidden]
    return Table(label["rows"], label["columns"], tuple(Cell(r, c, "", *spans.get((r, c), (1, 1))) for r, c in places))


def in_place(table: Table, cells: Sequence[tuple[int, int, str]]) -> int:
    """Return how many of the texts stand in their cell."""
    texts = {(cell.row, cell.column): canonical(cell.text) for cell in table.cells}
    return sum(canonical(text) in texts.get((row, column), "") for row, column, text in cells)


def best_table(parsed: ParsedDocument, label: dict[str, Any]) -> Table | None:
    """Return the table of the page that holds most of the labelled texts, None when none holds half of them."""

    def held(table: Table) -> int:
        whole = [canonical(cell.text) for cell in table.cells]
        return sum(any(canonical(text) in own for own in whole) for _, _, text in label["cells"])

    tables = [
        block.table
        for block in parsed.blocks
        if block.table is not None and any(box.page == label["page"] for box in block.boxes)
    ]
    best = max(tables, key=lambda table: (held(table), in_place(table, label["cells"])), default=None)
    return best if best is not None and 2 * held(best) >= len(label["cells"]) else None


async def run(folder: Path) -> int:
    """Parse the labelled files and print the result."""
    parsed: dict[str, ParsedDocument | None] = {}
    scores, right, total = [], 0, 0
    async with product_parser(ocr=True) as parser:
        for label in labels("tables.jsonl"):
            name = label["file"]
            if name not in parsed:
                path = await asyncio.to_thread(find, folder, name)
                parsed[name] = await parse(parser, path) if path is not None else None
            document = parsed[name]
            if document is None:
                print(f"{name}: not there")
                continue
            table = best_table(document, label)
            scores.append(0.0 if table is None else teds(table, grid(label), structure=True))
            placed = 0 if table is None else in_place(table, label["cells"])
            right, total = right + placed, total + len(label["cells"])
            shape = "not found" if table is None else f"{table.rows} x {table.columns}"
            print(
                f"{name} page {label['page']}: {shape}, labelled {label['rows']} x {label['columns']}, "
                f"structure {scores[-1]:.3f}, {placed}/{len(label['cells'])} texts in their cell",
                flush=True,
            )
    bars = [
        Bar(f"TEDS of structure, real tables (n={len(scores)})", fmean(scores) if scores else 0.0, None),
        Bar(f"texts in their cell (n={total})", right / max(total, 1), None),
    ]
    return verdict(bars)


def main() -> int:
    """Always 0: nothing is required of these figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.tables", description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="folder that holds the labelled files")
    return asyncio.run(run(parser.parse_args().documents))


if __name__ == "__main__":
    sys.exit(main())
