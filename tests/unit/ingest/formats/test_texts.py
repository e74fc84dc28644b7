"""HTML, mail, Markdown and plain text; damaged and encrypted files; no network, few imports."""

import struct
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest

from ingest.intake import media
from ingest.parsing.formats import parse_format
from ingest.parsing.office import parse_office
from wenyuan.documents import Block, BlockKind, Hidden, ParsedDocument
from wenyuan.errors import FileCorrupt, FileEncrypted, FileTypeUnsupported


def parse(text: str, media_type: str, folder: Path, encoding: str = "utf-8") -> ParsedDocument:
    path = folder / "file"
    path.write_bytes(text.encode(encoding))
    return parse_format(path, media_type)


def holding(parsed: ParsedDocument, text: str) -> Block:
    return next(block for block in parsed.blocks if text in block.text)


PAGE = """<html><head><meta charset="{charset}"><title>常见问题</title><style>p{{}}</style></head><body>
<nav>首页 关于</nav><h1>客户问答</h1><h2>保修</h2>
<p>保修期为
二十四个月。<span style="display:none">看不见的字</span></p>
<details><summary>如何报修？</summary><p>拨打服务热线。</p></details>
<ol start="3"><li>登记</li><li>派单</li></ol>
<table><caption>费用</caption><tr><th rowspan="2">项目</th><th colspan="2">价格</th></tr>
<tr><th>工作日</th><th>周末</th></tr><tr><td>上门</td><td>100</td><td>150</td></tr></table>
<pre>code  kept
  as is</pre><script>alert("脚本")</script></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_html_structure(charset: str, tmp_path: Path) -> None:
    parsed = parse(PAGE.format(charset=charset), media.HTML, tmp_path, encoding=charset)
    assert parsed.title == "常见问题"
    assert [(b.level, b.text) for b in parsed.blocks if b.kind is BlockKind.TITLE] == [
        (1, "客户问答"),
        (2, "保修"),
        (3, "如何报修？"),
    ]
    assert holding(parsed, "保修期").text == "保修期为二十四个月。"
    assert holding(parsed, "热线").heading_path == ("客户问答", "保修", "如何报修？")
    assert [b.text for b in parsed.blocks if b.kind is BlockKind.LIST] == ["3. 登记", "4. 派单"]
    table = next(b for b in parsed.blocks if b.kind is BlockKind.TABLE)
    assert table.text.splitlines() == ["项目 | 价格 | 价格", "项目 | 工作日 | 周末", "上门 | 100 | 150"]
    assert table.table is not None
    assert (table.table.cells[0].row_span, table.table.cells[1].column_span) == (2, 2)
    assert holding(parsed, "code").text == "code  kept\n  as is"
    assert holding(parsed, "看不见").hidden is Hidden.MARKED
    assert holding(parsed, "首页").kind is BlockKind.HEADER
    assert not any("脚本" in block.text for block in parsed.blocks)


def test_tables_that_only_arrange_are_not_tables(tmp_path: Path) -> None:
    inner = "<table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table>"
    parsed = parse(f"<table><tr><td><p>您好</p>{inner}</td></tr></table>", media.HTML, tmp_path)
    assert [(b.kind, b.text) for b in parsed.blocks] == [
        (BlockKind.PARAGRAPH, "您好"),
        (BlockKind.TABLE, "甲 | 乙\n1 | 2"),
    ]


def test_markdown_structure(tmp_path: Path) -> None:
    text = (
        "---\ntitle: 信息安全制度\n---\n# 总则\n\n口令长度不少于\n十二位。\n\n## 口令\n\n1. 大写字母\n2. 数字\n\n"
        "```python\nprint('一  二')\n```\n\n| 级别 | 保存期 |\n|---|---|\n| 机密 | 10 年 |\n\n- 见[附录](a.md)\n"
    )
    parsed = parse(text, media.MARKDOWN, tmp_path)
    assert parsed.title == "信息安全制度"
    assert [(b.kind, b.level, b.text) for b in parsed.blocks] == [
        (BlockKind.TITLE, 1, "总则"),
        (BlockKind.PARAGRAPH, 0, "口令长度不少于十二位。"),
        (BlockKind.TITLE, 2, "口令"),
        (BlockKind.LIST, 0, "1. 大写字母"),
        (BlockKind.LIST, 0, "2. 数字"),
        (BlockKind.CODE, 0, "print('一  二')"),
        (BlockKind.TABLE, 0, "级别 | 保存期\n机密 | 10 年"),
        (BlockKind.LIST, 0, "见附录"),
    ]
    assert parsed.blocks[-1].heading_path == ("总则", "口令")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_plain_text_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    body = "本办法适用于公司全体员工，包括试用期员工和外派员工。"
    parsed = parse(f"第一章 总则\n{body}\n第二章 附则\n{body}\n", media.PLAIN, tmp_path, encoding)
    assert [(b.kind, b.text) for b in parsed.blocks] == [
        (BlockKind.TITLE, "第一章 总则"),
        (BlockKind.PARAGRAPH, body),
        (BlockKind.TITLE, "第二章 附则"),
        (BlockKind.PARAGRAPH, body),
    ]


def test_lines_that_stand_alone_head_plain_text(tmp_path: Path) -> None:
    head = "温升分析通报\n======\n\n发至：质量部\n\n"
    text = head + "1 背景\n\n试验站发现触头温升超标。\n\n2 措施\n\n 1. 更换弹簧\n 2. 隔离批次\n"
    parsed = parse(text, media.PLAIN, tmp_path)
    assert parsed.title == "温升分析通报"
    assert [(b.level, b.text) for b in parsed.blocks if b.kind is BlockKind.TITLE] == [
        (1, "温升分析通报"),
        (2, "1 背景"),
        (2, "2 措施"),
    ]
    assert [b.text for b in parsed.blocks if b.kind is BlockKind.LIST] == ["1. 更换弹簧", "2. 隔离批次"]
    assert parsed.blocks[-1].heading_path == ("温升分析通报", "2 措施")


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    lines = ["The quick brown fox jumps over the lazy dog and"] * 5 + ["stops."]
    parsed = parse("\n".join(lines) + "\n\nNext paragraph here.\n", media.PLAIN, tmp_path)
    assert [block.text for block in parsed.blocks] == [" ".join(lines), "Next paragraph here."]


def test_mail_with_a_mislabelled_charset_and_an_attachment(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "关于放假的通知"
    message["From"] = "王芳 <wang@example.com>"
    message["Date"] = "Mon, 06 May 2024 09:00:00 +0800"
    message.set_content("各位同事：\n\n五一放假三天，请朱镕基同志知悉。\n", charset="gb18030", cte="base64")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="安排.pdf")
    path = tmp_path / "信.eml"
    path.write_bytes(message.as_bytes().replace(b'charset="gb18030"', b'charset="gb2312"'))
    parsed = parse_format(path, media.EML)
    assert parsed.title == "关于放假的通知"
    assert parsed.warnings == ("attachment:1:file.type_mismatch",)
    assert (
        holding(parsed, "From:").text
        == "发件人 From: 王芳 <wang@example.com> · 日期 Date: Mon, 06 May 2024 09:00:00 +0800"
    )
    assert holding(parsed, "Attachments").text == "附件 Attachments: 1. 安排.pdf"
    assert holding(parsed, "三天").text == "五一放假三天，请朱镕基同志知悉。"
    assert parsed.blocks[-1].heading_path == ("关于放假的通知",)


def test_mail_prefers_its_html_body(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Prices"
    message.set_content("plain body")
    message.add_alternative("<h1>价目</h1><p>每台一千元。</p>", subtype="html")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    parsed = parse_format(path, media.EML)
    assert parsed.blocks[-1].heading_path == ("Prices", "价目")
    assert "plain body" not in "".join(block.text for block in parsed.blocks)


def test_a_log_is_read_line_by_line(tmp_path: Path) -> None:
    lines = [f"2026-11-02 09:{n % 60:02}:00,000 ERROR [worker-{n}] 连接超时，正在重试 {n}" for n in range(100)]
    parsed = parse("\n".join([*lines, "  at com.example.Main(Main.java:42)"]), media.PLAIN, tmp_path)
    assert [block.anchor for block in parsed.blocks][:2] == ["lines 1–37", "lines 38–74"]
    assert "\n".join(block.text for block in parsed.blocks).splitlines()[:100] == lines
    prose = "2026年1月1日，公司召开会议。\n" + "会议讨论了预算和人事安排，并形成决议。\n" * 8
    assert parse(prose, media.PLAIN, tmp_path).blocks[0].kind is not BlockKind.CODE


def test_damaged_files_are_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_paragraph("文字" * 2000)
    document.save(str(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for media_type in sorted(media.OFFICE):
        with pytest.raises(FileCorrupt):
            parse_office(path, media_type)


def test_an_ole_container_with_an_encrypted_package_is_encrypted(tmp_path: Path) -> None:
    name = "EncryptedPackage".encode("utf-16-le") + b"\0\0"
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name)) + bytes(62)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(1024, b"\0") + entry + bytes(512))
    with pytest.raises(FileEncrypted):
        parse_office(path, media.XLSX)


def test_other_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTypeUnsupported):
        parse("x", "application/x-unknown", tmp_path)


def test_text_files_load_no_parsing_library_and_office_files_reach_for_no_host(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("标题", 1)
    document.add_paragraph("Dr. Smith lives in Boston, MA 02110. 他住在那里。")
    document.save(str(tmp_path / "a.docx"))
    (tmp_path / "a.html").write_text("<h1>一</h1><p>二三四五。</p>", encoding="utf-8")
    (tmp_path / "a.txt").write_text("一二三四五。", encoding="utf-8")
    script = f"""
import sys
from pathlib import Path
def refuse(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        raise SystemExit(event)
from ingest.intake import media
from ingest.parsing.formats import parse_format
parse_format(Path({str(tmp_path / "a.txt")!r}), media.PLAIN)
heavy = {{"unstructured", "spacy", "pandas", "lxml", "docx", "openpyxl", "numpy"}} & set(sys.modules)
assert not heavy, heavy
sys.addaudithook(refuse)
from ingest.parsing.office import parse_office
parse_office(Path({str(tmp_path / "a.docx")!r}), media.DOCX)
parse_format(Path({str(tmp_path / "a.html")!r}), media.HTML)
assert "spacy" not in sys.modules and "torch" not in sys.modules
print("quiet")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "quiet", done.stderr[-2000:]
