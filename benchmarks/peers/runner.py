"""Other engines over one set, as a program of its own: ``python runner.py ENGINE FOLDER``.

It imports nothing of this project, so that it also runs in an environment that has only the engines. FOLDER holds
``passages.jsonl`` and ``questions.jsonl`` (``id``, ``text``; a passage also ``policy``), ``passages.npy`` and
``questions.npy`` (vectors, in that order) and ``task.json`` (``k``; ``scopes``, lists of policies that a reader sees;
``scoped``, how many questions are asked in each scope). Nothing is embedded here. Prints JSON lines: ``built`` with
seconds and MB, then an ``answer`` a question and scope (null: no filter) with ids and milliseconds.

Engines, each as its documentation says for Chinese where it says anything: ``bm25s`` with words of jieba's search mode,
English ones stemmed; ``llama-bm25``, whose tokenizer is a pattern, given the same words joined by blanks;
``llama-vector``, the default index; ``haystack-hybrid``, the in-memory store's BM25 (one token a character, its
default) and vectors, joined by reciprocal ranks; ``haystack-jieba``, the same with BM25 over those words.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

Row = dict[str, Any]
#: (question, its vector, how many, the policies that are seen or None) -> ids, best first.
Search = Callable[[str, list[float], int, list[int] | None], list[str]]

_WORDS = r"(?u)\S+"


def cut(text: str) -> str:
    """Return the words of a text with blanks between them, English ones as their stems."""
    jieba: Any = import_module("jieba")
    words = [word for word in jieba.cut_for_search(text.lower()) if re.search(r"\w", word)]
    return " ".join(_stemmer().stemWords(words))


@cache
def _stemmer() -> Any:
    return import_module("Stemmer").Stemmer("english")


def _bm25s(passages: Sequence[Row], vectors: Any) -> Search:
    bm25s, numpy = import_module("bm25s"), import_module("numpy")
    engine = bm25s.BM25()
    engine.index([cut(passage["text"]).split() for passage in passages], show_progress=False)
    policies = numpy.array([passage["policy"] for passage in passages])

    def search(text: str, vector: list[float], k: int, seen: list[int] | None) -> list[str]:
        mask = None if seen is None else numpy.isin(policies, seen).astype("float32")
        asked = {"k": min(k, len(passages)), "weight_mask": mask, "show_progress": False}
        places, scores = engine.retrieve([cut(text).split()], **asked)
        return [passages[place]["id"] for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return search


def _nodes(passages: Sequence[Row], texts: Sequence[str], vectors: Any) -> list[Any]:
    schema = import_module("llama_index.core.schema")
    return [
        schema.TextNode(
            id_=passage["id"],
            text=text,
            metadata={"policy": passage["policy"]},
            excluded_embed_metadata_keys=["policy"],
            embedding=vector,
        )
        for passage, text, vector in zip(passages, texts, vectors, strict=True)
    ]


def _filters(seen: list[int] | None) -> Any:
    types = import_module("llama_index.core.vector_stores")
    if seen is None:
        return None
    return types.MetadataFilters(filters=[types.MetadataFilter(key="policy", value=seen, operator="in")])


def _llama_bm25(passages: Sequence[Row], vectors: Any) -> Search:
    kind = import_module("llama_index.retrievers.bm25").BM25Retriever
    nodes = _nodes(passages, [cut(passage["text"]) for passage in passages], [None] * len(passages))
    options = {"skip_stemming": True, "token_pattern": _WORDS}
    whole = kind.from_defaults(nodes=nodes, similarity_top_k=1, **options)

    def search(text: str, vector: list[float], k: int, seen: list[int] | None) -> list[str]:
        # The retriever takes its filter when it is made: a mask over an index that is kept.
        one = whole
        if seen is not None:
            mask = [int(node.metadata["policy"] in wanted) for node in nodes] if (wanted := set(seen)) else []
            one = kind(existing_bm25=whole.bm25, corpus_weight_mask=mask, **options)
            one.corpus = whole.corpus
        one.similarity_top_k = min(k, len(nodes))
        return [item.node.node_id for item in one.retrieve(cut(text)) if (item.score or 0) > 0]

    return search


def _llama_vector(passages: Sequence[Row], vectors: Any) -> Search:
    core = import_module("llama_index.core")
    bundle = import_module("llama_index.core.schema").QueryBundle
    mock = import_module("llama_index.core.embeddings").MockEmbedding(embed_dim=len(vectors[0]))
    nodes = _nodes(passages, [passage["text"] for passage in passages], vectors.tolist())
    index = core.VectorStoreIndex(nodes, embed_model=mock)

    def search(text: str, vector: list[float], k: int, seen: list[int] | None) -> list[str]:
        retriever = index.as_retriever(similarity_top_k=k, filters=_filters(seen))
        return [item.node.node_id for item in retriever.retrieve(bundle(text, embedding=vector))]

    return search


def _haystack(*, words: bool) -> Callable[[Sequence[Row], Any], Search]:
    def prepare(text: str) -> str:
        return cut(text) if words else text

    def made(passages: Sequence[Row], vectors: Any) -> Search:
        haystack = import_module("haystack")
        memory = import_module("haystack.components.retrievers.in_memory")
        joiner = import_module("haystack.components.joiners").DocumentJoiner
        options = {"bm25_tokenization_regex": _WORDS} if words else {}
        store = import_module("haystack.document_stores.in_memory").InMemoryDocumentStore(
            embedding_similarity_function="cosine", return_embedding=False, **options
        )
        store.write_documents(
            [
                haystack.Document(
                    id=row["id"], content=prepare(row["text"]), embedding=vector, meta={"policy": row["policy"]}
                )
                for row, vector in zip(passages, vectors.tolist(), strict=True)
            ]
        )
        pipeline = haystack.Pipeline()
        pipeline.add_component("bm25", memory.InMemoryBM25Retriever(store))
        pipeline.add_component("dense", memory.InMemoryEmbeddingRetriever(store))
        pipeline.add_component("join", joiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("bm25", "join")
        pipeline.connect("dense", "join")

        def search(text: str, vector: list[float], k: int, seen: list[int] | None) -> list[str]:
            filters = None if seen is None else {"field": "meta.policy", "operator": "in", "value": seen}
            asked = {"filters": filters, "top_k": k}
            joined = pipeline.run(
                {
                    "bm25": {"query": prepare(text), **asked},
                    "dense": {"query_embedding": vector, **asked},
                    "join": {"top_k": k},
                }
            )
            return [document.id for document in joined["join"]["documents"]]

        return search

    return made


ENGINES: dict[str, Callable[[Sequence[Row], Any], Search]] = {
    "bm25s": _bm25s,
    "llama-bm25": _llama_bm25,
    "llama-vector": _llama_vector,
    "haystack-hybrid": _haystack(words=False),
    "haystack-jieba": _haystack(words=True),
}


def peak_mb() -> int:
    """Return the most memory that this process has had, without what its parent had before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def main(engine: str, folder: Path) -> None:
    """Build the index of one engine and answer every question, then the first ones in each scope."""
    numpy = import_module("numpy")
    passages, questions = _rows(folder / "passages.jsonl"), _rows(folder / "questions.jsonl")
    vectors, asked = numpy.load(folder / "passages.npy"), numpy.load(folder / "questions.npy").tolist()
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    start = time.perf_counter()
    search = ENGINES[engine](passages, vectors)
    search(questions[0]["text"], asked[0], task["k"], None)
    _say(built=round(time.perf_counter() - start, 2), mb=peak_mb())
    for place, seen in enumerate([None, *task["scopes"]]):
        portion = questions if seen is None else questions[: task["scoped"]]
        for question, vector in zip(portion, asked, strict=False):
            start = time.perf_counter()
            found = search(question["text"], vector, task["k"], seen)
            took = 1000 * (time.perf_counter() - start)
            _say(answer=question["id"], scope=place - 1 if place else None, ids=found, ms=round(took, 3))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
