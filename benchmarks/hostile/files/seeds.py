"""Small sound files of every format that is taken, each with the parts that parsers have special code for."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from tests.unit.ingest.formats.compound_files import compound
from tests.unit.ingest.formats.ofd_files import grid, picture, text, write_ofd
from tests.unit.ingest.formats.test_mail import attachment, outlook

_MOMENT: Final = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
Maker = Callable[[Random], bytes]
WORDS: Final = "报销须在三十日内提交，逾期不予受理。The notice period is 30 days after delivery."
_ODF: Final = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def image_bytes(random: Random, kind: str) -> bytes:
    """A drawn picture of a kind Pillow can write; several frames where the format has them."""
    size = (random.randint(20, 200), random.randint(20, 200))
    frames = []
    for _ in range(3 if kind in ("TIFF", "GIF") else 1):
        image = Image.new(random.choice(("RGB", "L")), size, "white")
        ImageDraw.Draw(image).text((5, 5), "invoice 30", fill=0)
        frames.append(image)
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    if kind == "TIFF":
        more["compression"] = random.choice(("tiff_lzw", "tiff_deflate", "packbits", "raw"))
    frames[0].save(buffer, kind, **more)
    return buffer.getvalue()


def pdf_bytes(random: Random) -> bytes:
    """Pages with text, lines, a picture, a form field, a link and an outline; compressed or not."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=random.randint(0, 1), invariant=1)
    for page in range(random.randint(1, 3)):
        canvas.bookmarkPage(f"p{page}")
        canvas.addOutlineEntry(f"Part {page}", f"p{page}")
        for row in range(8):
            canvas.drawString(72, 780 - 14 * row, f"{row}.1 The notice period is {row} days after delivery.")
        canvas.grid([72, 172, 272], [500, 520, 540])
        canvas.drawString(76, 525, "fee")
        canvas.linkURL("https://example.com/", (72, 400, 200, 420))
        canvas.acroForm.textfield(name=f"f{page}", x=72, y=300, value="value")
        canvas.drawInlineImage(Image.new("RGB", (20, 20), "red"), 300, 300, 50, 50)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def docx_bytes(_: Random) -> bytes:
    """Headings, a list, a merged table, a picture."""
    document = docx.Document()
    document.add_heading("第一章 总则", 1)
    document.add_paragraph(WORDS)
    document.add_paragraph("一项", style="List Number")
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "预算"
    table.cell(1, 1).text = "300"
    document.add_picture(io.BytesIO(_png()))
    return _saved(document.save)


def xlsx_bytes(_: Random) -> bytes:
    """Two sheets, merged cells, a formula, hidden rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(12):
        sheet.append([f"部门{row}", row * 1.5, "=A1", "2026-11-02"])
    sheet.merge_cells("A1:B1")
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("二").append(["x", 1])
    return _saved(book.save)


def pptx_bytes(_: Random) -> bytes:
    """A title, a body, a table, a picture."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "季度汇报"
    slide.placeholders[1].text = WORDS
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    table.cell(0, 0).text = "fee"
    slide.shapes.add_picture(io.BytesIO(_png()), Inches(5), Inches(1))
    return _saved(show.save)


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of members in order; a member called ``mimetype`` is stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED if name == "mimetype" else method)
    return buffer.getvalue()


def timeless(data: bytes) -> bytes:
    """The same package without the hour it was made, so that the same seed gives the same bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: _MOMENT.sub(b"2026-11-02T09:00:00", content) for name, content in members.items()})


def open_document(kind: str, body: str) -> bytes:
    """An OpenDocument file of ``kind`` (text, spreadsheet, presentation) around the XML of its body."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_ODF}><office:body><office:{kind}>{body}</office:{kind}>"
            "</office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {_ODF}/>",
        }
    )


def odt_bytes(_: Random) -> bytes:
    """A heading, a paragraph, a table."""
    cells = "<table:table-cell><text:p>300</text:p></table:table-cell>" * 2
    return open_document(
        "text",
        f'<text:h text:outline-level="1">总则</text:h><text:p>{WORDS}</text:p><table:table>'
        f"<table:table-row>{cells}</table:table-row><table:table-row>{cells}</table:table-row></table:table>",
    )


def ods_bytes(_: Random) -> bytes:
    """A sheet with repeated cells."""
    row = '<table:table-row table:number-rows-repeated="2">{}</table:table-row>'
    cell = '<table:table-cell table:number-columns-repeated="3"><text:p>预算 300</text:p></table:table-cell>'
    return open_document("spreadsheet", f'<table:table table:name="一">{row.format(cell)}</table:table>')


def odp_bytes(_: Random) -> bytes:
    """Two slides."""
    box = f"<draw:frame><draw:text-box><text:p>{WORDS}</text:p></draw:text-box></draw:frame>"
    return open_document("presentation", f'<draw:page draw:name="1">{box}</draw:page><draw:page>{box}</draw:page>')


def epub_bytes(_: Random) -> bytes:
    """A book of two chapters."""
    page = f"<html><body><h1>章</h1><p>{WORDS}</p><table><tr><td>a</td><td>b</td></tr></table></body></html>"
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="O/c.opf"/></rootfiles></container>',
            "O/c.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" '
            'media-type="application/xhtml+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
            "O/a.xhtml": page,
            "O/b.xhtml": page,
        }
    )


