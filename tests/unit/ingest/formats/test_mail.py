"""Mail: the body before all else, quotations apart, attachments read where they are."""

import datetime as dt
import io
import struct
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest.intake import media, sniff
from ingest.parsing.formats import parse_format
from ingest.parsing.formats.mail.mapi import decompress_rtf
from ingest.parsing.formats.pictures import find_picture
from tests.unit.ingest.formats.compound_files import Tree, compound
from wenyuan.documents import Block, BlockKind, ParsedDocument
from wenyuan.errors import FileCorrupt


def mail(body: str = "请于周五前提交报表。", subject: str = "月度报表") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "王芳 <wang@example.com>"
    message["To"] = ", ".join(f"员工{n} <p{n}@example.com>" for n in range(9))
    message["Subject"] = subject
    message["Date"] = "Mon, 02 Nov 2026 09:00:00 +0800"
    message.set_content(body)
    return message


def parse(data: bytes, folder: Path, media_type: str = media.EML) -> ParsedDocument:
    path = folder / "mail"
    path.write_bytes(data)
    assert sniff(path, "mail") == media_type
    return parse_format(path, media_type)


def holding(parsed: ParsedDocument, text: str) -> Block:
    return next(block for block in parsed.blocks if text in block.text)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "blue").save(buffer, "PNG")
    return buffer.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.add_heading("采购合同", 1)
    document.add_paragraph("甲方应在收货后三十日内付款。")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["部门", "预算"])
    book.active.append(["研发", 300])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for number in range(1, 4):
        canvas.drawString(72, 700, f"The warranty of part {number} lasts for two years after delivery.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_header_fields_take_one_line_and_many_addresses_are_counted(tmp_path: Path) -> None:
    parsed = parse(mail().as_bytes(), tmp_path)
    head = holding(parsed, "发件人")
    assert "\n" not in head.text
    assert "王芳 <wang@example.com>" in head.text
    assert "员工4" in head.text
    assert "等 9 人" in head.text
    assert "p8@example.com" not in head.text
    assert parsed.blocks[-1].text == "请于周五前提交报表。"
    assert parsed.title == "月度报表"


@pytest.mark.parametrize(
    "quoted",
    [
        "-----Original Message-----\nFrom: 李强\nSent: 2026-11-01\nTo: 王芳\n\n旧内容在此。",
        "在 2026年11月1日，李强 <li@example.com> 写道：\n\n> 旧内容在此。\n",
        "发件人：李强\n发送时间：2026年11月1日\n收件人：王芳\n主题：月度报表\n\n旧内容在此。",
        "On Mon, Nov 2, 2026 at 9:00 AM Li wrote:\n> 旧内容在此。",
    ],
)
def test_quoted_replies_stand_apart(tmp_path: Path, quoted: str) -> None:
    parsed = parse(mail(f"同意，按此办理。\n\n{quoted}").as_bytes(), tmp_path)
    assert holding(parsed, "同意").heading_path == ("月度报表",)
    assert "Quoted" in holding(parsed, "旧内容").heading_path[-1]
    assert ">" not in holding(parsed, "旧内容").text


def test_answers_between_quoted_lines_stay_in_place(tmp_path: Path) -> None:
    parsed = parse(mail("> 何时交付？\n周五。\n> 谁负责？\n王芳。").as_bytes(), tmp_path)
    assert not any("Quoted" in part for block in parsed.blocks for part in block.heading_path)


def test_attachments_are_read_under_their_names(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(word(), filename="合同.docx", maintype="application", subtype="octet-stream")
    message.add_attachment(sheet(), filename="预算.xlsx", maintype="application", subtype="octet-stream")
    message.add_attachment(pdf(), filename="warranty.pdf", maintype="application", subtype="octet-stream")
    message.add_attachment(b"MZ" + bytes(200), filename="tool.exe", maintype="application", subtype="octet-stream")
    message.add_attachment(png(), filename="图.png", maintype="image", subtype="png")
    parsed = parse(message.as_bytes(), tmp_path)
    clause = holding(parsed, "三十日内付款")
    assert clause.heading_path == ("月度报表", "合同.docx", "采购合同")
    assert clause.anchor == "合同.docx"
    assert (holding(parsed, "研发").anchor or "").startswith("预算.xlsx · 'Sheet'!")
    warranty = holding(parsed, "part 3 lasts")
    assert (warranty.anchor, warranty.boxes) == ("warranty.pdf · p. 3", ())
    assert "4. tool.exe" in holding(parsed, "附件").text
    assert parsed.warnings == ("attachment:4:file.type_unsupported",)
    figure = next(block for block in parsed.blocks if block.kind is BlockKind.FIGURE)
    assert find_picture(tmp_path / "mail", media.EML, figure.media or "") == png()


def test_mails_in_mails_are_read_three_deep(tmp_path: Path) -> None:
    message = mail("最里面的话。", "第五层")
    for level in range(4, 0, -1):
        outer = mail(f"第{level}层的话。", f"第{level}层")
        outer.add_attachment(message)
        message = outer
    parsed = parse(message.as_bytes(), tmp_path)
    assert holding(parsed, "第4层的话").heading_path == ("第1层", "第2层", "第3层", "第4层")
    assert not any("最里面的话" in block.text for block in parsed.blocks)
    assert parsed.warnings[-1].startswith("attachment:1.1.1.1:")


def test_pictures_of_the_body_and_empty_alternatives(tmp_path: Path) -> None:
    message = mail("纯文本正文也完整。")
    message.add_alternative("<html><body><img src='cid:logo'></body></html>", subtype="html")
    assert parse(message.as_bytes(), tmp_path).blocks[-1].text == "纯文本正文也完整。"
    message = mail("x")
    message.add_alternative("<p>网页正文。</p><img src='cid:chart@x' alt='销量'>", subtype="html")
    page = message.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(png(), maintype="image", subtype="png", cid="<chart@x>")
    parsed = parse(message.as_bytes(), tmp_path)
    figure = next(block for block in parsed.blocks if block.kind is BlockKind.FIGURE)
    assert (figure.text, figure.media) == ("销量", "cid:chart@x")
    assert find_picture(tmp_path / "mail", media.EML, "cid:chart@x") == png()
    assert not parsed.warnings


def test_a_saved_page_is_its_root_part(tmp_path: Path) -> None:
    data = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://intra/a\r\nSubject: =?utf-8?B?6aG1?=\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/html\r\nContent-Location: https://intra/frame\r\n\r\n<p>框架</p>\r\n"
        "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        "Content-Location: https://intra/a\r\n\r\n<h1>=E5=88=B6=E5=BA=A6</h1><p>=E6=AD=A3=E6=96=87<img "
            'src=3D"https://intra/p.png"></p>\r\n'
        "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: "
            "https://intra/p.png\r\n\r\n"
        "iVBORw0KGgo=\r\n--b--\r\n"
    ).encode()  # fmt: skip
    parsed = parse(data, tmp_path, media.MHTML)
    assert [(b.kind, b.text) for b in parsed.blocks[:2]] == [(BlockKind.TITLE, "制度"), (BlockKind.PARAGRAPH, "正文")]
    assert find_picture(tmp_path / "mail", media.MHTML, "https://intra/p.png") == b"\x89PNG\r\n\x1a\n"


# --- Outlook ----------------------------------------------------------------------------------------------------


def stream(tag: int, value: str | bytes) -> tuple[str, bytes]:
    if isinstance(value, bytes):
        return f"__substg1.0_{tag:04X}0102", value
    return f"__substg1.0_{tag:04X}001F", value.encode("utf-16-le")


def properties(header: int, when: dt.datetime | None = None) -> dict[str, bytes]:
    data = bytes(header)
    if when is not None:
        ticks = int((when - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10_000_000
        data += struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks)
    return {"__properties_version1.0": data}


def outlook(header: int = 32, **parts: object) -> Tree:
    fields = {
        0x0037: "付款安排",
        0x0C1A: "王芳",
        0x5D01: "wang@example.com",
        0x0E04: "李强; 赵敏",
        0x1000: "款项将于十五日支付。",
    }
    fields.update({int(tag[1:], 16): value for tag, value in parts.items() if tag.startswith("x")})  # type: ignore[misc]
    tree: Tree = dict(stream(tag, value) for tag, value in fields.items())
    tree.update(properties(header, dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)))
    return tree


def attachment(name: str, content: "bytes | Tree") -> Tree:
    tree: Tree = dict([stream(0x3707, name)])
    if isinstance(content, bytes):
        tree.update([stream(0x3701, content)])
    else:
        tree["__substg1.0_3701000D"] = content
    tree.update(properties(8))
    return tree


def test_outlook_messages_with_their_attachments(tmp_path: Path) -> None:
    tree = outlook()
    tree["__attach_version1.0_#00000000"] = attachment("合同.docx", word())
    tree["__attach_version1.0_#00000001"] = attachment("转发", outlook(24, x0037="内层邮件", x1000="内层正文。"))
    parsed = parse(compound(tree), tmp_path, media.MSG)
    assert parsed.title == "付款安排"
    head = holding(parsed, "发件人").text
    assert all(word in head for word in ("王芳 <wang@example.com>", "李强, 赵敏", "2026-11-02 01:00"))
    assert holding(parsed, "十五日").heading_path == ("付款安排",)
    assert holding(parsed, "三十日内").heading_path == ("付款安排", "合同.docx", "采购合同")
    assert holding(parsed, "内层正文").heading_path == ("付款安排", "内层邮件")


def test_outlook_bodies_in_html_and_compressed_rtf(tmp_path: Path) -> None:
    page = '<html><meta charset="gb2312"><h2>通知</h2><p>明日停电。</p>'.encode("gb18030")
    parsed = parse(compound(outlook(x1013=page)), tmp_path, media.MSG)
    assert holding(parsed, "停电").heading_path == ("付款安排", "通知")
    plain = b"{\\rtf1\\ansi\\ansicpg936 \\'c3\\'f7\\'c8\\'d5\\'cd\\'a3\\'b5\\'e7\\par}"
    stored = struct.pack("<IIII", len(plain) + 12, len(plain), 0x414C454D, 0) + plain
    tree = outlook(x1009=stored)
    del tree["__substg1.0_1000001F"]
    assert parse(compound(tree), tmp_path, media.MSG).blocks[-1].text == "明日停电"


def test_compressed_rtf_of_the_specification() -> None:
    # MS-OXRTFCP 3.1.1 and 3.1.2: a simple text, and one that reads what it is writing.
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompress_rtf(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress_rtf(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    with pytest.raises(ValueError, match="RTF"):
        decompress_rtf(b"short")


def test_damaged_messages_are_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(compound(outlook())[:700])
    with pytest.raises(FileCorrupt):
        parse_format(path, media.MSG)
    path.write_bytes(b"no header at all")
    with pytest.raises(FileCorrupt):
        parse_format(path, media.EML)
