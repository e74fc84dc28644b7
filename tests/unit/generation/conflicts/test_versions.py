"""Which documents of the evidence another one of it has replaced."""

from dataclasses import replace

import pytest

from generation.conflicts.versions import edition, replaced
from tests.unit.generation.passages import passage
from wenyuan.answers import Evidence


def piece(key: str, title: str, text: str = "正文。", **more: str) -> Evidence:
    return replace(passage(text, key, title=title), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("差旅管理办法（2021年修订）", "差旅管理办法（2024年修订）"),
        ("员工手册 V1.9", "员工手册 V1.10"),
        ("采购管理制度（第二版）", "采购管理制度 第3版"),
        ("GB/T 7251.1-2013 低压成套开关设备", "GB/T 7251.1-2023 低压成套开关设备"),
        ("Travel Policy 2021", "Travel Policy (2024 edition)"),
    ],
)
def test_of_two_editions_the_later_one_holds(older: str, newer: str) -> None:
    assert edition(older).stem == edition(newer).stem
    assert replaced([piece("old", older), piece("new", newer)]) == {"doc-old": "doc-new"}
    assert replaced([piece("new", newer), piece("old", older)]) == {"doc-old": "doc-new"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2022年年度报告", "2023年年度报告"),
        ("差旅管理办法", "采购管理办法（2024）"),
        ("差旅管理办法（2021年修订）", "差旅管理办法（2021年修订）"),
        ("Board minutes 2023", "Board minutes 2024"),
    ],
)
def test_reports_and_other_documents_stand_side_by_side(one: str, other: str) -> None:
    assert replaced([piece("one", one), piece("other", other)]) == {}


def test_editions_of_one_title_are_told_apart_by_the_dates_that_they_give() -> None:
    one, other = piece("a", "差旅管理办法", dated="2021-05"), piece("b", "差旅管理办法", dated="2024-01-01")
    assert replaced([one, other]) == {"doc-a": "doc-b"}
    assert replaced([one, replace(other, dated="")]) == {}


@pytest.mark.parametrize(
    ("title", "clause"),
    [
        ("出差费用管理规定", "本办法自2024年1月1日起施行，原《出差费用管理规定》同时废止。"),
        ("GB/T 1234-2008 术语", "本标准代替 GB/T 1234-2008。"),
        ("Travel Rules", "This policy replaces the Travel Rules."),
    ],
)
def test_a_document_names_what_it_replaces(title: str, clause: str) -> None:
    old, new = piece("old", title, uploader="li"), piece("new", "综合管理办法", clause, uploader="li")
    assert replaced([old, new]) == {"doc-old": "doc-new"}


def test_nobody_replaces_the_documents_of_others_by_saying_so() -> None:
    clause = "原《出差费用管理规定》同时废止。"
    old = piece("old", "出差费用管理规定", uploader="li")
    assert replaced([old, piece("new", "综合管理办法", clause, uploader="han")]) == {}


def test_of_three_editions_the_last_one_is_named() -> None:
    titles = {"a": "员工手册 V1", "b": "员工手册 V2", "c": "员工手册 V3"}
    assert replaced([piece(key, title) for key, title in titles.items()]) == {"doc-a": "doc-c", "doc-b": "doc-c"}
