"""How far the best passage stands out from the others."""

import pytest

from generation.pool import lead
from tests.unit.generation.passages import passage

_QUESTION = "出差住宿费的报销上限是多少？"
_RIGHT = passage("出差住宿费的报销上限为每晚500元。")
_OTHERS = (passage("食堂每天中午十一点半开饭。"), passage("会议室须提前一天预订。"))


def test_the_passage_that_answers_leads_and_without_it_nothing_does() -> None:
    there, gone = lead(_QUESTION, [*_OTHERS, _RIGHT]), lead(_QUESTION, _OTHERS)
    assert 0.0 <= gone < there - 0.2 <= 1.0


def test_passages_that_say_the_same_do_not_lead_each_other() -> None:
    assert lead(_QUESTION, [_RIGHT, _RIGHT]) == pytest.approx(0.0, abs=0.02)
