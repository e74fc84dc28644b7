"""Limits: strangers store nothing, a form has few parts, odd input is refused in words, and a crash tells nothing."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from tests.site import EVERYONE, Site, until
from wenyuan.db import tables as t
from wenyuan.errors import NotFound

pytestmark = pytest.mark.asyncio(loop_scope="module")
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
TEXT = "# 一\n\n本节写的是年度预算的编制办法。\n"


async def test_many_uploads_at_once_do_not_wait_for_each_others_connections(site: Site) -> None:
    li = await site.person("li")
    files = [li.upload(f"{number}.md", b"text", "company") for number in range(40)]
    responses = await asyncio.wait_for(asyncio.gather(*files), 20)
    assert {response.status_code for response in responses} == {404}


async def test_a_stranger_is_refused_before_the_body_is_read(site: Site) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
        for _ in range(2 * 16):
            taken += 1
            yield b"x" * 2**16

    nobody = await site.client(None)
    for path in ("/v1/documents", "/v1/documents/doc_x/versions"):
        response = await nobody.post(path, content=endless(), headers=FORM)
        assert response.status_code == 401
        assert taken <= 1


async def test_only_uploads_may_have_a_large_body(site: Site) -> None:
    li = await site.person("li")
    body = b"x" * (3 * 2**19)
    for path in ("/v1/search", "/v1/chat/completions", "/v1/documents/doc_x/policy"):
        response = await li.http.post(path, content=body, headers=FORM)
        assert response.status_code in (405, 413), path
    assert (await li.http.put("/v1/documents/doc_x/policy", content=body, headers=FORM)).status_code == 413


async def test_a_form_has_one_file_and_few_fields(site: Site) -> None:
    admin = await site.administrator()
    two = await admin.http.post("/v1/documents", files=[("file", ("a.md", b"x"))] * 2, data={"space": "company"})
    many = await admin.http.post("/v1/documents", files={"file": ("a.md", b"x")}, data={f"f{n}": "x" for n in range(9)})
    assert (two.status_code, many.status_code) == (422, 422)
    assert two.json()["code"] == many.json()["code"] == "request.invalid"


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "9" * 5000, "x"])
async def test_page_numbers_that_cannot_be(site: Site, number: str) -> None:
    admin = await site.administrator()
    document = (await admin.http.get("/v1/documents", params={"limit": 1})).json()["items"]
    known = document[0]["id"] if document else await site.publish("b.md", TEXT, "company")
    for document_id in (known, "doc_x"):
        assert (await admin.http.get(f"/v1/documents/{document_id}/pages/{number}")).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "\\ud800"}',
        b'{"query": "x", "\\ud800": 1}',
        b'{"query": "x", "limit": NaN}',
        b'{"query": "x", "limit": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=["surrogate", "surrogate key", "NaN", "digits", "nesting", "bytes"],
)
async def test_json_that_parsers_stumble_over(site: Site, body: bytes) -> None:
    li = await site.person("li")
    response = await li.http.post("/v1/search", content=body, headers=JSON)
    assert response.status_code in (400, 422)
    assert response.json()["code"].startswith(("request.", "question."))


async def test_titles_are_one_line_that_can_be_seen(site: Site) -> None:
    admin = await site.administrator()
    await site.publish("c.md", TEXT, "company", title="预算\x00\x1b[31m\n\u202e办法")
    await site.publish(".md", TEXT, "company")
    titles = {item["title"] for item in (await admin.http.get("/v1/documents")).json()["items"]}
    assert {"预算[31m 办法", ".md"} <= titles


async def test_a_crash_is_answered_with_the_headers_of_every_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError("口令")

    li = await site.person("li")
    fine = await li.http.get("/v1/me")
    monkeypatch.setattr("api.routers.me.groups_of", crash)
    crashed = await li.http.get("/v1/me")
    assert crashed.status_code == 500
    assert "口令" not in crashed.text
    assert set(fine.headers) <= set(crashed.headers)
    assert crashed.headers["x-request-id"] == crashed.json()["request_id"]


async def test_metrics_have_no_label_of_the_callers_making(site: Site) -> None:
    li = await site.person("li")
    name = secrets.token_hex(4).upper()
    await li.http.request(name, "/v1/me")
    await li.http.get(f"/v1/{name}")
    assert name not in (await li.http.get("/metrics")).text


async def test_policies_of_their_own_do_not_pile_up(site: Site) -> None:
    admin, li = await site.administrator(), await site.person("li")
    user_id = (await li.http.get("/v1/me")).json()["user_id"]
    before = (await site.services.directory.visibility(user_id)).policy_ids
    document = await site.publish("d.md", TEXT, "company")
    for _ in range(3):
        changed = await admin.http.put(f"/v1/documents/{document}/policy", json={"allow": [EVERYONE]})
        assert changed.status_code == 200
    assert len((await site.services.directory.visibility(user_id)).policy_ids) == len(before) + 1
    assert (await li.http.get(f"/v1/documents/{document}")).status_code == 200
    await admin.http.put(f"/v1/documents/{document}/policy", json={"allow": []})
    assert (await li.http.get(f"/v1/documents/{document}")).status_code == 404
    await admin.http.put(f"/v1/documents/{document}/policy", json={"allow": [EVERYONE]})
    await admin.http.delete(f"/v1/documents/{document}")
    assert (await site.services.directory.visibility(user_id)).policy_ids == before


async def test_what_is_deleted_is_in_no_file(site: Site) -> None:
    admin = await site.administrator()
    canary = f"{secrets.token_hex(8)}"
    document = await site.publish(f"{canary}.md", f"# 题\n\n这里的口令是{canary}。\n", "company", title=canary)
    assert (await admin.ask("这里的口令是什么？"))["citations"]
    data = site.services.settings.data_dir
    assert (data / "files" / document).exists()
    await admin.http.delete(f"/v1/documents/{document}")

    async def gone() -> bool:
        return not (data / "files" / document).exists() and not _files_with(site, canary)

    await until(gone)


async def test_a_replacement_that_comes_after_the_deletion_leaves_no_file(site: Site) -> None:
    admin = await site.administrator()
    document = await site.publish("e.md", TEXT, "company")
    intake, receive = site.services.intake, site.services.intake.receive

    async def idle() -> bool:
        return not await _live_jobs(site)

    async def receive_late(*arguments: object) -> object:
        await admin.http.delete(f"/v1/documents/{document}")
        await until(idle)
        return await receive(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "receive", receive_late)
        response = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("e.md", b"# new text")})
    assert (response.status_code, response.json()["code"]) == (404, NotFound.code)
    assert not (site.services.settings.data_dir / "files" / document).exists()


def _files_with(site: Site, text: str) -> list[str]:
    files = [path for path in site.services.settings.data_dir.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


async def _live_jobs(site: Site) -> int:
    async with site.services.database.read() as tx:
        ended = t.jobs.c.state.in_(("done", "dead"))
        return await tx.scalar(sa.select(sa.func.count()).select_from(t.jobs).where(~ended)) or 0
