"""Pictures and conversations in the page before the real service: figures, a picture that asks, editing, forgetting."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import FilePayload, expect
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.conftest import Open, Site, ask
from tests.site import Site as Service
from tests.site import open_site, site_settings, user

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MANUAL = (
    "# Printer\n\nFault E4012 means that the feed roller is worn.\n\nFault E4055 means that the fuser is too hot.\n"
)
FEED, FUSER = "What does fault E4012 mean?", "What does fault E4055 mean?"


def drawing(text: str) -> bytes:
    image = Image.new("RGB", (700, 300), "white")
    ImageDraw.Draw(image).text((60, 120), text, font=ImageFont.load_default(44), fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def report() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.drawString(72, 735, "The pressure limit of the cooling plate is 7 bar as shown in Figure 1.")
    canvas.drawImage(ImageReader(io.BytesIO(drawing("7 bar"))), 140, 480, 300, 130)
    canvas.drawString(190, 460, "Figure 1: Pressure of the cooling plate")
    canvas.save()
    return file.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with open_site(site_settings(tmp_path_factory.mktemp("pictures"), ocr_pictures=0)) as opened:
        await opened.person("lin")
        await opened.space("plant", [user("lin")], managers=[user("lin")])
        await opened.publish("printer.md", MANUAL, "plant")
        await opened.publish("cooling.pdf", report(), "plant")
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(service: Service) -> AsyncIterator[Site]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(service.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", {"editor": (await service.person("lin")).token})
    server.should_exit = True
    await task


async def test_an_answer_shows_the_figures_of_its_sources(open_page: Open) -> None:
    page = await open_page(locale="en-GB")
    await ask(page, "What is the pressure limit of the cooling plate?")
    figure = page.locator(".figure-strip .figure")
    await expect(figure).to_have_count(1)
    await expect(figure).to_contain_text("Figure 1: Pressure of the cooling plate")
    await expect(figure.locator("img")).to_be_visible()
    await figure.get_by_role("button", name="Open the figure: Figure 1").click()
    large = page.locator("#viewer .viewer-figures")
    assert await large.locator("img").evaluate("e => e.naturalWidth") > 400
    await expect(large).to_contain_text("Pressure of the cooling plate")
    # Whoever manages the document sees there how it stands, and may keep it out.
    manage = page.locator("#viewer .viewer-manage")
    await expect(manage).to_contain_text("Level: Public")
    await expect(manage.get_by_role("button", name="Keep out")).to_be_visible()


async def test_a_picture_is_read_shown_and_asked_with(open_page: Open) -> None:
    page = await open_page(locale="en-GB")
    words: FilePayload = {"name": "shot.png", "mimeType": "image/png", "buffer": b"words, no picture"}
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Ask with a picture").click()
    await (await chooser.value).set_files([words])
    box = page.locator(".asked-picture")
    await expect(box).to_contain_text("could not be read: What comes with the question is no picture", timeout=30_000)
    await page.get_by_role("button", name="Remove the picture").click()
    await expect(box).to_be_hidden()
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()

    paste = """(bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
      document.querySelector('#question').dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }"""
    await page.evaluate(paste, list(drawing("Fault E4012")))
    text = page.get_by_label("Read from the picture")
    await expect(text).to_have_value("Fault E4012", timeout=30_000)
    await expect(page.get_by_alt_text("The picture of the question")).to_be_visible()
    await text.fill("Fault E4055")
    await ask(page, "What does this mean?")
    await expect(page.locator(".question p")).to_have_text("What does this mean?\n\n[Text in the picture]\nFault E4055")
    await expect(page.locator(".answer-body")).to_contain_text("the fuser is too hot")
    await expect(text).to_be_hidden()


async def test_questions_are_edited_asked_again_and_all_forgotten(open_page: Open, service: Service) -> None:
    lin = await service.person("lin")
    assert (await lin.http.delete("/v1/conversations")).status_code == 204
    page = await open_page(locale="en-GB")
    for question in (FEED, FUSER):
        await ask(page, question)
    await page.locator(".turn").first.get_by_role("button", name="Edit the question").click()
    form = page.locator(".edit-form")
    await expect(form).to_contain_text("What was asked after it will be replaced.")
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await page.locator(".turn").first.get_by_role("button", name="Edit the question").click()
    await form.get_by_label("The question as you want to ask it").fill(FUSER)
    await form.get_by_role("button", name="Ask again").click()
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(page.locator(".answer:not([aria-busy]) .answer-body")).to_contain_text("too hot")
    await page.get_by_role("button", name="Answer again").click()
    await expect(page.locator(".answer:not([aria-busy]) .answer-body")).to_contain_text("too hot")
    [talk] = (await lin.http.get("/v1/conversations")).json()["items"]
    stored = (await lin.http.get(f"/v1/conversations/{talk['id']}")).json()["turns"]
    assert [one["question"] for one in stored] == [FUSER]

    await page.get_by_text("History").click()
    clear = page.get_by_role("button", name="Delete all conversations")
    await clear.click()
    await page.get_by_role("button", name="Really delete them all?").click()
    await expect(page.get_by_text("No conversations are stored yet.")).to_be_visible()
    await expect(page.locator(".turn")).to_have_count(0)
    assert (await lin.http.get("/v1/conversations")).json()["items"] == []
