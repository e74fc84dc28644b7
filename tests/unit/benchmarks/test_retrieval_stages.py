"""The bench of the stages: sets, the search in memory, what is learned, the interval of a gain."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.retrieval.exact import BIGRAMS, load, query_of_kinds
from benchmarks.retrieval.map_learning import Lessons, learn_gate, lessons
from benchmarks.retrieval.order_learning import Group, fit
from benchmarks.retrieval.report import interval, rows
from benchmarks.retrieval.sets import Asked, Corpus, Passage, few, read_set, without
from benchmarks.retrieval.stages import STAGES, Stages
from eval.texts.vectors import VectorCache
from ingest.chunking import StructureChunker
from retrieval.lexical import document_vector, query_vector
from retrieval.querymap import Gate
from retrieval.rerank.features import NAMES
from retrieval.rerank.linear import LinearReranker
from tests.unit.retrieval.test_service import BagEmbedder
from wenyuan.settings import RetrievalSettings

TEXTS = ("差旅住宿标准为每晚五百元", "开关柜的额定电压为十二千伏", "食堂开放时间", "travel policy of the company")


def corpus(name: str = "small") -> Corpus:
    passages = tuple(Passage(f"d{n}", "", text, (f"d{n}",)) for n, text in enumerate(TEXTS))
    return Corpus(name, passages, (Asked("q0", "住宿标准是多少", {"d0": 1}), Asked("q1", "额定电压", {"d1": 1})))


def test_tables_and_paragraphs_of_a_report_are_passages(tmp_path: Path) -> None:
    page = {
        "table": {"table": [["", "2019"], ["Sales", "5"]]},
        "paragraphs": [{"order": 1, "text": "Sales grew."}],
        "questions": [
            {"uid": "a", "question": "Sales?", "answer_from": "table-text", "rel_paragraphs": ["1"]},
            {"uid": "b", "question": "None?", "answer_from": "text", "rel_paragraphs": []},
        ],
    }
    (tmp_path / "t.json").write_text(json.dumps([page]), encoding="utf-8")
    read = read_set("t", "tatqa:t.json", tmp_path, StructureChunker(len, 200), tmp_path)
    found = [(p.document, p.pages, p.keys, p.text) for p in read.passages]
    assert found == [("0", (1,), ("0-t",), "| 2019\nSales | 5"), ("0", (1,), ("0-1",), "Sales grew.")]
    assert read.questions == (Asked("a", "Sales?", {"0-1": 1, "0-t": 1}),)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kinds are"):
        read_set("x", "csv:x", tmp_path, StructureChunker(len, 200), tmp_path)


def test_judged_texts_are_kept_out_and_a_sample_answers_its_questions() -> None:
    judged = Corpus("judged", (Passage("x", "", TEXTS[1], ("x",)),), ())
    assert [q.id for q in without(corpus(), [judged]).questions] == ["q0"]
    taken = few(corpus(), 1, 5)
    assert len(taken.passages) == len(taken.questions) == 1
    assert taken.questions[0].relevant.keys() == {taken.passages[0].document}


def test_the_search_in_memory_is_the_dot_product(tmp_path: Path) -> None:
    with VectorCache(tmp_path, BagEmbedder()) as cache:
        searched = load(corpus(), cache)
    terms = query_vector("住宿标准")
    asked = dict(zip(terms.indices, terms.values, strict=True))
    held = document_vector(TEXTS[0])
    wanted = sum(asked.get(term, 0.0) * weight for term, weight in zip(held.indices, held.values, strict=True))
    hits = searched.sparse(terms, 3)
    assert [hit.chunk_id for hit in hits] == ["0"]
    assert hits[0].score == pytest.approx(wanted, rel=1e-5)
    vector = BagEmbedder().embed_queries([TEXTS[2]])[0]
    assert searched.dense(vector, 2)[0].chunk_id == "2"


def test_the_arms_alone_share_the_terms_between_them() -> None:
    parts = [query_of_kinds("住宿标准 KYN28A", BIGRAMS, others=other) for other in (True, False)]
    assert all(part.indices for part in parts)
    assert sorted(parts[0].indices + parts[1].indices) == list(query_vector("住宿标准 KYN28A").indices)


def test_every_stage_is_ranked_and_reported(tmp_path: Path) -> None:
    embedder = BagEmbedder()
    with VectorCache(tmp_path, embedder) as cache:
        searched = load(corpus(), cache)
    stages = Stages(searched, embedder, RetrievalSettings(), LinearReranker.open())
    found = rows(
        "small", {q.id: q.relevant for q in corpus().questions}, stages.run(corpus().questions, lambda _n: None)
    )
    assert [row.stage for row in found] == list(STAGES)
    assert {row.stage: row.measures["MRR@10"] for row in found}["words+bigrams"] == 1.0


def test_an_interval_holds_its_mean_and_none_is_made_of_equals() -> None:
    mean, low, high = interval(np.array([1.0, 0.5, 0.75, 1.0]), np.array([0.5, 0.5, 0.5, 0.25]))
    assert mean == pytest.approx(0.375)
    assert low <= mean <= high
    assert interval(np.ones(5), np.ones(5)) == (0.0, 0.0, 0.0)


def test_the_gradient_of_the_map_is_that_of_the_log_probability(tmp_path: Path) -> None:
    with VectorCache(tmp_path, BagEmbedder()) as cache:
        found = lessons(load(corpus(), cache), BagEmbedder())
    gate = Gate(np.linspace(-2, 2, 64, dtype=np.float32), 0.1)
    shares = gate(found.questions)

    def gain(matrix: np.ndarray) -> float:
        total = 0.0
        for n, vector in enumerate(found.questions):
            passages = found.searched.matrix[[*found.relevant[n], *found.others[n]]]
            scores = passages @ (vector + shares[n] * (matrix @ vector)) / 0.02
            total += scores[0] - scores.max() - np.log(np.exp(scores - scores.max()).sum())
        return total / len(found.questions)

    start, place = np.zeros((64, 64)), np.arange(len(found.questions))
    gradient = found.step(start.astype(np.float32), place, gate) / 0.02
    step = np.zeros((64, 64))
    step[3, 5] = 1e-4
    assert (gain(start + step) - gain(start - step)) / 2e-4 == pytest.approx(gradient[3, 5], rel=1e-2, abs=1e-3)


def test_the_gate_tells_the_questions_at_home_from_others(tmp_path: Path) -> None:
    with VectorCache(tmp_path, BagEmbedder()) as cache:
        searched = load(corpus(), cache)
    chance = np.random.default_rng(4)
    ours, theirs = (chance.normal(middle, 0.2, (30, 64)).astype(np.float32) for middle in (0.3, -0.3))
    none: tuple[tuple[int, ...], ...] = ((),) * 30
    sets = [Lessons(searched, ours, none, none, home=True), Lessons(searched, theirs, none, none)]
    gate = learn_gate(sets, [np.arange(0, 30, 2)] * 2)
    assert gate(ours[1::2]).min() > 0.9
    assert gate(theirs[1::2]).max() < 0.1


def test_the_reranker_learns_which_feature_tells() -> None:
    chance = np.random.default_rng(2)
    groups = []
    for _ in range(40):
        features = chance.normal(size=(6, len(NAMES)))
        relevant = np.arange(6) == int(features[:, NAMES.index("coverage")].argmax())
        groups.append(Group(features, relevant, 1.0))
    _, weights = fit(groups)
    assert max(weights, key=lambda name: weights[name]) == "coverage"
    assert min(weights.values()) >= 0
