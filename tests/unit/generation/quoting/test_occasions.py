"""Years and counted occasions: a sentence about another one does not answer."""

import pytest

from generation.extract import Extractor
from tests.unit.generation.passages import passage
from wenyuan.words.written.occasions import astray, occasions

_QUESTION = "2023年公司研发投入是多少？"
_OTHER_YEAR = "2022年公司研发投入为1.86亿元，占营业收入的6.2%。"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021年中国城镇新增就业", {"year": {2021}}),
        ("2019-2021年的研发投入", {"year": {2019, 2020, 2021}}),
        ("from 2019 to 2021", {"year": {2019, 2020, 2021}}),
        ("23年第三季度营收", {"year": {2023}, "quarter": {3}}),
        ("Q3 2022 revenue, second half", {"year": {2022}, "quarter": {3}, "half": {2}}),
        ("第十三届五次会议", {"届": {13}, "次会议": {5}}),
        ("全厂2021人，每台2000元，$1999, 1800 km", {}),
        ("20年代、10年以上", {}),
    ],
)
def test_what_a_text_speaks_of(text: str, found: dict[str, set[int]]) -> None:
    assert {kind: set(numbers) for kind, numbers in occasions(text).items()} == found


@pytest.mark.parametrize(
    ("asked", "text", "context", "expected"),
    [
        ("2023年的产量", "2022年的产量为3吨", "", 1.0),
        ("2023年的产量", "比2022年增长3%", "2023年度报告", 0.5),
        ("2023年的产量", "2023年的产量比2022年多", "", 0.0),
        ("2023年的产量", "产量为3吨", "2022年度报告", 0.0),
        ("2023年第二季度的产量", "2023年第三季度的产量", "", 0.5),
        ("产量是多少", "2022年的产量", "", 0.0),
    ],
)
def test_a_text_that_names_another_one_is_astray(asked: str, text: str, context: str, expected: float) -> None:
    assert astray(occasions(asked), text, context) == expected


def test_the_sentence_of_the_year_asked_for_comes_first_and_another_year_is_less_of_an_answer() -> None:
    extractor = Extractor(None)
    right = passage("2023年度，公司投入研发的资金合计为2.4亿元。")
    both = extractor.best(_QUESTION, [passage(_OTHER_YEAR), right])
    assert "2023年" in both[0].shown
    same = extractor.extract(_QUESTION.replace("2023", "2022"), [passage(_OTHER_YEAR)]).probability
    assert extractor.extract(_QUESTION, [passage(_OTHER_YEAR)]).probability < same
