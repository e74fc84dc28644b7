"""Figures come along with the citations they belong to, and only for those who may see them at that moment."""

import io
import json
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import docx
import pytest
import pytest_asyncio
from docx.shared import Inches
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.site import EVERYONE, Person, Site, group, open_site, site_settings, user

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "What is the pressure limit of the cooling plate?"


def picture(colour: str = "red") -> io.BytesIO:
    image = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(image).rectangle((8, 8, 631, 391), outline=colour, width=24)
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def report(limit: str) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 770, "1 Cooling tests")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 735, f"The pressure limit of the cooling plate is {limit} as shown in Figure 1.")
    canvas.drawImage(ImageReader(picture()), 140, 480, 300, 190)
    canvas.drawString(190, 460, "Figure 1: Pressure of the cooling plate")
    canvas.drawString(72, 420, "The tests ran for two days in the laboratory of the plant.")
    canvas.save()
    return file.getvalue()


def manual(word: str) -> bytes:
    """Return a Word file: a chapter for everybody with a figure, and one whose figure may be closed."""
    document = docx.Document()
    document.add_heading("一、巡检", 1)
    document.add_paragraph(f"{word}机房的巡检路线共十二处，路线见图1。")
    document.add_picture(picture("blue"), width=Inches(3))
    document.add_paragraph("图1 巡检路线，联系电话13800138000", style="Caption")
    document.add_heading("二、密室", 1)
    document.add_paragraph(f"{word}密室的位置见图2。")
    document.add_picture(picture("green"), width=Inches(3))
    document.add_paragraph(f"图2 封闭{word}密室位置", style="Caption")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False, office_renderer="off")
    async with open_site(settings) as opened:
        for name in ("li", "han"):
            await opened.person(name)
        await opened.group("lab", "han")
        await opened.space("company", [EVERYONE])
        yield opened


async def streamed(person: Person, question: str, **more: Any) -> list[dict[str, Any]]:
    """Return the chunks of a streamed answer."""
    body = {"stream": True, "messages": [{"role": "user", "content": question}]} | more
    response = await person.http.post("/v1/chat/completions", json=body)
    return [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]


async def test_a_cited_passage_brings_the_figure_that_it_names(site: Site) -> None:
    document = await site.publish("cooling.pdf", report("7 bar"), "company")
    li, admin = await site.person("li"), await site.administrator()
    talk = (await li.http.post("/v1/conversations", json={})).json()["id"]
    answer = await li.ask(QUESTION, conversation_id=talk, filters={"type": ["pdf"]})
    (figure,) = next(one["figures"] for one in answer["citations"] if "7 bar" in one["quote"])
    assert figure["relation"] in ("named", "cited")  # the caption may be part of the quote
    assert (figure["number"], figure["page"]) == ("1", 1)
    assert figure["caption"] == "Figure 1: Pressure of the cooling plate"
    assert figure["box"]["x1"] - figure["box"]["x0"] > 250
    image = await li.http.get(figure["image"], params={"long_side": 200})
    assert (image.status_code, Image.open(io.BytesIO(image.content)).size[0]) == (200, 200)
    cited = answer["citations"][0]["id"]
    assert (await li.http.get(f"/v1/citations/{cited}")).json()["figures"] == [figure]
    turn = (await li.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]["id"]
    chunks = await streamed(li, QUESTION, conversation_id=talk, replaces=turn)
    assert [figure] in [one["figures"] for chunk in chunks for one in chunk.get("citations", [])]
    # Who stops at the first chunk can name the turn as well.
    assert chunks[0]["turn_id"] == chunks[-1]["turn_id"] != turn
    stored = (await li.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]["citations"][0]
    assert stored["figures"] == [figure]
    assert "Pressure of the cooling plate" in (await li.http.get(f"/v1/conversations/{talk}/export")).text
    every = (await li.http.get("/v1/conversations/export")).text.splitlines()
    [whole] = [one for one in map(json.loads, every) if one["id"] == talk]
    assert whole == (await li.http.get(f"/v1/conversations/{talk}")).json()
    han = await site.person("han")
    assert talk not in (await han.http.get("/v1/conversations/export")).text
    records = sqlite3.connect(site.services.settings.data_dir / "audit.sqlite3").iterdump()
    assert any(f"block:{figure['ordinal']}" in line and document in line for line in records)

    policy = {"allow": [user("admin")]}
    assert (await admin.http.put(f"/v1/documents/{document}/policy", json=policy)).status_code == 200
    assert (await li.http.get(figure["image"])).status_code == 404
    assert (await li.http.get(f"/v1/citations/{cited}")).status_code == 404
    for path in (f"/{talk}", f"/{talk}/export", f"/{talk}/export?format=json", "/export"):
        assert "Figure 1" not in (await li.http.get(f"/v1/conversations{path}")).text


async def test_a_figure_of_a_closed_part_never_shows(site: Site) -> None:
    document = await site.publish("room.docx", manual("甲乙"), "company")
    han, li, admin = await site.person("han"), await site.person("li"), await site.administrator()
    question = "甲乙机房的巡检路线有多少处？"
    talk = (await li.http.post("/v1/conversations", json={})).json()["id"]
    answer = await li.ask(question, conversation_id=talk)
    (figure,) = answer["citations"][0]["figures"]
    assert figure["relation"] in ("named", "cited")
    assert (figure["number"], figure["page"]) == ("1", None)
    before = (await li.ask("甲乙密室的位置在哪里？"))["citations"][0]
    assert before["figures"][0]["caption"] == "图2 封闭甲乙密室位置"

    closed = {"selector": {"heading": ["二、密室"]}, "policy": {"inherits": False, "allow": [group("lab")]}}
    response = await admin.http.put(f"/v1/documents/{document}/sections", json={"items": [closed]})
    assert response.status_code == 200
    assert (await li.http.get(before["figures"][0]["image"])).status_code == 404
    assert (await li.http.get(f"/v1/citations/{before['id']}")).status_code == 404
    assert "封闭甲乙密室" not in json.dumps(await li.ask("甲乙密室的位置在哪里？"), ensure_ascii=False)
    again = (await han.ask("甲乙密室的位置在哪里？"))["citations"][0]
    assert again["figures"][0]["caption"] == "图2 封闭甲乙密室位置"
    assert (await han.http.get(again["figures"][0]["image"])).status_code == 200
    # What stands in the open part stays.
    assert (await li.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]["citations"][0]["figures"] == [figure]


async def test_a_caption_is_shown_as_the_policy_on_personal_data_says(site: Site) -> None:
    await site.publish("masked.docx", manual("丙丁"), "company")
    li = await site.person("li")
    (figure,) = (await li.ask("丙丁机房的巡检路线有多少处？"))["citations"][0]["figures"]
    shown = site.services.guard.shown("图1 巡检路线，联系电话13800138000", []).text
    assert figure["caption"] == shown