def ofd_bytes(_: Random) -> bytes:
    """Two pages with text, a ruled table and a picture."""
    with TemporaryDirectory() as folder:
        table = grid(20, 60, [40, 40], 10, [["项目", "金额"], ["差旅", "300"]])
        page = text(20, 30, "国家标准的版式文件") + table + picture(20, 120, 30, 30)
        return timeless(write_ofd(Path(folder) / "a.ofd", [page, page]).read_bytes())


def archive_bytes(_: Random) -> bytes:
    """An archive of a bulk upload: files in folders, one archive inside."""
    inner = zipped({"内.txt": WORDS})
    page = f"# 总则\n\n{WORDS}\n"
    return zipped({"制度/报销.md": page, "a.docx": docx_bytes(_), "b.csv": "a,b\n1,2\n", "c.zip": inner})


def eml_bytes(_: Random) -> bytes:
    """A letter in two forms with an attached document."""
    message = EmailMessage()
    message["From"], message["To"] = "王芳 <wang@example.com>", "li@example.com"
    message["Subject"], message["Date"] = "月度报表", "Mon, 02 Nov 2026 09:00:00 +0800"
    message.set_content(WORDS)
    message.add_alternative(f"<html><body><p>{WORDS}</p></body></html>", subtype="html")
    message.add_attachment(docx_bytes(_), maintype="application", subtype="octet-stream", filename="合同.docx")
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=={number}==")
    return message.as_bytes()


def msg_bytes(_: Random) -> bytes:
    """An Outlook message with an attachment."""
    tree = outlook()
    tree["__attach_version1.0_#00000000"] = attachment("a.txt", WORDS.encode())
    return compound(tree)


def _mhtml(_: Random) -> bytes:
    return (
        b"From: <Saved by Blink>\r\nSubject: page\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b' type="text/html"; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://example.com/\r\n\r\n"
        b"<html><body><h1>=E7=AB=A0</h1><p>The notice period is 30 days.</p></body></html>\r\n--b--\r\n"
    )


def _rtf(_: Random) -> bytes:
    return (
        rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0 Song;}}{\stylesheet{\s1 heading 1;}}\s1\b Terms\b0\par "
        rb"\u25253?\u38144? The notice period is 30 days.\par\trowd\cellx1000\cellx2000\intbl fee\cell 300\cell\row "
        rb"{\v hidden}{\pict\pngblip 89504e47}\par}"
    )


def _html(_: Random) -> bytes:
    return (
        f"<!doctype html><html><head><title>制度</title><style>.x{{color:red}}</style></head><body><h1>总则</h1>"
        f"<p class=x>{WORDS}</p><ul><li>一<li>二</ul><table><tr><th rowspan=2>a<th>b<tr><td>c</table>"
        f'<img src="data:image/png;base64,iVBORw0KGgo=" alt="图"></body></html>'
    ).encode()


def _text(content: str) -> Maker:
    return lambda _: content.encode()


def _image(kind: str) -> Maker:
    return lambda random: image_bytes(random, kind)


def _png() -> bytes:
    return image_bytes(Random(1), "PNG")


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return timeless(buffer.getvalue())


_RECORD: Final = {"name": "部门", "items": [{"id": n, "fee": n * 1.5, "note": WORDS} for n in range(5)], "ok": None}

SEEDS: Final[dict[str, Maker]] = {
    "pdf": pdf_bytes,
    "png": _image("PNG"),
    "jpg": _image("JPEG"),
    "tiff": _image("TIFF"),
    "bmp": _image("BMP"),
    "webp": _image("WEBP"),
    "gif": _image("GIF"),
    "docx": docx_bytes,
    "xlsx": xlsx_bytes,
    "pptx": pptx_bytes,
    "odt": odt_bytes,
    "ods": ods_bytes,
    "odp": odp_bytes,
    "epub": epub_bytes,
    "ofd": ofd_bytes,
    "zip": archive_bytes,
    "html": _html,
    "mhtml": _mhtml,
    "eml": eml_bytes,
    "msg": msg_bytes,
    "rtf": _rtf,
    "json": _text(json.dumps(_RECORD, ensure_ascii=False)),
    "jsonl": _text("\n".join(json.dumps(_RECORD, ensure_ascii=False) for _ in range(3))),
    "csv": _text("部门,预算,日期\n" + "研发,300,2026-11-02\n" * 8),
    "md": _text(f"# 总则\n\n{WORDS}\n\n- 一\n- 二\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"),
    "txt": _text(f"第一章 总则\n第一条 {WORDS}\n（一）{WORDS}\n1.2.3 {WORDS}\n"),
    "srt": _text(f"1\n00:00:01,000 --> 00:00:04,000\n{WORDS}\n\n2\n00:00:05,000 --> 00:00:08,000\n{WORDS}\n"),
    "vtt": _text(f"WEBVTT\n\n00:01.000 --> 00:04.000 align:start\n<v 王芳>{WORDS}\n"),
}
IMAGES: Final = ("png", "jpg", "tiff", "bmp", "webp", "gif")
PACKAGES: Final = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "ofd", "zip")
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "pdf": ("pdf",),
    "image": IMAGES,
    "zip": PACKAGES,
    "other": tuple(name for name in SEEDS if name not in {"pdf", *IMAGES, *PACKAGES}),
}
