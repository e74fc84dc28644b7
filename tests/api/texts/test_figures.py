"""Figures and formulas of a document, and pictures of its blocks: for those who may read it, nobody else."""

import io
from collections.abc import AsyncIterator
from typing import Any

import docx
import numpy as np
import pytest
import pytest_asyncio
from docx.shared import Inches
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.site import EVERYONE, Person, Site, group, open_site, site_settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
RED, BLUE = (200, 30, 30), (20, 60, 190)


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (640, 400)) -> bytes:
    """Return a picture with a frame of ``colour``, written as JPEG so that its bytes are told from a crop."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((8, 8, size[0] - 9, size[1] - 9), outline=colour, width=24)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue()


def report() -> bytes:
    """Return a PDF: a figure with caption and number, a formula with its number, sentences that refer to both."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 770, "1 Cooling tests")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 735, "The tests ran for two days. The measured temperatures are shown in Figure 1.")
    canvas.drawString(72, 700, "The heat flow follows from the temperatures by Eq. (2).")
    canvas.drawImage(ImageReader(io.BytesIO(picture(RED))), 140, 480, 300, 190)
    canvas.drawString(190, 460, "Figure 1: Temperatures of the cooling plate")
    canvas.drawString(72, 420, "The heat flow of the plate is the product of mass flow and difference.")
    canvas.drawString(230, 385, "Q = m · c · (T1 - T2)")
    canvas.drawString(490, 385, "(2)")
    canvas.drawString(72, 350, "Here m is the mass flow, and c is the heat capacity of the coolant in the plate.")
    canvas.save()
    return file.getvalue()


def letter() -> bytes:
    """Return a Word file whose picture has a caption."""
    document = docx.Document()
    document.add_heading("机房平面", 1)
    document.add_paragraph("机房的布置见图1。进出机房须登记，巡检记录保存三年。")
    document.add_picture(io.BytesIO(picture(BLUE)), width=Inches(3))
    document.add_paragraph("图1 机房平面图", style="Caption")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False, office_renderer="off")
    async with open_site(settings) as opened:
        await opened.person("li")
        await opened.person("han")
        await opened.group("lab", "han")
        await opened.space("company", [EVERYONE])
        yield opened


async def figures(person: Person, document: str, **query: Any) -> dict[str, Any]:
    response = await person.http.get(f"/v1/documents/{document}/figures", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def drawn(person: Person, path: str, **query: Any) -> Image.Image:
    response = await person.http.get(path, params=query)
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png"), response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    return Image.open(io.BytesIO(response.content), formats=["PNG"])


def has(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Whether a tenth of the picture or more is nearly of that colour."""
    apart = np.abs(np.asarray(image.convert("RGB"), np.int16) - np.array(colour))
    return bool((apart.max(axis=2) < 40).mean() > 0.1)


async def test_a_figure_has_its_caption_its_reference_and_its_picture(site: Site) -> None:
    document = await site.publish("cooling.pdf", report(), "company")
    li = await site.person("li")
    body = await figures(li, document)
    figure, formula = body["items"]
    assert (body["total"], body["next_offset"], figure["kind"], formula["kind"]) == (2, None, "figure", "formula")
    assert (figure["number"], figure["page"]) == ("1", 1)
    assert figure["caption"] == "Figure 1: Temperatures of the cooling plate"
    assert figure["reference"]["text"] == "The measured temperatures are shown in Figure 1."
    assert figure["reference"]["page"] == 1
    assert "Cooling tests" in figure["heading_path"][-1]
    assert (formula["number"], formula["text"].startswith("Q = m")) == ("2", True)
    assert formula["reference"]["text"] == "The heat flow follows from the temperatures by Eq. (2)."
    assert formula["before"] == "The heat flow of the plate is the product of mass flow and difference."
    assert formula["after"].startswith("Here m is the mass flow")

    image = await drawn(li, figure["image"])
    assert 1.4 < image.width / image.height < 1.8
    assert has(image, RED)
    small = await drawn(li, figure["image"], long_side=120)
    assert max(small.size) == 120
    line = await drawn(li, formula["image"])
    assert line.width > 4 * line.height
    only = await figures(li, document, kind="formula", limit=1)
    assert [one["ordinal"] for one in only["items"]] == [formula["ordinal"]]
    assert (await figures(li, document, limit=1))["next_offset"] == 1


async def test_a_picture_inside_an_office_file_is_written_anew(site: Site) -> None:
    document = await site.publish("room.docx", letter(), "company")
    li = await site.person("li")
    (figure,) = (await figures(li, document))["items"]
    assert (figure["number"], figure["caption"], figure["page"]) == ("1", "图1 机房平面图", None)
    assert figure["reference"]["text"] == "机房的布置见图1。"
    assert has(await drawn(li, figure["image"]), BLUE)
    text = next(place for place in range(3) if place != figure["ordinal"])
    assert (await li.http.get(f"/v1/documents/{document}/blocks/{text}/image")).status_code == 404
    assert (await li.http.get(f"/v1/documents/{document}/blocks/99/image")).status_code == 404
    assert (await figures(li, await site.publish("a.md", "# 无图\n\n没有图的文档。", "company")))["items"] == []


async def test_who_may_not_read_gets_neither_list_nor_picture(site: Site) -> None:
    document = await site.publish("cooling.pdf", report(), "company", policy={"allow": [group("lab")]})
    han, li, admin = await site.person("han"), await site.person("li"), await site.administrator()
    body = await figures(han, document)
    image, version = body["items"][0]["image"], body["version_id"]
    other = await site.publish("open.pdf", report(), "company")
    paths = [
        f"/v1/documents/{document}/figures",
        f"/v1/documents/{document}/figures?version={version}",
        image,
        image.partition("?")[0],
        # A version is read under its own document only.
        f"/v1/documents/{other}/figures?version={version}",
        f"/v1/documents/{other}/blocks/{body['items'][0]['ordinal']}/image?version={version}",
    ]
    unknown = (await li.http.get("/v1/documents/doc_none/figures")).json()
    for person in (li, admin):
        for path in paths:
            response = await person.http.get(path)
            assert response.status_code == 404, path
            assert response.json() | {"request_id": ""} == unknown | {"request_id": ""}
    assert (await drawn(han, image)).width > 0
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    assert {(await han.http.get(path)).status_code for path in paths} == {404}
