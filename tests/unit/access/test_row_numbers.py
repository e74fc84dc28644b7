"""Rows by their numbers: no cell of such a row stays open, and a version in which rows moved is closed."""

import random
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from ingest.intake import media
from ingest.parsing.formats.rows import read_csv
from ingest.parsing.office import parse_office
from wenyuan.documents import Block, BlockKind, Cell, Table
from wenyuan.parts.marks import Marks, marks_of, settled
from wenyuan.parts.rules import Numbers, Rule, Selector

CLOSED = frozenset({11})
LONG = "渠道、交付与售后，" * 6


def marked(blocks: list[Block], selector: Selector) -> Marks:
    return marks_of(blocks, [Rule("r", selector, 11)])


def rows(first: int, last: int, sheet: str | None = None) -> Selector:
    return Selector(sheet=sheet, numbers=Numbers(first, last))


def of_csv(lines: list[str]) -> list[Block]:
    pieces = read_csv("\n".join(lines)).pieces
    return [Block(one.kind, one.text, table=one.table, anchor=one.anchor) for one in pieces]


def said(block: Block) -> list[str]:
    return [] if block.table is None else block.table.lines()


def open_texts(blocks: list[Block], marks: Marks) -> str:
    """Return what somebody reads whom the rule refuses."""
    found = []
    for ordinal, block in enumerate(blocks):
        if marks.of(ordinal):
            continue
        lines = said(block) or [block.text]
        found += [line for row, line in enumerate(lines) if not marks.of(ordinal, (row,))]
    return "\n".join(found)


def workbook(chooser: random.Random, path: Path, *, hides: bool) -> set[int]:
    """Write a sheet whose cells say their rows, and return the rows in which something stands."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "薪资"
    number, filled = 1, set()
    for _ in range(chooser.randint(1, 3)):
        number += chooser.randint(0, 2)
        deep = chooser.choice((1, 1, 2))
        for row in range(number, number + chooser.randint(3, 40)):
            head = row < number + deep
            for column in (1, 2, 3):
                mark = chr(row + 0x4E00) if head else f"r{row}r"
                sheet.cell(row, column, f"{mark}{'名' if head else LONG[: chooser.randint(0, 54)]}{column}")
            filled |= set() if head else {row}
        if deep == 2:
            sheet.merge_cells(start_row=number, start_column=2, end_row=number, end_column=3)
        number = sheet.max_row + 2
        if chooser.random() < 0.4:
            sheet.cell(sheet.max_row, 1).comment = Comment(f"r{sheet.max_row}r", "x")
    if hides:
        for row in chooser.sample(range(1, sheet.max_row), min(4, sheet.max_row - 1)):
            sheet.row_dimensions[row].hidden = True
    other = book.create_sheet("其他")
    other["A1"], other["B1"], other["A2"], other["B2"] = "甲", "乙", "别处一", "别处二"
    book.save(path)
    return filled


@pytest.mark.parametrize("hides", [False, True])
def test_no_cell_of_a_named_row_stays_open(tmp_path: Path, *, hides: bool) -> None:
    more = 0
    for seed in range(14):
        chooser = random.Random(seed)
        filled = workbook(chooser, tmp_path / "a.xlsx", hides=hides)
        blocks = list(parse_office(tmp_path / "a.xlsx", media.XLSX).blocks)
        first = chooser.choice(sorted(filled))
        last = first + chooser.randint(0, 15)
        marks = marked(blocks, settled(blocks, rows(first, last, "薪资"), ()))
        left = open_texts(blocks, marks)
        closed = {row for row in filled if first <= row <= last}
        seen = {int(found) for found in re.findall(r"r(\d+)r", left)}
        assert not seen & closed, f"seed {seed}"
        assert "别处二" in left
        more += len(filled - closed - seen)
        assert hides or seen == filled - closed, f"seed {seed}: nothing else is closed where numbers are certain"
    assert more < 90 * hides + 1


def test_every_piece_repeats_a_closed_head_without_it() -> None:
    blocks = of_csv(["姓名,薪资,职责", *(f"甲{n},{n},{LONG}" for n in range(40))])
    assert len(blocks) > 3
    left = open_texts(blocks, marked(blocks, settled(blocks, rows(1, 1), ())))
    assert "姓名" not in left
    assert all(f"甲{n} " in left for n in range(40))


def test_sums_go_with_the_rows() -> None:
    blocks = of_csv(["姓名,薪资", "张,1", "王,2", "合计,3"])
    assert open_texts(blocks, marked(blocks, settled(blocks, rows(2, 2), ()))) == "姓名 | 薪资\n王 | 2"
    assert marked(blocks, settled(blocks, rows(90, 99), ())).whole == CLOSED, "names nothing"


@pytest.mark.parametrize(
    ("after", "closed"),
    [
        (["姓名,薪资", "张,1", "王,2", "李,3"], False),  # a row is added below
        (["姓名,薪资", "赵,0", "张,1", "王,2"], True),  # above
        (["姓名,薪资", "王,2", "张,1"], True),  # rows change places
        (["姓名,薪资"], True),  # they are gone
    ],
)
def test_rows_that_moved_close_all_in_which_they_were_looked_for(after: list[str], *, closed: bool) -> None:
    before = of_csv(["姓名,薪资", "张,1", "王,2"])
    selector = settled(before, rows(2, 2), ())
    later = of_csv(after)
    marks = marked(later, selector)
    assert (open_texts(later, marks) == "") is closed
    assert (marks.counts["r"] == 0) is closed
    assert "张" not in open_texts(later, marks)
    again = settled(later, selector.unsealed, [selector])
    assert (again == selector) is not closed, "said anew it is the same as long as it fits"
    assert marked(later, again).counts["r"] or len(after) == 1


def test_a_rule_that_was_never_sealed_closes_all_it_may_mean() -> None:
    blocks = of_csv(["姓名,薪资", "张,1"])
    assert marked(blocks, rows(2, 2)).of(0) == CLOSED


def test_a_seal_does_not_tell_what_the_rows_say() -> None:
    blocks = of_csv(["姓名,薪资", "张,1"])
    one, other = (settled(blocks, rows(2, 2), ()) for _ in range(2))
    assert one.key != other.key
    assert one.unsealed == other.unsealed == rows(2, 2)


def test_tables_in_no_sheet_are_counted_from_one_and_charts_go_with_any_row() -> None:
    cells = tuple(Cell(row, 0, f"第{row + 1}行", header=row == 0) for row in range(4))
    plain = Block(BlockKind.TABLE, "", table=Table(4, 1, cells))
    chart = replace(plain, anchor="'薪资'!E2:E2")
    assert open_texts([plain], marked([plain], settled([plain], rows(2, 3), ()))) == "第1行\n第4行"
    assert open_texts([chart], marked([chart], settled([chart], rows(9, 9), ()))) == ""
    bare = replace(chart, anchor="'薪资'!A1:A4", table=None, text="第2行")
    assert open_texts([bare], marked([bare], settled([bare], rows(9, 9), ()))) == "", "its rows are not known"
