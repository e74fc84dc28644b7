"""Text PDFs whose content is known: ``python -m benchmarks.parsing.pdf --seeds 1-9``.

Prints a line per document: characters (F1), headings (precision, recall, both also with levels), reading order of
paragraphs, tables by kind (TEDS, structure alone in brackets), and what went wrong with ``--details``. Seeds 1 to 9 are
for tuning; those from 100 on are for the final figure. Exit code 1 when a bar is missed.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Final

from benchmarks.parsing.metrics.headings import heading_faults, heading_scores
from benchmarks.parsing.metrics.order import broken_pairs, pairs_in_order
from benchmarks.parsing.metrics.teds import match_tables, teds
from benchmarks.parsing.metrics.text import Score, canonical, char_score
from benchmarks.parsing.parser import headings_of, parse, product_parser, shown, tables_of, text_of
from benchmarks.parsing.report import Bar, verdict
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.expected import Expected, expected_of
from benchmarks.parsing.truth.model import TableKind
from benchmarks.parsing.truth.render import CACHE, GENERATORS, as_drawn, rendered
from wenyuan.documents import ParsedDocument

_TIGHT: Final = (TableKind.RULED, TableKind.MERGED, TableKind.CONTINUED)
_LOOSE: Final = (TableKind.THREE_LINE, TableKind.BORDERLESS)


@dataclass(frozen=True, slots=True)
class TableScore:
    """One expected table: TEDS, of its structure alone, and whether any table was found for it."""

    kind: TableKind
    content: float
    structure: float
    found: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of one document."""

    name: str
    seconds: float
    characters: Score
    headings: Score
    levels: Score
    order: tuple[int, int]
    tables: tuple[TableScore, ...]
    extra_tables: int
    faults: tuple[str, ...] = field(default=())


def measure(name: str, parsed: ParsedDocument, expected: Expected, seconds: float = 0.0) -> Measured:
    """Compare a parsed document with its truth."""
    blocks = shown(parsed)
    text = text_of(blocks)
    headings, levels = heading_scores(headings_of(parsed), expected.headings)
    found = tables_of(parsed)
    matched = match_tables(found, [table for _, table in expected.tables])
    tables = []
    for (kind, truth), table in zip(expected.tables, matched, strict=True):
        if table is None:
            tables.append(TableScore(kind, 0.0, 0.0, found=False))
        else:
            tables.append(TableScore(kind, teds(table, truth), teds(table, truth, structure=True), found=True))
    return Measured(
        name,
        seconds,
        char_score(text, expected.text),
        headings,
        levels,
        pairs_in_order(text, expected.probes),
        tuple(tables),
        len(found) - sum(table is not None for table in matched),
        tuple(_faults(parsed, expected, text)),
    )


def _faults(parsed: ParsedDocument, expected: Expected, text: str) -> list[str]:
    faults = heading_faults(headings_of(parsed), expected.headings)
    faults += [f"order: {first} | {second}" for first, second in broken_pairs(text, expected.probes)]
    ours, theirs = (Counter(canonical(side)) for side in (text, expected.text))
    for name, bag in (("lost", theirs - ours), ("added", ours - theirs)):
        if bag:
            faults.append(f"characters {name}: {''.join(bag.elements())[:80]}")
    return faults


def line(row: Measured) -> str:
    """Format one document."""
    kinds = defaultdict(list)
    for table in row.tables:
        kinds[table.kind].append(f"{table.content:.3f}({table.structure:.2f}){'' if table.found else ' not found'}")
    tables = "  ".join(f"{kind} {' '.join(scores)}" for kind, scores in kinds.items())
    extra = f"  +{row.extra_tables} more tables" if row.extra_tables else ""
    return (
        f"{row.name:32} {row.seconds:5.1f}s F1 {row.characters.f1:.4f}  "
        f"headings {row.headings.precision:.3f}/{row.headings.recall:.3f} "
        f"levels {row.levels.precision:.3f}/{row.levels.recall:.3f}  "
        f"order {row.order[0]}/{row.order[1]}  {tables}{extra}"
    )


def totals(rows: Sequence[Measured]) -> list[Bar]:
    """Return the bars over all documents."""
    tables = [table for row in rows for table in row.tables]
    headings, levels = (sum((getattr(row, part) for row in rows), Score(0, 0, 0)) for part in ("headings", "levels"))
    order = [sum(row.order[part] for row in rows) for part in (0, 1)]
    bars = [
        Bar("characters F1, mean", fmean(row.characters.f1 for row in rows), 0.985),
        Bar("characters F1, least", min(row.characters.f1 for row in rows), None),
        Bar("headings, precision", headings.precision, None),
        Bar("headings, recall", headings.recall, None),
        Bar("headings with levels, precision", levels.precision, 0.95),
        Bar("headings with levels, recall", levels.recall, 0.95),
        Bar("reading order of paragraphs", order[0] / max(order[1], 1), None),
    ]
    for kind in TableKind:
        scores = [table.content for table in tables if table.kind is kind]
        if scores:
            bars.append(Bar(f"TEDS {kind} (n={len(scores)})", fmean(scores), None))
    for name, kinds, bar in (("ruled, merged, continued", _TIGHT, 0.97), ("three-line, borderless", _LOOSE, 0.85)):
        scores = [table.content for table in tables if table.kind in kinds]
        if scores:
            bars.append(Bar(f"TEDS {name}", fmean(scores), bar))
    return [*bars, Bar("tables found that are none", float(sum(row.extra_tables for row in rows)), None)]


async def run(seeds: Sequence[int], generators: Sequence[str], cache: Path, *, details: bool, ocr: bool) -> int:
    """Parse every document and print the result."""
    paths = await asyncio.to_thread(rendered, seeds, generators, cache)
    rows = []
    async with product_parser(ocr=ocr) as parser:
        for (seed, generator), path in paths.items():
            started = time.perf_counter()
            parsed = await parse(parser, path)
            seconds = time.perf_counter() - started
            rows.append(measure(path.stem, parsed, expected_of(as_drawn(compose(seed), generator)), seconds))
            print(line(rows[-1]), flush=True)
            if details:
                print(*(f"    {fault}" for fault in rows[-1].faults), sep="\n")
    return verdict(totals(rows))


def seed_list(text: str) -> list[int]:
    """Return the numbers of ``1-3,7``."""
    parts = (part.partition("-") for part in text.split(","))
    return [seed for first, _, last in parts for seed in range(int(first), int(last or first) + 1)]


def main() -> int:
    """Exit code 0 when all bars hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parsing.pdf", description=__doc__)
    parser.add_argument("--seeds", default="1-9", help="for instance 1-3,7")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the drawn files are kept")
    parser.add_argument("--details", action="store_true", help="list what differs")
    parser.add_argument("--no-ocr", action="store_true", help="do not start the recognition child")
    options = parser.parse_args()
    work = run(
        seed_list(options.seeds),
        options.generators.split(","),
        options.cache,
        details=options.details,
        ocr=not options.no_ocr,
    )
    return asyncio.run(work)


if __name__ == "__main__":
    sys.exit(main())
