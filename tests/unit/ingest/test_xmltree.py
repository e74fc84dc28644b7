"""The one XML factory: 40 payloads that reach for files, hosts or memory give nothing and take no time."""

import socket
import time
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from ingest.intake import media
from ingest.parsing.formats import parse_format
from ingest.xmltree import parse_html, parse_xml
from wenyuan.errors import WenyuanError

SECRET = "the secret of the house"


def laughs(depth: int) -> str:
    entities = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, depth))
    return f"<!DOCTYPE a [{entities}]><a>&e{depth - 1};</a>"


def payloads(secret: str) -> dict[str, bytes]:
    file, host = f"file://{secret}", "http://127.0.0.1:9/x"
    found: dict[str, str | bytes] = {}
    for name, target in (("file", file), ("http", host), ("ftp", "ftp://127.0.0.1:9/x"), ("relative", secret)):
        found[f"entity {name}"] = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{target}">]><a>&x;</a>'
        found[f"attribute {name}"] = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{target}">]><a b="&x;"/>'
        found[f"parameter {name}"] = f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{target}"> %x;]><a/>'
        found[f"dtd {name}"] = f'<!DOCTYPE a SYSTEM "{target}"><a>&x;</a>'
        found[f"public {name}"] = f'<!DOCTYPE a PUBLIC "-//X//EN" "{target}"><a>&x;</a>'
        found[f"include {name}"] = (
            f'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{target}" parse="text"/></a>'
        )
        found[f"schema {name}"] = (
            f'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="u {target}"/>'
        )
    found["style sheet"] = f'<?xml version="1.0"?><?xml-stylesheet href="{file}" type="text/xsl"?><a/>'
    found["laughs"] = laughs(10)
    found["laughs in an attribute"] = laughs(10).replace("<a>", '<a b="&e9;">')
    found["quadratic"] = f'<!DOCTYPE a [<!ENTITY x "{"x" * 100_000}">]><a>{"&x;" * 10_000}</a>'
    found["loop"] = '<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a>&x;</a>'
    found["nested parameter"] = (
        f'<!DOCTYPE a [<!ENTITY % f SYSTEM "{file}"><!ENTITY % e "<!ENTITY &#37; s SYSTEM \'{host}?%f;\'>">%e;%s;]><a/>'
    )
    found["utf-16"] = (
        f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x SYSTEM "{file}">]><a>&x;</a>'.encode("utf-16")
    )
    found["utf-7"] = (
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY x SYSTEM "'
        + file.encode()
        + b'">]>+ADw-a>&x;+ADw-/a>'
    )
    found["mixed encodings"] = (
        f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE a [<!ENTITY x SYSTEM "{file}">]><a>&x;</a>'.encode(
            "utf-16-le"
        )
    )
    found["ebcdic"] = (
        f'<?xml version="1.0" encoding="cp037"?><!DOCTYPE a [<!ENTITY x SYSTEM "{file}">]><a>&x;</a>'.encode("cp037")
    )
    found["deep"] = "<a>" * 100_000
    found["wide attribute"] = '<a b="' + "x" * 11_000_000 + '"/>'
    found["character bomb"] = "<a>" + "&#x41;" * 2_000_000 + "</a>"
    return {name: data if isinstance(data, bytes) else data.encode() for name, data in found.items()}


NAMES = sorted(payloads("/nowhere"))


def test_there_are_forty_payloads() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_payloads_are_inert(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    data = payloads(str(secret))[name]
    began = time.process_time()
    try:
        shown = etree.tostring(parse_xml(data), encoding="unicode")
    except (etree.XMLSyntaxError, ValueError):
        shown = ""
    assert time.process_time() - began < 2
    assert SECRET not in shown
    assert len(shown) < len(data) * 4 + 1_000
    page = parse_html(data.decode("utf-8", "replace"))
    assert SECRET not in etree.tostring(page, encoding="unicode")


def test_words_around_an_entity_stay() -> None:
    root = parse_xml(b'<!DOCTYPE a [<!ENTITY x "gone">]><a>before &x; after <b/>end &x; of it</a>')
    assert "".join(root.itertext()) == "before  after end  of it"


@pytest.mark.parametrize("part", ["content.xml", "META-INF/container.xml", "OFD.xml"])
def test_packages_are_read_through_the_factory(part: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    path = tmp_path / "a"
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]>'
    media_type = {"content.xml": media.ODT, "OFD.xml": media.OFD}.get(part, media.EPUB)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            part, f"{entity}<a><body><text><p>&x;</p></text></body><rootfile full-path='x'/><DocRoot>x</DocRoot></a>"
        )
        archive.writestr("x", f"{entity}<a>&x;</a>")
    try:
        parsed = parse_format(path, media_type)
    except WenyuanError:
        return
    assert SECRET not in str(parsed)
