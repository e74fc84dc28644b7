"""The files whose blocks are stored: written by this code, and kept so that fonts and libraries cannot move them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont

from benchmarks.parsing.scans import excerpt
from benchmarks.parsing.truth.compose import compose
from benchmarks.parsing.truth.html import to_html
from benchmarks.parsing.truth.layout import write_pdf
from benchmarks.parsing.truth.model import Look, TableBlock, TableKind, TruthDocument
from benchmarks.parsing.truth.word import write_docx
from scripts.demo_corpus.fonts import find_font

_LOOK: Final = Look(
    body_size=10.5,
    leading=1.5,
    sizes=(18.0, 14.0, 12.0, 10.5),
    bold=(True, True, True, True),
    serif=False,
    indent=True,
    running_head="",
    page_number="",
    outlined=True,
)


def _report() -> TruthDocument:
    """A page with headings, paragraphs and a table with merged cells."""
    document = compose(1)
    table = next(x for x in document.blocks if isinstance(x, TableBlock) and x.kind is TableKind.MERGED)
    return replace(document, blocks=(*excerpt(document).blocks, table), look=_LOOK)


def _columns() -> TruthDocument:
    """A page of two columns."""
    return replace(excerpt(compose(4)), look=_LOOK)


def _docx(path: Path) -> None:
    write_docx(_report(), path, styled=False)


def _html(path: Path) -> None:
    path.write_text(to_html(_report()), encoding="utf-8")


def _sheet(path: Path) -> None:
    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 1, 1, tzinfo=UTC)
    sheet = book.active
    assert sheet is not None
    sheet.title = "预算"
    for row in (
        ["部门", "2025年（万元）", None],
        [None, "计划", "实际"],
        ["研发部", 120.5, 118],
        ["市场部", 80, "12.5%"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    book.create_sheet("备注").append(["说明", "单位为万元"])
    book.save(path)


def _mail(path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "会议纪要", "wang@example.com", "li@example.com"
    mail["Date"] = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    mail.set_content("各位：\n\n请在周五前提交预算草案。\n\n一、时间\n3月6日下午两点。\n", charset="gb18030")
    path.write_bytes(mail.as_bytes())


def _markdown(path: Path) -> None:
    path.write_text(
        "# 使用说明\n\n## 安装\n\n先解压，再运行 `setup`。\n\n- 第一步\n- 第二步\n\n"
        "| 参数 | 默认值 |\n|---|---|\n| 端口 | 8000 |\n| 超时 | 30 s |\n\n```\nmake serve\n```\n",
        encoding="utf-8",
    )


def _plain_text(path: Path) -> None:
    path.write_bytes(
        "第一章 总则\n\n第一条　为了规范管理，制定本办法。\n\n第二条　本办法适用于全体员工。\n".encode("gb18030")
    )


def _picture(path: Path) -> None:
    """A notice as a picture, a little askew."""
    font_file = find_font()
    assert font_file is not None
    image = Image.new("L", (900, 260), 250)
    pen = ImageDraw.Draw(image)
    for line, text in enumerate(("关于调整办公时间的通知", "自2026年4月1日起，每日9:00上班，17:30下班。")):
        pen.text((60, 50 + 80 * line), text, fill=20, font=ImageFont.truetype(str(font_file), 40 - 8 * line))
    image.rotate(1.0, fillcolor=250, resample=Image.Resampling.BICUBIC).save(path)


INPUTS: Final[dict[str, Callable[[Path], None]]] = {
    "report.pdf": lambda path: write_pdf(_report(), path),
    "columns.pdf": lambda path: write_pdf(_columns(), path),
    "report.docx": _docx,
    "report.html": _html,
    "budget.xlsx": _sheet,
    "minutes.eml": _mail,
    "manual.md": _markdown,
    "rules.txt": _plain_text,
    "notice.png": _picture,
}
"""How each file is written."""
