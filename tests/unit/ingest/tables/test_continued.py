"""Tables over page breaks: one table when columns agree and nothing stands between, else two."""

from ingest.tables.finish import finish_tables
from wenyuan.documents import Block, BlockKind, Box, Cell, Page, Table

PAGES = (Page(1, 600, 800), Page(2, 600, 800))
HEAD = ("名称", "数量", "备注")


def _block(page: int, top: float, *rows: tuple[str, ...], width: float = 100, left: float = 50) -> Block:
    cells = tuple(
        Cell(
            y,
            x,
            text,
            header=y == 0 and row == HEAD,
            box=Box(page, left + x * width, top + 20 * y, left + (x + 1) * width, top + 20 * (y + 1)),
        )
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    )
    box = Box(page, left, top, left + width * len(rows[0]), top + 20 * len(rows))
    table = Table(len(rows), len(rows[0]), cells)
    return Block(BlockKind.TABLE, "", (box,), table=table)


def _texts(block: Block) -> list[list[str]]:
    assert block.table is not None
    rows: list[list[str]] = [[] for _ in range(block.table.rows)]
    for cell in sorted(block.table.cells, key=lambda one: (one.row, one.column)):
        rows[cell.row].append(cell.text)
    return rows


def _footer(page: int) -> Block:
    return Block(BlockKind.FOOTER, str(page), (Box(page, 290, 780, 310, 790),))


def test_parts_with_a_repeated_head_become_one_table_with_boxes_on_both_pages() -> None:
    first = _block(1, 700, HEAD, ("甲", "1", "好"), ("乙", "2", "好"))
    second = _block(2, 40, HEAD, ("丙", "3", "差"))
    note = Block(BlockKind.CAPTION, "续表1", (Box(2, 50, 20, 90, 32),))
    (table, _) = finish_tables([first, _footer(1), note, second], PAGES)
    assert _texts(table) == [list(HEAD), ["甲", "1", "好"], ["乙", "2", "好"], ["丙", "3", "差"]]
    assert [box.page for box in table.boxes] == [1, 2]
    assert table.table is not None
    assert {cell.box.page for cell in table.table.cells if cell.row == 3 and cell.box} == {2}
    assert table.text.splitlines()[-1] == "丙 | 3 | 差"


def test_a_cell_cut_by_the_page_break_is_joined() -> None:
    first = _block(1, 700, HEAD, ("甲", "1", "好"), ("乙", "2", "因供应商延迟"))
    second = _block(2, 40, ("", "", "交货而变更"), ("丙", "3", "差"))
    (table,) = finish_tables([first, second], PAGES)
    assert _texts(table)[2:] == [["乙", "2", "因供应商延迟交货而变更"], ["丙", "3", "差"]]


def test_text_between_other_columns_or_a_place_in_mid_page_keep_tables_apart() -> None:
    first = _block(1, 700, HEAD, ("甲", "1", "好"), ("乙", "2", "好"))
    second = _block(2, 40, HEAD, ("丙", "3", "差"))
    between = Block(BlockKind.PARAGRAPH, "以上为上半年数据，下表为下半年数据。", (Box(2, 50, 20, 500, 32),))
    assert len(finish_tables([first, between, second], PAGES)) == 3
    narrow = _block(2, 40, HEAD, ("丙", "3", "差"), width=60)
    assert len(finish_tables([first, narrow], PAGES)) == 2
    low = _block(2, 500, HEAD, ("丙", "3", "差"))
    assert len(finish_tables([first, low], PAGES)) == 2
    early = _block(1, 100, HEAD, ("甲", "1", "好"))
    assert len(finish_tables([early, second], PAGES)) == 2


def test_another_head_over_columns_of_values_begins_another_table() -> None:
    first = _block(1, 700, HEAD, ("甲", "1", "10"), ("乙", "2", "20"))
    second = _block(2, 40, ("部门", "人数", "占比"), ("研发", "3", "30"))
    assert len(finish_tables([first, second], PAGES)) == 2


def test_a_unit_in_a_line_above_reaches_the_values() -> None:
    line = Block(BlockKind.PARAGRAPH, "单位：万元", (Box(1, 400, 80, 500, 92),))
    _, table = finish_tables([line, _block(1, 100, ("项目", "本期"), ("收入", "1,200"))], PAGES)
    assert table.table is not None
    value = table.table.cells[-1].value
    assert value is not None
    assert (value.low, value.unit) == (1200.0, "万元")


def test_a_table_that_came_over_goes_on_at_the_top_of_the_next_column() -> None:
    first = _block(1, 700, HEAD, ("甲", "一", "好"), ("乙", "二", "好"), width=80)
    left = _block(2, 40, *[(f"左{n}", "三", "好") for n in range(30)], width=80)
    right = _block(2, 40, ("丙", "四", "差"), ("丁", "五", "差"), width=80, left=320)
    (table,) = finish_tables([first, left, right], PAGES)
    assert _texts(table)[-2:] == [["丙", "四", "差"], ["丁", "五", "差"]]
    beside = finish_tables([left, right], PAGES)
    assert len(beside) == 2
