"""Conversations as their owner keeps them: begun, named, continued, shared, deleted. ``reading`` shows them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from wenyuan.access import Subject, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.contents import BATCH, insert_rows
from wenyuan.db.conversations.listing import Listed
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.schema.conversations import WHOLE
from wenyuan.errors import NotFound
from wenyuan.ids import new_id

TITLE_CHARS: Final = 60


class TurnState(StrEnum):
    """How an answer ended."""

    ANSWERED = "answered"
    STOPPED = "stopped"
    REVOKED = "revoked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """A statement of an answer, and the chunks it was made of; none for what the service says of itself."""

    text: str
    chunk_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Told:
    """A question and what became of it. ``citations``: ids with their support."""

    question: str
    language: str
    answerer: str
    state: TurnState = TurnState.FAILED
    refused: bool = False
    notices: tuple[str, ...] = ()
    parts: list[Part] = field(default_factory=list)
    citations: list[tuple[str, str]] = field(default_factory=list)


async def create_conversation(tx: Connection, user_id: str, name: str, title: str) -> Listed:
    """Begin a conversation of the user of that name; without a title it gets that of its first question."""
    now, conversation_id = time.time(), new_id("cnv")
    await tx.execute(
        sa.insert(t.conversations).values(
            id=conversation_id, user_id=user_id, title=title, created_at=now, updated_at=now
        )
    )
    return Listed(conversation_id, title, name, now, now)


async def rename_conversation(tx: Connection, user_id: str, conversation_id: str, title: str) -> None:
    """Name a conversation of the user's; raises ``NotFound``."""
    await _mine(tx, user_id, conversation_id)
    await tx.execute(sa.update(t.conversations).where(t.conversations.c.id == conversation_id).values(title=title))


async def delete_conversations(tx: Connection, user_id: str, conversation_id: str | None = None) -> None:
    """Delete one conversation of the user's, or all of them; raises ``NotFound`` for one that is not theirs."""
    if conversation_id is not None:
        await _mine(tx, user_id, conversation_id)
    mine = sa.select(t.conversations.c.id).where(t.conversations.c.user_id == user_id)
    await _delete(tx, mine if conversation_id is None else mine.where(t.conversations.c.id == conversation_id))


async def forget_conversations(tx: Connection, before: float) -> int:
    """Delete what nobody has asked in since ``before``; returns how many there were."""
    old = sa.select(t.conversations.c.id).where(t.conversations.c.updated_at < before)
    count = await tx.scalar(sa.select(sa.func.count()).select_from(old.subquery()))
    await _delete(tx, old)
    return int(count or 0)


async def share_conversation(tx: Connection, user_id: str, conversation_id: str, subjects: Sequence[Subject]) -> None:
    """Share a conversation of the user's with exactly these; raises ``NotFound``."""
    await _mine(tx, user_id, conversation_id)
    shares = t.conversation_shares
    await tx.execute(sa.delete(shares).where(shares.c.conversation_id == conversation_id))
    rows = [
        {"conversation_id": conversation_id, "subject_kind": one.kind.value, "subject_id": one.id}
        for one in dict.fromkeys(subjects)
    ]
    await insert_rows(tx, shares, rows)


async def read_shares(tx: Connection, user_id: str, conversation_id: str) -> list[Subject]:
    """Return with whom a conversation of the user's is shared; raises ``NotFound``."""
    await _mine(tx, user_id, conversation_id)
    shares = t.conversation_shares
    rows = await tx.execute(sa.select(shares).where(shares.c.conversation_id == conversation_id))
    return [Subject(SubjectKind(row.subject_kind), row.subject_id) for row in rows]


def read_questions(tx: ReadConnection, user_id: str, conversation_id: str, before: str | None, most: int) -> list[str]:
    """Return the last ``most`` questions of a conversation of the user's, oldest first, or those before a turn.

    Raises ``NotFound`` for a conversation or a turn that is not theirs.
    """
    turns = t.conversation_turns
    owned = sa.select(t.conversations.c.id).where(
        t.conversations.c.id == conversation_id, t.conversations.c.user_id == user_id
    )
    if tx.scalar(owned) is None:
        raise NotFound
    statement = sa.select(turns.c.question).where(turns.c.conversation_id == conversation_id)
    if before is not None:
        place = tx.scalar(
            sa.select(turns.c.ordinal).where(turns.c.conversation_id == conversation_id, turns.c.id == before)
        )
        if place is None:
            raise NotFound
        statement = statement.where(turns.c.ordinal < place)
    found = tx.scalars(statement.order_by(turns.c.ordinal.desc()).limit(most))
    return list(found)[::-1]


