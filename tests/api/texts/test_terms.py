"""The term base over HTTP: readers list, managers edit, questions follow it, and nobody else is told anything."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from api.schemas.terms import COLUMNS, read_csv, write_csv
from tests.site import Site, open_site, site_settings, user
from wenyuan.access import Principal, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db.access.directory import find_user
from wenyuan.db.texts.terms import Term
from wenyuan.text import strip_invisible

asynchronous = pytest.mark.asyncio(loop_scope="module")
TERMS = "/v1/spaces/grid/terms"
SWITCH = {"name": "环网柜", "synonyms": ["RMU", "ring main unit"], "language": "zh"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    settings = site_settings(tmp_path_factory.mktemp("site"), ocr=False, office_renderer="off")
    async with open_site(settings) as opened:
        for name in ("reader", "manager", "stranger"):
            await opened.person(name)
        await opened.space("grid", [user("reader"), user("manager")], managers=[user("manager")])
        await opened.space("board", [user("stranger")], managers=[user("stranger")])
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def clean(site: Site) -> Site:
    admin = await site.administrator()
    for space in ("grid", "board"):
        response = await admin.http.post(f"/v1/spaces/{space}/terms/import", json={"items": [], "replace": True})
        assert response.status_code == 200, response.text
    return site


async def names(site: Site, person: str) -> list[str]:
    response = await (await site.person(person)).http.get(TERMS)
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json()["items"]]


@asynchronous
async def test_managers_edit_and_readers_list(clean: Site) -> None:
    manager, reader = await clean.person("manager"), await clean.person("reader")
    stored = await manager.http.put(TERMS, json=SWITCH)
    assert stored.status_code == 200, stored.text
    assert stored.json() | SWITCH == stored.json()
    assert stored.json()["author"] == "manager"
    shown = (await reader.http.get(TERMS)).json()
    assert shown == {"items": [stored.json()], "can_edit": False}
    assert (await manager.http.get(TERMS)).json()["can_edit"] is True
    gone = await manager.http.delete(f"{TERMS}/{stored.json()['id']}")
    assert gone.status_code == 204
    assert await names(clean, "reader") == []


@asynchronous
async def test_readers_may_not_edit(clean: Site) -> None:
    manager, reader = await clean.person("manager"), await clean.person("reader")
    stored = (await manager.http.put(TERMS, json=SWITCH)).json()
    for response in (
        await reader.http.put(TERMS, json=SWITCH),
        await reader.http.delete(f"{TERMS}/{stored['id']}"),
        await reader.http.post(f"{TERMS}/import", json={"items": [SWITCH]}),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "auth.forbidden")
    assert await names(clean, "reader") == ["环网柜"]


@asynchronous
async def test_a_space_of_others_looks_like_none(clean: Site) -> None:
    stranger, manager = await clean.person("stranger"), await clean.person("manager")
    stored = (await manager.http.put(TERMS, json=SWITCH)).json()

    async def answers(space: str) -> list[tuple[int, Any]]:
        path = f"/v1/spaces/{space}/terms"
        found = [
            await stranger.http.get(path),
            await stranger.http.get(f"{path}/export"),
            await stranger.http.put(path, json=SWITCH),
            await stranger.http.delete(f"{path}/{stored['id']}"),
            await stranger.http.post(f"{path}/import", json={"items": [SWITCH], "replace": True}),
        ]
        return [(one.status_code, one.json()["detail"].replace(space, "?")) for one in found]

    assert await answers("grid") == await answers("grip")
    assert {status for status, _ in await answers("grid")} == {404}
    assert await names(clean, "reader") == ["环网柜"]


@asynchronous
async def test_what_was_exported_is_imported(clean: Site) -> None:
    manager = await clean.person("manager")
    given = [SWITCH, {"name": "=1+1", "synonyms": ["+86", "'引"], "language": ""}]
    taken = await manager.http.post(f"{TERMS}/import", json={"items": given})
    assert taken.json() == {"added": 2, "total": 2}
    table = await manager.http.get(f"{TERMS}/export")
    assert table.headers["content-type"].startswith("text/csv")
    text = table.content.decode("utf-8-sig")
    assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(text)) for cell in row)
    listed = await manager.http.get(f"{TERMS}/export", params={"format": "json"})
    assert sorted(listed.json(), key=str) == sorted(given, key=str)
    again = await manager.http.post(f"{TERMS}/import", json={"csv": text, "replace": True})
    assert again.json() == {"added": 2, "total": 2}
    assert (await manager.http.get(f"{TERMS}/export", params={"format": "json"})).json() == listed.json()


@asynchronous
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"csv": "name,words\na,b"}, "term.invalid"),
        ({"csv": "term,synonyms\n环网柜,RMU\n！！,x"}, "term.invalid"),
        ({"csv": 'term\n"open'}, "term.invalid"),
        ({"csv": "term,language\n环网柜,fr"}, "term.invalid"),
        ({"items": [{"name": "x" * 129}]}, "request.invalid"),
        ({"items": [{"name": "环网柜", "synonyms": ["词"] * 33}]}, "request.invalid"),
        ({"items": [{"name": "甲|乙"}]}, "request.invalid"),
    ],
)
async def test_a_wrong_import_stores_nothing(clean: Site, body: dict[str, Any], code: str) -> None:
    manager = await clean.person("manager")
    await manager.http.put(TERMS, json=SWITCH)
    response = await manager.http.post(f"{TERMS}/import", json=body | {"replace": True})
    assert (response.status_code, response.json()["code"]) == (422, code), response.text
    assert await names(clean, "reader") == ["环网柜"]


@asynchronous
async def test_questions_follow_the_terms_of_readable_spaces_only(clean: Site) -> None:
    await clean.publish("menu.txt", "食堂的开放时间有调整，请互相转告。", "grid")
    await clean.publish("unit.txt", "环网柜安装在户外箱体内，由两人维护。", "grid")
    services = clean.services
    async with services.database.read() as tx:
        reader = await find_user(tx, "reader")
    scope = await resolve_scope(services.directory, Principal(reader.id, reader.name))

    async def hits() -> list[Hit]:
        return await services.retriever.search_hits(scope, "qzx9", 5)

    plain = await hits()
    assert [hit.sparse for hit in plain] == [None, None]
    stranger, manager = await clean.person("stranger"), await clean.person("manager")
    hidden = {"name": "食堂", "synonyms": ["qzx9", "环网柜"]}
    assert (await stranger.http.put("/v1/spaces/board/terms", json=hidden)).status_code == 200
    assert await hits() == plain
    assert (await manager.http.put(TERMS, json={"name": "环网柜", "synonyms": ["qzx9"]})).status_code == 200
    (found,) = [hit for hit in await hits() if hit.sparse]
    (told,) = await services.retriever.retrieve(scope, "环网柜", 1)
    assert found.chunk_id == told.chunk_id


FORMS = st.text(st.characters(codec="utf-8", exclude_characters="|", exclude_categories=["C", "Z"]), max_size=12).map(
    lambda text: strip_invisible(f"{text}词")  # as every request is read
)


@settings(deadline=None)
@given(FORMS, st.lists(FORMS, max_size=4))
def test_csv_reads_back_what_it_wrote(name: str, synonyms: list[str]) -> None:
    (body,) = read_csv(write_csv([Term(name, tuple(synonyms), "zh")]))
    assert (body.name, body.synonyms, body.language) == (name, synonyms, "zh")


def test_columns_come_in_any_order_and_empty_lines_are_passed_over() -> None:
    text = "\ufeffLanguage,Term,Synonyms\nzh,环网柜,RMU | ring main unit\n,,\n,变压器,\n"
    found = [(body.name, body.synonyms, body.language) for body in read_csv(text)]
    assert found == [("环网柜", ["RMU", "ring main unit"], "zh"), ("变压器", [], "")]
    assert list(read_csv("")) == []
    assert COLUMNS[0] == "term"
