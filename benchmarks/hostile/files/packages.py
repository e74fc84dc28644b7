"""Packages with hostile parts: entities, paths, macros, embedded objects; and files that are two things at once."""

import io
import re
import zipfile
from collections.abc import Iterator
from random import Random
from typing import Final

from benchmarks.hostile.files.bombs import Case
from benchmarks.hostile.files.seeds import SEEDS, zipped
from benchmarks.hostile.files.texts import packed

SECRET: Final = "file:///etc/passwd"
# The part of each format that its parser reads first.
MAIN: Final = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "odt": "content.xml",
    "ods": "content.xml",
    "odp": "content.xml",
    "epub": "O/a.xhtml",
    "ofd": "Doc_0/Document.xml",
}
_LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_DECLARED: Final = {
    "file": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{SECRET}">]>',
    "host": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>',
    "outer": f'<!DOCTYPE a SYSTEM "{SECRET}">',
    "parameter": f'<!DOCTYPE a [<!ENTITY % p SYSTEM "{SECRET}"> %p;]>',
    "laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}<!ENTITY x "&l9;">]>',
}


def hostile_packages() -> Iterator[Case]:
    """Yield the cases."""
    yield from _entities()
    yield from _active()
    yield from _paths()
    yield from _relations()
    yield from _two_faced()


def _entities() -> Iterator[Case]:
    for kind, part in MAIN.items():
        sound = packed(kind, {})
        for name, declared in _DECLARED.items():
            yield Case(f"entity {name}", f"a.{kind}", _declaring(kind, sound, part, declared))
    for name, declared in _DECLARED.items():
        yield Case(f"entity {name}", "a.html", f"{declared}<html><body><p>&x; words</p></body></html>".encode())


def _declaring(kind: str, sound: bytes, part: str, declared: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        text = archive.read(part).decode()
    head = re.match(r"\s*<\?xml[^>]*\?>", text)
    at = head.end() if head else 0
    body = re.sub(r">([^<>]{2,})<", r">&x;\1<", text[at:])
    return packed(kind, {part: (text[:at] + declared + body).encode()})


def _active() -> Iterator[Case]:
    for kind, folder in (("docx", "word"), ("xlsx", "xl"), ("pptx", "ppt")):
        yield Case(
            "macros", f"a.{kind}", packed(kind, {f"{folder}/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), warning="macros"
        )
        changed = {f"{folder}/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}
        yield Case("embedded object", f"a.{kind}", packed(kind, changed), warning="embedded-object")
    types = packed("docx", {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"})
    yield Case("macro type", "a.docm", types, refused=True)
    for kind in ("odt", "ods", "odp"):
        script = {"Basic/Standard/Module1.xml": b"<script/>", "Scripts/python/a.py": b"import os"}
        yield Case("macros", f"a.{kind}", packed(kind, script), warning="macros")
        yield Case(
            "embedded object", f"a.{kind}", packed(kind, {"Object 1": b"\xd0\xcf\x11\xe0"}), warning="embedded-object"
        )


def _paths() -> Iterator[Case]:
    names = (
        "../../etc/cron.d/x", "..\\..\\x", "/etc/passwd", "\\\\host\\share\\x", "C:\\Windows\\x", "a/../../x",
        "a\0b.txt", "....//x", "%2e%2e/x", "\u2025/x", "CON", "aux.txt", "a" * 60_000, "x\u202egpj.exe",
        "-rf", "~/.ssh/x", ".",
        "a/./b", "\u2028", "é" * 5_000,
    )  # fmt: skip
    for name in names:
        yield Case("path", "a.zip", zipped({name: b"# words\n\nThe notice period is 30 days."}))
    for name in ("../../../etc/passwd.docx", "a\0.pdf", "con.docx", "a" * 5_000 + ".docx", "\u202excod.exe", "..", ""):
        yield Case("name", name, SEEDS["docx"](Random(1)))


def _relations() -> Iterator[Case]:
    base = "http://schemas.openxmlformats.org"
    rels = f'<Relationships xmlns="{base}/package/2006/relationships">%s</Relationships>'
    one = f'<Relationship Id="%s" Type="{base}/officeDocument/2006/relationships/%s" Target="%s" TargetMode="%s"/>'
    for kind, part in (("docx", "word/_rels/document.xml.rels"), ("pptx", "ppt/_rels/presentation.xml.rels")):
        for target in ("../../../../etc/passwd", SECRET, "\\\\127.0.0.1\\x", "http://127.0.0.1:9/t.dotm", ""):
            for mode in ("External", "Internal"):
                body = "".join(
                    one % (f"rId{n}", name, target, mode)
                    for n, name in enumerate(("image", "attachedTemplate", "styles"))
                )
                yield Case("relation", f"a.{kind}", packed(kind, {part: (rels % body).encode()}))
    loop = one % ("rId1", "officeDocument", "_rels/.rels", "Internal")
    yield Case("relation loop", "a.docx", packed("docx", {"_rels/.rels": (rels % loop).encode()}))
    links = "".join(one % (f"rId{n}", "hyperlink", "http://a/", "External") for n in range(100_000))
    yield Case("many relations", "a.docx", packed("docx", {"word/_rels/document.xml.rels": (rels % links).encode()}))


def _two_faced() -> Iterator[Case]:
    sound = {kind: make(Random(1)) for kind, make in SEEDS.items()}
    for first in ("pdf", "png", "jpg", "gif", "bmp", "tiff", "webp"):
        for second in ("docx", "epub"):
            yield Case("two-faced", f"a.{first}", sound[first] + sound[second], refused=True)
    for second in ("html", "txt", "json"):
        yield Case(
            "two-faced", "a.pdf", b"<html><script>alert(1)</script>" + sound["pdf"] + sound[second], refused=True
        )
    for named, kind in (
        ("pdf", "docx"), ("docx", "pdf"), ("png", "jpg"), ("jpg", "pdf"), ("xlsx", "docx"), ("docx", "xlsx"),
        ("pptx", "epub"), ("odt", "docx"), ("epub", "odt"), ("ofd", "docx"), ("pdf", "html"),
        ("docx", "rtf"), ("png", "html"),
        ("gif", "pdf"),
    ):  # fmt: skip
        yield Case("wrong name", f"a.{named}", sound[kind], refused=True)
    for name, head in (
        ("program", b"MZ\x90\0" + bytes(300)), ("elf", b"\x7fELF" + bytes(300)),
        ("postscript", b"%!PS-Adobe\n(x) show"),
        ("gzip", b"\x1f\x8b\x08" + bytes(100)), ("rar", b"Rar!\x1a\x07\0" + bytes(100)),
        ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(99)),
    ):  # fmt: skip
        for extension in ("pdf", "docx"):
            yield Case(name, f"a.{extension}", head, refused=True)
    yield Case("picture and page", "a.gif", b"GIF89a/*\0\0\0\0<html>*/=1;alert(1)//" + bytes(60), refused=True)
    for kind in ("pdf", "docx", "png", "epub", "tiff"):
        data = sound[kind]
        for share in (0.3, 0.9):
            yield Case("cut off", f"a.{kind}", data[: int(len(data) * share)])
