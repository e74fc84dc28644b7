"""What parts can be named: headings one below the other, sheets with their rows and columns, tables of sections."""

from ingest.parsing.formats.rows import read_csv
from wenyuan.documents import Block, BlockKind, Box, Cell, Table
from wenyuan.parts.marks import marks_of
from wenyuan.parts.outline import HEADING, SHEET, TABLE, Entry, outline_of
from wenyuan.parts.rules import Rule, Selector


def grid(*lines: tuple[str, ...]) -> Table:
    cells = (
        Cell(row, column, text, header=row == 0) for row, line in enumerate(lines) for column, text in enumerate(line)
    )
    return Table(len(lines), len(lines[0]), tuple(cells))


def test_headings_have_the_path_that_names_them() -> None:
    titles = [("手册", 1), ("考勤", 2), ("加班", 3), ("薪酬", 2), ("附录", 1)]
    blocks = [
        Block(BlockKind.TITLE, text, (Box(number, 0, 0, 1, 1),), level=level)
        for number, (text, level) in enumerate(titles, 1)
    ]
    found = outline_of(blocks)
    assert [one.path for one in found] == [
        ("手册",),
        ("手册", "考勤"),
        ("手册", "考勤", "加班"),
        ("手册", "薪酬"),
        ("附录",),
    ]
    assert [(one.kind, one.page) for one in found[:2]] == [(HEADING, 1), (HEADING, 2)]
    for number, one in enumerate(found):
        marks = marks_of(blocks, [Rule("r", Selector(one.path), 7)])
        assert marks.of(number) == {7}, "what the outline says names it"


def test_tables_stand_below_their_headings() -> None:
    table = Block(BlockKind.TABLE, "", table=grid(("姓名", "金额", "金额"), ("张", "1", "2")))
    found = outline_of([Block(BlockKind.TITLE, "名单", level=1), table])
    assert found[1] == Entry(TABLE, ("名单",), None, None, 2, ("姓名",)), "two columns of one name cannot be told apart"


def test_a_sheet_is_one_entry_with_its_rows_and_columns() -> None:
    sheet = [
        Block(BlockKind.TITLE, "薪 资", anchor="'薪 资'!A1:B41", level=1),
        Block(
            BlockKind.TABLE,
            "",
            heading_path=("薪 资",),
            anchor="'薪 资'!A1:B20",
            table=grid(("姓名", "月薪"), ("张", "1")),
        ),
        Block(
            BlockKind.TABLE,
            "",
            heading_path=("薪 资",),
            anchor="'薪 资'!A21:B41",
            table=grid(("姓名", "月薪"), ("李", "2")),
        ),
    ]
    assert outline_of(sheet) == [Entry(SHEET, (), None, "薪 资", 41, ("姓名", "月薪"))]
    rows = read_csv("\n".join(["姓名,月薪", *(f"{'某' * 40}{n},{n}" for n in range(50))])).pieces
    blocks = [Block(one.kind, one.text, table=one.table, anchor=one.anchor) for one in rows]
    assert len(blocks) > 1
    assert outline_of(blocks) == [Entry(SHEET, (), None, None, 51, ("姓名", "月薪"))]
