"""Numbers of telephones and cards in tables are looked up, and never reckoned or compared with."""

import pytest

from generation.tables.deciding import decide
from tests.unit.generation.tables.tables import relation, value

PEOPLE = relation(
    "姓名 | 手机号码 | 月薪", "张伟 | 13800138000 | 18500", "李娜 | 13912345678 | 21000", "王芳 | 13712345678 | 1300000"
)


@pytest.mark.parametrize(
    "question",
    [
        "张伟和李娜的手机号码合计是多少？",
        "手机号码最大的是谁？",
        "张伟和李娜的手机号码相差多少？",
        "手机号码大于13750000000的有哪些人？",
        "手机号码大于13750000000的有几人？",
        "手机号码不超过13850000000的人月薪合计是多少？",
    ],
)
def test_nothing_is_reckoned_with_numbers_that_are_personal(question: str) -> None:
    assert decide(question, [PEOPLE]) is None


def test_they_are_looked_up_as_they_are_written() -> None:
    found = decide("张伟的手机号码是多少？", [PEOPLE])
    assert found is not None
    assert [one.text for one in found.result.operands] == ["13800138000"]


def test_other_long_numbers_are_reckoned_with() -> None:
    found = decide("张伟和王芳的月薪合计是多少？", [PEOPLE])
    assert found is not None
    assert value(found) == 1_318_500
