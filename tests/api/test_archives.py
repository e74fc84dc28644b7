"""An archive becomes documents in one request; the plain upload says where archives go."""

import io
import json
import zipfile

import pytest

from tests.site import Site, user

pytestmark = pytest.mark.asyncio(loop_scope="module")


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


async def test_each_member_becomes_a_document_under_the_policy_given(site: Site) -> None:
    admin = await site.administrator()
    content = zipped({"制度/报销.md": "# 报销\n\n发票须在三十日内提交。".encode(), "坏.pdf": b"words"})
    response = await admin.http.post(
        "/v1/documents/archive",
        data={"space": "company", "policy": json.dumps({"allow": [user("li")]})},
        files={"file": ("包.zip", content)},
    )
    assert response.status_code == 202
    body = response.json()
    assert (body["accepted"], [item["name"] for item in body["items"]]) == (1, ["制度 / 报销.md", "坏.pdf"])
    assert (body["items"][1]["submitted"], body["items"][1]["error"]["code"]) == (None, "file.type_mismatch")
    submitted = body["items"][0]["submitted"]
    assert (await site.finished(submitted["job_id"]))["state"] == "done"
    li = await site.person("li")
    shown = (await li.http.get(f"/v1/documents/{submitted['document_id']}")).json()
    assert (shown["title"], shown["current_version"]["filename"]) == ("制度 / 报销", "报销.md")
    han = await site.person("han")
    assert (await han.http.get(f"/v1/documents/{submitted['document_id']}")).status_code == 404


async def test_what_is_no_archive_and_who_may_not_upload(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li")
    single = {"file": ("a.md", b"# a\n\ntext")}
    response = await admin.http.post("/v1/documents/archive", data={"space": "company"}, files=single)
    assert (response.status_code, response.json()["code"]) == (415, "file.not_archive")
    packed = {"file": ("a.zip", zipped({"a.md": b"# a"}))}
    response = await li.http.post("/v1/documents/archive", data={"space": "company"}, files=packed)
    assert (response.status_code, response.json()["code"]) == (404, "request.unknown_name")
