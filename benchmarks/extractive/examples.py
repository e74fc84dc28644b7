"""Examples to learn from, and the sets that they are taken from."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.extractive.figures import holds_answer
from benchmarks.extractive.learning import Example
from benchmarks.extractive.pooled import Pooled, open_pool, pooled, read_corpus
from benchmarks.extractive.squad import SILENT, articles, question_set, shared
from benchmarks.retrieval.sets import Asked, Corpus
from eval.texts.vectors import VectorCache
from generation.extract import Extractor
from generation.pool import Pool
from generation.scoring import read_question
from wenyuan.answers import Evidence
from wenyuan.ports import Chunker, Embedder, Reranker
from wenyuan.text import detect_language, sentences


@dataclass(frozen=True, slots=True)
class Taught:
    """A set to learn from: the case it is an example of, and which of its questions.

    ``tail``: only questions of the last tenth of the paragraphs (the reader was trained on the others), searched among
    the last fifth. ``half``: only those of the first half of the paragraphs or questions; the rest is judged.
    """

    case: str
    spec: str
    tail: bool = False
    half: bool = False


TAUGHT: Final = (
    Taught("zh", "squad:cmrc/cmrc2018_train.json.gz", tail=True),
    Taught("zh", "beir:law", half=True),
    Taught("en", "squad:xquad/xquad.en.json", half=True),
    Taught("cross", "cross:xquad/xquad.zh.json:xquad/xquad.en.json", half=True),
    Taught("cross", "cross:xquad/xquad.en.json:xquad/xquad.zh.json", half=True),
)
_FIFTH: Final = 5
_TENTH: Final = 10
_SEED: Final = 11


@dataclass(frozen=True, slots=True)
class Tools:
    """What reads, cuts, embeds and orders."""

    data: Path
    cache: Path
    chunker: Chunker
    embedder: Embedder
    vectors: VectorCache
    reranker: Reranker


def halves(corpus: Corpus) -> tuple[list[Asked], list[Asked]]:
    """Return the questions to learn from and those that are judged: no passage is gold in both."""
    gold = sorted({key for question in corpus.questions for key in question.relevant})
    first = set(gold[: len(gold) // 2])
    learned = [q for q in corpus.questions if first.issuperset(q.relevant)]
    judged = [q for q in corpus.questions if first.isdisjoint(q.relevant)]
    return learned, judged


def taught(tools: Tools, chosen: Taught, limit: int) -> list[Pooled]:
    """Return questions of a set with their evidence."""
    corpus, answers = read_corpus(chosen.spec, tools.data, tools.chunker, tools.cache / "parses")
    asked: Sequence[Asked] = corpus.questions
    if chosen.tail:
        documents = sorted({passage.document for passage in corpus.passages})
        near = set(documents[-len(documents) // _FIFTH :])
        held = set(documents[-len(documents) // _TENTH :])
        corpus = replace(corpus, passages=tuple(p for p in corpus.passages if p.document in near))
        asked = [q for q in corpus.questions if held.issuperset(q.relevant)]
    elif chosen.half:
        asked = halves(corpus)[0]
    pool = open_pool(corpus, tools.embedder, tools.vectors, tools.reranker)
    return list(pooled(pool, asked, answers, limit))


def examples(tools: Tools, extractor: Extractor, case: str, row: Pooled) -> Iterator[Example]:
    """Yield what a question gives with the gold text, without it, and with all but the sentences that answer."""
    question = read_question(row.question)
    silent = redacted(tools, row)
    share = 0.5 if silent else 1.0
    for evidence, answered, weight in ((row.found, True, 1.0), (row.without, False, share), (silent, False, share)):
        pool = extractor.pools(question, evidence).get(case == "cross") if evidence else None
        # A gold text that was not found is no evidence of an answer, nor a sign that there is none.
        if pool is not None and (not answered or any(e.document_id in row.gold for e in evidence)):
            yield replace(example(pool, row, evidence, answered=answered), weight=weight)


def silent_examples(tools: Tools, extractor: Extractor, limit: int) -> list[Example]:
    """Return what single passages give of which people asked what they answer and what they do not."""
    data = question_set(SILENT, shared(articles(tools.data / SILENT)).fitted)
    found = []
    for case in random.Random(_SEED).sample(list(data.cases), min(limit, len(data.cases))):
        pools = extractor.pools(read_question(case.question), [given(tools, case.question, data.paragraphs[case.gold])])
        if False in pools:
            support = np.array(pools[False].support.values())
            found.append(Example(None, None, support, bool(case.answers)))
    return found


def redacted(tools: Tools, row: Pooled) -> tuple[Evidence, ...]:
    """Return the passages found without the sentences that hold an answer: on the matter, and silent."""
    if not row.answers:
        return ()
    query = tools.embedder.embed_queries([row.question])[0]
    left = []
    for piece in row.found:
        if holds_answer(piece.text, row.answers):
            kept = [s.text for s in sentences(piece.text) if not holds_answer(s.text, row.answers)]
            text = ("" if piece.language == "zh" else " ").join(kept)
            if kept and not holds_answer(text, row.answers):
                cosine = float(tools.embedder.embed_passages([text])[0] @ query)
                left.append(replace(piece, text=text, dense=cosine))
        else:
            left.append(piece)
    return tuple(left)


def example(pool: Pool, row: Pooled, evidence: Sequence[Evidence], *, answered: bool) -> Example:
    """Return the example of one pool."""
    mask = np.array(
        [evidence[s.unit.source].document_id in row.gold and holds_answer(s.unit.text, row.answers) for s in pool.units]
    )
    known = answered and bool(mask.any()) and bool(row.answers)
    units = np.array([s.features.values() for s in pool.units])
    return Example(units if known else None, mask if known else None, np.array(pool.support.values()), answered)


def given(tools: Tools, question: str, text: str) -> Evidence:
    """Return a passage as the only evidence for a question."""
    return alone(text, float(tools.embedder.embed_queries([question])[0] @ tools.vectors.passages([text])[0]))


def alone(text: str, cosine: float) -> Evidence:
    """Return a passage as the only evidence, with its cosine."""
    return Evidence("0", "0", "0", "", text, "", (), (1,), (), detect_language(text), None, cosine, dense=cosine)
