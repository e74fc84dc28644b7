"""Layout analysis on PDFs drawn for the purpose: every expectation is what was drawn."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsing.characters import join_lines, normalise
from ingest.parsing.numbering import is_caption, scheme_of
from ingest.parsing.order import reading_order
from ingest.parsing.pdf.document import parse_pdf
from ingest.parsing.pdf.model import Frame, Picture, Quarter
from tests.unit.ingest.parsing.pdf_files import EN, HEIGHT, WIDTH, ZH, Sheet, draw, plain_page
from wenyuan.documents import Block, BlockKind, PageSource, ParsedDocument


def parse(path: Path) -> ParsedDocument:
    return parse_pdf(path, 100, lambda done, total: None)


def of_kind(parsed: ParsedDocument, kind: BlockKind) -> list[Block]:
    return [block for block in parsed.blocks if block.kind is kind]


def test_paragraph_lines_join_without_spaces_and_keep_their_box(tmp_path: Path) -> None:
    parsed = parse(draw(tmp_path / "a.pdf", plain_page))
    (paragraph,) = of_kind(parsed, BlockKind.PARAGRAPH)
    assert paragraph.text == ZH
    assert paragraph.heading_path == ("第一章 差旅费标准",)
    (box,) = paragraph.boxes
    assert box.page == 1
    assert box.x0 == pytest.approx(60, abs=2)
    assert box.y0 == pytest.approx(140 - 9, abs=2)
    assert 500 < box.x1 < 535
    assert parsed.pages[0].source is PageSource.TEXT
    assert (parsed.pages[0].width, parsed.pages[0].height) == (WIDTH, HEIGHT)


def test_two_columns_are_read_one_after_the_other_and_a_paragraph_runs_across(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(180, 70, "Travel rules of the company", 18, "Helvetica-Bold")
        y = sheet.paragraph(60, 110, 225, "Left. " + EN, 10, "Helvetica")
        # The last paragraph of the left column has no end; its rest stands at the head of the right one.
        words = ("Across. " + EN).split(" ")
        y = sheet.paragraph(60, y, 225, " ".join(words[:26]), 10, "Helvetica")
        sheet.text(310, 110, " ".join(words[26:34]), 10, "Helvetica")
        sheet.paragraph(310, 150, 225, "Right. " + EN, 10, "Helvetica")
        sheet.paragraph(310, 240, 225, "Last. " + EN, 10, "Helvetica")

    parsed = parse(draw(tmp_path / "a.pdf", page))
    paragraphs = of_kind(parsed, BlockKind.PARAGRAPH)
    assert [block.text.split(".")[0] for block in paragraphs][:2] == ["Left", "Across"]
    assert [block.text.split(".")[0] for block in paragraphs][-2:] == ["Right", "Last"]
    assert paragraphs[0].text == "Left. " + EN


def test_ruled_table_with_header_and_caption(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(60, 60, "表1 差旅费标准（元）")
        sheet.grid([60, 200, 340, 480], [80, 105, 130, 155])
        rows = [["职级", "城市", "住宿费"], ["经理", "北京", "600"], ["", "上海", "580"]]
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                sheet.text(70 + 140 * column, 97 + 25 * row, text)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    (block,) = of_kind(parsed, BlockKind.TABLE)
    assert block.table is not None
    assert (block.table.rows, block.table.columns) == (3, 3)
    assert block.text.splitlines()[:2] == ["职级 | 城市 | 住宿费", "经理 | 北京 | 600"]
    assert {cell.text for cell in block.table.cells if cell.header} == {"职级", "城市", "住宿费"}
    beijing = next(cell for cell in block.table.cells if cell.text == "北京")
    assert beijing.box is not None
    assert (beijing.box.x0, beijing.box.y0) == pytest.approx((200, 105), abs=1)
    (caption,) = of_kind(parsed, BlockKind.CAPTION)
    assert caption.text == "表1 差旅费标准（元）"


def test_missing_strokes_make_spans(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        line = sheet.canvas.line
        for y in (80, 130):
            line(60, HEIGHT - y, 480, HEIGHT - y)
        line(200, HEIGHT - 105, 480, HEIGHT - 105)
        for x in (60, 200, 340, 480):
            line(x, HEIGHT - 80, x, HEIGHT - 130)
        for x, y, text in ((70, 108, "合计"), (210, 97, "一月"), (350, 97, "10"), (210, 122, "二月"), (350, 122, "12")):
            sheet.text(x, y, text)

    (block,) = of_kind(parse(draw(tmp_path / "a.pdf", page)), BlockKind.TABLE)
    assert block.table is not None
    total = next(cell for cell in block.table.cells if cell.text == "合计")
    assert (total.row, total.column, total.row_span) == (0, 0, 2)
    covered = [
        (cell.row + r, cell.column + c)
        for cell in block.table.cells
        for r in range(cell.row_span)
        for c in range(cell.column_span)
    ]
    assert len(covered) == len(set(covered)) == block.table.rows * block.table.columns


def test_three_line_and_borderless_tables(tmp_path: Path) -> None:
    rows = [
        ["型号", "额定电压", "额定电流"],
        ["A10", "12kV", "630A"],
        ["A20", "24kV", "1250A"],
        ["A30", "40kV", "2000A"],
    ]

    def page(sheet: Sheet) -> None:
        for y in (80, 105, 180):
            sheet.canvas.line(60, HEIGHT - y, 480, HEIGHT - y)
        for top in (97, 400):
            for row, texts in enumerate(rows):
                for column, text in enumerate(texts):
                    sheet.text(70 + 150 * column, top + 24 * row, text)

    tables = of_kind(parse(draw(tmp_path / "a.pdf", page)), BlockKind.TABLE)
    expected = "\n".join(" | ".join(row) for row in rows)
    assert [block.text for block in tables] == [expected, expected]


def test_a_frame_around_prose_is_no_table(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.grid([50, 545], [90, 130, 700])
        sheet.text(60, 115, "说明", 10.5)
        y = 160.0
        for _ in range(4):
            y = sheet.paragraph(60, y, 470, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert not of_kind(parsed, BlockKind.TABLE)
    assert sum(block.text == ZH for block in parsed.blocks) == 4


def test_headings_have_levels_and_paths(tmp_path: Path) -> None:
    titles = ["第一章 总则", "第一节 目的", "第二节 适用范围", "第二章 报销", "第一节 流程"]

    def page(sheet: Sheet) -> None:
        y = 80.0
        for title in titles:
            sheet.text(60, y, title, 14 if "章" in title else 12)
            y = sheet.paragraph(60, y + 25, 470, ZH) + 12

    parsed = parse(draw(tmp_path / "a.pdf", page))
    found = of_kind(parsed, BlockKind.TITLE)
    assert [(block.text, block.level) for block in found] == list(zip(titles, [1, 2, 2, 1, 2], strict=True))
    paths = [block.heading_path for block in of_kind(parsed, BlockKind.PARAGRAPH)]
    assert paths[1] == ("第一章 总则", "第一节 目的")
    assert paths[4] == ("第二章 报销", "第一节 流程")


def test_contents_lines_are_no_headings(tmp_path: Path) -> None:
    titles = [
        f"第{number}章 {name}"
        for number, name in zip("一二三四五", ["总则", "申请", "报销", "监督", "附则"], strict=True)
    ]

    def contents(sheet: Sheet) -> None:
        sheet.text(260, 80, "目 录", 16)
        for row, title in enumerate(titles):
            sheet.text(60, 120 + 22 * row, f"{title}{'.' * 60}{row + 2}")

    def chapter(title: str) -> Callable[[Sheet], None]:
        def page(sheet: Sheet) -> None:
            sheet.text(60, 80, title, 15)
            sheet.paragraph(60, 110, 470, ZH)

        return page

    parsed = parse(draw(tmp_path / "a.pdf", contents, *map(chapter, titles)))
    headings = [block for block in of_kind(parsed, BlockKind.TITLE) if block.text in titles]
    assert [block.boxes[0].page for block in headings] == [2, 3, 4, 5, 6]
    assert not [block for block in of_kind(parsed, BlockKind.TITLE) if "....." in block.text]


def test_running_heads_page_numbers_and_text_across_pages(tmp_path: Path) -> None:
    text = ZH + ZH
    first_page, rest = text[: 42 + 2 * 44], text[42 + 2 * 44 :]

    def full_lines(sheet: Sheet, y: float, x: float, part: str) -> None:
        room = 44 if x == 60 else 42
        while part:
            sheet.text(x, y, part[:room])
            part, y, x, room = part[room:], y + 16, 60, 44

    def page(number: int) -> Callable[[Sheet], None]:
        def drawing(sheet: Sheet) -> None:
            sheet.text(60, 40, f"某公司差旅制度 第{number}版", 9)
            if number == 1:
                sheet.paragraph(60, 120, 470, ZH)
                full_lines(sheet, 300, 81, first_page)
            elif number == 2:
                full_lines(sheet, 120, 60, rest)
            else:
                sheet.paragraph(60, 120, 470, ZH)
            sheet.text(290, 810, f"- {number} -", 9)

        return drawing

    parsed = parse(draw(tmp_path / "a.pdf", *map(page, (1, 2, 3))))
    assert [block.boxes[0].page for block in of_kind(parsed, BlockKind.HEADER)] == [1, 2, 3]
    assert [block.text for block in of_kind(parsed, BlockKind.FOOTER)] == ["- 1 -", "- 2 -", "- 3 -"]
    assert [block.text for block in of_kind(parsed, BlockKind.PARAGRAPH)] == [ZH, text, ZH]
    assert [[box.page for box in block.boxes] for block in of_kind(parsed, BlockKind.PARAGRAPH)] == [[1], [1, 2], [3]]
    assert all(block.heading_path == () for block in of_kind(parsed, BlockKind.HEADER))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_page_rotation_and_turned_text_give_boxes_on_the_shown_page(tmp_path: Path, rotation: int) -> None:
    def page(sheet: Sheet) -> None:
        if rotation != 180:
            # The library swaps the sides of a turned page.
            sheet.canvas.setPageSize((HEIGHT, WIDTH))
        sheet.canvas.setPageRotation(rotation)
        plain_page(sheet)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    shown = parsed.pages[0]
    assert (shown.width, shown.height) == ((HEIGHT, WIDTH) if rotation != 180 else (WIDTH, HEIGHT))
    (paragraph,) = of_kind(parsed, BlockKind.PARAGRAPH)
    assert paragraph.text == ZH
    box = paragraph.boxes[0]
    assert 0 <= box.x0 < box.x1 <= shown.width
    assert 0 <= box.y0 < box.y1 <= shown.height
    if rotation == 90:
        # What was at the top stands at the right.
        assert box.x1 == pytest.approx(HEIGHT - 131, abs=3)
        assert box.y0 == pytest.approx(60, abs=3)


def test_text_drawn_at_a_right_angle_is_read_as_lines(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.canvas.translate(WIDTH, 0)
        sheet.canvas.rotate(90)
        sheet.canvas.setFont("Helvetica", 10)
        for row in range(12):
            sheet.canvas.drawString(60, 400 - 15 * row, f"Row {row}: this sentence runs up the page.")

    parsed = parse(draw(tmp_path / "a.pdf", page))
    text = " ".join(block.text for block in parsed.blocks)
    assert all(f"Row {row}: this sentence runs up the page." in text for row in range(12))
    assert all(
        box.y1 - box.y0 > box.x1 - box.x0 for block in parsed.blocks for box in block.boxes if len(block.text) < 60
    )


def test_crop_box_moves_the_origin(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.canvas.setCropBox((50, 100, 545, 800))
        plain_page(sheet)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert (parsed.pages[0].width, parsed.pages[0].height) == (495, 700)
    (paragraph,) = of_kind(parsed, BlockKind.PARAGRAPH)
    assert paragraph.boxes[0].x0 == pytest.approx(10, abs=2)
    assert paragraph.boxes[0].y0 == pytest.approx(140 - 42 - 9, abs=2)


def test_a_slanted_watermark_does_not_enter_the_text(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        plain_page(sheet)
        sheet.canvas.saveState()
        sheet.canvas.translate(200, 400)
        sheet.canvas.rotate(45)
        sheet.canvas.setFont("Helvetica", 60)
        sheet.canvas.drawString(0, 0, "CONFIDENTIAL")
        sheet.canvas.restoreState()

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert not any("CONF" in block.text for block in parsed.blocks)
    assert [block.text for block in of_kind(parsed, BlockKind.PARAGRAPH)] == [ZH]


def test_list_items_stand_alone(tmp_path: Path) -> None:
    items = ["（1）差旅申请单", "（2）发票原件", "（3）行程单"]

    def page(sheet: Sheet) -> None:
        y = sheet.paragraph(60, 90, 470, ZH)
        for row, item in enumerate(items):
            sheet.text(81, y + 18 * row, item)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert [block.text for block in of_kind(parsed, BlockKind.LIST)] == items


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("差旅", "标准", "差旅标准"),
        ("travel", "rules", "travel rules"),
        ("docu-", "ment", "document"),
        ("COVID-", "19", "COVID-19"),
        ("使用", "Word", "使用Word"),
        ("", "a", "a"),
    ],
)
def test_lines_join_by_script(first: str, second: str, joined: str) -> None:
    assert join_lines(first, second) == joined


def test_radicals_become_ideographs_and_full_width_punctuation_stays() -> None:
    assert normalise("⼤⽤⾏⻋⻓ﬁ（１２）：\uf06c\u200b") == "大用行车长fi（１２）：•"


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("第三章 报销", "chapter"),
        ("第十二条 本办法", "article"),
        ("二、目的", "han"),
        ("（三）范围", "han-bracket"),
        ("1.2 范围", "dot2"),
        ("2.1. Scope", "dot2"),
        ("3.2.1 流程", "dot3"),
        ("4. 附则", "dot1"),
        ("1.5%的费率", None),
        ("12.5", None),
        ("2020年度报告", None),
        ("第一次会议", None),
    ],
)
def test_numbering(text: str, scheme: str | None) -> None:
    assert scheme_of(text) == scheme


@pytest.mark.parametrize(
    ("text", "caption"),
    [
        ("表1 差旅费标准", True),
        ("图2-3：系统结构", True),
        ("Table 4. Results", True),
        ("Fig. 2a is a schematic", False),
        ("表1列出了各项标准", False),
        ("图书管理办法", False),
    ],
)
def test_captions(text: str, caption: bool) -> None:
    assert is_caption(text) is caption


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 700), st.integers(5, 200), st.integers(5, 40)), max_size=40)
)
def test_reading_order_loses_and_repeats_nothing(boxes: list[tuple[int, int, int, int]]) -> None:
    items = [Picture(x, y, x + width, y + height) for x, y, width, height in boxes]
    ordered = [placed.item for placed in reading_order(items)]
    assert sorted(map(id, ordered)) == sorted(map(id, items))


@given(st.sampled_from(Quarter), st.tuples(*(st.floats(0, 500) for _ in range(4))))
def test_frames_are_left_as_they_are_entered(quarter: Quarter, values: tuple[float, float, float, float]) -> None:
    frame = Frame(595, 842, quarter)
    rect = (min(values[0], values[2]), min(values[1], values[3]), max(values[0], values[2]), max(values[1], values[3]))
    assert frame.leave(frame.enter(rect)) == pytest.approx(rect)
