"""What happens to one item of a source, each in one transaction with what is known of it: so nothing happens twice.

The lock of the source is taken first and the item compared with what the decision was made on; documents come after it.
"""

import time
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ingest.intake import Intake, StagedFile
from ingest.sources.access import Carried
from ingest.sources.errors import AccessUnmapped, SourceBusy, SourceOwner, SourceRemoving
from ingest.sources.port import MAX_REVISION, Listed
from ingest.submission import NewDocument, Submissions, Submitted
from wenyuan.access import Role
from wenyuan.audit.record import Action, Item, Outcome
from wenyuan.audit.trail import Trail
from wenyuan.db import documents as docs
from wenyuan.db import sources as db
from wenyuan.db.access.directory import get_user
from wenyuan.db.access.spaces import find_space, roles_in_spaces
from wenyuan.db.engine import Connection, Database
from wenyuan.db.sources import Source, SourceItem
from wenyuan.documents import SourceFile
from wenyuan.errors import NotFound, WenyuanError
from wenyuan.ids import new_id
from wenyuan.ports import AuditLog
from wenyuan.text import one_line

MAX_TITLE: Final = 512

#: Locks a source within a transaction and returns it; raises when the caller may not work on it any more.
Hold = Callable[[Connection], Awaitable[Source]]


