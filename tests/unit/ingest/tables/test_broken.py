"""Words that narrow cells broke are put together where the document has them, and others are left alone."""

from ingest.tables.finish import finish_tables
from wenyuan.documents import Block, BlockKind, Box, Cell, Page, Table

BOX = Box(1, 0, 50, 50, 60)


def finished(running: str, *rows: tuple[str, ...], box: Box | None = BOX) -> list[str]:
    """The texts of the cells of a table below ``running``, after the last step; the block's text says the same."""
    cells = tuple(Cell(r, c, text, header=r == 0, box=box) for r, row in enumerate(rows) for c, text in enumerate(row))
    text = "\n".join(" | ".join(row) for row in rows)
    table = Block(BlockKind.TABLE, text, (Box(1, 0, 50, 200, 100),), table=Table(len(rows), len(rows[0]), cells))
    paragraph = Block(BlockKind.PARAGRAPH, running, (Box(1, 0, 0, 200, 40),))
    block = finish_tables((paragraph, table), (Page(1, 600, 800),))[-1]
    assert block.table is not None
    assert block.text == "\n".join(
        " | ".join(cell.text for cell in block.table.cells if cell.row == r) for r in range(len(rows))
    )
    return [cell.text for cell in block.table.cells]


def test_a_word_that_stands_in_the_text_is_put_together() -> None:
    running = "Employees are entitled to leave during hospitalization."
    texts = finished(running, ("Who", "When"), ("All regular employ ees", "preceding hospitalizat ion"))
    assert texts[2:] == ["All regular employees", "preceding hospitalization"]


def test_a_word_that_stands_whole_in_another_cell_is_put_together() -> None:
    assert finished("", ("Amount", "Limit"), ("Covered amou nt", "5"))[2] == "Covered amount"


def test_words_that_are_words_stay_apart() -> None:
    running = "Stand under the roof to understand it. It may be taken up to noon; nobody knows."
    texts = finished(running, ("Rule", "Note"), ("under stand", "up to"), ("no body of text", "some thing"))
    assert texts[2:] == ["under stand", "up to", "no body of text", "some thing"]


def test_what_was_typed_into_a_sheet_stays() -> None:
    rows = (("Item", "Kind"), ("data base", "database"))
    assert finished("", *rows, box=None)[2] == "data base"
    assert finished("", *rows)[2] == "database"


def test_a_common_word_is_put_together_though_the_document_has_it_nowhere_else() -> None:
    head = ("Locat ion", "Descriptio n", "Sub-Limits/Con ditions", "Qu art er", "M od e")
    row = ("Intern ationa l", "Verb al", "Employer Contri bution", "Medi um", "R en tal of a C ar")
    texts = finished("", head, row)
    assert texts[:5] == ["Location", "Description", "Sub-Limits/Conditions", "Quarter", "Mode"]
    assert texts[5:] == ["International", "Verbal", "Employer Contribution", "Medium", "Rental of a Car"]


def test_words_of_their_own_and_what_makes_no_common_word_stay_apart() -> None:
    row = ("per diem", "up to date", "can not be", "vitamin e", "Tier a b", "in come", "class b of it", "don't d o")
    assert finished("", row, row)[: len(row)] == list(row)
