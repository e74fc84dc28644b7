"""A citation of an Office file opens as the image of its page."""

import io

import docx
import pytest

from ingest.rendition.soffice import find_program
from tests.site import Site

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_program(None) is None, reason="LibreOffice is not installed"),
]


def handbook() -> bytes:
    document = docx.Document()
    document.add_heading("休假管理办法", 1)
    for number in range(40):
        document.add_paragraph(f"第{number}款 本款规定请假手续，员工应当提前三天在系统中提出申请。")
    document.add_heading("体检假", 1)
    document.add_paragraph("员工每年享有一天体检假，凭体检中心的证明使用。")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


async def test_the_page_of_a_word_file_is_shown_with_its_passage(site: Site) -> None:
    document = await site.publish("leave.docx", handbook(), "company", title="休假管理办法")
    li = await site.person("li")
    answer = await li.ask("员工每年有几天体检假？")
    cited = next(item for item in answer["citations"] if item["document_id"] == document)
    opened = (await li.http.get(f"/v1/citations/{cited['id']}")).json()
    assert opened["boxes"]
    page = opened["boxes"][0]["page"]
    assert page >= 2
    image = await li.http.get(f"/v1/documents/{document}/pages/{page}", params={"citation": cited["id"]})
    assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
    assert (await li.http.get(f"/v1/documents/{document}/pages/99")).status_code == 404
