"""The log: complete, in one chain, shared by processes, searchable, prunable, and closed to changes."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from tests.contract.audit.conftest import Place, noted
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Action, Item, read_items
from wenyuan.audit.trail import Trail
from wenyuan.db.audit.store import Wanted

ALL = Wanted()


async def test_what_is_recorded_is_found_by_everything_it_names(place: Place) -> None:
    log = place.open()
    trail = Trail(log, "req-1", "usr_li")
    trail.identify("usr_li", "tok_1", "usr_han")
    trail.epoch = 7
    trail.note(Action.RETRIEVE, [Item("doc_a", "ver_1", ("c1", "c2")), Item("doc_b", "ver_2", ("c3",))])
    trail.note(Action.RETRIEVE, [Item("doc_a", "ver_1", ("c2", "c4"))])
    await trail.settle()
    await noted(log, "req-2", "doc_c", action=Action.PREVIEW).settle()
    for wanted in (
        Wanted(actor="usr_li"),
        Wanted(document="doc_a"),
        Wanted(document="doc_b", action="retrieve"),
        Wanted(request="req-1"),
        Wanted(action="retrieve", before=time.time_ns() // 1000 + 1),
    ):
        (found,) = await log.find(wanted, None, 10)
        assert (found.sequence, found.actor, found.token, found.behalf, found.epoch) == (
            1,
            "usr_li",
            "tok_1",
            "usr_han",
            7,
        )
        assert read_items(found.items) == (Item("doc_a", "ver_1", ("c1", "c2", "c4")), Item("doc_b", "ver_2", ("c3",)))
    assert await log.find(Wanted(since=time.time_ns() // 1000 + 10**9), None, 10) == []
    assert await log.find(Wanted(document="doc_a", action="preview"), None, 10) == []
    assert [one.sequence for one in await log.find(ALL, None, 10)] == [2, 1]
    assert [one.sequence for one in await log.find(ALL, 2, 10)] == [1]
    assert [one.sequence async for one in log.every(ALL)] == [2, 1]


async def test_concurrent_requests_share_commits_and_make_one_chain(place: Place) -> None:
    log = place.open()
    await asyncio.gather(*(noted(log, f"r{number}", f"doc_{number}").settle() for number in range(60)))
    verdict = place.examine()
    assert verdict.sound, verdict
    assert verdict.entries == 60
    assert place.anchored() == verdict.head


async def test_processes_append_to_one_chain(place: Place) -> None:
    logs = [place.open() for _ in range(3)]
    await asyncio.gather(*(noted(log, f"r{n}", "doc").settle() for n in range(15) for log in logs))
    verdict = place.examine()
    assert verdict.sound, verdict
    assert verdict.entries == 45


async def test_a_settled_trail_is_silent_and_a_second_waits_for_the_first(place: Place) -> None:
    log = place.open()
    trail = noted(log, "r", "doc")
    await asyncio.gather(*(trail.settle() for _ in range(5)))
    await trail.settle()
    assert place.examine().entries == 1


async def test_pruning_keeps_the_chain_and_says_what_went(place: Place) -> None:
    log = place.open()
    for number in range(5):
        await noted(log, f"old{number}", "doc_old").settle()
    assert await log.prune(180) == 0
    assert await log.prune(0) == 5
    await noted(log, "new", "doc_new").settle()
    assert place.examine().sound
    kept = await log.find(ALL, None, 10)
    assert [one.action for one in kept] == ["retrieve", "prune"]
    assert await log.find(Wanted(document="doc_old"), None, 10) == []
    assert '"count": 5' in kept[1].target
    assert await log.prune(0) == 2
    assert place.examine().sound
    other = place.open()
    await noted(other, "later", "doc").settle()
    assert place.examine().sound


async def test_entries_cannot_be_changed_by_mistake(place: Place) -> None:
    await noted(place.open(), "r", "doc").settle()
    with pytest.raises(sa.exc.DBAPIError, match="not changed"):
        place.change("UPDATE audit_entries SET actor = 'somebody'")


async def test_a_log_that_cannot_be_written_records_nothing_and_goes_on_later(place: Place) -> None:
    log = place.open()
    await noted(log, "r1", "doc").settle()
    place.change("ALTER TABLE audit_entries RENAME TO audit_elsewhere")
    trail = noted(log, "r2", "doc_kept")
    with pytest.raises(AuditUnavailable):
        await trail.settle()
    place.change("ALTER TABLE audit_elsewhere RENAME TO audit_entries")
    await trail.settle()  # the notes were kept
    assert [one.request for one in await log.find(ALL, None, 10)] == ["r2", "r1"]
    assert place.examine().sound


@pytest.mark.parametrize(("running", "pruned"), [(True, False), (False, False), (False, True)])
async def test_a_cut_end_is_found_even_after_more_was_written(place: Place, running: bool, pruned: bool) -> None:
    log = place.open()
    for number in range(6):
        await noted(log, f"r{number}", f"doc_{number}").settle()
    place.change("DELETE FROM audit_documents WHERE sequence > 4")
    place.change("DELETE FROM audit_entries WHERE sequence > 4")
    found = place.examine()
    assert [breach.sequence for breach in found.breaches] == [5]
    after = log if running else place.open()
    if pruned:  # as each start does, before anything is written
        assert await after.prune(365) == 0
    for number in range(3):
        await noted(after, f"after{number}", "doc").settle()
    found = place.examine()
    assert found.breaches[0].sequence == 5
    assert "6" in found.breaches[0].what
    assert (await after.find(Wanted(action="gap"), None, 5))[0].sequence == 5


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE audit_entries SET actor = 'somebody' WHERE sequence = 3", 3),
        ("UPDATE audit_entries SET items = '[]' WHERE sequence = 4", 4),
        ("DELETE FROM audit_entries WHERE sequence = 2", 2),
        ("DELETE FROM audit_entries WHERE sequence < 3", 1),
        ("UPDATE audit_documents SET document = 'doc_other' WHERE sequence = 5", 5),
    ],
)
async def test_tampering_is_found_and_named(place: Place, statement: str, first: int) -> None:
    log = place.open()
    for number in range(6):
        await noted(log, f"r{number}", f"doc_{number}").settle()
    on_table = " ON audit_entries" if place.url.startswith("postgresql") else ""
    place.change(f"DROP TRIGGER audit_append_only{on_table}")
    place.change(statement)
    verdict = place.examine()
    assert not verdict.sound
    assert verdict.breaches[0].sequence == first
