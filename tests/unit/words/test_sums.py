"""What sums up others is told by its label."""

import pytest

from wenyuan.words.written.sums import is_sum, names_whole


@pytest.mark.parametrize(
    "text",
    [
        "合 计",
        "小计",
        "流动资产合计",
        "负债总额",
        "Total revenue",
        "Sub-total",
        "Grand total",
        "Grand\nTotal",
        "Sub-\ntotal",
        "合\n计",
        "SUM",
        "Averages",
        "平均值",
    ],
)
def test_what_sums_up_says_so_wherever_it_stands(text: str) -> None:
    assert is_sum(text)
    assert names_whole(text)


@pytest.mark.parametrize("text", ["全部", "总装机容量", "Overall", "All regions", "Worldwide"])
def test_the_whole_is_told_by_labels_alone(text: str) -> None:
    assert names_whole(text)
    assert not is_sum(text)


@pytest.mark.parametrize(
    "text", ["总经理", "总部", "Totally new", "Sumitomo", "Meaning", "Allowance", "累计折旧", "华东"]
)
def test_other_words_begin_like_them(text: str) -> None:
    assert not names_whole(text)
