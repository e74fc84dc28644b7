"""Recognised pages of the version a job works on, kept under the job's fence."""

from collections.abc import Mapping

from wenyuan.db.contents import write_draft
from wenyuan.db.engine import Database
from wenyuan.db.evidence import read_leased_drafts
from wenyuan.jobs import JobContext
from wenyuan.ports import Draft


class LeasedDrafts:
    """Implements ``wenyuan.ports.Drafts`` for the version a lease names; raises ``LeaseLost`` when it is another's."""

    def __init__(self, database: Database, context: JobContext) -> None:
        self._database = database
        self._context = context

    async def kept(self) -> Mapping[int, Draft]:
        """Return what earlier attempts kept, by number."""
        async with self._database.read() as tx:
            return await read_leased_drafts(self._context.lease, tx)

    async def keep(self, draft: Draft) -> None:
        """Keep ``draft``, committed on return."""
        async with self._database.write() as tx:
            await self._context.guard(tx)
            await write_draft(tx, self._context.lease.payload["version_id"], draft)
