"""Upload, ask, cite, open, replace, revoke, delete: the main job through the API."""

from typing import Any

import pytest

from tests.api.conftest import HANDBOOK, SALARY
from tests.site import Site, group, user

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "结婚可以休几天婚假？"


async def test_an_uploaded_document_is_answered_with_a_citation_that_opens(site: Site) -> None:
    document = await site.publish("handbook.md", HANDBOOK, "company", title="员工手册")
    li = await site.person("li")
    answer = await li.ask(QUESTION)
    assert "十五天" in answer["choices"][0]["message"]["content"]
    assert (answer["refused"], answer["answerer"]) == (False, "extractive")
    cited = answer["citations"][0]
    assert cited["document_id"] == document
    assert "十五天婚假" in cited["quote"]
    opened = (await li.http.get(f"/v1/citations/{cited['id']}")).json()
    assert opened["passage"][opened["start"] : opened["end"]] == opened["quote"] == cited["quote"]
    assert opened["heading_path"][-1] == "2.2 婚假"
    assert not opened["superseded"]


async def test_streaming_says_the_same_and_gives_citations_before_their_markers(site: Site) -> None:
    await site.publish("handbook-stream.md", HANDBOOK, "company", title="员工手册二")
    li = await site.person("li")
    whole = await li.ask(QUESTION)
    chunks = await _stream(site, QUESTION)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == whole["choices"][0]["message"]["content"]
    seen = ""
    announced: set[int] = set()
    for chunk in chunks:
        announced |= {citation["marker"] for citation in chunk.get("citations", [])}
        seen += chunk["choices"][0]["delta"].get("content", "")
        assert all(f"[{marker}]" not in seen or marker in announced for marker in range(1, 9))
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["refused"] is False


async def test_two_people_get_different_answers(site: Site) -> None:
    await site.publish("salary.md", SALARY, "company", title="薪酬方案", policy={"allow": [group("hr")]})
    li, han = await site.person("li"), await site.person("han")
    question = "高级工程师的岗位工资是多少？"
    refused, answered = await li.ask(question), await han.ask(question)
    assert "两万三千元" in answered["choices"][0]["message"]["content"]
    assert "两万三千" not in str(refused)
    assert refused["citations"] == [] or all("薪酬" not in item["document_title"] for item in refused["citations"])
    assert all("薪酬" not in str(item) for item in await li.search(question))
    listed = (await li.http.get("/v1/documents")).json()["items"]
    assert "薪酬方案" not in {item["title"] for item in listed}
    admin = await site.administrator()
    assert "两万三千" not in str(await admin.ask(question)), "a role grants actions, never text"


async def test_a_new_version_answers_and_the_old_one_stops_at_the_flip(site: Site) -> None:
    old = "# 停车规定\n\n地下车库每月停车费为三百元。\n"
    document = await site.publish("parking.md", old, "company", title="停车规定")
    li, admin = await site.person("li"), await site.administrator()
    before = (await li.ask("地下车库每月停车费多少？"))["citations"][0]
    same = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("parking.md", old.encode())})
    assert same.json()["duplicate"] is True
    new = old.replace("三百元", "四百五十元").encode()
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("parking.md", new)})
    assert sent.status_code == 202
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"
    after = await li.ask("地下车库每月停车费多少？")
    assert "四百五十元" in after["choices"][0]["message"]["content"]
    assert "三百元" not in str(after)
    opened = (await li.http.get(f"/v1/citations/{before['id']}")).json()
    assert (opened["superseded"], opened["quote"]) == (True, before["quote"])
    back = await admin.http.post(f"/v1/documents/{document}/versions", files={"file": ("parking.md", old.encode())})
    assert (await site.finished(back.json()["job_id"]))["state"] == "done"
    assert "三百元" in str(await li.ask("地下车库每月停车费多少？"))


async def test_a_revoked_grant_is_gone_everywhere_on_the_next_request(site: Site) -> None:
    text = "# 访客须知\n\n访客须在前台登记，并佩戴蓝色胸牌，由接待人全程陪同。\n"
    document = await site.publish("visitors.md", text, "company", title="访客须知", policy={"allow": [user("li")]})
    li, admin = await site.person("li"), await site.administrator()
    question = "访客要戴什么颜色的胸牌？"
    cited = next(item for item in (await li.ask(question))["citations"] if item["document_id"] == document)
    assert (await li.http.get(f"/v1/documents/{document}")).status_code == 200
    revoked = await admin.http.put(f"/v1/documents/{document}/policy", json={"allow": [user("han")]})
    assert revoked.status_code == 200
    assert "蓝色" not in str(await li.ask(question))
    assert all(item["document_id"] != document for item in await li.search(question))
    for path in (f"/v1/citations/{cited['id']}", f"/v1/documents/{document}", f"/v1/documents/{document}/pages/1"):
        assert (await li.http.get(path)).status_code == 404
    han = await site.person("han")
    assert "蓝色" in str(await han.ask(question))


async def test_a_deleted_document_is_gone_and_its_text_is_erased(site: Site) -> None:
    secret = "暗号是青鸾九号"
    document = await site.publish("code.md", f"# 口令\n\n本周的{secret}，下周更换。\n", "company", title="口令")
    li, admin = await site.person("li"), await site.administrator()
    cited = (await li.ask("本周的暗号是什么？"))["citations"][0]
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204
    assert secret not in str(await li.ask("本周的暗号是什么？"))
    assert (await li.http.get(f"/v1/citations/{cited['id']}")).status_code == 404
    assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 404
    jobs: list[dict[str, Any]] = (await admin.http.get("/v1/jobs")).json()["items"]
    erase = next(job for job in jobs if job["kind"] == "document.erase" and job["document_id"] == document)
    assert (await site.finished(erase["id"]))["state"] == "done"
    folder = site.services.settings.data_dir / "files" / document
    assert not folder.exists()


async def _stream(site: Site, question: str) -> list[dict[str, Any]]:
    import json

    li = await site.person("li")
    body = {"messages": [{"role": "user", "content": question}], "stream": True}
    response = await li.http.post("/v1/chat/completions", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    return [json.loads(event) for event in events[:-1]]
