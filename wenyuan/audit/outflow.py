"""Text that jobs send to models elsewhere: recorded, version by version, before the first of it leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wenyuan.audit.record import Action, Item
from wenyuan.audit.trail import Trail

if TYPE_CHECKING:
    from wenyuan.ports import AuditLog

#: Versions in one entry at most.
_TOGETHER: Final = 500


@dataclass(frozen=True, slots=True)
class Outflow:
    """The endpoints that one kind of job sends text of documents to; none where every model runs here."""

    log: "AuditLog | None" = None
    endpoints: tuple[str, ...] = ()

    async def record(self, job_id: str, versions: Iterable[tuple[str, str]], actor: str = "") -> None:
        """Record that these versions, (document, version) each, may be sent; raises ``AuditUnavailable``.

        ``actor`` is whose document it is. Whole versions are named: their chunks never change.
        """
        if not self.endpoints:
            return
        trail = Trail(self.log, job_id, actor)
        items = [Item(document, version) for document, version in versions]
        for start in range(0, len(items), _TOGETHER):
            for endpoint in self.endpoints:
                trail.note(Action.MODEL, items[start : start + _TOGETHER], endpoint)
            await trail.settle()
