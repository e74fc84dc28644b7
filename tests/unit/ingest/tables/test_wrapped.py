"""Rows of tables without rules whose cells wrap; glyphs stand where a page would have them."""

from collections.abc import Sequence

import pytest

from ingest.parsing.pdf.model import Glyph
from ingest.tables.rows import TextRow, text_rows
from ingest.tables.wrapped import wrapped_rows

SIZE = 10.0
LEADING = 12.0
COLUMNS = (0.0, 80.0, 140.0)
CUTS = (70.0, 130.0)
ROWS = (
    (("条码",), ("12",), ("一二三四五六七八", "九十一二三四")),
    (("断路器状", "态"), ("345",), ("甲乙丙丁戊己庚辛", "壬癸甲乙丙丁戊己", "庚辛")),
    (("电源",), ("6",), ("天地玄黄宇宙洪荒", "日月盈昃")),
)


def _glyphs(gap: float, place: float) -> list[Glyph]:
    """Draw ROWS ``gap`` apart; shorter cells stand at ``place`` of the free height, 0 at the top."""
    glyphs: list[Glyph] = []
    top = 0.0
    for row in ROWS:
        tall = max(map(len, row))
        for x, lines in zip(COLUMNS, row, strict=True):
            start = top + place * (tall - len(lines)) * LEADING
            for number, line in enumerate(lines):
                y = start + number * LEADING
                glyphs += [
                    Glyph(char, x + at * SIZE * 0.9, y, x + (at + 1) * SIZE * 0.9, y + SIZE, SIZE, False, False)
                    for at, char in enumerate(line)
                ]
        top += tall * LEADING + gap
    return glyphs


def _texts(bands: Sequence[Sequence[TextRow]] | None) -> list[str]:
    return ["".join(sorted(glyph.text for row in band for glyph in row.glyphs)) for band in bands or ()]


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_lines_of_a_cell_stand_nearer_than_those_of_two(place: float) -> None:
    bands = wrapped_rows(text_rows(_glyphs(6.0, place)), CUTS)
    assert _texts(bands) == ["".join(sorted("".join("".join(cell) for cell in row))) for row in ROWS]


def test_lines_at_one_distance_tell_no_rows() -> None:
    assert wrapped_rows(text_rows(_glyphs(0.0, 0.0)), CUTS) is None


def test_groups_of_full_rows_are_not_wrapped_cells() -> None:
    glyphs: list[Glyph] = []
    for number, y in enumerate((0.0, 12.0, 24.0, 44.0, 56.0, 68.0)):
        for x in COLUMNS:
            glyphs += [
                Glyph(c, x + at * 9, y, x + at * 9 + 9, y + SIZE, SIZE, False, False)
                for at, c in enumerate(f"{number}四五六")
            ]
    assert wrapped_rows(text_rows(glyphs), CUTS) is None
