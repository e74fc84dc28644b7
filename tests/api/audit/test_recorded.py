"""What leaves is recorded before it leaves, whatever route it leaves by; without the log nothing leaves."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.api.conftest import HANDBOOK, SALARY
from tests.site import Person, Site, group
from wenyuan.access import Role
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Entry, Record, read_items
from wenyuan.db.audit.store import Wanted

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLISHED: dict[str, str] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(site: Site) -> AsyncIterator[Site]:
    PUBLISHED["handbook"] = await site.publish("手册.md", HANDBOOK, "company")
    allow = {"allow": [group("hr")]}
    PUBLISHED["salary"] = await site.publish("薪酬.md", SALARY, "company", policy=allow)
    yield site


async def _recorded(site: Site, response: Any) -> list[Record]:
    """Return the entries of a request, oldest first."""
    found = await site.services.audit.find(Wanted(request=response.headers["x-request-id"]), None, 100)
    return found[::-1]


def _parts(records: list[Record], action: str) -> set[str]:
    return {part for one in records if one.action == action for item in read_items(one.items) for part in item.parts}


async def test_a_search_records_every_chunk_that_it_shows(library: Site) -> None:
    li = await library.person("li")
    response = await li.http.post("/v1/search", json={"query": "年假有几天", "limit": 20})
    shown = {item["chunk_id"] for item in response.json()["items"]}
    recorded = await _recorded(library, response)
    assert shown
    assert shown <= _parts(recorded, "retrieve")
    (entry,) = recorded
    async with library.services.database.read() as tx:
        from wenyuan.db.access.directory import find_user

        user = await find_user(tx, "li")
    assert entry.actor == user.id
    assert entry.token.startswith("tok_")
    assert entry.epoch >= 0


async def test_nothing_of_what_one_may_not_read_is_in_ones_entries(library: Site) -> None:
    li = await library.person("li")
    response = await li.http.post("/v1/search", json={"query": "高级工程师的岗位工资", "limit": 20})
    for entry in await _recorded(library, response):
        assert PUBLISHED["salary"] not in entry.items


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_records_its_evidence_and_each_citation(library: Site, stream: bool) -> None:
    li = await library.person("li")
    body = {"messages": [{"role": "user", "content": "年假有几天？"}], "stream": stream}
    response = await li.http.post("/v1/chat/completions", json=body)
    if stream:
        events = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]
        cited = {one["id"] for event in events for one in event.get("citations", [])}
    else:
        cited = {one["id"] for one in response.json()["citations"]}
    assert cited
    recorded = await _recorded(library, response)
    assert {one.target for one in recorded if one.action == "cite"} == cited
    assert _parts(recorded, "cite") <= _parts(recorded, "retrieve")
    opened = await li.http.get(f"/v1/citations/{min(cited)}")
    (entry,) = await _recorded(library, opened)
    assert (entry.action, entry.target) == ("preview", min(cited))


async def test_previews_are_recorded_by_place(library: Site) -> None:
    admin, document = await library.administrator(), PUBLISHED["handbook"]
    detail = (await admin.http.get(f"/v1/documents/{document}")).json()
    version = detail["versions"][0]["id"]
    places = {
        f"/v1/documents/{document}/versions/{version}/blocks?limit=3": "blocks:0-3",
        f"/v1/documents/{document}/profile": "profile",
        f"/v1/documents/{document}/questions": "questions",
    }
    for path, place in places.items():
        response = await admin.http.get(path)
        assert response.status_code == 200, response.text
        assert place in _parts(await _recorded(library, response), "preview")


async def test_an_act_is_recorded_before_it_is_tried_and_with_its_outcome(library: Site) -> None:
    admin = await library.administrator()
    done = await admin.http.put("/v1/groups/hr/members", json={"members": [{"kind": "user", "name": "han"}]})
    refused = await admin.http.put("/v1/groups/nobody/members", json={"members": []})
    for response, name, outcome in ((done, "hr", "done"), (refused, "nobody", "refused")):
        first, last = await _recorded(library, response)
        assert (first.action, first.outcome, first.target) == (
            "act",
            "begun",
            f"PUT /v1/groups/{{name}}/members name={name}",
        )
        assert (last.action, last.outcome) == ("act", outcome)
        assert last.target.startswith(f"PUT /v1/groups/{{name}}/members {response.status_code}")
    made = await admin.http.post("/v1/groups", json={"name": "made-here"})
    *_, last = await _recorded(library, made)
    assert last.target == f"POST /v1/groups 201 id={made.json()['id']}"
    received = await admin.upload("x.md", b"# x\n\ntext", "company")
    found = await _recorded(library, received)
    assert any(received.json()["document_id"] in one.items for one in found)


async def test_exports_and_what_administrators_look_at_are_recorded(library: Site) -> None:
    admin, li = await library.administrator(), await library.person("li")
    for path, action in (("/v1/users", "read"), ("/v1/spaces/company/terms/export", "export")):
        (entry,) = await _recorded(library, await admin.http.get(path))
        assert (entry.action, entry.outcome) == (action, "done")
    assert await _recorded(library, await li.http.get("/v1/me")) == []


async def test_refusals_are_recorded_without_what_strangers_wrote(library: Site) -> None:
    li, stranger = await library.person("li"), await library.client("wy_wrong")
    for response, status in (
        (await stranger.get("/v1/documents/doc_made-up-by-a-stranger"), 401),
        (await stranger.put("/v1/groups/written-by-a-stranger/members", json={"members": []}), 401),
        (await li.http.get("/v1/users"), 403),
        (await li.http.get(f"/v1/documents/{PUBLISHED['salary']}"), 404),
    ):
        (entry,) = await _recorded(library, response)
        assert entry.outcome == "refused"
        assert f" {status}" in entry.target
        assert "stranger" not in entry.target + entry.items


async def test_hidden_and_absent_documents_leave_the_same_entry(library: Site) -> None:
    li = await library.person("li")
    kinds = []
    for document in (PUBLISHED["salary"], "doc_" + "0" * 32):
        (entry,) = await _recorded(library, await li.http.get(f"/v1/documents/{document}"))
        kinds.append((entry.action, entry.outcome, entry.target, entry.epoch))
    assert kinds[0] == kinds[1]


async def test_the_log_is_for_those_with_the_role_and_reading_it_is_recorded(library: Site) -> None:
    li, auditor = await library.person("li"), await library.person("auditor", Role.AUDITOR)
    for path in ("/v1/audit", "/v1/audit/export"):
        assert (await li.http.get(path)).status_code == 403
    for _ in range(3):
        assert (await li.http.post("/v1/search", json={"query": "年假有几天"})).status_code == 200
    listed = await auditor.http.get("/v1/audit", params={"document": PUBLISHED["handbook"], "limit": 2})
    body = listed.json()
    assert len(body["items"]) == 2
    assert body["items"][0]["sequence"] > body["items"][1]["sequence"]
    assert all(PUBLISHED["handbook"] in json.dumps(item["items"]) for item in body["items"])
    further = await auditor.http.get("/v1/audit", params={"cursor": body["next_cursor"]})
    assert further.json()["items"][0]["sequence"] < body["items"][1]["sequence"]
    (entry,) = await _recorded(library, listed)
    assert entry.action == "audit"
    assert PUBLISHED["handbook"] in entry.target
    for bad in ({"cursor": "x"}, {"action": "nothing"}, {"since": "yesterday"}, {"limit": 501}):
        assert (await auditor.http.get("/v1/audit", params=bad)).status_code == 422


async def test_an_export_holds_every_entry_and_no_formula(library: Site) -> None:
    auditor, admin = await library.person("auditor", Role.AUDITOR), await library.administrator()
    await admin.http.put("/v1/groups/=cmd/members", json={"members": []})
    exported = await auditor.http.get("/v1/audit/export")
    lines = [json.loads(line) for line in exported.text.splitlines()]
    sequences = [line["sequence"] for line in lines]
    assert sequences == list(range(sequences[0], 0, -1))
    assert {entry.action for entry in await _recorded(library, exported)} == {"audit", "export"}
    table = await auditor.http.get("/v1/audit/export", params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(table.text)))
    assert rows[0][0] == "sequence"
    assert len(rows) - 1 >= len(lines)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows[1:] for cell in row if not _number(cell))


def _number(cell: str) -> bool:
    return cell.lstrip("-").isdigit()


async def test_without_the_log_there_is_no_content(library: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    li, admin = await library.person("li"), await library.administrator()
    cited = (await li.ask("年假有几天？"))["citations"][0]["id"]

    async def fail(_self: object, _entries: list[Entry]) -> None:
        raise AuditUnavailable

    monkeypatch.setattr(type(library.services.audit), "append", fail)
    asked = {"messages": [{"role": "user", "content": "年假有几天？"}]}
    for response in (
        await li.http.post("/v1/search", json={"query": "年假有几天"}),
        await li.http.post("/v1/chat/completions", json=asked),
        await li.http.post("/v1/chat/completions", json=asked | {"stream": True}),
        await li.http.get(f"/v1/citations/{cited}"),
        await admin.http.get("/v1/audit"),
        await admin.http.post("/v1/groups", json={"name": "never-made"}),
        await li.http.get("/v1/users"),
    ):
        assert response.status_code == 503, response.text
        assert response.json()["code"] == "audit.unavailable"
        assert "年假" not in response.text
    monkeypatch.undo()
    groups = (await admin.http.get("/v1/groups")).json()["items"]
    assert "never-made" not in [one["name"] for one in groups]  # not tried without its record


async def test_a_stream_breaks_off_when_the_log_does(library: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    li = await library.person("li")
    log = library.services.audit
    append = type(log).append

    async def fail_at_citations(self: Any, entries: list[Entry]) -> None:
        if any(entry.action == "cite" for entry in entries):
            raise AuditUnavailable
        await append(self, entries)

    monkeypatch.setattr(type(log), "append", fail_at_citations)
    sent = await _raw(library, li, {"messages": [{"role": "user", "content": "年假有几天？"}], "stream": True})
    assert sent[0]["status"] == 200
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    assert "五天" not in text
    assert "[DONE]" not in text
    assert sent[-1].get("more_body", False)  # the server closes the connection of a response that was not ended


async def _raw(site: Site, person: Person, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Call the application as the server does, and return what it sent."""
    content = json.dumps(body).encode()
    headers = [
        (b"authorization", f"Bearer {person.token}".encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"host", b"site"),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("site", 80),
    }
    sent: list[dict[str, Any]] = []
    given = iter([{"type": "http.request", "body": content, "more_body": False}])
    idle = asyncio.Event()

    async def receive() -> Any:
        for message in given:
            return message
        await idle.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await site.app(scope, receive, send)
    return sent


