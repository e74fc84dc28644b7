"""What the reader is trained on, fitted to and judged by stays apart."""

import itertools
import json
from pathlib import Path

from benchmarks.extractive.squad import SILENT, question_set, seen, shared
from benchmarks.reader.samples import Maker, in_both, read

_PARAGRAPH = "海棠厂建于1952年，厂址在江城东郊。厂里有三百名工人。该厂的主要产品是柴油机，年产两千台。"


def article(number: int) -> dict[str, object]:
    """One article with a question that its paragraph answers and one that it does not."""
    answered = {
        "id": f"a{number}",
        "question": "海棠厂建于哪一年？",
        "answers": [{"text": "1952年", "answer_start": 4}],
    }
    silent = {"id": f"s{number}", "question": "该厂的柴油机产品主要卖到哪里？", "answers": [], "is_impossible": True}
    return {"paragraphs": [{"context": _PARAGRAPH, "qas": [answered, silent]}]}


def test_the_articles_of_a_set_are_shared_out_whole() -> None:
    shares = shared(list(range(35)))
    assert (list(shares.trained), list(shares.fitted)) == (list(range(12)), list(range(12, 17)))
    assert list(shares.judged) == list(range(17, 35))


def test_questions_of_another_set_about_an_article_of_the_training_are_known_by_their_ids(tmp_path: Path) -> None:
    (tmp_path / SILENT).parent.mkdir()
    (tmp_path / SILENT).write_text(json.dumps({"data": [article(n) for n in range(8)]}), encoding="utf-8")
    theirs = article(1)
    theirs["paragraphs"][0]["qas"].append({"id": "new", "question": "?", "answers": []})  # type: ignore[index]
    (tmp_path / "other.json").write_text(json.dumps({"data": [theirs, article(3), article(6)]}), encoding="utf-8")
    assert seen(tmp_path, "other.json") == {"a1", "s1", "new"}


def test_questions_that_people_made_unanswerable_are_put_to_the_nearest_sentences() -> None:
    made = list(itertools.islice(Maker(read([article(0)]), 4, traditional=0.0), 40))
    silent = [one for one in made if one.kind == "people"]
    assert len(silent) == 20
    assert all(not one.answered and one.text in _PARAGRAPH and "柴油机" in one.text for one in silent)
    # The other questions give samples with answers alone: those without are the ones that people made.
    assert all(one.answered and one.text[one.start : one.end] == "1952年" for one in made if one.kind != "people")


def test_a_question_without_answers_has_none() -> None:
    cases = question_set("made", [article(0)]).cases
    assert [case.answers for case in cases] == [("1952年",), ()]


def test_passages_of_two_languages_are_asked_in_both_and_changed_questions_in_their_own() -> None:
    english = article(0)
    english["paragraphs"] = [
        {
            "context": "The Begonia Works were founded in 1952. They stand east of Riverton. They make engines.",
            "qas": [{"id": "a0", "question": "When were the works founded?", "answers": [{"text": "1952"}]}],
        }
    ]
    english["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] = 34  # type: ignore[index]
    assert not in_both([english], [article(0)], {"a1"})
    passages = in_both([english], [article(0)], {"a0"})
    made = list(itertools.islice(Maker(passages, 4, traditional=0.0), 60))
    asked = {sample.question for sample in made if sample.answered}
    assert {"When were the works founded?", "海棠厂建于哪一年？"} <= asked
    assert all(sample.text[sample.start : sample.end] == "1952" for sample in made if sample.kind == "plain")
