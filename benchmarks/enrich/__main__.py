"""Measure enrichment: ``python -m benchmarks.enrich [--seed N] [--documents N] [--folder FOLDER]``.

Generated documents give precision and recall of kinds, dates and terms, the share whose topic is among the keywords and
in the summary, and of near-duplicates at Jaccard .8. The demo corpus gives the same against labels read by a person.
Rules were made on seeds 1 to 9; the default is another. ``--folder`` prints what is found out about real files.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import yaml

from benchmarks.enrich.duplicates import measure
from benchmarks.enrich.generate import sample
from ingest.chunking import open_chunker
from ingest.enrich.profile import profile_of
from ingest.enrich.reading import Reading, read
from ingest.intake import sniff
from ingest.parsing.service import FileParser
from ingest.sandbox import Sandbox
from wenyuan.documents import ParsedDocument, Profile, SourceFile
from wenyuan.errors import FileError
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Chunker, Embedder, Vectors
from wenyuan.settings import EnrichSettings, Settings
from wenyuan.text import fold

CORPUS = Path(__file__).resolve().parents[2] / "eval" / "demo" / "corpus"
LABELS = Path(__file__).with_name("demo.yaml")


class Tally:
    """Precision and recall of sets, summed over documents."""

    def __init__(self) -> None:
        self.right = self.found = self.true = 0

    def add(self, found: Set[object], true: Set[object]) -> None:
        """Count what was found against what is true."""
        self.right += len(found & true)
        self.found += len(found)
        self.true += len(true)

    def line(self) -> str:
        """Return the figures."""
        precision, recall = self.right / max(self.found, 1), self.right / max(self.true, 1)
        return f"precision {precision:.3f}, recall {recall:.3f} ({self.true})"


def described(reading: Reading, media_type: str = "text/plain") -> Profile:
    return profile_of(EnrichSettings(), reading, media_type, {})


def generated(seed: int, documents: int) -> None:
    rng = random.Random(seed)
    kinds: Counter[bool] = Counter()
    topics: Counter[bool] = Counter()
    told: Counter[bool] = Counter()
    dates, terms = Tally(), Tally()
    texts = []
    for number in range(documents):
        one = sample(rng, "zh" if number % 2 else "en")
        profile = described(read(one.title, one.blocks))
        kinds[profile.kind == one.kind] += 1
        dates.add({(date.role.value, date.date) for date in profile.dates}, one.dates)
        terms.add({term.term for term in profile.terms}, one.terms)
        topics[any(one.topic in word for word in profile.keywords)] += 1
        told[any(one.topic in sentence.text for sentence in profile.summary)] += 1
        texts.append("\n".join(block.text for block in one.blocks))
    print(f"generated, seed {seed}, {documents} documents")
    print(f"  kind right {kinds[True] / documents:.3f}")
    print(f"  dates {dates.line()}")
    print(f"  terms {terms.line()}")
    print(f"  topic among the keywords {topics[True] / documents:.3f}, in the summary {told[True] / documents:.3f}")
    print(f"  near-duplicates: {measure(texts[: documents // 2], rng, 4).line()}")


async def parsed(paths: list[Path]) -> list[tuple[Path, str, ParsedDocument]]:
    settings = Settings()
    parser = FileParser(Sandbox(settings.ingest), None, settings.ingest.model_copy(update={"ocr": False}))
    found = []
    for path in paths:
        try:
            media_type = sniff(path, path.name)
            found.append((path, media_type, await parser.parse(SourceFile(str(path), path.name, "", 0, media_type))))
        except FileError as error:
            print(f"  {path.name}: {error.code}")
    return found


def chunk_vectors(title: str, document: ParsedDocument, chunker: Chunker, embedder: Embedder) -> dict[int, Vectors]:
    """Return the vector of a chunk that holds each block, as the pipeline gives them to the summary."""
    found: dict[int, Vectors] = {}
    for chunk in chunker.chunk(title, document):
        vector = embedder.embed_passages([f"{chunk.context}\n{chunk.text}"])[0]
        for part in chunk.ranges:
            found.setdefault(part.ordinal, vector)
    return found


def demo() -> None:
    settings = Settings()
    embedder = open_embedder(settings.embedding, settings.models_dir)
    chunker = open_chunker(settings.ingest, embedder)
    labels: dict[str, Any] = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    kinds: Counter[bool] = Counter()
    words: Counter[bool] = Counter()
    told: Counter[bool] = Counter()
    first: Counter[bool] = Counter()
    dates = Tally()
    texts = []
    for path, media_type, document in asyncio.run(parsed([CORPUS / name for name in labels])):
        true = labels[path.name]
        reading = read(path.stem, document.blocks)
        vectors = chunk_vectors(path.stem, document, chunker, embedder)
        profile = profile_of(EnrichSettings(), reading, media_type, vectors)
        kinds[profile.kind == true["kind"]] += 1
        dates.add({(d.role.value, d.date) for d in profile.dates}, {(role, str(day)) for role, day in true["dates"]})
        words.update(_hits(profile, true["keywords"]))
        summary = "".join(sentence.text for sentence in profile.summary)
        lead = "".join(part.text for part in reading.statements if part.prose)[: len(summary)]
        told.update(fold(word) in fold(summary) for word in true["keywords"])
        first.update(fold(word) in fold(lead) for word in true["keywords"])
        texts.append("\n".join(part.text for part in reading.statements))
    print(f"demo corpus, {len(texts)} documents")
    print(f"  kind right {kinds[True]} of {kinds.total()}")
    print(f"  dates {dates.line()}")
    print(f"  telling words among ten keywords {words[True]} of {words.total()}")
    print(
        f"  telling words in the summary {told[True]} of {told.total()}, in as much text from the start {first[True]}"
    )
    print(f"  near-duplicates: {measure(texts, random.Random(7), 40).line()}")


def _hits(profile: Profile, telling: list[str]) -> Iterator[bool]:
    """Yield for each telling word whether a keyword holds it, or it a keyword."""
    found = [fold(word) for word in profile.keywords]
    for word in telling:
        yield any(fold(word) in other or other in fold(word) for other in found)


def folder(path: Path) -> None:
    files = sorted(one for one in path.rglob("*") if one.is_file())
    for file, media_type, document in asyncio.run(parsed(files)):
        started = time.perf_counter()
        profile = described(read(file.stem, document.blocks), media_type)
        seconds = time.perf_counter() - started
        dates = ", ".join(f"{date.role} {date.date}" for date in profile.dates)
        words = "、".join(profile.keywords[:6])
        print(f"{profile.kind:10}{profile.confidence:6.2f}{seconds:7.2f}s  {file.name}  {words}  {dates}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=20_260)
    arguments.add_argument("--documents", type=int, default=400)
    arguments.add_argument("--folder", type=Path, help="describe the files of a folder and leave the rest out")
    options = arguments.parse_args()
    if options.folder is not None:
        folder(options.folder)
        return 0
    generated(options.seed, options.documents)
    demo()
    return 0


if __name__ == "__main__":
    sys.exit(main())
