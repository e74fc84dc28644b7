"""What is judged: answers and refusals over pooled passages, reading of a given passage, noise, evidence."""

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from benchmarks.extractive.examples import Tools, alone, given, halves
from benchmarks.extractive.figures import (
    auroc,
    calibration_error,
    holds_answer,
    mean,
    precision_recall,
    token_f1,
)
from benchmarks.extractive.pooled import Pooled, open_pool, pooled, read_corpus
from benchmarks.extractive.squad import SILENT, articles, question_set, seen, shared
from generation.extract import Extraction, Extractor
from wenyuan.answers import Evidence

Figures = Iterator[tuple[str, float]]

#: Name, set, and whether only the half is judged that nothing was learned from.
POOLED: Final = {
    "drcd": ("squad:drcd/DRCD_dev.json", False),
    "cmrc": ("squad:cmrc/cmrc2018_trial.json", False),
    "xquad-zh": ("squad:xquad/xquad.zh.json", False),
    "xquad-en": ("squad:xquad/xquad.en.json", True),
    "xquad-zh-en": ("cross:xquad/xquad.zh.json:xquad/xquad.en.json", True),
    "law": ("beir:law", True),
}
NOISE: Final = "rgb/zh_refine.first_half.jsonl"
EVIDENCE: Final = "expmrc/expmrc-squad-dev.json"
_NOISY: Final = 0.8
_PASSAGES: Final = 5


def judge_pooled(tools: Tools, extractor: Extractor, name: str, limit: int) -> Figures:
    """Yield the figures of answers and refusals of one set over all its passages."""
    spec, half = POOLED[name]
    corpus, answers = read_corpus(spec, tools.data, tools.chunker, tools.cache / "parses")
    pool = open_pool(corpus, tools.embedder, tools.vectors, tools.reranker)
    asked = halves(corpus)[1] if half else corpus.questions
    yield from pooled_figures(extractor, list(pooled(pool, asked, answers, limit)))


def pooled_figures(extractor: Extractor, rows: Sequence[Pooled]) -> Figures:
    """Yield the figures over questions with their evidence."""
    full, empty, seconds = [], [], []
    for row in rows:
        begun = time.perf_counter()
        full.append(extractor.extract(row.question, row.found))
        seconds.append(time.perf_counter() - begun)
        empty.append(extractor.extract(row.question, row.without))
    yield "questions", len(rows)
    if any(row.answers for row in rows):
        pairs = list(zip(rows, full, strict=True))
        yield "answer contains gold", mean(_contains(found, row.answers) for row, found in pairs)
        yield (
            "first citation contains gold",
            mean(bool(found.quotes) and holds_answer(_first(found, row), row.answers) for row, found in pairs),
        )
        yield (
            "first citation of the right document",
            mean(
                bool(found.quotes) and row.found[found.quotes[0].source].document_id in row.gold for row, found in pairs
            ),
        )
        short = [(quote, row) for found, row in zip(full, rows, strict=True) for quote in found.quotes if quote.short]
        yield "short answer given", len(short) / len(rows)
        if short:
            yield "short answer right", mean(_agrees(q.shown[slice(*q.short or ())], row.answers) for q, row in short)
    yield "refused", mean(not e.quotes for e in full)
    yield "refused without the document", mean(not e.quotes for e in empty)
    yield "AUROC", auroc([e.probability for e in full], [e.probability for e in empty])
    yield "characters per answer", mean(sum(len(q.shown) for q in e.quotes) for e in full if e.quotes)
    yield "ms p50", 1000 * float(np.percentile(seconds, 50))


def judge_reading(tools: Tools, extractor: Extractor, limit: int) -> Figures:
    """Yield the figures of refusals when the passage is given, over questions made to look answerable.

    Only articles are judged of which reader and gate have seen nothing.
    """
    data = question_set(SILENT, shared(articles(tools.data / SILENT)).judged)
    cases = random.Random(7).sample(list(data.cases), min(limit, len(data.cases)))
    probabilities, refused, due = [], [], []
    for case in cases:
        found = extractor.extract(case.question, [given(tools, case.question, data.paragraphs[case.gold])])
        probabilities.append(found.probability)
        refused.append(not found.quotes)
        due.append(not case.answers)
    yield "questions", len(cases)
    yield (
        "AUROC",
        auroc(
            [p for p, d in zip(probabilities, due, strict=True) if not d],
            [p for p, d in zip(probabilities, due, strict=True) if d],
        ),
    )
    precision, recall = precision_recall(refused, due)
    yield "refusal precision", precision
    yield "refusal recall", recall
    yield "calibration error", calibration_error(probabilities, [not d for d in due])


def judge_noise(tools: Tools, extractor: Extractor, limit: int) -> Figures:
    """Yield refusals over negative passages alone, and answers with four in five passages negative."""
    rows = [json.loads(line) for line in (tools.data / NOISE).read_text(encoding="utf-8").splitlines()][:limit]
    wrong = round(_PASSAGES * _NOISY)
    only = [_mixed(tools, row, 0, _PASSAGES) for row in rows]
    mixed = [_mixed(tools, row, _PASSAGES - wrong, wrong) for row in rows]
    yield "questions", len(rows)
    yield (
        "refused, negatives only",
        mean(not extractor.extract(row["query"], e).quotes for row, e in zip(rows, only, strict=True)),
    )
    yield (
        "answer contains gold, noise .8",
        mean(
            _contains(extractor.extract(row["query"], e), _flat(row["answer"]))
            for row, e in zip(rows, mixed, strict=True)
        ),
    )


def judge_evidence(tools: Tools, extractor: Extractor, limit: int) -> Figures:
    """Yield the token F1 of the first quote against the sentences people chose, the passage given."""
    scores = []
    known = seen(tools.data, EVIDENCE)
    paragraphs = [p for article in articles(tools.data / EVIDENCE) for p in article["paragraphs"]]
    cases = [(p["context"], qa) for p in paragraphs for qa in p["qas"] if str(qa["id"]) not in known]
    for text, qa in random.Random(7).sample(cases, min(limit, len(cases))):
        found = extractor.best(qa["question"], [given(tools, qa["question"], text)])
        said = found[0].shown if found else ""
        scores.append(max(token_f1(said, gold) for gold in qa["evidences"]))
    yield "questions", len(scores)
    yield "evidence F1", mean(scores)


def _contains(found: Extraction, answers: Sequence[str]) -> bool:
    return bool(found.quotes) and holds_answer(" ".join(q.shown for q in found.quotes), answers)


def _agrees(short: str, answers: Sequence[str]) -> bool:
    """Whether a short answer is a gold one, with a word more or less."""
    return holds_answer(short, answers) or any(holds_answer(gold, [short]) for gold in answers)


def _first(found: Extraction, row: Pooled) -> str:
    quote = found.quotes[0]
    return row.found[quote.source].text[quote.start : quote.end]


def _mixed(tools: Tools, row: Mapping[str, list[str]], positive: int, negative: int) -> list[Evidence]:
    """Return the first passages of each kind as evidence, best cosine first."""
    texts = [*row["positive"][:positive], *row["negative"][:negative]]
    query = tools.embedder.embed_queries([str(row["query"])])[0]
    scored = sorted(zip((tools.vectors.passages(texts) @ query).tolist(), texts, strict=True), reverse=True)
    return [alone(text, cosine) for cosine, text in scored]


def _flat(answers: Sequence[str | Sequence[str]]) -> list[str]:
    return [one for answer in answers for one in ([answer] if isinstance(answer, str) else answer)]
