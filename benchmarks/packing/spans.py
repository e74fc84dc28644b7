"""Measure what each part of packing does to the share of marked spans that reach the answerer.

``python -m benchmarks.packing.spans --data FOLDER --cache FOLDER [--chunks 5]``

The data is that of ``benchmarks.chunking.recall``; its corpora are cut by the product and ranked by cosine. Printed for
each way of packing: token recall, precision and IoU of the spans, and the tokens packed. The last rows rank more chunks
instead: what the tokens of the surroundings are worth when they are spent on the next ranks.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Final

import numpy as np

from benchmarks.chunking.cutters import parse
from benchmarks.chunking.recall import read_questions
from benchmarks.chunking.spans import Locator, Span, measure
from benchmarks.packing.ways import WAYS
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.packing.selection import choose, cost, surround
from wenyuan.answers import Beside, Evidence
from wenyuan.db.contents import embedded_text
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Chunker
from wenyuan.settings import PackingSettings, Settings

_POOL: Final = 20
_UNBOUNDED: Final = 1_000_000
_FAR: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as evidence, its place in the sections of its corpus, and the span of the source that it covers."""

    evidence: Evidence
    section: int
    span: Span


def cut(path: Path, chunker: Chunker) -> Iterator[Piece]:
    """Yield the chunks of a corpus in order."""
    locator = Locator(path.read_text(encoding="utf-8"))
    for chunk in chunker.chunk(path.stem, parse(path)):
        spans = [span for part in chunk.ranges if (span := locator.find(chunk.text[part.start : part.end])) is not None]
        if spans:
            evidence = Evidence(
                f"{path.stem} {chunk.ordinal}",
                path.stem,
                path.stem,
                path.stem,
                chunk.text,
                chunk.context,
                chunk.heading_path,
                chunk.pages,
                chunk.ranges,
                chunk.language,
                chunk.anchor,
                0.0,
            )
            yield Piece(evidence, chunk.section, (spans[0][0], spans[-1][1]))


def beside(pieces: Sequence[Piece], place: int, settings: PackingSettings) -> Iterator[Beside]:
    """Yield what stands beside a chunk in its section."""
    own = pieces[place]

    def same(other: int) -> bool:
        near = pieces[other]
        return near.evidence.document_id == own.evidence.document_id and near.section == own.section

    first = place
    while first > 0 and same(first - 1):
        first -= 1
    around = range(max(0, place - settings.neighbours), min(len(pieces), place + settings.neighbours + 1))
    for other in sorted({*around, *([first] if settings.openings else [])} - {place}):
        if same(other):
            yield Beside(own.evidence.chunk_id, other - place, pieces[other].evidence)


def main() -> None:
    """Print a row for each way of packing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps vectors from run to run")
    parser.add_argument("--chunks", type=int, default=5)
    chosen = parser.parse_args()
    settings = Settings()
    embedder = open_embedder(settings.embedding, settings.models_dir)
    paths = sorted((chosen.data / "corpora").glob("*.md"))
    pieces = [piece for path in paths for piece in cut(path, open_chunker(settings.ingest, embedder))]
    questions = read_questions(chosen.data, [path.stem for path in paths])
    with VectorCache(chosen.cache, embedder) as vectors:
        held = vectors.passages([embedded_text(piece.evidence.context, piece.evidence.text) for piece in pieces])
    near = np.concatenate([embedder.embed_queries([question.text]) for question in questions]) @ held.T
    order = np.argsort(-near, axis=1, kind="stable")[:, :_POOL]
    heads = "".join(f"{head:>10}" for head in ("recall", "precision", "IoU", "tokens"))
    print(f"{len(questions)} questions, {len(pieces)} chunks\n{'':24}{heads}")
    rows = [(name, way, chosen.chunks) for name, way in WAYS.items()]
    more = range(chosen.chunks + 1, 2 * chosen.chunks + 1)
    rows += [(f"as ranked, {count} chunks", WAYS["as ranked"], count) for count in more]
    places = {piece.evidence.chunk_id: place for place, piece in enumerate(pieces)}
    for name, way, count in rows:
        found, tokens = [], []
        for question, ranked, scores in zip(questions, order, near, strict=True):
            given = packed(pieces, places, [(place, float(scores[place])) for place in ranked], way, count)
            spans = [pieces[places[piece.chunk_id]].span for piece in given if piece.document_id == question.corpus]
            others = [pieces[places[piece.chunk_id]].span for piece in given if piece.document_id != question.corpus]
            shifted = [[(start + _FAR, end + _FAR)] for start, end in others]
            found.append(measure(question.references, [*([span] for span in spans), *shifted]))
            tokens.append(sum(cost(piece, embedder.count_tokens) for piece in given))
        figures = "".join(f"{mean(getattr(one, key) for one in found):10.3f}" for key in ("recall", "precision", "iou"))
        print(f"{name:24}{figures}{mean(tokens):10.0f}", flush=True)


def packed(
    pieces: Sequence[Piece],
    places: dict[str, int],
    ranked: Sequence[tuple[int, float]],
    way: PackingSettings,
    count: int,
) -> list[Evidence]:
    """Return what one way packs of the ranked places."""
    chosen = choose([replace(pieces[place].evidence, score=score) for place, score in ranked], count, way)
    near = [one for piece in chosen for one in beside(pieces, places[piece.chunk_id], way)]
    return surround(chosen, near, _UNBOUNDED, len, way.duplicates)


if __name__ == "__main__":
    main()
