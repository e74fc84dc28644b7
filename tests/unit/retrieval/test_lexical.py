"""BM25 as sparse vectors, and the fixed background behind it."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexical import (
    K1,
    KIND_WEIGHT,
    MEAN_LENGTH,
    SYNONYM_WEIGHT,
    B,
    document_vector,
    query_vector,
    query_weights,
)
from wenyuan.ports import Related, SparseVector
from wenyuan.words.background import DOCUMENT_WORDS, UNSEEN, background
from wenyuan.words.terms import term_id, terms


def dot(query: SparseVector, passage: SparseVector) -> float:
    weights = dict(zip(passage.indices, passage.values, strict=True))
    return sum(value * weights.get(term, 0.0) for term, value in zip(query.indices, query.values, strict=True))


def best(question: str, *passages: str) -> str:
    query = query_vector(question)
    return max(passages, key=lambda passage: dot(query, document_vector(passage)))


def test_document_weights_follow_the_formula() -> None:
    text = "年假年假,病假"
    counts = Counter(terms(text))
    vector = document_vector(text)
    weights = dict(zip(vector.indices, vector.values, strict=True))
    norm = K1 * (1 - B + B * counts.total() / MEAN_LENGTH)
    assert counts["b年假"] == 2
    for term, count in counts.items():
        assert weights[term_id(term)] == pytest.approx(count * (K1 + 1) / (count + norm))


@given(st.text(max_size=120))
def test_vectors_are_sorted_unique_and_bounded(text: str) -> None:
    for vector, top in ((document_vector(text), K1 + 1), (query_vector(text), 100.0)):
        assert list(vector.indices) == sorted(set(vector.indices))
        assert len(vector.indices) == len(vector.values)
        assert all(0 <= value < top and math.isfinite(value) for value in vector.values)


def test_text_without_terms_is_empty() -> None:
    assert document_vector("……！？ \n") == SparseVector((), ())
    assert query_vector("") == SparseVector((), ())


def test_background_orders_terms_by_rarity() -> None:
    table = background()
    assert table.idf("w的") < table.idf("w公司") < table.idf("w开关柜")
    assert table.idf("wthe") < table.idf("wcompany") < table.idf("wswitchgear")
    assert table.idf("b公司") < table.idf("b关柜")
    rarest = -math.log(-math.expm1(-UNSEEN * DOCUMENT_WORDS))
    assert table.idf("ckyn28a-12") == pytest.approx(rarest)
    assert table.idf("wqzxv") == pytest.approx(rarest)


def test_bigrams_across_words_are_estimated() -> None:
    table = background()
    assert UNSEEN < table.frequency("b的工") < table.frequency("b工作")


def test_question_words_count_little() -> None:
    weights = query_weights("公司的报销标准是多少")
    assert weights["w报销"] > 2 * weights["w多少"]
    assert weights["w报销"] > 50 * weights["w是"]


def test_ranking_in_both_languages_and_scripts() -> None:
    leave, voltage = "员工入职满一年享有五天带薪年假。", "KYN28A-12 型开关柜的额定电压为 12kV。"
    travel = "Employees may claim hotel costs of up to 120 EUR a night when travelling."
    for question, expected in (
        ("年假有几天？", leave),
        ("員工帶薪年假", leave),
        ("kyn28a-12 的电压", voltage),
        ("额定电压 12 kV 的柜子", voltage),
        ("What may an employee claim for a hotel?", travel),
    ):
        assert best(question, leave, voltage, travel) == expected


def test_a_code_beats_its_parts() -> None:
    right, wrong = "适用标准 GB/T 3620.1-2016。", "适用标准 GB/T 2016.1-3620。"
    query = query_vector("GB/T 3620.1-2016")
    assert dot(query, document_vector(right)) > dot(query, document_vector(wrong))


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("第12条", "依照第十二条的规定", "依照第十三条的规定"),
        ("2024-03-01", "自2024年3月1日起施行", "自2024年1月3日起施行"),
        ("￥850,000,000", "总投资为8.5亿元", "总投资为8.5万元"),
        ("When did they invest?", "The sum was invested early.", "The sum was inventive early."),
        ("the firm's emails", "A firm keeps each e-mail.", "A form keeps each letter."),
    ],
)
def test_one_thing_written_in_two_ways_is_found(question: str, right: str, wrong: str) -> None:
    assert best(question, wrong, right) == right


def test_numbers_and_years_are_no_rare_names() -> None:
    table = background()
    assert table.idf("w30") < table.idf("w2024") < table.idf("wqzxv")
    assert table.idf("w2024") < table.idf("w1824")
    assert table.idf("q2024year") < table.idf("q400volt")


def test_synonyms_join_with_less_weight_than_what_was_asked() -> None:
    plain, joined = (dict(zip(*_parts(query), strict=True)) for query in _queries("辞退员工", "辞退", "解除劳动合同"))
    assert plain.items() <= joined.items()
    added = {term: weight for term, weight in joined.items() if term not in plain}
    assert set(added) == {term_id(term) for term in terms("解除劳动合同")}
    assert 0 < sum(added.values()) <= SYNONYM_WEIGHT * sum(query_weights("辞退").values()) + 1e-6


def test_a_synonym_that_is_asked_anyway_is_not_counted_twice() -> None:
    plain, joined = _queries("年假和带薪年休假", "年假", "带薪年休假")
    assert plain == joined


def test_a_term_has_its_own_words_however_the_sentence_is_cut() -> None:
    query = query_vector("研究生命起源所", [Related("生命起源所", ())])
    assert {term_id(term) for term in terms("生命起源所")} <= set(query.indices)


def test_without_rarity_only_the_kind_counts() -> None:
    query = query_vector("KYN28A 的报销 invested", idf=False)
    assert set(query.values) <= set(KIND_WEIGHT.values())


def _queries(question: str, asked: str, other: str) -> tuple[SparseVector, SparseVector]:
    return query_vector(question), query_vector(question, [Related(asked, (other,))])


def _parts(vector: SparseVector) -> tuple[tuple[int, ...], tuple[float, ...]]:
    return vector.indices, vector.values


def test_what_is_kept_of_words_beside_the_question_is_told_apart_by_how_it_was_weighed() -> None:
    related = [Related("年假", ("带薪休假", "annual leave"))]
    first = {idf: query_vector("年假怎么算", related, idf=idf) for idf in (True, False)}
    assert {idf: query_vector("年假怎么算", related, idf=idf) for idf in (True, False)} == first
    assert first[True].indices == first[False].indices
    assert first[True].values != first[False].values
