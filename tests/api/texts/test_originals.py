"""The uploaded file is given whole, as it came, under a safe name, to those who may read every part of the document."""

from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from api.routers.texts.originals import attachment
from tests.site import EVERYONE, Site, user
from wenyuan.db import tables as t

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "# 手册\n\n## 考勤\n\n九点上班。\n\n## 薪酬\n\n三个月奖金。\n".encode()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("手册 2026.md", "手册 2026.md"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("x\r\nSet-Cookie: a=b.txt", "x Set-Cookie_ a=b.txt"),
        ("报告\u202efdp.exe", "报告fdp.exe"),
        ("...", "file"),
        ("长" * 300 + ".docx", "长" * 146 + ".docx"),
    ],
)
async def test_names_are_those_of_files(given: str, name: str) -> None:
    header = attachment(given)
    plain, _, coded = header.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert unquote(coded) == name
    assert plain.isascii()
    assert not set(plain) & set('"\\\r\n;')


async def test_the_file_comes_as_it_was_and_is_recorded(site: Site) -> None:
    li, other, admin = await site.person("li-file"), await site.person("other-file"), await site.administrator()
    await site.space("files", [user("li-file")])
    document = await site.publish("手册.md", TEXT, "files")
    path = f"/v1/documents/{document}/original"
    response = await li.http.get(path)
    assert response.status_code == 200
    assert response.content == TEXT
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in response.headers["cache-control"]
    for person in (other, admin):
        assert (await person.http.get(path)).status_code == 404
    async with site.services.database.read() as tx:
        version = await tx.scalar(sa.select(t.documents.c.current_version_id).where(t.documents.c.id == document))
    log = (await admin.http.get("/v1/audit/export?format=jsonl")).text
    assert any('"download"' in line and document in line for line in log.splitlines())
    files = {"file": ("手册.md", TEXT + b"\nmore\n")}
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files=files)
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"
    assert (await li.http.get(path)).content == TEXT + b"\nmore\n"
    assert (await li.http.get(f"{path}?version={version}")).content == TEXT
    assert (await li.http.get(f"{path}?version=ver_0")).status_code == 404
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    assert (await li.http.get(path)).status_code == 404


async def test_a_closed_part_closes_the_file(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li-file")
    await site.space("files-parts", [EVERYONE])
    document = await site.publish("m.md", TEXT, "files-parts")
    rules = {"items": [{"selector": {"heading": ["薪酬"]}, "policy": {"deny": [user("li-file")]}}]}
    assert (await admin.http.put(f"/v1/documents/{document}/sections", json=rules)).status_code == 200
    assert (await li.http.get(f"/v1/documents/{document}/original")).status_code == 404
    assert (await admin.http.get(f"/v1/documents/{document}/original")).status_code == 200