@dataclass(frozen=True, slots=True)
class Task:
    """An item as listed, what was known of it when that was compared, and who may read what it becomes."""

    listed: Listed
    known: SourceItem | None
    carried: Carried

    def noted(self, *, document_id: str | None, error: str | None = None) -> SourceItem:
        """Return what is known once the item was taken at the revision listed."""
        code = error if error is not None else AccessUnmapped.code if self.carried.error else None
        listed = self.listed
        return SourceItem(listed.key, listed.revision, self.carried.sha256, document_id, code, time.time())

    @property
    def relabelled(self) -> bool:
        """Whether a document exists that is to be read by others than before."""
        if self.known is None or self.known.document_id is None:
            return False
        failed = self.known.error_code == AccessUnmapped.code
        content_failed = self.known.error_code is not None and not failed
        changed = self.known.access_sha256 != self.carried.sha256
        return changed or (not content_failed and failed != (self.carried.error is not None))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an item: a version that was acknowledged, or the item that it was before it got another key."""

    submitted: Submitted | None = None
    moved: SourceItem | None = None


class Items:
    """Creates, replaces, moves, re-labels and deletes the documents of items; each is recorded before it takes effect.

    In the audit the source stands for the request, and its owner for the actor where the owner's rights are used.
    """

    def __init__(
        self, database: Database, submissions: Submissions, intake: Intake, audit: AuditLog | None = None
    ) -> None:
        self._audit = audit
        self._database = database
        self._submissions = submissions
        self._intake = intake

    async def take(
        self, hold: Hold, task: Task, content: AsyncIterable[bytes], gone: Mapping[str, SourceItem] | None = None
    ) -> "Taken":
        """Read the item and make it the next version of its document, or a new document.

        ``gone``: items that vanished, by the hash of their file: the same bytes under a new key are a move, which
        keeps the document. Raises what reading and ``Intake.stage`` raise.
        """
        staged = await self._intake.stage(content, task.listed.key)
        try:
            new = task.known is None or task.known.document_id is None
            moved = gone.get(staged.sha256) if new and gone is not None else None
            if moved is not None and await self._live(moved):
                await self._move(hold, task, moved)
                return Taken(moved=moved)
            if task.known is not None and await self._live(task.known):
                return Taken(await self._replace(hold, task, task.known, staged))
            return Taken(await self._create(hold, task, staged))
        finally:
            await self._intake.discard(staged)

    async def relabel(self, hold: Hold, task: Task) -> None:
        """Apply who may read; the content is not touched."""
        known = task.known
        if known is None or known.document_id is None:
            return
        async with self._database.write() as tx:
            source = await self._begin(tx, hold, task.listed.key, known)
            if known.access_sha256 != task.carried.sha256 and await _is_live(tx, known.document_id):
                await self._record("relabelled", source.id, known.document_id, source.owner_id)
                await self._submissions.set_policy_in(tx, known.document_id, task.carried.policy)
            code = known.error_code
            if code is None or code == AccessUnmapped.code:
                code = AccessUnmapped.code if task.carried.error else None
            await db.put_item(tx, source.id, replace(known, access_sha256=task.carried.sha256, error_code=code))

    async def fail(self, hold: Hold, task: Task, error: WenyuanError, *, final: bool) -> None:
        """Note why an item could not be taken; a ``final`` error is of the content and holds until that changes."""
        known = task.known
        document_id = None if known is None else known.document_id
        note = task.noted(document_id=document_id, error=error.code)
        if not final:
            note = replace(note, revision="" if known is None else known.revision)
        if known is not None:
            note = replace(note, access_sha256=known.access_sha256)
        if known is not None and replace(note, seen_at=known.seen_at) == known:
            return
        async with self._database.write() as tx:
            source = await self._begin(tx, hold, task.listed.key, known)
            await db.put_item(tx, source.id, note)

    async def delete(self, hold: Hold, known: SourceItem) -> None:
        """Delete the document of an item that is gone, and forget the item."""
        async with self._database.write() as tx:
            source = await self._begin(tx, hold, known.key, known)
            await self.drop(tx, source.id, known)

    async def drop(self, tx: Connection, source_id: str, item: SourceItem) -> None:
        """Do what ``delete`` does within a transaction that holds the source."""
        if item.document_id is not None and await _is_live(tx, item.document_id):
            await self._record("deleted", source_id, item.document_id)
            await self._submissions.delete_in(tx, item.document_id)
        await db.delete_item(tx, source_id, item.key)

    async def _create(self, hold: Hold, task: Task, staged: StagedFile) -> Submitted:
        document_id = new_id("doc")
        file = await self._intake.commit(staged, document_id)
        try:
            async with self._database.write() as tx:
                source = await self._begin(tx, hold, task.listed.key, task.known)
                await _require_owner(tx, source)
                space = await find_space(tx, source.space)
                title = title_of(task.listed.key)
                new = NewDocument(document_id, space, title, source.owner_id, task.carried.policy)
                submitted = await self._submissions.create_in(tx, new, file)
                await self._record("received", source.id, document_id, source.owner_id, submitted.version_id)
                await db.put_item(tx, source.id, task.noted(document_id=document_id))
        except BaseException:
            await self._intake.remove_document(document_id)
            raise
        return submitted

    async def _replace(self, hold: Hold, task: Task, known: SourceItem, staged: StagedFile) -> Submitted:
        document_id = known.document_id or ""
        try:
            file: SourceFile = await self._intake.commit(staged, document_id)
            async with self._database.write() as tx:
                source = await self._begin(tx, hold, task.listed.key, known)
                await _require_owner(tx, source)
                if known.access_sha256 != task.carried.sha256:
                    await self._submissions.set_policy_in(tx, document_id, task.carried.policy)
                submitted = await self._submissions.replace_in(tx, document_id, file, source.owner_id)
                await self._record("received", source.id, document_id, source.owner_id, submitted.version_id)
                await db.put_item(tx, source.id, task.noted(document_id=document_id))
        except NotFound as error:  # deleted meanwhile: its erasure may have been here already
            await self._intake.remove_document(document_id)
            raise SourceBusy from error
        return submitted

    async def _move(self, hold: Hold, task: Task, moved: SourceItem) -> None:
        document_id = moved.document_id or ""
        async with self._database.write() as tx:
            source = await self._begin(tx, hold, task.listed.key, task.known)
            if await db.get_item(tx, source.id, moved.key) != moved:
                raise SourceBusy
            if moved.access_sha256 != task.carried.sha256:
                await self._submissions.set_policy_in(tx, document_id, task.carried.policy)
            await self._record("moved", source.id, document_id, source.owner_id)
            await db.retitle(tx, document_id, title_of(task.listed.key))
            await db.delete_item(tx, source.id, moved.key)
            await db.put_item(tx, source.id, task.noted(document_id=document_id))

    async def _record(self, what: str, source_id: str, document_id: str, actor: str = "", version_id: str = "") -> None:
        """Record an act of a sync within its transaction: without an entry there is no act."""
        trail = Trail(self._audit, source_id, actor)
        trail.note(Action.ACT, [Item(document_id, version_id)], f"source {what}", Outcome.BEGUN)
        await trail.settle()

    async def _begin(self, tx: Connection, hold: Hold, key: str, known: SourceItem | None) -> Source:
        """Lock the source; raises ``SourceBusy`` when the item is not what the decision was made on any more."""
        source = await hold(tx)
        found = await db.get_item(tx, source.id, key)
        if found != known and (found is None or known is None or replace(found, seen_at=known.seen_at) != known):
            raise SourceBusy
        return source

    async def _live(self, item: SourceItem) -> bool:
        async with self._database.read() as tx:
            return await _is_live(tx, item.document_id)


async def held(tx: Connection, source_id: str) -> Source:
    """Lock a source for work on its items; raises ``NotFound`` and ``SourceRemoving``."""
    source = await db.lock_source(tx, source_id)
    if source is None:
        raise NotFound
    if source.error_code == SourceRemoving.code:
        raise SourceRemoving
    return source


def title_of(key: str) -> str:
    """Return the title of the document that an item becomes: its path without the extension."""
    stem, dot, extension = key.rpartition(".")
    path = stem if dot and "/" not in extension and stem and not stem.endswith("/") else key
    return one_line(path)[-MAX_TITLE:] or "unnamed"


def revision_fits(revision: str) -> bool:
    """Whether a revision can be kept."""
    return 0 < len(revision) <= MAX_REVISION and revision.isprintable()


async def _is_live(tx: Connection, document_id: str | None) -> bool:
    document = None if document_id is None else await docs.get_document(tx, document_id)
    return document is not None and not document.deleted


async def owner_may_upload(tx: Connection, source: Source) -> bool:
    """Whether the owner could upload into the source's space now."""
    owner = await get_user(tx, source.owner_id)
    if owner is None or not owner.active:
        return False
    return Role.ADMINISTRATOR in owner.roles or source.space_id in await roles_in_spaces(tx, owner.id)


async def _require_owner(tx: Connection, source: Source) -> None:
    if not await owner_may_upload(tx, source):
        raise SourceOwner
