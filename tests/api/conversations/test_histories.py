"""Stored conversations: private, shown again only as far as the reader may read, and gone where their documents are."""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from tests.llm import ParrotModel, parrot
from tests.site import EVERYONE, Person, Site, open_site, site_settings, until, user
from wenyuan.chat.settings import GenerationSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPEN, SECRET = "CANARYOPEN5X1", "CANARYSECRET7Q3"
#: What a statement says of how it was checked.
VERDICT = ("support", "reasons", "spans", "repaired", "short_answer")
TEXTS = {
    OPEN: f"# 门禁\n\n一号门的开门口令是 {OPEN}，每日九点开放。\n",
    SECRET: f"# 金库{SECRET}\n\n金库的开门口令是 {SECRET}，每周更换。\n",
}


@pytest.fixture(scope="module")
def model() -> Iterator[ParrotModel]:
    with parrot() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["extractive", "llm"])
async def site(
    request: pytest.FixtureRequest, model: ParrotModel, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    generation = GenerationSettings(answerer="llm", url=model.url, model="parrot")
    chosen = generation if request.param == "llm" else None
    folder = tmp_path_factory.mktemp("site")
    async with open_site(site_settings(folder, chosen, ocr=False)) as opened:
        await opened.space("company", [EVERYONE])
        yield opened


async def begin(person: Person) -> str:
    response = await person.http.post("/v1/conversations", json={})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def say(person: Person, talk: str, question: str, **more: Any) -> dict[str, Any]:
    return await person.ask(question, conversation_id=talk, **more)


async def clear(site: Site) -> None:
    """Delete the documents of the other tests."""
    admin = await site.administrator()
    async with site.services.database.read() as tx:
        left = list(await tx.scalars(sa.text("SELECT id FROM documents WHERE NOT deleted")))
    for document in left:
        assert (await admin.http.delete(f"/v1/documents/{document}")).status_code == 204


async def told(site: Site, person: Person, prefix: str) -> tuple[str, str]:
    """Let somebody ask about both documents; returns the conversation and the document that is secret later."""
    await clear(site)
    await site.publish(f"{prefix}open.md", TEXTS[OPEN], "company")
    secret = await site.publish(f"{prefix}secret.md", TEXTS[SECRET], "company", title=f"{SECRET} 标题")
    talk = await begin(person)
    first = await say(person, talk, "金库的开门口令是什么？")
    assert SECRET in str(first)
    assert first["conversation_id"] == talk
    await say(person, talk, "一号门的开门口令是什么？")
    shown = (await person.http.get(f"/v1/conversations/{talk}")).json()
    assert SECRET in shown["turns"][0]["answer"]
    assert not shown["turns"][0]["redacted"]
    checked = [{key: one[key] for key in VERDICT} for one in first["statements"]]
    assert checked
    assert checked[0]["spans"][0]["marker"] == 1
    assert [{key: one[key] for key in VERDICT} for one in shown["turns"][0]["statements"]] == checked
    exported = (await person.http.get(f"/v1/conversations/{talk}/export?format=json")).json()
    assert exported["turns"] == shown["turns"]
    assert SECRET in shown["turns"][0]["citations"][0]["document_title"]
    return talk, secret


async def everything(person: Person, talk: str, model: ParrotModel) -> str:
    """Return all that somebody can get of a conversation, and every prompt of a follow-up."""
    seen = ""
    for path in ("", "/export?format=md", "/export?format=json"):
        response = await person.http.get(f"/v1/conversations/{talk}{path}")
        assert response.status_code == 200, response.text
        seen += response.text + repr(response.headers)
    seen += (await person.http.get("/v1/conversations")).text
    seen += (await person.http.get("/v1/conversations?shared=true")).text
    model.prompts.clear()
    follow = await person.http.post(
        "/v1/chat/completions", json={"conversation_id": talk, "messages": [{"role": "user", "content": "那每周呢？"}]}
    )
    return seen + follow.text + "".join(model.prompts)


async def test_what_was_withdrawn_is_left_out_everywhere(site: Site, model: ParrotModel) -> None:
    li, admin = await site.person("li"), await site.administrator()
    talk, secret = await told(site, li, "a")
    policy = {"allow": [user("admin")]}
    assert (await admin.http.put(f"/v1/documents/{secret}/policy", json=policy)).status_code == 200
    seen = await everything(li, talk, model)
    assert SECRET not in seen, seen[max(0, seen.find(SECRET) - 400) :][:900]
    shown = (await li.http.get(f"/v1/conversations/{talk}")).json()
    assert shown["turns"][0]["redacted"]
    assert "已隐去" in shown["turns"][0]["answer"]
    left_out: dict[str, object] = {"text": None, "support": None, "reasons": [], "spans": [], "repaired": False}
    left_out["short_answer"] = None
    assert shown["turns"][0]["statements"][0] == left_out
    assert [one["document_title"] for one in shown["turns"][0]["citations"] if SECRET in one["document_title"]] == []
    english = await li.http.get(f"/v1/conversations/{talk}", headers={"Accept-Language": "en"})
    assert "Removed: its source" in english.json()["turns"][0]["answer"]
    policy = {"allow": [EVERYONE]}
    assert (await admin.http.put(f"/v1/documents/{secret}/policy", json=policy)).status_code == 200
    assert SECRET in (await li.http.get(f"/v1/conversations/{talk}")).json()["turns"][0]["answer"]


async def test_a_deleted_document_is_in_no_table(site: Site, model: ParrotModel) -> None:
    li, admin = await site.person("li"), await site.administrator()
    talk, secret = await told(site, li, "b")
    assert (await admin.http.delete(f"/v1/documents/{secret}")).status_code == 204
    seen = await everything(li, talk, model)
    assert SECRET not in seen, seen[max(0, seen.find(SECRET) - 400) :][:900]
    path = site.services.settings.data_dir / "wenyuan.sqlite3"

    async def erased() -> bool:
        return SECRET not in _dump(path)

    await until(erased)
    shown = (await li.http.get(f"/v1/conversations/{talk}")).json()
    assert shown["turns"][0]["redacted"]
    assert OPEN in shown["turns"][1]["answer"] or shown["turns"][1]["redacted"]


def _dump(path: Path) -> str:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return "\n".join(connection.iterdump())


async def test_whoever_it_is_shared_with_sees_what_they_may_read(site: Site, model: ParrotModel) -> None:
    li, wang, admin = await site.person("li"), await site.person("wang"), await site.administrator()
    talk, secret = await told(site, li, "c")
    policy = {"allow": [user("li")]}
    assert (await admin.http.put(f"/v1/documents/{secret}/policy", json=policy)).status_code == 200
    assert (await wang.http.get(f"/v1/conversations/{talk}")).status_code == 404
    await site.group("friends", "li", "wang")
    body = {"viewers": [{"kind": "group", "name": "friends"}]}
    assert (await li.http.put(f"/v1/conversations/{talk}/shares", json=body)).status_code == 200
    assert (await li.http.get(f"/v1/conversations/{talk}/shares")).json() == body
    assert talk in [one["id"] for one in (await wang.http.get("/v1/conversations?shared=true")).json()["items"]]
    seen = await everything(wang, talk, model)
    assert SECRET not in seen
    assert '"code":"not_found"' in seen, "only its owner goes on with it"
    assert SECRET in (await li.http.get(f"/v1/conversations/{talk}")).text
    for method, path, given in (
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("PUT", "/shares", body),
        ("GET", "/shares", None),
    ):
        refused = await wang.http.request(method, f"/v1/conversations/{talk}{path}", json=given)
        assert refused.status_code == 404, (method, path, refused.text)
    await site.group("friends")
    assert (await wang.http.get(f"/v1/conversations/{talk}")).status_code == 404


async def test_edit_rename_delete(site: Site) -> None:
    li = await site.person("li")
    await clear(site)
    await site.publish("d.md", TEXTS[OPEN], "company")
    talk = await begin(li)
    first = await say(li, talk, "一号门的开门口令是什么？")
    await say(li, talk, "每日几点开放？")
    shown = (await li.http.get(f"/v1/conversations/{talk}")).json()
    assert shown["title"] == "一号门的开门口令是什么？"
    assert len(shown["turns"]) == 2
    await say(li, talk, "一号门每日几点开放？", replaces=first["turn_id"])
    shown = (await li.http.get(f"/v1/conversations/{talk}")).json()
    assert [turn["question"] for turn in shown["turns"]] == ["一号门每日几点开放？"]
    assert (await li.http.patch(f"/v1/conversations/{talk}", json={"title": "门禁"})).status_code == 204
    assert (await li.http.get("/v1/conversations")).json()["items"][0]["title"] == "门禁"
    unknown = {"conversation_id": talk, "replaces": "trn_0", "messages": [{"role": "user", "content": "口令？"}]}
    assert (await li.http.post("/v1/chat/completions", json=unknown)).status_code == 404
    assert (await li.http.delete(f"/v1/conversations/{talk}")).status_code == 204
    assert (await li.http.get(f"/v1/conversations/{talk}")).status_code == 404
    await begin(li)
    assert (await li.http.delete("/v1/conversations")).status_code == 204
    assert (await li.http.get("/v1/conversations")).json()["items"] == []
    async with site.services.database.read() as tx:
        left = sa.text("SELECT count(*) FROM conversation_turns WHERE conversation_id = :talk")
        assert (await tx.execute(left, {"talk": talk})).scalar() == 0


async def test_an_exported_answer_stays_text(site: Site) -> None:
    li = await site.person("li")
    hostile = "链接\n\n点击口令的链接是 ![x](http://evil.example/a) 与 <b>粗体</b>，务必核对。\n"
    await clear(site)
    await site.publish("e.txt", hostile, "company")
    talk = await begin(li)
    await say(li, talk, "点击口令的链接是什么？")
    exported = (await li.http.get(f"/v1/conversations/{talk}/export")).text
    assert "evil.example" in exported
    assert "![" not in exported
    assert re.search(r"(?<!\\)\]\(", exported) is None
    assert re.search(r"(?<!\\)://", exported) is None
    assert "<b>" not in exported
    assert "人工智能生成" in exported


async def test_nothing_is_stored_where_the_settings_say_so(tmp_path: Path) -> None:
    settings = site_settings(tmp_path, ocr=False)
    off = settings.model_copy(update={"retention": settings.retention.model_copy(update={"conversations": False})})
    async with open_site(off) as site:
        li = await site.person("li")
        refused = await li.http.post("/v1/conversations", json={})
        assert refused.json()["code"] == "conversation.off"
        body = {"conversation_id": "cnv_x", "messages": [{"role": "user", "content": "口令？"}]}
        assert (await li.http.post("/v1/chat/completions", json=body)).json()["code"] == "conversation.off"
        assert (await li.http.get("/v1/conversations")).json()["items"] == []