async def record_turn(
    tx: Connection, user_id: str, conversation_id: str, turn_id: str, told: Told, replaces: str | None
) -> bool:
    """Store a turn at the end, or in the place of ``replaces`` and all behind it; returns whether there was a place.

    There is none in a conversation that was deleted meanwhile. A part whose document was erased meanwhile is stored
    as erased; where the erasure is only just under way its job waits for this transaction, or fails and is repeated.
    """
    turns = t.conversation_turns
    mine = sa.select(t.conversations).where(
        t.conversations.c.id == conversation_id, t.conversations.c.user_id == user_id
    )
    row = (await tx.execute(mine.with_for_update())).one_or_none()
    if row is None:
        return False
    in_it = turns.c.conversation_id == conversation_id
    if replaces is not None:
        place = await tx.scalar(sa.select(turns.c.ordinal).where(in_it, turns.c.id == replaces))
        if place is not None:
            await _delete_turns(tx, sa.select(turns.c.id).where(in_it, turns.c.ordinal >= place))
    last = await tx.scalar(sa.select(sa.func.max(turns.c.ordinal)).where(in_it))
    now = time.time()
    await tx.execute(
        sa.insert(turns).values(
            id=turn_id,
            conversation_id=conversation_id,
            ordinal=0 if last is None else last + 1,
            question=told.question,
            language=told.language,
            answerer=told.answerer,
            state=told.state.value,
            refused=told.refused,
            notices=list(told.notices),
            created_at=now,
        )
    )
    await _record_parts(tx, turn_id, told)
    title = row.title or " ".join(told.question.split())[:TITLE_CHARS]
    change = sa.update(t.conversations).where(t.conversations.c.id == conversation_id)
    await tx.execute(change.values(updated_at=now, title=title))
    return True


async def _record_parts(tx: Connection, turn_id: str, told: Told) -> None:
    wanted = list(dict.fromkeys(chunk for part in told.parts for chunk in part.chunk_ids))
    there: set[str] = set()
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        there |= set(await tx.scalars(sa.select(t.chunks.c.id).where(t.chunks.c.id.in_(some))))
    rows: list[dict[str, object]] = []
    for ordinal, part in enumerate(told.parts):
        erased = not there.issuperset(part.chunk_ids)
        rows.append({"turn_id": turn_id, "ordinal": ordinal, "text": "" if erased else part.text, "erased": erased})
    kept: list[set[str]] = [set(part.chunk_ids) for part in told.parts if part.chunk_ids]
    common = there.intersection(*kept) if kept else set()
    sources = [{"turn_id": turn_id, "part": WHOLE, "chunk_id": chunk} for chunk in sorted(common)]
    for ordinal, part in enumerate(told.parts):
        own = (there & set(part.chunk_ids)) - common
        sources += [{"turn_id": turn_id, "part": ordinal, "chunk_id": chunk} for chunk in sorted(own)]
    await insert_rows(tx, t.turn_parts, rows)
    await insert_rows(tx, t.turn_sources, sources)
    cited = dict(told.citations)
    known = await tx.scalars(sa.select(t.citations.c.id).where(t.citations.c.id.in_(list(cited))))
    rows = [{"citation_id": one, "turn_id": turn_id, "support": cited[one]} for one in known]
    await insert_rows(tx, t.turn_citations, rows)


async def _mine(tx: Connection, user_id: str, conversation_id: str) -> None:
    found = await tx.scalar(
        sa.select(t.conversations.c.id).where(
            t.conversations.c.id == conversation_id, t.conversations.c.user_id == user_id
        )
    )
    if found is None:
        raise NotFound


async def _delete(tx: Connection, conversations: sa.Select[str]) -> None:
    """Delete conversations with all that hangs on them."""
    turns, shares = t.conversation_turns, t.conversation_shares
    ids = list(await tx.scalars(conversations))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        await _delete_turns(tx, sa.select(turns.c.id).where(turns.c.conversation_id.in_(some)))
        await tx.execute(sa.delete(shares).where(shares.c.conversation_id.in_(some)))
        await tx.execute(sa.delete(t.conversations).where(t.conversations.c.id.in_(some)))


async def _delete_turns(tx: Connection, turns: sa.Select[str]) -> None:
    """Delete turns, and their citations with them: nothing else refers to those."""
    cited = list(
        await tx.scalars(sa.select(t.turn_citations.c.citation_id).where(t.turn_citations.c.turn_id.in_(turns)))
    )
    for table in (t.turn_citations, t.turn_sources, t.turn_parts):
        await tx.execute(sa.delete(table).where(table.c.turn_id.in_(turns)))
    for start in range(0, len(cited), BATCH):
        await tx.execute(sa.delete(t.citations).where(t.citations.c.id.in_(cited[start : start + BATCH])))
    await tx.execute(sa.delete(t.conversation_turns).where(t.conversation_turns.c.id.in_(turns)))