async def test_requests_at_once_do_not_share_a_trail(library: Site) -> None:
    people = [await library.person(name) for name in ("li", "han")]
    responses = await asyncio.gather(
        *(person.http.post("/v1/search", json={"query": "岗位工资"}) for person in people for _ in range(5))
    )
    actors = set()
    for number, response in enumerate(responses):
        shown = {item["chunk_id"] for item in response.json()["items"]}
        recorded = await _recorded(library, response)
        assert shown <= _parts(recorded, "retrieve")
        actors.add((number // 5, recorded[0].actor))
        if number < 5:
            assert all(PUBLISHED["salary"] not in one.items for one in recorded)
    assert len(actors) == 2


async def test_no_text_of_a_document_is_in_the_log(library: Site, capfd: pytest.CaptureFixture[str]) -> None:
    li = await library.person("li")
    await li.ask("年假有几天？")
    await li.search("员工结婚可享受几天婚假")
    content = b"".join(path.read_bytes() for path in library.services.settings.data_dir.glob("audit.sqlite3*"))
    written = capfd.readouterr()
    for text in ("满十年不满二十年", "婚假，须在领证", "两万三千元", "员工手册", "薪酬方案"):
        assert text.encode() not in content
        assert text not in written.out + written.err


async def test_every_entry_is_in_a_sound_chain(library: Site) -> None:
    from wenyuan.db.audit.opening import verify_audit

    await library.services.audit.append([])
    verdict = await asyncio.to_thread(verify_audit, library.services.settings)
    assert verdict.sound, verdict
    assert verdict.entries


async def test_what_sources_do_is_recorded_as_their_owners(library: Site) -> None:
    admin = await library.administrator()
    body = {"name": "door", "kind": "push", "space": "company"}
    source = (await admin.http.post("/v1/sources", json=body)).json()
    items = f"/v1/sources/{source['id']}/items"
    fields = {"key": "hr/制度.md", "revision": "1"}
    pushed = await admin.http.post(items, data=fields, files={"file": ("x.md", b"# x\n\ntext")})
    assert pushed.status_code == 202, pushed.text
    document = pushed.json()["submitted"]["document_id"]
    assert (await admin.http.delete(items, params={"key": "hr/制度.md"})).status_code == 204
    deleted, received = await library.services.audit.find(Wanted(request=source["id"]), None, 10)
    assert [(one.target, read_items(one.items)[0].document) for one in (received, deleted)] == [
        ("source received", document),
        ("source deleted", document),
    ]
    (made,) = await library.services.audit.find(Wanted(request=_request_id(pushed), outcome="done"), None, 10)
    assert received.actor == made.actor
    assert "制度" not in received.target + received.items + made.target


def _request_id(response: Any) -> str:
    return str(response.headers["x-request-id"])
