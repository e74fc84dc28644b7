"""The type of a file comes from its content; a name that contradicts it is refused."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import clean_filename, media, sniff
from ingest.intake.charset import decode_text
from wenyuan.errors import FileCorrupt, FileEmpty, FileEncrypted, FileTypeMismatch, FileTypeUnsupported

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
        (ole("WordDocument"), "application/msword"),
        (ole("Workbook"), "application/vnd.ms-excel"),
        (ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
        (b"MZ\x90\0" + bytes(100), "application/x-msdownload"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"{\\rtf1 x}", "application/rtf"),
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
    with pytest.raises(FileTypeUnsupported):
        sniff(write(tmp_path, data), "a.doc")


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
