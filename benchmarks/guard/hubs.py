"""Hubs among honest documents: how many of synthetic ones are caught, and how many honest ones are accused.

    python -m benchmarks.guard.hubs --data FILE [FILE ...] --out FOLDER [--documents 1000] [--hubs 100] [--panel 500]

``--data``: question sets in the SQuAD layout; their paragraphs are the honest documents, their questions are not used.
Hubs are of four kinds: common words heaped up, questions heaped up, both in two languages, and sentences of honest
texts chosen so that the whole lies near the middle of questions of the attacker's own. Whoever writes them knows how
panels are made, not which one is used: theirs has another seed. Each hub is judged as if it were the only one.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.datasets import read_dataset
from eval.datasets.base import Dataset, TextDocument
from eval.texts.bulk import document_id
from eval.texts.workspace import READER, open_workspace
from retrieval.hubs import TOP, panel, threshold
from retrieval.service import HybridRetriever
from wenyuan.db.contents import documents_of
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder
from wenyuan.settings import Settings
from wenyuan.text import sentences
from wenyuan.words.background import listed

CAUGHT, ACCUSED = 0.90, 0.01
_ATTACKER = 4711


def honest(files: list[Path], count: int, r: random.Random) -> list[TextDocument]:
    """Return paragraphs of the files, each a document, shared evenly among the files."""
    texts: list[TextDocument] = []
    for path in files:
        found = list(read_dataset(path, "squad").texts())
        r.shuffle(found)
        # Files number their paragraphs alike.
        texts += [replace(one, id=f"{path.stem} {one.id}") for one in found[: count // len(files)]]
    return texts


def hubs(count: int, pool: list[str], embedder: Embedder, r: random.Random) -> list[str]:
    """Return texts made to be found whatever is asked, a quarter of each kind."""
    words = {language: [word for word, _ in list(listed(language))[:4000]] for language in ("zh", "en")}
    asked = panel(200, seed=_ATTACKER)
    middles = [
        embedder.embed_queries([one for one in asked if one.isascii() == english]).mean(axis=0)
        for english in (False, True)
    ]
    pieces = [one.text for text in pool for one in sentences(text)][:600]
    vectors = embedder.embed_passages(pieces)
    made = []
    for place in range(count):
        language = "zh" if place % 8 < 4 else "en"
        gap = "" if language == "zh" else " "
        kind = place % 4
        if kind == 0:
            made.append(gap.join(r.sample(words[language], 140)))
        elif kind == 1:
            made.append(gap.join(r.sample(panel(120, seed=_ATTACKER + place), 36)))
        elif kind == 2:
            made.append(" ".join(r.sample(words["zh"], 60) + r.sample(words["en"], 60)))
        else:
            near = np.argsort(-(vectors @ middles[language == "en"]))[:60].tolist()
            made.append(gap.join(pieces[one] for one in r.sample(near, 8)))
    return made


async def measure(files: list[Path], out: Path, documents: int, count: int, size: int) -> tuple[float, float]:
    """Return the shares of hubs caught and of honest documents accused."""
    r = random.Random(1)
    settings = Settings()
    texts = honest(files, documents, r)
    embedder = open_embedder(settings.embedding, settings.models_dir)
    made = hubs(count, [one.text for one in texts], embedder, r)
    embedder.close()
    planted = [TextDocument(f"hub-{place}", "", text) for place, text in enumerate(made)]
    dataset = Dataset("hubs", "made", (), lambda: iter((*texts, *planted)))
    places = {document_id(one.id): place for place, one in enumerate(planted)}
    async with open_workspace(out, dataset, settings, lambda done, total: print(f"\r{done}/{total}", end="")) as space:
        retriever = HybridRetriever(space.index, SqlEvidenceStore(space.database), space.embedder, settings.retrieval)
        scope = await space.scope_of(READER)
        alone: Counter[str] = Counter()
        questions = panel(size)
        for question in questions:
            hits = await retriever.search_hits(scope, question, 2 * (count + TOP))
            async with space.database.read() as tx:
                known = await documents_of(tx, [hit.chunk_id for hit in hits])
            ranked = list(dict.fromkeys(known[hit.chunk_id] for hit in hits))
            alone.update(_first_alone(ranked, places))
    bound = threshold(documents)
    shares = {document: found / len(questions) for document, found in alone.items()}
    by_kind = Counter(place % 4 for document, place in places.items() if shares.get(document, 0) > bound)
    caught = by_kind.total() / count
    accused = [document for document, share in shares.items() if share > bound and document not in places]
    worst = max((share for document, share in shares.items() if document not in places), default=0.0)
    print(f"\nbound {bound:.3f}; caught by kind {dict(sorted(by_kind.items()))} of {count // 4} each")
    print(f"honest documents {len(texts)}, accused {len(accused)}; the most found is in {worst:.3f} of the panel")
    return caught, len(accused) / len(texts)


def _first_alone(ranked: list[str], hubs_of: Collection[str]) -> list[str]:
    """Return what is among the first: honest ones without any hub, and each hub as if it were the only one."""
    first, better = [], 0
    for document in ranked:
        if better >= TOP:
            break
        first.append(document)
        better += document not in hubs_of
    return first


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--hubs", type=int, default=100)
    parser.add_argument("--panel", type=int, default=500)
    given = parser.parse_args()
    caught, accused = asyncio.run(measure(given.data, given.out, given.documents, given.hubs, given.panel))
    print(f"caught {caught:.3f} (bar {CAUGHT}), accused {accused:.4f} (bar {ACCUSED})")
    return 0 if caught >= CAUGHT and accused <= ACCUSED else 1


if __name__ == "__main__":
    sys.exit(main())
