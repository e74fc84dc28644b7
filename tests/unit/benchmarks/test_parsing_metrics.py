"""Measures of parsing: what they count, and what they do not."""

import pytest

from benchmarks.parsing.metrics.headings import heading_faults, heading_scores
from benchmarks.parsing.metrics.html import table_from_html, without_latex
from benchmarks.parsing.metrics.omnidoc import page_distances, page_truth
from benchmarks.parsing.metrics.order import broken_pairs, pairs_in_order
from benchmarks.parsing.metrics.teds import match_tables, teds
from benchmarks.parsing.metrics.text import Score, canonical, cer, char_score, edit_distance
from benchmarks.parsing.report import Bar, verdict
from wenyuan.documents import Cell, Table

GRID = "<table><tr><td>项目</td><td>数量</td></tr><tr><td>甲</td><td>1</td></tr></table>"


def test_characters_count_as_a_bag_without_blanks_bullets_and_leaders() -> None:
    assert canonical("⼤纲 1.2 …………… 7\n• 项") == "大纲1.27项"
    score = char_score("乙甲甲", "甲乙丙")
    assert score == Score(2, 3, 3)
    assert score.precision == score.recall == score.f1 == pytest.approx(2 / 3)
    assert char_score("", "").f1 == 1.0
    assert Score(1, 2, 4) + Score(1, 2, 0) == Score(2, 4, 4)


def test_error_rates_see_the_order() -> None:
    assert cer("甲乙丙", "甲 乙\n丙") == 0
    assert cer("丙乙甲", "甲乙丙") == pytest.approx(2 / 3)
    assert edit_distance("甲乙", "甲乙丙丁") == 0.5


def test_headings_count_by_text_and_by_level() -> None:
    expected = [("总结报告", 0), ("一、概述", 1), ("（一）背景", 2), ("二、结论", 1)]
    found = [("总结 报告", 1), ("目录", 1), ("一、概述", 1), ("（一）背景", 1), ("不是标题", 2)]
    plain, levels = heading_scores(found, expected)
    assert (plain.hits, plain.found, plain.expected) == (3, 4, 4)
    assert levels.hits == 2
    assert heading_faults(found, expected) == [
        "heading missed: 1 二、结论",
        "no heading: 2 不是标题",
        "level 1, not 2: (一)背景",
    ]


def test_levels_may_be_off_by_one_as_a_whole_but_not_one_by_one() -> None:
    expected = [("报告", 0), ("1 甲", 1), ("1.1 乙", 2)]
    assert heading_scores([("报告", 1), ("1 甲", 2), ("1.1 乙", 3)], expected)[1].hits == 3
    assert heading_scores([("报告", 1), ("1 甲", 2), ("1.1 乙", 2)], expected)[1].hits == 2
    assert heading_scores([("报告", 2), ("1 甲", 1), ("1.1 乙", 2)], expected)[1].hits == 2


def test_teds_of_equal_tables_is_one_and_empty_cells_need_not_be_told() -> None:
    table = table_from_html(GRID)
    assert teds(table, table) == 1.0
    full = Table(1, 2, (Cell(0, 0, "甲"), Cell(0, 1, "")))
    assert teds(Table(1, 2, (Cell(0, 0, "甲"),)), full) == 1.0


def test_teds_counts_edits_by_the_size_of_the_larger_tree() -> None:
    truth = table_from_html(GRID)
    # Seven nodes: the table, two rows, four cells. A cell lost costs one, half a text one half.
    assert teds(table_from_html(GRID.replace("<td>1</td>", "")), Table(2, 2, truth.cells[:3])) == 1.0
    half = table_from_html(GRID.replace("数量", "数值"))
    assert teds(half, truth) == pytest.approx(1 - 0.5 / 7)
    assert teds(half, truth, structure=True) == 1.0
    spanned = table_from_html("<table><tr><td colspan=2>项目</td></tr><tr><td>甲</td><td>1</td></tr></table>")
    assert teds(spanned, truth, structure=True) == pytest.approx(1 - 2 / 7)


def test_tables_are_matched_by_what_they_say() -> None:
    first, second = table_from_html(GRID), table_from_html(GRID.replace("甲", "完全不同的内容"))
    assert match_tables([second, first], [first, second]) == [first, second]
    assert match_tables([], [first]) == [None]


def test_html_tables_keep_spans() -> None:
    table = table_from_html(
        "<table><tr><th rowspan=2>甲</th><th colspan=2>乙</th></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    assert (table.rows, table.columns) == (2, 3)
    assert [(c.row, c.column, c.row_span, c.column_span) for c in table.cells] == [
        (0, 0, 2, 1),
        (0, 1, 1, 2),
        (1, 1, 1, 1),
        (1, 2, 1, 1),
    ]
    assert without_latex(r"$ 5g \mathrm{silica} $").split() == ["5g", "silica"]


def test_order_needs_both_probes_and_their_order() -> None:
    probes = ["第一", "第二", "第三"]
    assert pairs_in_order("第 一……第二……第三", probes) == (2, 2)
    assert pairs_in_order("第二 第一 第三", probes) == (1, 2)
    assert broken_pairs("第一 第三", probes) == [("第一", "第二"), ("第二", "第三")]


def test_page_distances_match_blocks_and_see_their_order() -> None:
    truth = ["第一段的文字内容在这里", "第二段完全是另外一些话", "最后一段说明结论如何"]
    assert page_distances(truth, truth) == (0.0, 0.0)
    swapped = [truth[1], truth[0], truth[2]]
    text, order = page_distances(swapped, truth)
    assert text == 0.0
    assert order > 0.5
    cut = [truth[0][:6], truth[0][6:], *truth[1:]]
    assert page_distances(cut, truth) == (0.0, 0.0)
    assert page_distances([], truth)[0] == 1.0


def test_page_truth_leaves_running_heads_out_and_sorts() -> None:
    page = {
        "layout_dets": [
            {"category_type": "text_block", "text": "乙", "order": 2, "ignore": False},
            {"category_type": "header", "text": "页眉", "order": None, "ignore": False},
            {"category_type": "title", "text": "甲", "order": 1, "ignore": False},
        ]
    }
    assert page_truth(page) == ["甲", "乙"]


def test_verdict_fails_with_one_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([Bar("a", 0.99, 0.98), Bar("b", 5, None), Bar("c", 1.0, 1.1, most=True)]) == 0
    assert verdict([Bar("a", 0.97, 0.98)]) == 1
    assert "FAIL" in capsys.readouterr().out
