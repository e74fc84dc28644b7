"""Tables of a text layer in doubt: told by the parser, looked at by the recognition child, kept as its words say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.intake import media
from ingest.ocr.models import ensure_ocr_models
from ingest.ocr.service import OcrLimits, OcrService
from ingest.parsing.pdf.document import parse_pdf
from ingest.parsing.reading.parts import Aim, parts_of
from ingest.parsing.reading.progress import Report
from ingest.parsing.reading.recognition import Engines, Recognition
from ingest.parsing.render import Bitmap, PageRenderer
from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json
from tests.unit.ingest.parsing.pdf_files import HEIGHT, Sheet, draw
from wenyuan.documents import Block, BlockKind, Box, Cell, Page, ParsedDocument, SourceFile, Table
from wenyuan.errors import FileError, ParserFailed, ParserUnavailable
from wenyuan.ports import Draft
from wenyuan.settings import IngestSettings

XS = (62, 170, 260, 350)
TOP, STEP = 140.0, 22.0
BOX = Box(1, 60.0, 124.0, 400.0, 258.0)
HEAD = ("项目", "本期金额", "上期金额", "增减比例")
ROWS = (
    HEAD,
    ("营业收入", "12,300", "11,200", "9.8%"),
    ("营业成本", "8,100", "7,900", "2.5%"),
    ("销售费用", "930", "880", "5.7%"),
    ("管理费用", "1,240", "1,180", "5.1%"),
    ("利润总额", "2,030", "1,240", "63.7%"),
)
SPARSE = (
    HEAD,
    *((ROWS[at][0], *("" if (at + place) % 3 else ROWS[at][place] for place in (1, 2, 3))) for at in range(1, 6)),
)


def sheet_of(rows: Sequence[Sequence[str]], *rules: float) -> Callable[[Sheet], None]:
    def page(sheet: Sheet) -> None:
        for number, row in enumerate(rows):
            for x, word in zip(XS, row, strict=True):
                sheet.text(x, TOP + STEP * number, word)
        for y in rules:
            sheet.canvas.line(60, HEIGHT - y, 420, HEIGHT - y)

    return page


def misread() -> Block:
    """The table as if alignment had found two columns: three values stand side by side in a cell."""
    cells = []
    for number, row in enumerate(ROWS):
        y = BOX.y0 + STEP * number
        cells.append(Cell(number, 0, row[0], box=Box(1, BOX.x0, y, 150.0, y + STEP)))
        cells.append(Cell(number, 1, " ".join(row[1:]), box=Box(1, 150.0, y, BOX.x1, y + STEP)))
    return Block(BlockKind.TABLE, "", (BOX,), table=Table(len(ROWS), 2, tuple(cells)))


def parsed_of(*tables: Block) -> ParsedDocument:
    text = Block(BlockKind.PARAGRAPH, "正文", (Box(1, 60, 60, 500, 90),))
    doubtful = tuple(f"table.{number}.doubtful" for number in range(2, 2 + len(tables)))
    return ParsedDocument((Page(1, 595.0, 842.0),), (text, *tables), warnings=(*doubtful, "active-content:script"))


class Looker:
    """Stands for the structure model: moves every table to one column, or lets it stand, or fails."""

    def __init__(self, *, better: bool = True, error: FileError | None = None) -> None:
        self.better = better
        self.error = error
        self.asked: list[tuple[Block, bytes]] = []

    async def look_again(self, table: Block, bitmap_png: bytes, text: bytes) -> Block | None:
        assert bitmap_png.startswith(b"\x89PNG")
        self.asked.append((table, text))
        if self.error is not None:
            raise self.error
        return replace(table, text="已改") if self.better else None

    async def recognise(self, bitmap_png: bytes, page: int, width: float, height: float) -> tuple[Block, ...]:
        raise AssertionError("no page needs recognition")


class Kept:
    """Drafts in memory."""

    def __init__(self) -> None:
        self.drafts: dict[int, Draft] = {}

    async def kept(self) -> Mapping[int, Draft]:
        return dict(self.drafts)

    async def keep(self, draft: Draft) -> None:
        self.drafts[draft.number] = draft


async def completed(
    path: Path, parsed: ParsedDocument, looker: Looker | None, kept: Kept | None = None
) -> ParsedDocument:
    engines = Engines(looker, tables=looker) if looker is not None else None
    recognition = Recognition(PageRenderer(Sandbox(IngestSettings())), engines, 10)
    source = SourceFile(str(path), path.name, "0" * 64, 0, media.PDF)
    return await recognition.complete(source, parsed, Report(None), kept)


def test_the_parser_tells_which_tables_are_in_doubt_and_runs_no_model(tmp_path: Path) -> None:
    rules = (122.0, 146.0, 258.0)
    parsed = parse_pdf(draw(tmp_path / "a.pdf", sheet_of(ROWS, *rules), sheet_of(SPARSE, *rules)), 10, lambda *_: None)
    tables = [at for at, block in enumerate(parsed.blocks) if block.table is not None]
    assert [parsed.blocks[at].boxes[0].page for at in tables] == [1, 2]
    assert parsed.warnings == (f"table.{tables[1] + 1}.doubtful",)
    (part,) = parts_of(parsed, 0)[0]
    box = parsed.blocks[tables[1]].boxes[0]
    assert (part.aim, part.page, part.number) == (Aim.TABLE, 2, -1 - tables[1])
    assert part.wanted == {"page": 2, "table": [box.x0, box.y0, box.x1, box.y1]}
    waits = replace(parsed, warnings=(*parsed.warnings, "page.2.needs_ocr"))
    assert [part.aim for part in parts_of(waits, 0)[0]] == [Aim.PAGE]


async def test_a_look_is_kept_and_not_taken_twice(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_of(ROWS))
    kept, looker = Kept(), Looker()
    found = await completed(path, parsed_of(misread()), looker, kept)
    assert [block.text for block in found.blocks] == ["正文", "已改"]
    assert found.warnings == ("active-content:script",)
    assert found.pages == (Page(1, 595.0, 842.0),)
    ((table, text),) = looker.asked
    assert table == misread()
    assert b"\\u9879" in text
    assert list(kept.drafts) == [-2]

    again = Looker(better=False)
    assert await completed(path, parsed_of(misread()), again, kept) == found
    assert again.asked == []


async def test_a_table_that_stands_is_not_looked_at_again(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_of(ROWS))
    kept, looker = Kept(), Looker(better=False)
    found = await completed(path, parsed_of(misread()), looker, kept)
    assert found.blocks[1] == misread()
    assert found.warnings == ("active-content:script",)
    assert kept.drafts == {-2: Draft(-2, (), stands=True)}
    await completed(path, parsed_of(misread()), looker, kept)
    assert len(looker.asked) == 1


@pytest.mark.parametrize("error", [ParserFailed(reason="OCR"), ParserUnavailable(component="OCR"), None])
async def test_a_table_nobody_looked_at_stays_and_its_page_is_told(tmp_path: Path, error: FileError | None) -> None:
    """The model fails, does not start, or recognition is off."""
    path = draw(tmp_path / "a.pdf", sheet_of(ROWS))
    looker = Looker(error=error) if error is not None else None
    beyond = replace(misread(), boxes=(Box(1, 60.0, 900.0, 400.0, 990.0),))
    found = await completed(path, parsed_of(misread(), beyond), looker)
    assert found.blocks[1:] == (misread(), beyond)
    assert found.warnings == ("active-content:script", "page.1.tables_doubtful")


async def test_the_model_parts_what_alignment_did_not_and_the_words_are_those_of_the_layer(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", sheet_of(ROWS, 122.0, 146.0, 258.0))
    wanted: dict[str, Json] = {"page": 1, "table": [BOX.x0, BOX.y0, BOX.x1, BOX.y1]}
    (drawn,) = await PageRenderer(Sandbox(IngestSettings())).bitmaps(path, media.PDF, [wanted])
    assert isinstance(drawn, Bitmap)
    service = OcrService(ensure_ocr_models(tmp_path / "models"), OcrLimits(threads=1))
    try:
        assert service.looks_at_tables
        seen = await service.look_again(misread(), drawn.png, drawn.text)
        assert seen is not None
        assert seen.table is not None
        assert seen.boxes == (BOX,)
        assert [[cell.text for cell in seen.table.cells if cell.row == row] for row in range(len(ROWS))] == [
            list(row) for row in ROWS
        ]
        assert seen.text.splitlines()[1] == "营业收入 | 12,300 | 11,200 | 9.8%"
        assert all(cell.header == (cell.row == 0) for cell in seen.table.cells)
        assert all(cell.box is not None and cell.box.page == 1 for cell in seen.table.cells)

        assert await service.look_again(seen, drawn.png, drawn.text) is None
        with pytest.raises(ParserFailed):
            await service.look_again(misread(), drawn.png, b"no characters")
        assert service.child_pid is None
    finally:
        await service.close()
