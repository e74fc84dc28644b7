"""Notes of one request: merged, settled before anything leaves, never lost by a failure."""

import asyncio
from collections.abc import Sequence

import pytest

from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.outflow import Outflow
from wenyuan.audit.record import Action, Entry, Item, Outcome
from wenyuan.audit.trail import Trail


class Slow:
    """A log that takes its time, and may fail."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, entries: Sequence[Entry]) -> None:
        await self.gate.wait()
        if self.fails:
            raise AuditUnavailable
        self.entries += entries


async def test_notes_of_one_kind_become_one_entry() -> None:
    log = Slow()
    trail = Trail(log, "req")
    trail.identify("usr", "tok")
    trail.note(Action.RETRIEVE, [Item("d1", "v1", ("a",)), Item("d1", "v1", ("b",)), Item("d2", "v2", ("c",))])
    trail.note(Action.RETRIEVE, [Item("d1", "v1", ("a",))])
    trail.note(Action.MODEL, [Item("d1", "v1", ("a",))], "host model")
    trail.note(Action.ACT, target="PUT /v1/x", outcome=Outcome.BEGUN)
    await trail.settle()
    await trail.settle()
    assert [(one.action, one.outcome, one.target) for one in log.entries] == [
        (Action.RETRIEVE, Outcome.DONE, ""),
        (Action.MODEL, Outcome.DONE, "host model"),
        (Action.ACT, Outcome.BEGUN, "PUT /v1/x"),
    ]
    assert log.entries[0].items == (Item("d1", "v1", ("a", "b")), Item("d2", "v2", ("c",)))
    assert {(one.actor, one.token, one.request) for one in log.entries} == {("usr", "tok", "req")}


async def test_nobody_passes_while_notes_of_another_task_are_on_their_way() -> None:
    log = Slow()
    log.gate.clear()
    trail = Trail(log, "req")
    trail.note(Action.RETRIEVE, [Item("d")])
    first = asyncio.create_task(trail.settle())
    await asyncio.sleep(0)
    second = asyncio.create_task(trail.settle())  # has nothing of its own to record
    await asyncio.sleep(0.01)
    assert not first.done()
    assert not second.done()
    log.gate.set()
    await asyncio.gather(first, second)
    assert len(log.entries) == 1


async def test_what_could_not_be_recorded_is_still_noted() -> None:
    log = Slow()
    log.fails = True
    trail = Trail(log, "req")
    trail.note(Action.RETRIEVE, [Item("d", "v", ("a",))])
    for _ in range(2):
        with pytest.raises(AuditUnavailable):
            await trail.settle()
    trail.note(Action.RETRIEVE, [Item("d", "v", ("b",))])
    log.fails = False
    await trail.settle()
    assert [one.items for one in log.entries] == [(Item("d", "v", ("a", "b")),)]


async def test_a_target_is_one_line_of_bounded_length() -> None:
    log = Slow()
    trail = Trail(log, "req")
    trail.note(Action.ACT, target="PUT /x\r\n\x00\ud800" + "长" * 1000)
    await trail.settle()
    assert log.entries[0].target.startswith("PUT /x????长")
    assert len(log.entries[0].target) == 256


async def test_jobs_record_each_endpoint_that_a_version_is_sent_to() -> None:
    log = Slow()
    await Outflow(log, ("a:1 m", "b:2")).record("job", [("d1", "v1"), ("d2", "v2")], "usr")
    assert [(one.target, one.items, one.actor, one.request) for one in log.entries] == [
        (endpoint, (Item("d1", "v1"), Item("d2", "v2")), "usr", "job") for endpoint in ("a:1 m", "b:2")
    ]
    await Outflow(log, ()).record("job", [("d1", "v1")])
    assert len(log.entries) == 2
    log.fails = True
    with pytest.raises(AuditUnavailable):
        await Outflow(log, ("a",)).record("job", [("d1", "v1")])
