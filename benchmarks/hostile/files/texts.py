"""Texts, markup, records and mail that are deep, long, wide, or written against a pattern of the product."""

import io
import zipfile
from collections.abc import Iterator
from random import Random
from typing import Final

from benchmarks.hostile.files.bombs import Case
from benchmarks.hostile.files.seeds import SEEDS, open_document, zipped
from tests.unit.ingest.formats.compound_files import Tree, compound
from tests.unit.ingest.formats.test_mail import attachment, outlook

_N: Final = 200_000


def hostile_texts() -> Iterator[Case]:
    """Yield the cases; each may be refused or read, within the limits."""
    for name, text in _against_patterns():
        yield Case(f"pattern {name}", "a.txt", text.encode())
    for name, text in _against_patterns():
        if len(text) <= 600_000:
            yield Case(f"pattern in markdown {name}", "a.md", text.encode())
    for name, extension, content in (*_structures(), *_marked_up()):
        yield Case(f"text {name}", f"a.{extension}", content if isinstance(content, bytes) else content.encode())
    yield Case("mail deep", "a.eml", _deep_mail(400))
    yield Case("mail many parts", "a.eml", _many_parts(20_000))
    yield Case("mail bad encodings", "a.eml", _odd_mail())
    yield Case("message in messages", "a.msg", compound(_deep_message(30)))
    yield Case("message loop", "a.msg", _looped())
    for kind, body in (
        ("text", '<text:s text:c="2000000000"/>'),
        ("text", "<text:p>" * 250 + "x" + "</text:p>" * 250),
        ("text", "<text:list><text:list-item>" * 120 + "x" + "</text:list-item></text:list>" * 120),
        ("spreadsheet", _sheet('table:number-rows-repeated="1048576"', 'table:number-columns-repeated="16384"')),
        ("spreadsheet", _sheet('table:number-rows-repeated="-5"', 'table:number-columns-repeated="99999999999"')),
        ("presentation", "<draw:page/>" * 50_000),
    ):
        yield Case("repeated cells", f"a.od{kind[0]}", open_document(kind, body))


def _against_patterns() -> Iterator[tuple[str, str]]:
    """Runs of what numbering, dates, terms, quantities, lists, tables and sentence patterns look for."""
    runs = {
        "spaces": " ", "tabs": "\t", "ideographic spaces": "　", "digits": "1", "Chinese digits": "一", "dots": ".",
        "numbered": "1.", "bracketed": "(1)", "chapters": "第一", "stars": "*", "underscores": "_", "ticks": "`",
        "brackets": "[", "pairs": "[](", "quotes": "“", "angle": "<", "bars": "|", "hashes": "#", "dashes": "-",
        "dates": "2026年", "half dates": "2026-11-", "colons": ":", "commas": "1,", "ampersands": "&", "at": "a@",
        "capitals": "A.", "acronyms": "(AB", "terms": "以下简称", "titles": "《", "closers": "》", "percent": "1%",
        "dollars": "$", "maths": "\\frac{", "urls": "http://", "slashes": "/a", "tildes": "~", "newlines": "\n",
        "words": "a ", "sentences": "a. ", "law": "第一条第一款", "hyphens": "a-", "emphasis": "**a", "plus": "+",
        "full-width": "１．", "combining": "e\u0301", "joiners": "👨\u200d", "selectors": "中\ufe00", "lines": "| a \n",
        "exclamations": "!", "returns": "\r", "separators": "\u2028",
    }  # fmt: skip
    for name, unit in runs.items():
        yield name, f"The notice period is 30 days.\n{unit * (_N // len(unit))}x\n"
    yield "one line of two million", "字" * 2_000_000
    yield "short lines", "一\n" * _N
    yield "numbered lines", "".join(f"{n}. 条\n" for n in range(50_000))
    yield "headed lines", "".join(f"第{n}条 内容\n" for n in range(20_000))
    yield "mixed", "".join(Random(3).choices("1.、（）()第条一 \n|*_-:年月日", k=_N))


def _structures() -> Iterator[tuple[str, str, str | bytes]]:
    yield "deep arrays", "json", "[" * _N + "]" * _N
    yield "deep objects", "json", '{"a":' * 50_000 + "1" + "}" * 50_000
    yield "wide object", "json", "{" + ",".join(f'"k{n}":{n}' for n in range(_N)) + "}"
    yield "long number", "json", f"[1, {'9' * _N}]"
    yield "long exponent", "json", "[1, 1e99999999]"
    yield "escapes", "json", '["' + "\\ud800" * 30_000 + '", 1]'
    yield "doubled keys", "json", "{" + ",".join('"a":1' for _ in range(_N)) + "}"
    yield "a million columns", "csv", ",".join("a" * 1_000_000) + "\n1,2\n"
    yield "a quote without end", "csv", 'a,b\n"' + "x," * _N
    yield "ragged", "csv", "".join("," * (n % 500) + "\n" for n in range(3_000))
    yield "quotes", "csv", '"' * (_N | 1)
    for name, tag in (
        ("divisions", "div"),
        ("tables", "table><tr><td"),
        ("lists", "ul><li"),
        ("spans", "span"),
        ("bold", "b"),
    ):
        yield f"deep {name}", "html", f"<html><body>{f'<{tag}>' * 20_000}x"
    yield "wide table", "html", "<table><tr>" + "<td>x" * 50_000 + "</table>"
    yield "spans over everything", "html", "<table>" + "<tr><td colspan=100000 rowspan=100000>x" * 300 + "</table>"
    yield "attributes", "html", "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x"
    yield "style rules", "html", "<style>" + ".a{color:red}" * 20_000 + "</style>" + "<p class=a>x" * 3_000
    yield "selectors", "html", "<style>" + "div " * 20_000 + "{color:red}</style><div><p>x"
    yield "entities", "html", "<p>" + "&amp;" * _N
    yield "unfinished entities", "html", "<p>" + "&#x" * _N
    yield "comments", "html", "<html><!--" * 50_000
    yield "data pictures", "html", '<img src="data:image/png;base64,AAAA">' * 5_000 + "<p>x"
    yield "page of a program", "hta", "<html><hta:application><script>new ActiveXObject('x')</script>x</html>"
    yield "drawing with script", "svg", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield (
        "scripts",
        "html",
        "<html><body onload=alert(1)><script>alert(1)</script><iframe src=file:///etc/passwd></iframe><p>words",
    )
    yield "meta refresh", "html", '<html><meta http-equiv=refresh content="0;url=http://127.0.0.1:9/"><p>words'


