"""Questions out of what a model wrote."""

import pytest

from generation.llm.questions import ModelQuestioner, read_questions
from wenyuan.chat.settings import GenerationSettings


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("1. 谁批准出国？\n2、要提前几天申请？", ("谁批准出国？", "要提前几天申请？")),
        ("Questions:\n- Who approves travel?\n- Who approves travel?\nThat is all.", ("Who approves travel?",)),
        ("无", ()),
        ("", ()),
        ("吗？\n" + "长" * 200 + "？", ()),
        ("谁批\u200b准出国\u202e？", ("谁批准出国？",)),
    ],
)
def test_only_lines_that_are_questions_stay(answer: str, expected: tuple[str, ...]) -> None:
    assert read_questions(answer) == expected


def test_the_fingerprint_names_the_model_and_fits_its_column() -> None:
    one, two = (ModelQuestioner(GenerationSettings(url="http://x", model=name)).fingerprint for name in "ab")
    assert one != two
    assert len(one) == 64
