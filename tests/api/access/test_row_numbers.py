"""Rows closed by their numbers: no list, passage or table answer says them, and nothing is derived from them."""

import json
from typing import Any

import pytest

from tests.site import EVERYONE, Person, Site, group

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOSED = "星槎研究所"
ROWS = [f"第{n}事业部,{n + 100},{'负责区域内的渠道与交付，' * 3}编号{n}" for n in range(24)]
#: The closed row is the eleventh of the file, and the highest.
TABLE = ["部门,营收,职责", *ROWS[:9], f"{CLOSED},987654,前沿课题", *ROWS[9:]]
PART = {"selector": {"numbers": {"first": 11, "last": 11}}, "policy": {"inherits": False, "allow": [group("board")]}}


async def put(site: Site, document: str, *items: dict[str, Any]) -> dict[str, Any]:
    admin = await site.administrator()
    response = await admin.http.put(f"/v1/documents/{document}/sections", json={"items": list(items)})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    if body["job_id"]:
        assert (await site.finished(body["job_id"]))["state"] == "done"
    return body


async def replaced(site: Site, document: str, lines: list[str]) -> None:
    admin = await site.administrator()
    files = {"file": ("营收.csv", "\n".join(lines).encode())}
    sent = await admin.http.post(f"/v1/documents/{document}/versions", files=files)
    assert (await site.finished(sent.json()["job_id"]))["state"] == "done"


async def told(person: Person, document: str) -> str:
    detail = (await person.http.get(f"/v1/documents/{document}")).json()
    version = detail["current_version"]["id"]
    found = [(await person.http.get(f"/v1/documents/{document}/versions/{version}/blocks?limit=200")).text]
    found.append((await person.http.get(f"/v1/documents/{document}/profile")).text)
    asked = [await person.ask(question) for question in ("营收最高的部门是哪个？", "营收合计是多少？")]
    found.append(json.dumps(asked, ensure_ascii=False))
    found.append(json.dumps(await person.search(f"{CLOSED} 前沿课题 987654", 50), ensure_ascii=False))
    return "\n".join(found)


async def test_a_row_closed_by_number_is_in_no_answer_before_and_after_the_file_changes(site: Site) -> None:
    await site.space("numbered", [EVERYONE])
    document = await site.publish("营收.csv", "\n".join(TABLE), "numbered", title="营收")
    admin, li, mo = await site.administrator(), await site.person("li"), await site.person("mo-board")
    await site.group("board", "mo-board", "admin")
    assert CLOSED in await told(li, document)
    first = await put(site, document, PART)
    assert [(one["selector"]["numbers"], one["named"]) for one in first["items"]] == [({"first": 11, "last": 11}, 1)]
    sum_of_all, sum_of_open = str(sum(range(100, 124)) + 987654), str(sum(range(100, 124)))
    seen = await told(li, document)
    for secret in (CLOSED, "987654", "前沿课题", sum_of_all):
        assert secret not in seen.replace(",", "")
    assert "第23事业部" in seen
    assert sum_of_all in (await told(mo, document)).replace(",", "")
    assert sum_of_open not in (await told(mo, document)).replace(",", "")

    # Said again it is the same; nothing is cut anew.
    again = await put(site, document, PART)
    assert (again["items"][0]["id"], again["version_id"]) == (first["items"][0]["id"], None)

    # A row written above moves the closed one: the sheet is closed until somebody has looked.
    await replaced(site, document, [TABLE[0], "新设事业部,1,编号新", *TABLE[1:]])
    moved = await told(li, document)
    assert not any(word in moved for word in (CLOSED, "987654", "第23事业部", "新设事业部"))
    path = f"/v1/documents/{document}/sections"
    assert (await admin.http.get(path)).json()["items"][0]["named"] == 0
    assert CLOSED in await told(mo, document)
    mended = {**PART, "selector": {"numbers": {"first": 12, "last": 12}}}
    assert (await put(site, document, mended))["items"][0]["named"] == 1
    seen = await told(li, document)
    assert CLOSED not in seen
    assert "新设事业部" in seen


async def test_rows_by_number_are_asked_for_as_they_can_be_meant(site: Site) -> None:
    await site.space("asked-numbers", [EVERYONE])
    document = await site.publish("表.csv", "甲,乙\n一,二\n三,四\n", "asked-numbers")
    admin = await site.administrator()
    numbers = {"first": 2, "last": 2}
    for wrong in (
        {"numbers": {"first": 3, "last": 2}},
        {"numbers": {"first": 0, "last": 2}},
        {"numbers": numbers, "rows": {"column": "甲", "values": ["一"]}},
    ):
        items = [{"selector": wrong, "policy": {}}]
        answer = await admin.http.put(f"/v1/documents/{document}/sections", json={"items": items})
        assert answer.status_code == 422, answer.text
    twice = [{"selector": {"numbers": numbers}, "policy": {}}] * 2
    assert (await admin.http.put(f"/v1/documents/{document}/sections", json={"items": twice})).status_code == 422
