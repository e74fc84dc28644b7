"""Text that goes to a model elsewhere is recorded with the name of the endpoint before it is sent, or not sent."""

from collections.abc import AsyncIterator, Sequence

import pytest

from generation.service import Answers
from retrieval.rerank.endpoint import EndpointReranker
from retrieval.rerank.linear import LinearReranker
from tests.integration.chat_endpoint import Endpoint, running_endpoint
from tests.unit.generation.passages import all_passages
from wenyuan.answers import Packed
from wenyuan.audit.errors import AuditUnavailable
from wenyuan.audit.record import Action, Entry
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings
from wenyuan.outbound import endpoint_name

QUESTION = "自驾出差每公里报销多少？"


class Watched:
    """A log that knows how often the endpoint had been asked when each entry was written."""

    def __init__(self, endpoint: Endpoint, *, fails: bool = False) -> None:
        self.endpoint, self.fails = endpoint, fails
        self.entries: list[tuple[int, Entry]] = []

    async def append(self, entries: Sequence[Entry]) -> None:
        if self.fails:
            raise AuditUnavailable
        self.entries += [(len(self.endpoint.requests), entry) for entry in entries]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with running_endpoint() as running:
        running.deltas = ["自驾出差按每公里 0.9 元包干报销[1]。"]
        yield running


def _service(endpoint: Endpoint) -> Answers:
    return Answers(GenerationSettings(answerer="llm", url=endpoint.url, model="small"), None)


@pytest.mark.parametrize("copies", [1, 12])
async def test_a_prompt_is_recorded_before_it_is_sent(endpoint: Endpoint, copies: int) -> None:
    log = Watched(endpoint)
    given = tuple(all_passages() * copies)
    events = [event async for event in _service(endpoint).answer(QUESTION, Packed(given), "zh", Trail(log, "req"))]
    assert events[-1].kind == "done"
    ((asked, entry),) = log.entries
    assert (asked, entry.action) == (0, Action.MODEL)
    assert entry.target == endpoint_name(endpoint.url, "small")
    assert endpoint.url not in entry.target
    recorded = {part for item in entry.items for part in item.parts}
    prompt = endpoint.requests[0]["messages"][1]["content"]
    sent = {piece.chunk_id for piece in given if piece.text[:20] in prompt}
    assert sent
    assert sent <= recorded


async def test_a_prompt_that_cannot_be_recorded_is_not_sent(endpoint: Endpoint) -> None:
    trail = Trail(Watched(endpoint, fails=True), "req")
    with pytest.raises(AuditUnavailable):
        async for _ in _service(endpoint).answer(QUESTION, Packed(tuple(all_passages())), "zh", trail):
            pass
    assert endpoint.requests == []


def test_rerankers_say_where_they_send_text() -> None:
    remote = EndpointReranker("tei", "http://127.0.0.1:9/rerank?key=secret", "m")
    assert remote.endpoint == "127.0.0.1:9 m"
    remote.close()
    assert LinearReranker.open().endpoint is None
