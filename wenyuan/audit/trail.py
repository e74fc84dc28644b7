"""What one request, or one job, has to have recorded before anything of it leaves.

A scope carries a trail. What reads text through the scope notes on the trail what it read; the edge of the
application settles the trail before each piece of a response, and whoever sends text to a model settles it before that.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from wenyuan.audit.record import Action, Entry, Item, Outcome

if TYPE_CHECKING:
    from wenyuan.answers import Citation, Evidence
    from wenyuan.ports import AuditLog

MAX_TARGET: Final = 256
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


def item_of(piece: "Evidence | Citation") -> Item:
    """Return what of a document a piece of evidence, or a citation, is."""
    return Item(piece.document_id, piece.version_id, (piece.chunk_id,))


class Trail:
    """Notes of one request. Not shared between requests; safe for concurrent tasks of one event loop.

    Without a log nothing is kept: for measurements and tests, which show nothing to anybody.
    """

    def __init__(self, log: "AuditLog | None", request: str = "", actor: str = "") -> None:
        """Keep notes for ``log``; ``actor`` may be told later by :meth:`identify`."""
        self.request = request
        self.actor = actor
        self.token = ""
        self.behalf = ""
        self.epoch = -1
        self._log = log
        self._noted: dict[tuple[Action, Outcome, str], dict[tuple[str, str], dict[str, None]]] = {}
        self._settling = asyncio.Lock()

    def identify(self, actor: str, token: str, behalf: str = "") -> None:
        """Say whose request it is, and as whom they see if not as themselves."""
        self.actor, self.token, self.behalf = actor, token, behalf

    def note(
        self, action: Action, items: Iterable[Item] = (), target: str = "", outcome: Outcome = Outcome.DONE
    ) -> None:
        """Have it recorded with the next :meth:`settle`; the same again before that is recorded once."""
        if self._log is None:
            return
        target = _UNPRINTABLE.sub("?", target)[:MAX_TARGET]
        noted = self._noted.setdefault((action, outcome, target), defaultdict(dict))
        for item in items:
            noted[item.document, item.version].update(dict.fromkeys(item.parts))

    async def settle(self) -> None:
        """Return when all that was noted is durable; raises ``AuditUnavailable``, and keeps the notes then."""
        if self._log is None or not (self._noted or self._settling.locked()):
            return
        async with self._settling:  # what another task has under way must be durable as well
            taken, self._noted = self._noted, {}
            if not taken:
                return
            try:
                await self._log.append([self._entry(*key, noted) for key, noted in taken.items()])
            except BaseException:
                self._put_back(taken)
                raise

    def _put_back(self, taken: dict[tuple[Action, Outcome, str], dict[tuple[str, str], dict[str, None]]]) -> None:
        for key, items in taken.items():
            noted = self._noted.setdefault(key, defaultdict(dict))
            for item, parts in items.items():
                noted[item].update(parts)

    def _entry(
        self, action: Action, outcome: Outcome, target: str, noted: dict[tuple[str, str], dict[str, None]]
    ) -> Entry:
        return Entry(
            at=time.time_ns() // 1000,
            action=action,
            outcome=outcome,
            actor=self.actor,
            token=self.token,
            behalf=self.behalf,
            request=self.request,
            target=target,
            epoch=self.epoch,
            items=tuple(Item(document, version, tuple(parts)) for (document, version), parts in noted.items()),
        )
