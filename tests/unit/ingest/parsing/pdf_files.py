"""Small PDFs drawn for tests; Chinese text uses a standard CID font that needs no font file."""

from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
SONG = "STSong-Light"
WIDTH, HEIGHT = 595.0, 842.0

ZH = (
    "差旅费标准按照职级分为三档，出差前须在系统中提交申请并经部门负责人批准，未经批准发生的费用不予报销。住宿费凭发票据实报销，"
    "超出标准的部分由个人承担。市内交通费实行包干，每人每天八十元，不再另行报销。"
)
EN = (
    "Employees are required to obtain formal approval before initiating travel and the authorisation form must be "
    "filled out and submitted to the respective approving authority in good time before the journey begins"
)


class Sheet:
    """A page to draw on with coordinates from the top left."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def text(self, x: float, y: float, text: str, size: float = 10.5, font: str = SONG) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)

    def paragraph(self, x: float, y: float, width: float, text: str, size: float = 10.5, font: str = SONG) -> float:
        """Draw wrapped text whose first line stands in by two characters; return the y below it."""
        indent = 2 * size
        line, room = "", width - indent
        start = x + indent
        for token in _tokens(text):
            if pdfmetrics.stringWidth(line + token, font, size) > room:
                self.text(start, y, line.rstrip(), size, font)
                y += 1.5 * size
                line, room, start = "", width, x
            line += token
        self.text(start, y, line.rstrip(), size, font)
        return y + 1.5 * size

    def grid(self, xs: list[float], ys: list[float]) -> None:
        for x in xs:
            self.canvas.line(x, HEIGHT - ys[0], x, HEIGHT - ys[-1])
        for y in ys:
            self.canvas.line(xs[0], HEIGHT - y, xs[-1], HEIGHT - y)


def _tokens(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")] if text.isascii() else list(text)


def draw(path: Path, *pages: Callable[[Sheet], None], encrypt: StandardEncryption | None = None) -> Path:
    """Write a PDF with one page for each drawing."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), encrypt=encrypt)
    for page in pages:
        page(Sheet(canvas))
        canvas.showPage()
    canvas.save()
    return path


def plain_page(sheet: Sheet) -> None:
    """A heading and a paragraph."""
    sheet.text(60, 100, "第一章 差旅费标准", 16)
    sheet.paragraph(60, 140, 470, ZH)
