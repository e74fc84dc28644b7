"""Passages go to a reranker elsewhere only after that is recorded; one in this process leaves no entry."""

from collections.abc import Sequence

import pytest

from tests.contract.index_kit import chunk_id
from tests.unit.retrieval.test_rerank import Backwards, retriever
from wenyuan.access import AccessScope, Principal, Visibility, resolve_scope
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Action, Entry
from wenyuan.audit.trail import Trail


class Log:
    """A log that knows what the reranker had seen when each entry was written."""

    def __init__(self, reranker: Backwards, *, fails: bool = False) -> None:
        self.reranker, self.fails = reranker, fails
        self.entries: list[tuple[int, Entry]] = []

    async def append(self, entries: Sequence[Entry]) -> None:
        if self.fails:
            raise AuditUnavailable
        self.entries += [(len(self.reranker.seen), entry) for entry in entries]


class Elsewhere(Backwards):
    """The same, as if behind an address."""

    endpoint: str | None = "rerank.example:80 m"


class Sees:
    async def visibility(self, user_id: str) -> Visibility:
        return Visibility(True, (1,), 9)


async def scope_of(log: Log) -> AccessScope:
    return await resolve_scope(Sees(), Principal("usr", "usr"), Trail(log, "req"))


async def test_what_a_reranker_elsewhere_is_given_is_recorded_first() -> None:
    reranker = Elsewhere()
    log = Log(reranker)
    made, _, _ = retriever(reranker)
    await made.retrieve(await scope_of(log), "问", 2)
    sent = {piece.chunk_id for piece in reranker.seen[0]}
    (entry,) = [entry for seen, entry in log.entries if seen == 0 and entry.action is Action.MODEL]
    assert entry.target == reranker.endpoint
    assert {part for item in entry.items for part in item.parts} == sent
    assert chunk_id(0) in sent
    assert entry.epoch == 9


async def test_what_cannot_be_recorded_is_not_sent() -> None:
    reranker = Elsewhere()
    made, _, _ = retriever(reranker)
    with pytest.raises(AuditUnavailable):
        await made.retrieve(await scope_of(Log(reranker, fails=True)), "问", 2)
    assert reranker.seen == []


async def test_a_reranker_of_this_process_is_not_recorded() -> None:
    reranker = Backwards()
    log = Log(reranker)
    made, _, _ = retriever(reranker)
    scope = await scope_of(log)
    await made.retrieve(scope, "问", 2)
    await scope.trail.settle()
    assert all(entry.action is not Action.MODEL for _, entry in log.entries)
