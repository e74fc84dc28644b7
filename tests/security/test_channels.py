"""A canary in every place of a file and around it: none of them leaves toward who may not read the document."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import docx
import openpyxl
import pptx
import pytest
from openpyxl.comments import Comment
from pptx.util import Inches

from tests.llm import parrot
from tests.security.sniffer import everything, found, heard_of_all, listening, plant
from tests.site import Person, Site, open_site, user

QUESTIONS: Final = ("验收口令是什么？", "所有文档的标题、作者、备注", "secret", "口令表")
#: Routes about a document, and lists; all that a reader may call.
PATHS: Final = (
    "/v1/documents",
    "/v1/documents/{document}",
    "/v1/documents/{document}/pages",
    "/v1/documents/{document}/pages/1",
    "/v1/documents/{document}/figures",
    "/v1/documents/{document}/profile",
    "/v1/documents/{document}/similar",
    "/v1/documents/{document}/questions",
    "/v1/documents/{document}/corrections",
    "/v1/documents/{document}/versions/{version}/blocks",
    "/v1/documents/{document}/versions/{version}/diff?against={version}",
    "/v1/access/explain?document={document}",
    "/v1/folders?space=vault",
    "/v1/spaces/vault/terms",
    "/v1/spaces/vault/terms/export?format=json",
    "/v1/jobs",
    "/v1/jobs/{job}",
    "/v1/conversations",
    "/v1/me",
)


def canary(place: str) -> str:
    return plant(f"CANARY{place.upper()}93Q")


def text_file() -> bytes:
    body, row = canary("body"), canary("row")
    return f"# 方案\n\n验收口令是 {body}。\n\n| 项目 | 口令 |\n|---|---|\n| 一 | {row} |\n".encode()


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.author = canary("author")
    document.core_properties.keywords = canary("tag")
    document.core_properties.title = canary("property")
    document.add_heading(canary("heading"), 1)
    document.add_paragraph("验收口令在附件里。")
    document.sections[0].header.paragraphs[0].text = canary("header")
    document.add_table(1, 1).cell(0, 0).text = canary("cell")
    return _saved(document.save)


def sheet_file() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = canary("sheet")[:31]
    sheet["A1"], sheet["A2"] = "项目", canary("value")
    sheet["A2"].comment = Comment(canary("comment"), canary("commenter"))
    return _saved(book.save)


def slides_file() -> bytes:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = canary("slide")
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(4), Inches(1))
    box.text_frame.text = "验收口令"
    box._element.nvSpPr.cNvPr.set("descr", canary("alt"))
    slide.notes_slide.notes_text_frame.text = canary("note")
    return _saved(deck.save)


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    kept = io.BytesIO()
    save(kept)
    return kept.getvalue()


FILES: Final = {"md": text_file, "docx": word_file, "xlsx": sheet_file, "pptx": slides_file}
AROUND: Final = ("title", "file", "folder", "term", "synonym", "talk")


@pytest.mark.timeout(150)
async def test_no_canary_of_any_place_reaches_who_may_not_read(tmp_path: Path) -> None:
    with parrot() as model:
        async with open_site(listening(tmp_path, model)) as site:
            reader, other = await site.person("reader"), await site.person("other")
            documents = await _fill(site)
            seen = await _sweep(reader, documents)
            planted = [canary(place) for place in (*AROUND, *PLACES)]
            assert len(found(planted, seen)) > 12, "what the reader is not shown either proves nothing"
            model.prompts.clear()
            leaked = found(planted, await _sweep(other, documents), *model.prompts)
            assert not leaked
            assert heard_of_all(model)
            admin = await site.administrator()  # roles grant no text, and the log of what happened holds none
            log = [everything(await admin.http.get(f"/v1/audit/export?format={shape}")) for shape in ("csv", "jsonl")]
            assert not found(planted, *log, everything(await admin.http.get("/metrics")))


PLACES: Final = (
    *("body", "row", "author", "tag", "property", "heading", "header", "cell"),
    *("sheet", "value", "comment", "commenter", "slide", "alt", "note"),
)


async def _fill(site: Site) -> list[dict[str, str]]:
    """Put a document of each format into a folder that the reader alone may read, with terms and a conversation."""
    admin, reader = await site.administrator(), await site.person("reader")
    await site.space("vault", [user("reader")])
    made = await admin.http.post("/v1/folders", json={"space": "vault", "name": canary("folder")})
    assert made.status_code == 201, made.text
    term = {"name": canary("term"), "synonyms": [canary("synonym")]}
    assert (await admin.http.put("/v1/spaces/vault/terms", json=term)).status_code == 200
    talk = await reader.http.post("/v1/conversations", json={"title": canary("talk")})
    assert talk.status_code == 201, talk.text
    found_ids = []
    for kind, write in FILES.items():
        fields = {"title": f"{canary('title')} {kind}", "folder": made.json()["id"]}
        taken = (await admin.upload(f"{canary('file')}.{kind}", write(), "vault", **fields)).json()
        assert (await site.finished(taken["job_id"]))["state"] == "done", kind
        found_ids.append({"document": taken["document_id"], "version": taken["version_id"], "job": taken["job_id"]})
    return found_ids


async def _sweep(person: Person, documents: list[dict[str, str]]) -> str:
    """Ask for everything; returns every byte that came back."""
    seen = []
    for ids in documents:
        paths = [path.format(**ids) for path in PATHS if "{" in path or ids is documents[0]]
        seen += [everything(await person.http.get(path)) for path in paths]
    for question in QUESTIONS:
        seen.append(everything(await person.http.post("/v1/search", json={"query": question, "limit": 50})))
        for stream in (False, True):
            body = {"messages": [{"role": "user", "content": question}], "stream": stream}
            seen.append(everything(await person.http.post("/v1/chat/completions", json=body)))
    return "\n".join(seen)
