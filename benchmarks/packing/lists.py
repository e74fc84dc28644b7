"""Measure what questions for everything gain by being recognised, on question sets in the SQuAD layout.

``python -m benchmarks.packing.lists --data FILE [FILE ...] --out FOLDER [--limit 100]``

Of each set the questions are taken that are recognised as asking for all there is, and answered twice by extraction
from what the packer gives: as a question for a fact, and as what they are. Printed: how often the answer contains the
gold answer, how often it is refused, passages given and characters quoted. ``--show`` prints the recognised questions.
"""

import argparse
import asyncio
from pathlib import Path

from benchmarks.extractive.figures import holds_answer
from benchmarks.packing.ways import Remembering
from eval.datasets import read_dataset
from eval.texts.vectors import VectorCache
from eval.texts.workspace import READER, open_workspace
from generation.extract import Extractor
from retrieval.packing.service import Packer
from retrieval.query.kind import QuestionKind, read_kind
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.settings import Settings


async def measure(path: Path, out: Path, limit: int, settings: Settings, *, show: bool) -> None:
    """Print two rows for one set."""
    dataset = read_dataset(path, "squad")
    known = [question for question in dataset.questions if read_kind(question.text).kind is not QuestionKind.FACT]
    asked = [question for question in known if question.answerable][:limit]
    print(f"== {dataset.name}: {len(known)} of {len(dataset.questions)} questions, {len(asked)} asked", flush=True)
    if show:
        print("\n".join(question.text for question in known))
    async with open_workspace(out / dataset.name, dataset, settings, lambda _done, _total: None) as workspace:
        store = SqlEvidenceStore(workspace.database)
        parts = (workspace.index, store, workspace.embedder, settings.retrieval)
        retriever = HybridRetriever(*parts, reranker=open_reranker(settings.retrieval))
        scope = await workspace.scope_of(READER)
        with VectorCache(out / "units", workspace.embedder) as vectors:
            extractor = Extractor(Remembering(workspace.embedder, vectors))
            for name, pool in (("as for a fact", 0), ("as for all", settings.packing.exhaustive)):
                packing = settings.packing.model_copy(update={"exhaustive": pool})
                packer = Packer(retriever, store, workspace.embedder, settings.model_copy(update={"packing": packing}))
                contained = refused = passages = characters = 0
                for question in asked:
                    packed = await packer.pack(scope, question.text)
                    found = extractor.extract(question.text, packed.evidence, exhaustive=packed.exhaustive)
                    text = " ".join(quote.shown for quote in found.quotes)
                    contained += holds_answer(text, question.answers)
                    refused += not found.quotes
                    passages += len(packed.evidence)
                    characters += len(text)
                total = max(1, len(asked))
                print(
                    f"{name:16}contains {contained / total:.3f}  refused {refused / total:.3f}"
                    f"  passages {passages / total:.1f}  characters {characters / total:.0f}",
                    flush=True,
                )


def main() -> None:
    """Print the figures of each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for the loaded sets; kept for the next run")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    for path in chosen.data:
        asyncio.run(measure(path, chosen.out, chosen.limit, Settings(), show=chosen.show))


if __name__ == "__main__":
    main()
