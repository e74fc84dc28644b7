"""Footnotes, formulas, code, stretched lines, numbers in sentences: kinds of blocks and where they end."""

from pathlib import Path

import pytest

from ingest.parsing.characters import join_lines
from ingest.parsing.pdf.document import parse_pdf
from ingest.parsing.pdf.objects.garbled import is_nonsense
from tests.unit.ingest.parsing.pdf_files import EN, HEIGHT, ZH, Sheet, draw
from wenyuan.documents import Block, BlockKind, ParsedDocument


def parse(path: Path) -> ParsedDocument:
    return parse_pdf(path, 100, lambda done, total: None)


def of_kind(parsed: ParsedDocument, kind: BlockKind) -> list[Block]:
    return [block for block in parsed.blocks if block.kind is kind]


def test_a_footnote_stands_behind_its_page_and_parts_no_paragraph(tmp_path: Path) -> None:
    whole = "".join(ZH.split("，")[:6]) * 3

    def first(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        lines = [whole[at : at + 44] for at in range(0, 132, 44)]
        for row, line in enumerate(lines):
            sheet.text(60, 690 + 16 * row, line)
        sheet.canvas.line(60, HEIGHT - 740, 180, HEIGHT - 740)
        sheet.text(60, 752, "①见公司《差旅管理办法》第三条。", 8)
        sheet.text(60, 764, "②自二〇二四年起执行。", 8)

    def second(sheet: Sheet) -> None:
        sheet.text(60, 100, "余下的文字在下一页结束。")
        sheet.paragraph(60, 140, 470, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", first, second))
    notes = of_kind(parsed, BlockKind.FOOTNOTE)
    assert [note.text for note in notes] == ["①见公司《差旅管理办法》第三条。", "②自二〇二四年起执行。"]
    assert {note.boxes[0].page for note in notes} == {1}
    (across,) = [block for block in parsed.blocks if len({box.page for box in block.boxes}) == 2]
    assert across.text == whole[:132] + "余下的文字在下一页结束。"
    assert parsed.blocks.index(across) < parsed.blocks.index(notes[0])


def test_small_print_without_mark_or_stroke_is_no_footnote(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        sheet.paragraph(60, 600, 470, ZH, 8)

    assert not of_kind(parse(draw(tmp_path / "a.pdf", page)), BlockKind.FOOTNOTE)


def test_the_shards_of_a_fraction_are_one_formula_with_its_number(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        sheet.text(230, 206, "D =", 10.5, "Times-Italic")
        sheet.text(262, 199, "2m", 10.5, "Times-Italic")
        sheet.canvas.line(255, HEIGHT - 203, 295, HEIGHT - 203)
        sheet.text(256, 213, "n(n - 1)", 10.5, "Times-Italic")
        sheet.text(500, 206, "(3)", 10.5, "Times-Roman")
        sheet.paragraph(60, 250, 470, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert [block.kind for block in parsed.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.FORMULA,
        BlockKind.PARAGRAPH,
    ]
    formula = parsed.blocks[1]
    assert formula.text.startswith("D =")
    assert formula.text.endswith("(3)")
    assert {"2m", "n(n"} <= set(formula.text.split())
    assert formula.boxes[0].x0 == pytest.approx(230, abs=2)
    assert formula.boxes[0].x1 == pytest.approx(515, abs=4)


def test_lines_of_fixed_pitch_are_code_with_their_breaks(tmp_path: Path) -> None:
    code = [
        "def total(rows):",
        "    found = 0",
        "    for row in rows:",
        "        found += row.amount",
        "    return found",
    ]

    def page(sheet: Sheet) -> None:
        sheet.paragraph(60, 100, 470, ZH)
        for row, line in enumerate(code):
            indent = len(line) - len(line.lstrip())
            sheet.text(60 + 5.4 * indent, 250 + 12 * row, line.lstrip(), 9, "Courier")
        sheet.paragraph(60, 350, 470, ZH)

    (block,) = of_kind(parse(draw(tmp_path / "a.pdf", page)), BlockKind.CODE)
    assert block.text == "\n".join(code)


def test_a_number_at_the_head_of_a_line_does_not_end_a_sentence(tmp_path: Path) -> None:
    lines = [
        "住宿费标准为经理级每人每天六百元其他人员每人每天四百元，伙食补助费每天",
        "2 次发放，每次不超过规定的上限，超出部分由个人承担而不得以其他名义报销",
        "3.5 元以下的零星支出不需要凭证。",
    ]

    def page(sheet: Sheet) -> None:
        for row, line in enumerate(lines):
            sheet.text(60, 100 + 16 * row, line)
        sheet.paragraph(60, 200, 378, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert parsed.blocks[0].text == "".join(lines)


def test_an_abstract_narrower_than_the_page_is_one_paragraph(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(500, 70, "·论著·", 12)
        end = sheet.paragraph(60, 120, 390, ZH + ZH)
        sheet.paragraph(60, end + 40, 480, ZH)

    paragraphs = [block for block in parse(draw(tmp_path / "a.pdf", page)).blocks if len(block.text) > 20]
    assert [block.text for block in paragraphs] == [ZH + ZH, ZH]


def test_a_stretched_line_stays_a_line(tmp_path: Path) -> None:
    words = EN.split(" ")

    def page(sheet: Sheet) -> None:
        sheet.text(60, 100, " ".join(words[:8]), 10, "Times-Roman")
        for column, word in enumerate(words[8:12]):
            sheet.text(60 + 72 * column, 114, word, 10, "Times-Roman")
        sheet.text(60, 128, " ".join(words[12:20]), 10, "Times-Roman")

    texts = " ".join(block.text for block in parse(draw(tmp_path / "a.pdf", page)).blocks)
    assert texts == " ".join(words[:20])


def test_columns_with_a_narrow_gutter_are_not_joined(tmp_path: Path) -> None:
    def page(sheet: Sheet) -> None:
        for row in range(12):
            sheet.text(60, 100 + 16 * row, ZH[row : row + 20])
            sheet.text(60 + 20 * 10.5 + 11, 100 + 16 * row, ZH[row + 30 : row + 50])

    parsed = parse(draw(tmp_path / "a.pdf", page))
    text = "".join(block.text for block in parsed.blocks)
    assert text == "".join(ZH[row : row + 20] for row in range(12)) + "".join(
        ZH[row + 30 : row + 50] for row in range(12)
    )


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("state-of-", "the-art", "state-of-the-art"),
        ("docu-", "mentation", "documentation"),
        ("see https://a.example/x-", "y", "see https://a.example/x-y"),
        ("中文", "换行", "中文换行"),
    ],
)
def test_hyphens_and_scripts(first: str, second: str, joined: str) -> None:
    assert join_lines(first, second) == joined


@pytest.mark.parametrize(
    ("text", "nonsense"),
    [
        (ZH, False),
        (EN.replace(" ", "") * 2, False),
        ("1,234.56 7,890.12 3.4% (5.6) " * 8, False),
        ("if (a[i] == b[j]) { c = d(e); } return {f: g};" * 4, False),
        (ZH.encode("gb18030").decode("latin-1"), True),
        ("".join(chr(ord(char) % 31 + 33) for char in EN * 2), True),
        ("".join(chr(0x4E00 + (ord(char) * 7919) % 20_000) for char in ZH * 2), True),
        ("brtwqpsdfgklmnvczx" * 10, True),
    ],
)
def test_text_of_a_wrong_encoding_is_told_from_text(text: str, nonsense: bool) -> None:
    assert is_nonsense(text.replace(" ", "")) is nonsense


@pytest.mark.parametrize(("name", "title"), [("Example.com", "Leave Policy"), ("示例科技有限公司", "差旅费管理办法")])
def test_the_name_above_the_title_is_not_the_title(tmp_path: Path, name: str, title: str) -> None:
    def page(sheet: Sheet) -> None:
        sheet.text(60, 80, name, 16)
        sheet.text(60, 110, title, 16)
        sheet.paragraph(60, 150, 470, ZH)

    parsed = parse(draw(tmp_path / "a.pdf", page))
    assert parsed.title == title
    assert [block.text for block in of_kind(parsed, BlockKind.TITLE)] == [title]


def test_columns_of_short_lines_on_common_baselines_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [f"Left line {number} says so much" + " and more" * (number % 3 == 0) for number in range(12)]
    right = [f"Right line {number} says so much" + " and more" * (number % 4 == 0) for number in range(12)]

    def page(sheet: Sheet) -> None:
        for number, (one, two) in enumerate(zip(left, right, strict=True)):
            sheet.text(60, 100 + 16 * number, one, 10, "Helvetica")
            sheet.text(320, 100 + 16 * number, two, 10, "Helvetica")

    text = " ".join(block.text for block in parse(draw(tmp_path / "a.pdf", page)).blocks)
    assert text.index("Left line 11") < text.index("Right line 0")
