"""Running answers stop when what they rest on, or whoever asked, is no longer let.

One reading several times a second serves all running answers: the number of access changes, and which of the tokens,
sessions and accounts behind them still count. Only when access has changed, or a window of time has passed, the
evidence of an answer is looked up again, under the policies of the moment. A reading that fails stops them all.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Final, TypeVar

import anyio
import structlog

from api.answering.errors import AnswerRevoked
from wenyuan.access import AccessScope
from wenyuan.db.conversations.watching import read_standing, still_readable
from wenyuan.db.engine import Database, ReadConnection
from wenyuan.errors import TransientError, Unauthenticated, WenyuanError

PAUSE_S: Final = 0.2
#: A reading that takes longer has failed: nothing is sent on a state that may be older.
PATIENCE_S: Final = 5.0
#: Of an answer that rests on chunks which nobody has looked at: no state of access has this number.
_NEVER: Final = -1
log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Watched:
    """One running answer: what it rests on, and whether it may go on."""

    def __init__(self, scope: AccessScope, chunk_ids: Sequence[str]) -> None:
        self.scope = scope
        self.chunk_ids = tuple(dict.fromkeys(chunk_ids))
        self.users = frozenset({scope.user_id, scope.trail.actor} - {""})
        self.token = scope.trail.token
        self.epoch = scope.epoch
        self.error: WenyuanError | None = None
        self.stopped = asyncio.Event()

    @property
    def looked(self) -> bool:
        """Whether all that it rests on has been looked at since the answer began to rest on it."""
        return self.epoch != _NEVER

    def more(self, chunk_ids: Iterable[str]) -> None:
        """Have it rest on further chunks; they are looked at next time, whether or not access changes until then."""
        known = tuple(dict.fromkeys((*self.chunk_ids, *chunk_ids)))
        if known != self.chunk_ids:
            self.chunk_ids, self.epoch = known, _NEVER

    def stop(self, error: WenyuanError) -> None:
        """Let nothing more of it leave."""
        if self.error is None:
            self.error = error
            self.stopped.set()

    async def guard(self, events: AsyncGenerator[_T, None]) -> AsyncGenerator[_T, None]:
        """Yield ``events``; raises what stopped the answer, within its next step. Closing it closes them."""
        stopped = asyncio.ensure_future(self.stopped.wait())
        async with aclosing(events):
            try:
                while True:
                    step = asyncio.ensure_future(anext(events))
                    try:
                        await asyncio.wait({step, stopped}, return_when=asyncio.FIRST_COMPLETED)
                        if self.error is not None:
                            raise self.error
                        item = step.result()
                    except StopAsyncIteration:
                        return
                    finally:
                        await _end(step)
                    yield item
            finally:
                stopped.cancel()


async def _end(step: "asyncio.Future[_T]") -> None:
    """Cancel a step that nobody waits for any more, and wait until it has cleared up."""
    if step.done():
        return
    with anyio.CancelScope(shield=True):
        step.cancel()
        await asyncio.wait({step})


class Watch:
    """All running answers of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: set[Watched] = set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def over(self, scope: AccessScope, chunk_ids: Sequence[str]) -> Iterator[Watched]:
        """Watch over an answer that rests on those chunks as long as the context lasts."""
        watched = Watched(scope, chunk_ids)
        self._running.add(watched)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield watched
        finally:
            self._running.discard(watched)

    async def check(self, watched: Watched) -> None:
        """Look now; raises what stopped the answer."""
        await self._look([watched])
        if watched.error is not None:
            raise watched.error

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look_on(self) -> None:
        """Look again and again until nothing runs."""
        while self._running:
            await self._look(list(self._running))
            await asyncio.sleep(PAUSE_S)

    async def _look(self, running: Sequence[Watched]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                looked = [(watched, watched.chunk_ids, watched.epoch) for watched in running]
                found = await self._database.run_read(_verdicts, looked)
        except Exception as error:
            log.exception("answers.watch_failed", error=type(error).__name__)
            for watched in running:
                watched.stop(TransientError())
            return
        for (watched, chunk_ids, _), (epoch, verdict) in zip(looked, found, strict=True):
            if watched.chunk_ids is chunk_ids:  # else more has come meanwhile, which this look has not seen
                watched.epoch = epoch
            if verdict is not None:
                watched.stop(verdict)


def _verdicts(
    tx: ReadConnection, running: Sequence[tuple[Watched, tuple[str, ...], int]]
) -> list[tuple[int, WenyuanError | None]]:
    """Return the number of access changes and what stops it for each answer, its chunks, and the number it knows."""
    tokens = {watched.token for watched, _, _ in running}
    users = {user for watched, _, _ in running for user in watched.users}
    standing = read_standing(tx, users, tokens)
    now = time.time()
    found: list[tuple[int, WenyuanError | None]] = []
    for watched, chunk_ids, known_epoch in running:
        verdict: WenyuanError | None = None
        known = watched.users <= standing.users and (not watched.token or watched.token in standing.tokens)
        if not known:
            verdict = Unauthenticated()
        elif standing.epoch != known_epoch or not watched.scope.visibility.holds(now):
            readable = still_readable(tx, watched.scope, chunk_ids)
            verdict = None if readable else AnswerRevoked()
        found.append((standing.epoch, verdict))
    return found
