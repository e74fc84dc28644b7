"""A question is searched in the words of documents; terms of a space go before the vocabulary."""

from datetime import date

import pytest

from retrieval.lexical import query_vector
from retrieval.query.understanding import understand
from retrieval.query.wording import word
from wenyuan.ports import Related
from wenyuan.words.terms import term_id


def test_an_abbreviation_is_rewritten_for_both_arms() -> None:
    asked = word("What was capex in 2018? Answer in USD millions.")
    assert asked.text == "What was capex in 2018?"
    assert "purchases of property, plant and equipment" in asked.rewritten
    assert "statements of cash flows" in asked.rewritten
    assert "millions" not in asked.rewritten
    plain, wide = query_vector(asked.words), query_vector(asked.words, asked.related)
    assert term_id("wpurchase") in set(wide.indices) - set(plain.indices)


def test_a_ratio_asks_for_its_lines() -> None:
    assert word("公司的速动比率是多少？").rewritten == (
        "公司的速动比率是多少？ 流动资产合计, 存货, 流动负债合计, 资产负债表, 合并资产负债表"
    )


def test_a_statement_that_an_instruction_names_is_searched() -> None:
    asked = word("What is the deferred rent? Rely on the statement of financial position.")
    assert asked.text == "What is the deferred rent?"
    assert "consolidated balance sheets" in asked.rewritten
    assert asked.words.endswith("statement of financial position")


def test_a_word_of_documents_is_not_rewritten() -> None:
    asked = word("What were net sales in 2018?")
    assert asked.rewritten == asked.text
    assert asked.related


def test_a_question_without_known_words_stays() -> None:
    asked = word("打印机怎么装？")
    assert asked.text == asked.rewritten == asked.words == "打印机怎么装？"
    assert asked.related == ()


def test_terms_of_a_space_go_before() -> None:
    question = "What does the SLA say?"
    assert word(question).related[0].others == ("service level agreement",)
    taken = word(question, taken=(Related("SLA", ("Swiss League of Alps",)),))
    assert taken.related == ()
    assert taken.rewritten == question
    assert word(question, taken=(Related("say", ("tell",)),)).related


def test_the_vocabulary_can_be_off() -> None:
    asked = word("What was capex in 2018? Answer in USD millions.", known=False)
    assert asked.rewritten == asked.words == "What was capex in 2018?"
    assert asked.related == ()


@pytest.mark.parametrize("text", ["Is AR used in the cap of a pit?", "他们应收集资料", "we ap and ar", "sale of land"])
def test_what_only_looks_like_a_word_of_it(text: str) -> None:
    assert not {one.text for one in word(text).matches} - {"AR"}


def test_words_typed_by_their_sound_are_mended_for_both_arms() -> None:
    asked = word("gongjijin 怎么交")
    assert asked.rewritten == "gongjijin 怎么交 公积金"
    assert Related("gongjijin", ("公积金",)) in asked.related


def test_a_term_of_a_space_is_no_slip() -> None:
    question = "who runs goverment relations"
    assert [one.meant for one in word(question).slips] == ["government"]
    assert word(question).rewritten == question
    assert word(question, taken=(Related("goverment", ("GV",)),)).slips == ()


def test_the_answerer_is_asked_for_what_a_slip_was_meant_to_be_unless_a_passage_writes_it() -> None:
    query = understand("passwrod expiry days", date(2026, 1, 1))
    assert query.mended(["Passwords must be changed every 90 days."]) == "password expiry days"
    assert query.mended(["The PASSWROD tool counts days."]) == query.text == "passwrod expiry days"
