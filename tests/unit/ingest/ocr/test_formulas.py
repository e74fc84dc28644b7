"""Formulas read by a vision model over HTTP: what is kept of the answer, and what happens without one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from ingest.intake import media
from ingest.ocr.vision.formula import FormulaEndpoint, open_formula_endpoint
from ingest.parsing.reading.formulas import with_latex
from ingest.parsing.render import PageRenderer
from ingest.sandbox import Sandbox
from tests.unit.ingest.ocr.test_ocr_endpoint import said, server
from tests.unit.ingest.parsing.pdf_files import Sheet, draw
from wenyuan.documents import Block, BlockKind, Box, Line, Page, ParsedDocument, SourceFile
from wenyuan.errors import EndpointError
from wenyuan.settings import IngestSettings

BOX = Box(1, 100, 100, 300, 120)


def endpoint(url: str) -> FormulaEndpoint:
    opened = open_formula_endpoint(
        IngestSettings(formula_url=url, formula_model="unimernet", formula_api_key=SecretStr("k"), ocr_page_s=5)
    )
    assert opened is not None
    return opened


async def latex(answer: str) -> str:
    with server(lambda body: (200, said(answer))) as (url, _):
        reader = endpoint(url)
        try:
            return await reader.latex(b"picture")
        finally:
            await reader.close()


@pytest.mark.parametrize(
    "answer",
    [
        r"\frac{a}{b}",
        "$$\n\\frac{a}{b}\n$$",
        r"\[ \frac{a}{b} \]",
        "```latex\n$\\frac{a}{b}$\n```",
        "\u200b\\frac{a}{b}",
    ],
)
async def test_the_formula_is_taken_out_of_what_stands_around_it(answer: str) -> None:
    assert await latex(answer) == r"\frac{a}{b}"


@pytest.mark.parametrize("answer", [r"\frac{a}{b", r"a} = {b", "$$$$", "x" * 5000])
async def test_what_is_no_formula_is_an_error(answer: str) -> None:
    with pytest.raises(EndpointError):
        await latex(answer)


def test_it_is_off_unless_named_in_full() -> None:
    assert open_formula_endpoint(IngestSettings()) is None
    for url, model in (("http://127.0.0.1:8080", None), ("file:///etc/passwd", "m")):
        with pytest.raises(ValidationError):
            IngestSettings(formula_url=url, formula_model=model)


def formula(text: str, box: Box = BOX) -> Block:
    return Block(BlockKind.FORMULA, text, (box,), lines=(Line(0, len(text), box),))


def drawn(path: Path) -> SourceFile:
    """Return a PDF of one page with a formula."""

    def equation(sheet: Sheet) -> None:
        sheet.canvas.drawString(110, 842 - 116, "Q = m c T")

    draw(path, equation)
    return SourceFile(str(path), path.name, "0" * 64, path.stat().st_size, media.PDF)


async def read(
    path: Path, blocks: tuple[Block, ...], reply: Callable[[dict[str, Any]], tuple[int, bytes]], most: int = 10
) -> tuple[ParsedDocument, int]:
    """Return what becomes of ``blocks`` of a drawn page, and how often the endpoint was asked."""
    source = drawn(path)
    parsed = ParsedDocument((Page(1, 595.0, 842.0),), blocks, warnings=("page.1.other",))
    with server(reply) as (url, seen):
        reader = endpoint(url)
        try:
            found = await with_latex(PageRenderer(Sandbox(IngestSettings())), reader, source, parsed, most)
        finally:
            await reader.close()
    return found, len(seen)


async def test_formulas_of_a_page_become_latex_and_keep_their_numbers(tmp_path: Path) -> None:
    text = Block(BlockKind.PARAGRAPH, "由下式得到：", (Box(1, 60, 60, 500, 80),))
    found, asked = await read(
        tmp_path / "a.pdf",
        (text, formula("Q = m c T (3)"), formula("Q = m c T")),
        lambda body: (200, said("$$Q = mcT$$")),
    )
    assert [block.text for block in found.blocks] == ["由下式得到：", r"Q = mcT \tag{3}", "Q = mcT"]
    assert (found.blocks[1].boxes, found.blocks[1].lines) == ((BOX,), ())
    assert (found.blocks[0], found.warnings, asked) == (text, ("page.1.other",), 2)


async def test_an_endpoint_that_fails_leaves_the_characters_and_a_warning(tmp_path: Path) -> None:
    blocks = tuple(formula(f"Q = {number}") for number in range(6))
    found, asked = await read(tmp_path / "a.pdf", blocks, lambda body: (500, b""))
    assert found.blocks == blocks
    assert found.warnings == ("page.1.other", "page.1.formulas_unread")
    assert asked == 3
    some, _ = await read(tmp_path / "a.pdf", blocks, lambda body: (200, said("x")), most=2)
    assert [block.text for block in some.blocks] == ["x", "x", *(block.text for block in blocks[2:])]
    assert some.warnings[-1] == "page.1.formulas_unread"
