"""An answer from a table rests on all rows of it: watched, recorded and shown again by passages beyond its evidence."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
import pytest_asyncio

from generation.tables.answerer import TableAnswer, TableAnswerer
from tests.site import EVERYONE, Person, Site, group, open_site, site_settings, told_in
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Packed, SeenTable, TableLoader
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Entry, read_items
from wenyuan.db.audit.store import Wanted
from wenyuan.db.engine import Database
from wenyuan.db.texts.seen_tables import table_loader

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLOSED = "星槎研究所"
HIGHEST, LOWEST = "营收最高的部门是哪个？", "营收最低的部门是哪个？"
#: Rows long enough for several passages; the closed row, the highest, is one of those in the middle.
ROWS = [f"第{n}事业部,{n + 100},{'负责区域内的渠道、交付与售后，' * 4}编号{n}" for n in range(60)]
TABLE = "部门,营收,职责\n" + "\n".join([*ROWS[:30], f"{CLOSED},987654,前沿课题", *ROWS[30:]]) + "\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with open_site(site_settings(tmp_path_factory.mktemp("spine"), ocr=False)) as opened:
        await opened.space("figures", [EVERYONE])
        await opened.person("reader")
        await opened.group("insiders", "reader")
        document = await opened.publish("营收.csv", TABLE, "figures")
        admin = await opened.administrator()
        rows = {"rows": {"column": "部门", "values": [CLOSED]}}
        part = {"selector": rows, "policy": {"inherits": False, "allow": [group("insiders")]}}
        response = await admin.http.put(f"/v1/documents/{document}/sections", json={"items": [part]})
        await opened.finished(response.json()["job_id"])
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def reader(site: Site, monkeypatch: pytest.MonkeyPatch) -> Person:
    """One of the insiders, whose questions find passages of the table, and not that of the closed row."""
    await site.group("insiders", "reader")
    pack = site.services.packer.pack

    async def without_closed(scope: AccessScope, question: str) -> Packed:
        packed = await pack(scope, question)
        kept = [piece for piece in packed.evidence if CLOSED not in piece.text][:2]
        assert kept
        return dataclasses.replace(packed, evidence=tuple(kept))

    monkeypatch.setattr(site.services.packer, "pack", without_closed)
    return await site.person("reader")


async def _ask(reader: Person, question: str, **more: Any) -> Any:
    messages = [{"role": "user", "content": question}]
    return await reader.http.post("/v1/chat/completions", json={"messages": messages} | more)


async def test_every_passage_of_the_table_is_recorded_before_the_answer_leaves(site: Site, reader: Person) -> None:
    response = await _ask(reader, HIGHEST)
    assert CLOSED in response.json()["choices"][0]["message"]["content"]
    [cited] = response.json()["citations"]
    assert cited["anchor"] == "B32"
    recorded = await site.services.audit.find(Wanted(request=response.headers["x-request-id"]), None, 100)
    read = [one for one in recorded if one.action == "retrieve"]
    parts = {part for one in read for item in read_items(one.items) for part in item.parts}
    assert {"blocks:0", "blocks:4"} <= parts, "the sheet is stored in pieces, and all of them were gone over"
    [cite] = [one for one in recorded if one.action == "cite"]
    [quoted] = [part for item in read_items(cite.items) for part in item.parts]
    assert quoted in parts
    assert len([part for part in parts if not part.startswith("blocks:")]) > 12
    assert max(one.sequence for one in read) < cite.sequence


async def test_nothing_of_a_table_leaves_without_its_record(
    site: Site, reader: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = type(site.services.audit)
    append = log.append

    async def fails_for_tables(self: Any, entries: list[Entry]) -> None:
        if any(part.startswith("blocks:") for entry in entries for item in entry.items for part in item.parts):
            raise AuditUnavailable
        await append(self, entries)

    monkeypatch.setattr(log, "append", fails_for_tables)
    response = await _ask(reader, HIGHEST)
    assert response.status_code == 503
    assert CLOSED not in response.text


async def _out(site: Site) -> None:
    """Take the reader out of the insiders, and let the running answers be looked at."""
    await site.group("insiders")
    await asyncio.sleep(0.5)


def _while_loading(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def loader(scope: AccessScope, database: Database) -> TableLoader:
        load = table_loader(scope, database)

        async def loads(evidence: Sequence[Evidence]) -> Sequence[SeenTable]:
            tables = await load(evidence)
            await _out(site)
            return tables

        return loads

    monkeypatch.setattr("api.routers.asking.chat.table_loader", loader)


def _once_answered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answer: Callable[..., Awaitable[TableAnswer | None]] = TableAnswerer.answer

    async def answers(self: TableAnswerer, *given: Any) -> TableAnswer | None:
        found = await answer(self, *given)
        await _out(site)
        return found

    monkeypatch.setattr(TableAnswerer, "answer", answers)


@pytest.mark.parametrize("revoke", [_while_loading, _once_answered])
@pytest.mark.parametrize("question", [HIGHEST, LOWEST])
async def test_a_row_that_is_closed_meanwhile_stops_the_answer(
    site: Site,
    reader: Person,
    monkeypatch: pytest.MonkeyPatch,
    revoke: Callable[[Site, pytest.MonkeyPatch], None],
    question: str,
) -> None:
    revoke(site, monkeypatch)
    told = await _ask(reader, question, stream=question == HIGHEST)
    assert "answer.revoked" in told.text
    for said in (CLOSED, "987", "第0事业部"):
        assert said not in told_in(told.text)


async def test_a_stored_answer_is_hidden_with_any_row_that_it_was_made_of(site: Site, reader: Person) -> None:
    talk = (await reader.http.post("/v1/conversations", json={})).json()["id"]
    for question, said in ((HIGHEST, CLOSED), (LOWEST, "第0事业部")):
        answer = (await _ask(reader, question, conversation_id=talk)).json()
        assert said in answer["choices"][0]["message"]["content"]
        assert answer["notices"] == []
    before = (await reader.http.get(f"/v1/conversations/{talk}")).json()["turns"]
    assert [turn["redacted"] for turn in before] == [False, False]
    await site.group("insiders")
    after = (await reader.http.get(f"/v1/conversations/{talk}")).json()["turns"]
    assert [turn["redacted"] for turn in after] == [True, True]
    assert all("第0事业部" not in turn["answer"] and "100" not in turn["answer"] for turn in after)
    assert CLOSED not in str(after)
    assert "987" not in told_in(after[0])
