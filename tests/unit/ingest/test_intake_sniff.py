"""The type of a file comes from its content; a name that contradicts it is refused."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import clean_filename, media, sniff
from ingest.intake.charset import decode_text
from wenyuan.errors import (
    FileCorrupt,
    FileEmpty,
    FileEncrypted,
    FileIsArchive,
    FileTypeMismatch,
    FileTypeUnsupported,
    FileUnsafe,
)

OOXML = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml", media.DOCX),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml", media.XLSX),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml", media.PPTX),
}
CHINESE = "公司差旅制度规定，员工出差应当提前申请，并由部门负责人批准。"
TRADITIONAL = "公司差旅制度規定，員工出差應當提前申請，並由部門負責人批准，這個時候還沒有過來。"
MAIL = (
    b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?gb2312?B?suLK1A==?=\r\nMIME-Version: 1.0\r\n\r\n\xb2\xe2"
)


def image(format_: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, format_)
    return buffer.getvalue()


def ooxml(kind: str) -> bytes:
    part, content_type, _ = OOXML[kind]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override ContentType="application/x.{content_type}"/></Types>'
        )
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr(part, "<x/>")
    return buffer.getvalue()


def ole(stream: str) -> bytes:
    name = stream.encode("utf-16-le") + b"\0\0"
    entry = name.ljust(64, b"\0") + len(name).to_bytes(2, "little") + bytes(62)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entry + bytes(512)


def package(first: str, data: bytes, *others: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(first, data)
        for name in others:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


def write(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"%PDF-1.7\n1 0 obj", "a.pdf", media.PDF),
        (b"junk\n%PDF-1.4\n1 0 obj", "a.pdf", media.PDF),
        (image("PNG"), "a.png", media.PNG),
        (image("JPEG"), "a.JPG", media.JPEG),
        (image("TIFF"), "a.tif", media.TIFF),
        (image("BMP"), "a.bmp", media.BMP),
        (image("WEBP"), "a.webp", media.WEBP),
        (ooxml("docx"), "a.docx", media.DOCX),
        (ooxml("xlsx"), "a", media.XLSX),
        (ooxml("pptx"), "制度.PPTX", media.PPTX),
        (MAIL, "a.eml", media.EML),
        (MAIL, "a", media.EML),
        (b"<!DOCTYPE html><html><body>x</body></html>", "a", media.HTML),
        (b"<p>fragment</p>", "a.html", media.HTML),
        (b"# Title\n\ntext", "a.md", media.MARKDOWN),
        (b"<html>in markdown</html>", "a.md", media.MARKDOWN),
        (b"a,b\n1,2", "a.csv", media.CSV),
        (b"plain words", "a.txt", media.PLAIN),
        (b"Subject: x\nDate: y\n\nnotes", "a.txt", media.PLAIN),
        (b"key: value", "a.yaml", media.PLAIN),
        (image("GIF"), "a.gif", media.GIF),
        (ole("WordDocument"), "a.doc", media.DOC),
        (ole("Workbook"), "a.xls", media.XLS),
        (ole("PowerPoint Document"), "a.ppt", media.PPT),
        (ole("__properties_version1.0"), "a.msg", media.MSG),
        (b"{\\rtf1 x}", "a.doc", media.RTF),
        (b'{"a": [1, 2]}', "a.json", media.JSON),
        (b"[]\n", "a.txt", media.PLAIN),
        (b'[{"a": 1}]', "a", media.JSON),
        (b'{"a": 1}\r\n{"a": 2}\r\n', "a.jsonl", media.JSONL),
        (b'{"a": 1}\n', "a.ndjson", media.JSONL),
        (b'{"a": 1}\n{"a": 2}\n', "a.json", media.JSONL),
        (b"42", "a.json", media.JSON),
        (b'[\n  {\n    "text": "' + b"long\\n" * 200_000 + b'"\n  }\n]\n' + b" " * 2**20, "a.json", media.JSON),
        (b"[1] a footnote, not a record", "a", media.PLAIN),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx", "a.vtt", media.VTT),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nx\r\n", "a.srt", media.SRT),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=b\r\n\r\n--b", "a", media.MHTML),
        (b"To: a@b.c\r\nFrom: b@b.c\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b", "a", media.EML),
        (package("mimetype", b"application/epub+zip", "META-INF/container.xml"), "a.epub", media.EPUB),
        (package("mimetype", media.ODT.encode(), "content.xml"), "a.odt", media.ODT),
        (package("OFD.xml", b"<x/>", "Doc_0/Document.xml"), "a.ofd", media.OFD),
        (CHINESE.encode("gb18030"), "a.txt", media.PLAIN),
        (TRADITIONAL.encode("big5"), "a.txt", media.PLAIN),
        (CHINESE.encode("utf-16"), "a.md", media.MARKDOWN),
    ],
)
def test_content_decides(tmp_path: Path, data: bytes, name: str, expected: str) -> None:
    assert sniff(write(tmp_path, data), name) == expected


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        (b"%PDF-1.7\n1 0 obj", "a.docx", media.PDF),
        (image("PNG"), "a.jpg", media.PNG),
        (ooxml("xlsx"), "a.docx", media.XLSX),
        (b"words", "a.pdf", media.PLAIN),
        (b"words", "a.eml", media.PLAIN),
        (b"words", "a.doc", media.PLAIN),
        (b"words", "a.json", media.PLAIN),
        (b"words", "a.srt", media.PLAIN),
        (package("a.txt", b"x"), "a.docx", media.ZIP),
        (image("PNG"), "a.txt", media.PNG),
    ],
)
def test_a_name_that_lies_is_refused(tmp_path: Path, data: bytes, name: str, found: str) -> None:
    with pytest.raises(FileTypeMismatch) as caught:
        sniff(write(tmp_path, data), name)
    assert caught.value.params["media_type"] == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ole("Something"), "application/x-ole-storage"),
        (b"MZ\x90\0" + bytes(100), "application/x-msdownload"),
        (b'<?xml version="1.0"?><a/>', "application/xml"),
        (bytes(range(256)) * 8, "application/octet-stream"),
    ],
)
def test_what_is_not_accepted_is_named(tmp_path: Path, data: bytes, found: str) -> None:
    with pytest.raises(FileTypeUnsupported) as caught:
        sniff(write(tmp_path, data), "file")
    assert caught.value.params["media_type"] == found


def test_encrypted_office_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(FileEncrypted):
        sniff(write(tmp_path, ole("EncryptedPackage")), "a.xlsx")
    for blank in (b"", b" \n\t "):
        with pytest.raises(FileEmpty):
            sniff(write(tmp_path, blank), "a.txt")


def test_a_word_document_that_mentions_encryption_is_not_encrypted(tmp_path: Path) -> None:
    data = ole("WordDocument") + "EncryptedPackage".encode("utf-16-le") + bytes(200)
    assert sniff(write(tmp_path, data), "a.doc") == media.DOC


def test_office_without_its_relations_is_corrupt(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", OOXML["docx"][1])
    with pytest.raises(FileCorrupt):
        sniff(write(tmp_path, buffer.getvalue()), "a.docx")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "gb18030"),
        (TRADITIONAL, "big5"),
        ("Plain text.", "utf-16-le"),
    ],
)
def test_text_is_decoded_with_the_encoding_it_was_written_in(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == (text, encoding)


def test_a_few_broken_bytes_do_not_cost_a_text() -> None:
    data = bytearray((CHINESE * 30).encode())
    data[301:303] = b"\xff\xfe"
    found = decode_text(bytes(data))
    assert found is not None
    assert found[0].count("\ufffd") <= 4
    assert CHINESE in found[0]
    assert decode_text(b"\xff\xfe\xfd" * 100) is None


def test_short_texts_in_every_encoding_are_told_apart() -> None:
    written = {
        "会議の議事録は部門の責任者が確認し、期限までに共有フォルダに保存してください。": ("shift_jis", "euc_jp"),
        TRADITIONAL: ("big5", "utf-16", "utf-32-be", "utf-32"),
        CHINESE: ("gb18030", "gbk", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32"),
    }
    for text, encodings in written.items():
        for encoding in encodings:
            for start in range(0, len(text) - 14, 3):
                part = text[start : start + 14]
                found = decode_text(part.encode(encoding))
                assert found is not None, (encoding, part)
                assert found[0].lstrip("\ufeff") == part, (encoding, part, found)


HEADS = {
    media.PDF: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
    **{getattr(media, kind): image(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")},
}
TAILS = {
    "zip": package("a.txt", b"text"),
    "docx": ooxml("docx"),
    "epub": package("mimetype", b"application/epub+zip", "META-INF/container.xml"),
    "zip with a comment": package("a.txt", b"text")[:-2] + b"\x05\0hello",
    "page": b"<html><script>alert(1)</script></html>",
    "script": b"<script>alert(1)</script>",
    "program": b"<?php system('id'); ?>",
    "pdf": b"%PDF-1.4\n1 0 obj\n",
    "mail": b"\r\nFrom: a@b.c\r\nSubject: x\r\n\r\n",
    "rtf": b"{\\rtf1 x}",
    "executable": b"MZ" + bytes(64),
    "drawing": b"<svg onload='alert(1)'/>",
    "json": b'{"a": 1}',
    "markup": b"<?xml version='1.0'?><a/>",
}


@pytest.mark.parametrize("first", HEADS)
@pytest.mark.parametrize("tail", TAILS)
def test_two_files_in_one_are_refused_or_what_they_begin_with(tmp_path: Path, first: str, tail: str) -> None:
    path = write(tmp_path, HEADS[first] + TAILS[tail])
    if tail.startswith(("zip", "docx", "epub")):
        with pytest.raises(FileUnsafe):
            sniff(path, "a")
    else:
        assert sniff(path, "a") == first


@pytest.mark.parametrize(
    "before",
    [b"<html><body>", b"<!DOCTYPE html>", b"<script>1</script>", b"<?php x ?>"],
)
def test_a_page_before_a_pdf_is_refused(tmp_path: Path, before: bytes) -> None:
    with pytest.raises(FileUnsafe):
        sniff(write(tmp_path, before + b"\n%PDF-1.7\n1 0 obj\n<<>>\nendobj"), "a.pdf")


def test_an_archive_that_stores_a_pdf_is_an_archive(tmp_path: Path) -> None:
    with pytest.raises(FileIsArchive):
        sniff(write(tmp_path, package("a.pdf", HEADS[media.PDF])), "a.zip")


def test_binary_is_not_text() -> None:
    assert decode_text(image("PNG")) is None
    assert decode_text(b"\x81\x30" * 500) is None


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\报告.pdf", "报告.pdf"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\nb.pdf", "ab.pdf"),
        ("..", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_names_are_labels_only(given: str, clean: str) -> None:
    assert clean_filename(given) == clean


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_filename("长" * 400 + ".pdf")
    assert len(name) == 255
    assert name.endswith("长.pdf")
