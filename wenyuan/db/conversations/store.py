"""Conversations as their owner keeps them: begun, named, continued, shared, deleted. ``reading`` shows them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from wenyuan.access import Subject, SubjectKind
from wenyuan.answers import Stated
from wenyuan.db import tables as t
from wenyuan.db.contents import BATCH, documents_of, insert_rows
from wenyuan.db.conversations.listing import Listed
from wenyuan.db.conversations.verdicts import written
from wenyuan.db.engine import Connection, ReadConnection
from wenyuan.db.schema.conversations import WHOLE
from wenyuan.db.vault.sealing import CONVERSATION, PART, TURN, Sealer, sealer, sealer_for
from wenyuan.errors import NotFound
from wenyuan.ids import new_id
from wenyuan.vault.errors import KeyDestroyed

TITLE_CHARS: Final = 60


class TurnState(StrEnum):
    """How an answer ended."""

    ANSWERED = "answered"
    STOPPED = "stopped"
    REVOKED = "revoked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Part:
    """A statement of an answer, the chunks it was made of, and how it was checked.

    What the service says of itself is made of nothing and was not checked.
    """

    text: str
    chunk_ids: tuple[str, ...] = ()
    stated: Stated | None = None


@dataclass(slots=True)
class Told:
    """A question and what became of it. ``citations``: ids with their support."""

    question: str
    language: str
    answerer: str
    model: str = ""
    prompt: str = ""
    state: TurnState = TurnState.FAILED
    refused: bool = False
    notices: tuple[str, ...] = ()
    parts: list[Part] = field(default_factory=list)
    citations: list[tuple[str, str]] = field(default_factory=list)


async def create_conversation(tx: Connection, user_id: str, name: str, title: str) -> Listed:
    """Begin a conversation of the user of that name; without a title it gets that of its first question."""
    now, conversation_id = time.time(), new_id("cnv")
    row = {"id": conversation_id, "user_id": user_id, "title": title, "created_at": now, "updated_at": now}
    own = await sealer_for(tx, conversation_id)
    await tx.execute(sa.insert(t.conversations).values(own.row(CONVERSATION, conversation_id, row)))
    return Listed(conversation_id, title, name, now, now)


async def rename_conversation(tx: Connection, user_id: str, conversation_id: str, title: str) -> None:
    """Name a conversation of the user's; raises ``NotFound``."""
    await _mine(tx, user_id, conversation_id)
    own = await sealer_for(tx, conversation_id)
    values = own.row(CONVERSATION, conversation_id, {"id": conversation_id, "title": title})
    await tx.execute(sa.update(t.conversations).where(t.conversations.c.id == conversation_id).values(values))


async def delete_conversations(tx: Connection, user_id: str, conversation_id: str | None = None) -> list[str]:
    """Delete one conversation of the user's, or all of them; returns their ids, whose keys are to be destroyed.

    Raises ``NotFound`` for one that is not theirs.
    """
    if conversation_id is not None:
        await _mine(tx, user_id, conversation_id)
    mine = sa.select(t.conversations.c.id).where(t.conversations.c.user_id == user_id)
    return await _delete(tx, mine if conversation_id is None else mine.where(t.conversations.c.id == conversation_id))


async def forget_conversations(tx: Connection, before: float) -> list[str]:
    """Delete what nobody has asked in since ``before``; returns the ids, whose keys are to be destroyed."""
    return await _delete(tx, sa.select(t.conversations.c.id).where(t.conversations.c.updated_at < before))


async def erase_conversations(tx: Connection, ids: Sequence[str]) -> None:
    """Delete conversations whose keys are destroyed."""
    for start in range(0, len(ids), BATCH):
        await _delete(tx, sa.select(t.conversations.c.id).where(t.conversations.c.id.in_(ids[start : start + BATCH])))


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
    columns = turns.c.id, turns.c.question, turns.c.sealed
    statement = sa.select(*columns).where(turns.c.conversation_id == conversation_id)
    if before is not None:
        place = tx.scalar(
            sa.select(turns.c.ordinal).where(turns.c.conversation_id == conversation_id, turns.c.id == before)
        )
        if place is None:
            raise NotFound
        statement = statement.where(turns.c.ordinal < place)
    own = sealer(tx)
    rows = tx.execute(statement.order_by(turns.c.ordinal.desc()).limit(most)).all()
    return [own.texts(TURN, conversation_id, row.id, row.sealed, row.question)[0] for row in reversed(rows)]


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
    values = {
        "id": turn_id,
        "conversation_id": conversation_id,
        "ordinal": 0 if last is None else last + 1,
        "question": told.question,
        "language": told.language,
        "answerer": told.answerer,
        "model": told.model,
        "prompt": told.prompt,
        "state": told.state.value,
        "refused": told.refused,
        "notices": list(told.notices),
        "created_at": now,
    }
    own = await sealer_for(tx, conversation_id)
    await tx.execute(sa.insert(turns).values(own.row(TURN, conversation_id, values)))
    await _record_parts(tx, own, conversation_id, turn_id, told)
    titled = own.texts(CONVERSATION, conversation_id, conversation_id, row.sealed, row.title)[0]
    title = titled or " ".join(told.question.split())[:TITLE_CHARS]
    named = own.row(CONVERSATION, conversation_id, {"id": conversation_id, "title": title, "updated_at": now})
    await tx.execute(sa.update(t.conversations).where(t.conversations.c.id == conversation_id).values(named))
    return True


async def _record_parts(tx: Connection, own: Sealer, conversation_id: str, turn_id: str, told: Told) -> None:
    documents = await documents_of(tx, list(dict.fromkeys(chunk for part in told.parts for chunk in part.chunk_ids)))
    there = set(documents)
    kept: list[set[str]] = [set(part.chunk_ids) for part in told.parts if part.chunk_ids]
    common = there.intersection(*kept) if kept else set()
    sources = [{"turn_id": turn_id, "part": WHOLE, "chunk_id": chunk} for chunk in sorted(common)]
    rows: list[dict[str, object]] = []
    for ordinal, part in enumerate(told.parts):
        made_of = there & set(part.chunk_ids)
        sources += [{"turn_id": turn_id, "part": ordinal, "chunk_id": chunk} for chunk in sorted(made_of - common)]
        erased = not there.issuperset(part.chunk_ids)
        verdict = None if erased or part.stated is None else written(part.stated)
        text = "" if erased else part.text
        values = {"turn_id": turn_id, "ordinal": ordinal, "text": text, "verdict": verdict, "erased": erased}
        # Under the keys of all that it is noted as made of: with any of them destroyed nobody reads it any more.
        try:
            rows.append(own.row(PART, conversation_id, values, {documents[chunk] for chunk in made_of | common}))
        except KeyDestroyed:  # an erasure is under way: the key has gone, the rows follow
            rows.append(own.row(PART, conversation_id, values | {"text": "", "verdict": None, "erased": True}))
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


async def _delete(tx: Connection, conversations: sa.Select[str]) -> list[str]:
    """Delete conversations with all that hangs on them; returns their ids."""
    turns, shares = t.conversation_turns, t.conversation_shares
    ids = list(await tx.scalars(conversations))
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        await _delete_turns(tx, sa.select(turns.c.id).where(turns.c.conversation_id.in_(some)))
        await tx.execute(sa.delete(shares).where(shares.c.conversation_id.in_(some)))
        await tx.execute(sa.delete(t.conversations).where(t.conversations.c.id.in_(some)))
    return ids


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