def _marked_up() -> Iterator[tuple[str, str, str | bytes]]:
    yield "groups", "rtf", r"{\rtf1 " + "{" * 100_000 + "x" + "}" * 100_000
    yield "binary that lies", "rtf", r"{\rtf1 words\bin2000000000 x}"
    yield "objects", "rtf", r"{\rtf1 words{\object\objemb{\*\objdata " + "41" * 50_000 + "}}}"
    yield "numbers", "rtf", r"{\rtf1 words\fs99999999999999\u-99999999 ?\cellx-1\trowd\cell\row}"
    yield "cells", "rtf", r"{\rtf1 \trowd" + "".join(rf"\cellx{n}" for n in range(20_000)) + r"\intbl x\cell\row}"
    yield "deep quotes", "md", ">" * 20_000 + " x"
    yield "deep lists", "md", "".join(" " * n + "- a\n" for n in range(600))
    yield "wide table", "md", "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n|b|\n"
    yield "fences", "md", "```\n" * 50_001
    yield "emphasis pairs", "md", "*a **b " * 30_000
    yield "links in links", "md", "[" * 20_000 + "a" + "](b)" * 20_000
    yield "reference definitions", "md", "".join(f"[{n}]: x\n" for n in range(20_000)) + "[1]" * 20_000
    yield "times", "srt", "".join(f"{n}\n99:99:99,999 --> 00:00:00,000\nx\n\n" for n in range(20_000))
    yield "tags", "vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v a>" * 50_000 + "x"
    yield "lines", "jsonl", '{"a":1}\n' * 50_000
    yield "broken lines", "jsonl", '{"a":1}\n' * 3 + "{\n" * 50_000
    for encoding in ("utf-16", "utf-32", "utf-7", "gb18030", "big5", "cp037", "iso2022_jp", "hz"):
        yield (
            f"encoding {encoding}",
            "txt",
            "The notice period is 30 days. 报销须在三十日内".encode(encoding, "replace") * 500,
        )
    yield "half of UTF-16", "txt", b"\xff\xfe" + b"a\0" * 9_999 + b"\xd8"
    yield "surrogates", "txt", b"words " + b"\xed\xa0\x80" * 5_000
    yield "control characters", "txt", b"words\x1b[2J\x07\x08" * 5_000
    yield "unseen characters", "txt", ("words" + "".join(chr(0xE0020 + n) for n in range(90))) * 500


def _deep_mail(depth: int) -> bytes:
    head = b"From: a@example.com\nTo: b@example.com\nSubject: deep\nMIME-Version: 1.0\n"
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth))
    return head + parts + b"Content-Type: text/plain\n\nwords\n"


def _many_parts(count: int) -> bytes:
    head = b'From: a@example.com\nTo: b@example.com\nSubject: x\nContent-Type: multipart/mixed; boundary="b"\n\n'
    return head + b"--b\nContent-Type: text/plain\n\nwords\n" * count + b"--b--\n"


def _odd_mail() -> bytes:
    return b"\n".join(
        (
            b"From: =?utf-8?b?/////w==?= <a@example.com>",
            b"To: " + b"<a@b>, " * 20_000,
            b"Subject: " + b"=?x?q?=00?= " * 5_000,
            b"Date: Mon, 99 Foo 99999 99:99:99 +9999",
            b"Content-Type: text/plain; charset=\"\xff\"; name*0*=x''%",
            b"Content-Transfer-Encoding: base64",
            b"",
            b"=====",
        )
    )


def _deep_message(depth: int) -> Tree:
    tree = outlook(24)
    for _ in range(depth):
        outer = outlook(24)
        outer["__attach_version1.0_#00000000"] = attachment("x", tree)
        tree = outer
    return tree


def _looped() -> bytes:
    """A compound file whose allocation table leads in a circle."""
    data = bytearray(SEEDS["msg"](Random(1)))
    at = 512 + 512 * int.from_bytes(data[76:80], "little")
    data[at : at + 40] = b"".join(n.to_bytes(4, "little") for n in (1, 2, 0, 3, 4, 5, 3, 7, 8, 7))
    return bytes(data)


def _sheet(row: str, cell: str) -> str:
    inner = f"<table:table-row {row}><table:table-cell {cell}><text:p>x</text:p></table:table-cell></table:table-row>"
    return f"<table:table>{inner * 3}</table:table>"


def packed(kind: str, changes: dict[str, bytes]) -> bytes:
    """The sound file of a package format with some of its members replaced or added."""
    with zipfile.ZipFile(io.BytesIO(SEEDS[kind](Random(1)))) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, **changes})
