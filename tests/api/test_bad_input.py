"""Bad input: a stable code, a sentence in the language of the request, the right status, and nothing lost."""

import io
import zipfile
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.site import Site, user

pytestmark = pytest.mark.asyncio(loop_scope="module")


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, "PNG")
    return buffer.getvalue()


PNG = png()


def problem(response: httpx.Response) -> tuple[int, str]:
    body: dict[str, Any] = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:wenyuan:error:{body['code']}"
    assert body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    return response.status_code, body["code"]


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.md", b"", (422, "file.empty")),
        ("blank.md", "　\n \n".encode(), (422, "file.empty")),
        ("program.exe", b"MZ\x90\x00" + b"\x00" * 200, (415, "file.type_unsupported")),
        ("picture.pdf", PNG, (415, "file.type_mismatch")),
        ("archive.zip", zipped(a=b"1"), (415, "file.is_archive")),
        ("large.txt", b"x" * (2 * 2**20 + 1), (413, "file.too_large")),
        ("huge.txt", b"x" * (4 * 2**20), (413, "request.too_large")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_file_that_cannot_be_taken(site: Site, name: str, content: bytes, expected: tuple[int, str]) -> None:
    admin = await site.administrator()
    assert problem(await admin.upload(name, content, "company")) == expected


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("truncated.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "file.corrupt"),
        ("empty-table.csv", b",,,\n,,,\n", "file.no_text"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_a_reason_and_stays_invisible(
    site: Site, name: str, content: bytes, code: str
) -> None:
    admin = await site.administrator()
    response = await admin.upload(name, content, "company", policy={"allow": [user("admin")]})
    assert response.status_code == 202
    job = await site.finished(response.json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("dead", code)
    shown = (await admin.http.get(f"/v1/documents/{response.json()['document_id']}")).json()
    assert (shown["state"], shown["versions"][0]["error"]) == ("processing", code)


async def test_an_unknown_space_and_one_without_rights_look_the_same(site: Site) -> None:
    li = await site.person("li")
    unknown = await li.upload("a.md", b"# a\n\ntext", "nowhere")
    closed = await li.upload("a.md", b"# a\n\ntext", "company")
    assert problem(unknown) == problem(closed) == (404, "request.unknown_name")


async def test_unknown_subjects_and_broken_policies(site: Site) -> None:
    admin = await site.administrator()
    ghost = await admin.upload("a.md", b"# a\n\ntext", "company", policy={"allow": [user("ghost")]})
    assert problem(ghost) == (404, "request.unknown_name")
    for policy in ("{", '{"allow": 1}', '{"everyone": true}'):
        assert problem(await admin.upload("a.md", b"# a\n\ntext", "company", policy=policy)) == (422, "request.invalid")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer  "])
async def test_a_missing_or_wrong_token(site: Site, header: str | None) -> None:
    nobody = await site.client(None)
    response = await nobody.get("/v1/me", headers={} if header is None else {"Authorization": header})
    assert problem(response) == (401, "auth.unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_actions_of_administrators_are_refused_to_others(site: Site) -> None:
    li = await site.person("li")
    for path in ("/v1/users", "/v1/groups", "/v1/spaces", "/v1/tokens"):
        assert problem(await li.http.get(path)) == (403, "auth.forbidden")


async def test_other_peoples_ids_look_like_ids_that_do_not_exist(site: Site) -> None:
    text = "# 机密\n\n代号为白鹭。\n"
    hidden = await site.publish("hidden.md", text, "company", title="机密", policy={"allow": [user("han")]})
    han, li = await site.person("han"), await site.person("li")
    cited = (await han.ask("机密文件的代号是什么？"))["citations"][0]["id"]
    admin = await site.administrator()
    job = (await admin.http.get("/v1/jobs")).json()["items"][0]["id"]
    for method, path in (
        ("GET", f"/v1/documents/{hidden}"),
        ("DELETE", f"/v1/documents/{hidden}"),
        ("GET", f"/v1/documents/{hidden}/policy"),
        ("GET", f"/v1/documents/{hidden}/pages/1"),
        ("GET", f"/v1/citations/{cited}"),
        ("GET", f"/v1/jobs/{job}"),
        ("GET", f"/v1/jobs/{job}/events"),
    ):
        unseen = await li.http.request(method, path)
        absent = await li.http.request(
            method, path.replace(hidden, "doc_x").replace(cited, "cit_x").replace(job, "job_x")
        )
        assert problem(unseen) == problem(absent) == (404, "not_found"), path
        strip = {"x-request-id", "content-length"}
        assert {k: v for k, v in unseen.headers.items() if k not in strip} == {
            k: v for k, v in absent.headers.items() if k not in strip
        }
        assert {k: v for k, v in unseen.json().items() if k != "request_id"} == {
            k: v for k, v in absent.json().items() if k != "request_id"
        }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", (400, "request.malformed_json")),
        ("[]", (422, "request.invalid")),
        ('{"messages": []}', (422, "request.invalid")),
        ('{"messages": [{"role": "robot", "content": "x"}]}', (422, "request.invalid")),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', (422, "question.empty")),
        ('{"messages": [{"role": "user", "content": ""}]}', (422, "question.empty")),
        ('{"messages": [{"role": "user", "content": " \\u200b\\n"}]}', (422, "question.empty")),
        ('{"messages": [{"role": "user", "content": "' + "问" * 10_000 + '"}]}', (413, "question.too_long")),
    ],
)
async def test_questions_that_cannot_be_asked(site: Site, body: str, expected: tuple[int, str]) -> None:
    li = await site.person("li")
    headers = {"Content-Type": "application/json"}
    assert problem(await li.http.post("/v1/chat/completions", content=body.encode(), headers=headers)) == expected


async def test_search_limits(site: Site) -> None:
    li = await site.person("li")
    assert problem(await li.http.post("/v1/search", json={"query": "x" * 10_000})) == (413, "question.too_long")
    assert problem(await li.http.post("/v1/search", json={"query": "x", "limit": 0})) == (422, "request.invalid")
    assert problem(await li.http.post("/v1/search", json={"query": "x", "as": "admin"})) == (422, "request.invalid")


async def test_the_sentence_is_in_the_language_of_the_request(site: Site) -> None:
    li = await site.person("li")
    english = await li.http.get("/v1/documents/doc_x", headers={"Accept-Language": "en-GB,en;q=0.9"})
    chinese = await li.http.get("/v1/documents/doc_x", headers={"Accept-Language": "zh-CN"})
    assert english.json()["detail"] == "It does not exist, or you may not see it."
    assert chinese.json()["detail"] == "不存在，或您无权查看。"


async def test_unknown_routes_and_methods(site: Site) -> None:
    li = await site.person("li")
    assert problem(await li.http.get("/v1/nothing")) == (404, "not_found")
    assert problem(await li.http.put("/v1/me")) == (405, "request.method_not_allowed")
