"""Reads the committed demo files: text page by page, the directory, the questions, and who may read what."""

import json
import re
import unicodedata
from email import message_from_bytes, policy
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdfium2
import yaml

from scripts.demo_corpus.build import TARGETS, load_source
from scripts.demo_corpus.model import PageBreak, block_texts

DEMO = Path(__file__).parents[3] / "eval" / "demo"
CORPUS = DEMO / "corpus"
SCAN = "board-minutes-scan.pdf"
LEVELS = ("public", "internal", "secret", "confidential")


def normalise(text: str) -> str:
    """NFKC without white space, as answers are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@cache
def pages(file: str) -> list[str]:
    """Normalised text of each page; one entry for formats without pages; the source's text for the scan."""
    if file == SCAN:
        return _source_pages(file)
    path = CORPUS / file
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return [normalise(pdf[number].get_textpage().get_text_range()) for number in range(len(pdf))]
    return [normalise(_READERS[path.suffix](path))]


def _source_pages(file: str) -> list[str]:
    found = [""]
    for block in load_source(next(target for target in TARGETS if target.file == file)).blocks:
        if isinstance(block, PageBreak):
            found.append("")
        else:
            found[-1] += normalise("".join(block_texts(block)))
    return found


def _docx(path: Path) -> str:
    word = docx.Document(str(path))
    cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in word.paragraphs), *cells])


def _xlsx(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    values = (value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)
    return "\n".join(str(value) for value in values if value is not None)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _html(path: Path) -> str:
    parser = _Text()
    parser.feed(path.read_text(encoding="utf-8"))
    return "".join(parser.parts)


def _eml(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"


def _plain(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_READERS = {".docx": _docx, ".xlsx": _xlsx, ".html": _html, ".eml": _eml, ".md": _plain, ".txt": _plain}


@cache
def directory() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEMO / "directory.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DEMO / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def groups_of(user: str) -> set[str]:
    """Groups of a user, nested ones included."""
    groups = directory()["groups"]
    found = {group["id"] for group in groups if user in group["members"].get("users", [])}
    while more := {
        group["id"] for group in groups if found & set(group["members"].get("groups", [])) and group["id"] not in found
    }:
        found |= more
    return found


def may_read(user: str, file: str) -> bool:
    """The policy of ``directory.yaml`` in its plainest reading, independent of the product's own."""
    (document,) = (entry for entry in directory()["documents"] if entry["file"] == file)
    (person,) = (entry for entry in directory()["users"] if entry["id"] == user)
    rule = document["policy"]
    groups = groups_of(user)

    def matches(subject: dict[str, str]) -> bool:
        kind = subject["kind"]
        return kind == "everyone" or subject["name"] == user if kind != "group" else subject["name"] in groups

    if LEVELS.index(person["clearance"]) < LEVELS.index(rule["classification"]):
        return False
    return any(map(matches, rule["allow"])) and not any(map(matches, rule["deny"]))
