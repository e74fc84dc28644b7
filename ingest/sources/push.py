"""The importer's door: items that connectors of others send, with the same once-only rules as our own."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from typing import Literal

from ingest.sources.access import read_statement, resolve
from ingest.sources.errors import AccessUnmapped, ItemName
from ingest.sources.items import Items, Task, held, revision_fits
from ingest.sources.port import Listed
from ingest.submission import Submitted
from wenyuan.db import sources as db
from wenyuan.db.engine import Connection, Database
from wenyuan.db.sources import Source, SourceItem
from wenyuan.errors import FileError, NotFound


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a connector says of an item; ``access`` as in a sidecar, None for the space's readers."""

    key: str
    revision: str
    access: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it, and what is known of the item now."""

    outcome: Literal["unchanged", "relabelled", "taken"]
    item: SourceItem
    submitted: Submitted | None = None


async def push(database: Database, items: Items, source_id: str, pushed: Pushed, content: AsyncIterable[bytes]) -> Done:
    """Take one item; who may read comes before content. A revision that was taken before is not read again.

    Raises what is wrong with the content, noted at the item as well, and ``SourceBusy`` when somebody else changed
    the item at the same time.
    """
    if not revision_fits(pushed.revision):
        raise ItemName
    task = await _task(database, source_id, pushed)

    async def hold(tx: Connection) -> Source:
        return await held(tx, source_id)

    relabelled = task.relabelled
    if relabelled:
        await items.relabel(hold, task)
        task = replace(task, known=await _item(database, source_id, pushed.key))
    submitted = None
    known = task.known
    taken = known is None or known.revision != pushed.revision or known.error_code not in {None, AccessUnmapped.code}
    if taken:
        try:
            submitted = (await items.take(hold, task, content)).submitted
        except FileError as error:
            await items.fail(hold, task, error, final=True)
            raise
    item = await _item(database, source_id, pushed.key)
    if item is None:  # deleted meanwhile
        raise NotFound
    return Done("taken" if taken else "relabelled" if relabelled else "unchanged", item, submitted)


async def _task(database: Database, source_id: str, pushed: Pushed) -> Task:
    async with database.read() as tx:
        source = await db.get_source(tx, source_id)
        if source is None:
            raise NotFound
        statement = None if pushed.access is None else read_statement(pushed.access)
        carried = await resolve(tx, statement)
        known = await db.get_item(tx, source_id, pushed.key)
    return Task(Listed(pushed.key, pushed.revision), known, carried)


async def _item(database: Database, source_id: str, key: str) -> SourceItem | None:
    async with database.read() as tx:
        return await db.get_item(tx, source_id, key)
