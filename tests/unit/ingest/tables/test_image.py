"""Tables on bitmaps: ruling lines are drawn, lines of text are given as recognition would give them."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.parsing.pdf.model import Glyph
from ingest.tables.image.read import FoundTable, find_tables
from ingest.tables.image.slanet import read_tokens
from ingest.tables.image.structure import grid_of

Pixels = NDArray[np.uint8]
XS, YS = (60, 260, 420, 600), (60, 110, 160, 210, 260)
SIZE = 24


class _Sheet:
    """A white page; text is drawn as dark bars, one for each character."""

    def __init__(self) -> None:
        self.pixels: Pixels = np.full((330, 680, 3), 240, np.uint8)
        self.lines: list[tuple[list[tuple[float, float]], str, float]] = []

    def rule(self, x0: int, y0: int, x1: int, y1: int) -> None:
        cv2.line(self.pixels, (x0, y0), (x1, y1), (30, 30, 30), 2)

    def text(self, x: int, y: int, *words: tuple[int, str]) -> None:
        """Draw words at distances from x; recognition sees them as one line."""
        right, text = x, ""
        for shift, word in words:
            for number, _ in enumerate(word):
                left = x + shift + number * SIZE
                cv2.rectangle(self.pixels, (left + 2, y + 3), (left + SIZE - 3, y + SIZE - 4), (40, 40, 40), -1)
                right = left + SIZE
            text += word
        corners = [(x - 1, y - 2), (right + 1, y - 2), (right + 1, y + SIZE + 2), (x - 1, y + SIZE + 2)]
        self.lines.append(([(float(a), float(b)) for a, b in corners], text, 0.99))

    def photographed(self, lean: float) -> "_Sheet":
        """Look at the page from the side."""
        height, width = self.pixels.shape[:2]
        source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        target = source + np.array([[0, 0], [0, lean], [0, -lean], [lean, 0]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        seen = _Sheet()
        seen.pixels = np.asarray(
            cv2.GaussianBlur(
                cv2.warpPerspective(self.pixels, matrix, (width, height), borderValue=(240, 240, 240)), (0, 0), 0.8
            ),
            np.uint8,
        )
        for corners, text, score in self.lines:
            moved = cv2.perspectiveTransform(np.array([corners], np.float32), matrix)[0]
            seen.lines.append(([(float(x), float(y)) for x, y in moved], text, score))
        return seen

    def tables(self) -> list[FoundTable]:
        return find_tables(self.pixels, self.lines, [], None)


def _cells(table: FoundTable) -> list[tuple[int, int, int, int, str]]:
    return [(*cell[:4], cell[9]) for cell in table.cells]


def _grid() -> _Sheet:
    sheet = _Sheet()
    for y in YS:
        sheet.rule(XS[0], y, XS[-1], y)
    for x in (XS[0], XS[-1]):
        sheet.rule(x, YS[0], x, YS[-1])
    for x in XS[1:-1]:
        sheet.rule(x, YS[1], x, YS[-1])
    sheet.text(220, 73, (0, "年度经营指标表"))
    for row, words in enumerate((("项目", "本期", "上期"), ("收入", "一二", "三四五"), ("成本", "六", "七八")), 1):
        # Recognition joined the last two cells of each row to one line.
        sheet.text(XS[0] + 30, YS[row] + 13, (0, words[0]))
        sheet.text(XS[1] + 30, YS[row] + 13, (0, words[1]), (170, words[2]))
    return sheet


@pytest.mark.parametrize("lean", [0.0, 12.0])
def test_a_ruled_table_with_a_merged_head_is_read_from_a_photograph(lean: float) -> None:
    (table,) = _grid().photographed(lean).tables()
    assert (table.rows, table.columns) == (4, 3)
    assert _cells(table) == [
        (0, 0, 1, 3, "年度经营指标表"),
        *((1, at, 1, 1, word) for at, word in enumerate(("项目", "本期", "上期"))),
        *((2, at, 1, 1, word) for at, word in enumerate(("收入", "一二", "三四五"))),
        *((3, at, 1, 1, word) for at, word in enumerate(("成本", "六", "七八"))),
    ]
    assert len(table.lines) == 7
    box = next(cell[5:9] for cell in table.cells if cell[9] == "收入")
    assert abs(box[0] - XS[0]) < 12
    assert abs(box[1] - YS[2]) < 12


def test_a_table_with_three_lines_is_read_by_alignment() -> None:
    sheet = _Sheet()
    for y in (60, 110, 310):
        sheet.rule(XS[0], y, XS[-1], y)
    rows = (("项目", "本期", "上期"), ("收入", "一二", "三四"), ("成本", "五六", "七八"), ("利润", "九十", "百千"))
    for row, words in enumerate(rows):
        for x, word in zip(XS, words, strict=False):
            sheet.text(x + 20, 73 + 50 * row + (10 if row else 0), (0, word))
    (table,) = sheet.photographed(8.0).tables()
    assert [cell[9] for cell in table.cells] == [word for words in rows for word in words]


def test_lines_of_prose_are_no_table() -> None:
    sheet = _Sheet()
    for row in range(7):
        sheet.text(60, 40 + 36 * row, (0, "本制度适用于全体员工，自公布之日起施行。"))
    assert sheet.tables() == []


def _tokens(
    *tokens: tuple[str, tuple[float, float, float, float]] | str,
) -> list[tuple[str, tuple[float, float, float, float]]]:
    return [(token, (0.0, 0.0, 0.0, 0.0)) if isinstance(token, str) else token for token in tokens]


def test_tokens_of_the_structure_model_are_laid_out_with_spans() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    cells = read_tokens(
        _tokens(
            "<thead>",
            "<tr>",
            ("<td", box),
            ' rowspan="2"',
            ">",
            "</td>",
            ("<td", box),
            ' colspan="2"',
            ">",
            "</td>",
            "</tr>",
        )
        + _tokens("<tr>", ("<td></td>", box), ("<td></td>", box), "</tr>", "</thead>", "<tbody>", "<tr>")
        + _tokens(("<td></td>", box), ("<td></td>", box), ("<td></td>", box), "</tr>", "</tbody>")
    )
    assert [(c.row, c.column, c.row_span, c.column_span, c.header) for c in cells] == [
        (0, 0, 2, 1, True),
        (0, 1, 1, 2, True),
        (1, 1, 1, 1, True),
        (1, 2, 1, 1, True),
        (2, 0, 1, 1, False),
        (2, 1, 1, 1, False),
        (2, 2, 1, 1, False),
    ]


def test_a_column_that_only_the_model_sees_is_taken_out() -> None:
    rows = [[(x * 50.0, y * 20.0, x * 50.0 + 40, y * 20.0 + 12) for x in range(4)] for y in range(3)]
    cells = read_tokens(
        [pair for row in rows for pair in [("<tr>", row[0]), *(("<td></td>", box) for box in row), ("</tr>", row[0])]]
    )
    glyphs = [
        Glyph(str(x), box[0] + 2, box[1] + 1, box[0] + 10, box[1] + 11, 10, False, 0)
        for row in rows
        for x, box in enumerate(row)
        if x != 2
    ]
    grid = grid_of(cells, glyphs, (0, 0, 200, 60))
    assert grid is not None
    assert (grid.rows, grid.columns) == (3, 3)
    assert [cell.text for cell in grid.cells] == ["0", "1", "3"] * 3


def test_the_rows_above_a_table_of_which_only_the_lower_rules_are_seen_belong_to_it() -> None:
    sheet = _Sheet()
    for y in (120, 170, 220, 270):
        sheet.rule(XS[0], y, XS[-1], y)
    rows = (
        ("项目", "本期", "上期"),
        ("收入", "12", "34"),
        ("成本", "56", "78"),
        ("利润", "90", "11"),
        ("税费", "7", "8"),
    )
    for row, words in enumerate(rows):
        for x, word in zip(XS, words, strict=False):
            sheet.text(x + 20, (46, 86, 133, 183, 233)[row], (0, word))
    (table,) = find_tables(sheet.pixels, sheet.lines, [(50.0, 30.0, 610.0, 280.0)], None)
    assert [cell[9] for cell in table.cells] == [word for words in rows for word in words]


def test_labels_beside_values_are_a_table_though_boxes_are_not_exact() -> None:
    sheet = _Sheet()
    rows = (("行业", "银行"), ("总股本", "2,741"), ("总市值", "196"), ("净资产", "8.32"), ("负债率", "92.1"))
    for row, (label, value) in enumerate(rows):
        sheet.text(60, 40 + 50 * row, (0, label))
        # The box of a value is some pixels higher than that of its label, so it comes first from the top.
        sheet.text(560 - SIZE * len(value) + (row % 2) * 4, 37 + 50 * row, (0, value))
    (table,) = sheet.tables()
    assert [cell[9] for cell in table.cells] == [word for words in rows for word in words]
