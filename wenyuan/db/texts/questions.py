"""Questions about chunks as stored: for readers of the document, and for the jobs that write and index them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk
from wenyuan.db.access.readable import reads_as
from wenyuan.db.contents import documents_of, embedded_text, insert_rows
from wenyuan.db.engine import Connection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.texts.rows import chunk_texts
from wenyuan.db.vault.sealing import QUESTIONS, Sealer, document_of, sealer, sealer_for
from wenyuan.jobs.queue import Lease
from wenyuan.ports import Vectors


@dataclass(frozen=True, slots=True)
class ChunkQuestions:
    """What is asked of the chunk at ``ordinal`` of a version."""

    ordinal: int
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnaskedChunk:
    """A chunk that no question was written about yet."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question with its vector, if it has one, and the policy of the part it is about, if that has its own."""

    chunk_id: str
    ordinal: int
    text: str
    vector: Vectors | None
    policy_id: int | None = None


async def write_questions(tx: Connection, made_by: str, questions: Mapping[str, Sequence[str]]) -> None:
    """Store what was written about chunks that had no questions, by chunk id."""
    documents = await documents_of(tx, list(questions))
    own = await sealer_for(tx, *documents.values())
    rows = [
        question_row(own, documents[chunk], {"chunk_id": chunk, "questions": list(found), "made_by": made_by})
        for chunk, found in questions.items()
    ]
    await insert_rows(tx, t.chunk_questions, rows)


async def write_question_vectors(tx: Connection, model: str, vectors: Mapping[tuple[str, int], Vectors]) -> None:
    """Store vectors of questions, by chunk id and ordinal, under the embedder's fingerprint."""
    documents = await documents_of(tx, list({chunk for chunk, _ in vectors}))
    own = await sealer_for(tx, *documents.values())
    rows = [
        {
            "chunk_id": chunk,
            "ordinal": ordinal,
            "model": model,
            "vector": own.stored_vector(documents[chunk], f"{chunk}:{ordinal}", vector),
        }
        for (chunk, ordinal), vector in vectors.items()
    ]
    await insert_rows(tx, t.question_vectors, rows)


async def lend_questions(tx: Connection, version_id: str) -> int:
    """Give chunks without questions those that the same text has in any version of the same document; return how many.

    Never from another document, for the reason that ``wenyuan.db.contents.lend_vectors`` gives.
    """
    mine, other = t.chunks.alias("mine"), t.chunks.alias("other")
    ours, theirs = t.versions.alias("ours"), t.versions.alias("theirs")
    held, given = t.chunk_questions.alias("held"), t.chunk_questions.alias("given")
    donors = (
        sa.select(mine.c.id, sa.func.min(other.c.id).label("donor"))
        .join(ours, ours.c.id == mine.c.version_id)
        .join(theirs, theirs.c.document_id == ours.c.document_id)
        .join(other, sa.and_(other.c.version_id == theirs.c.id, other.c.embedded_sha256 == mine.c.embedded_sha256))
        .join(given, given.c.chunk_id == other.c.id)
        .where(mine.c.version_id == version_id, ~sa.exists().where(held.c.chunk_id == mine.c.id))
        .group_by(mine.c.id)
        .subquery()
    )
    document_id = await document_of(tx, version_id)
    own = await sealer_for(tx, document_id)
    taken: dict[sa.Table, list[dict[str, Any]]] = {}
    for table, renewed in ((t.question_vectors, _lent_vector), (t.chunk_questions, _lent_questions)):
        lent = sa.select(donors.c.id, table).join(table, table.c.chunk_id == donors.c.donor)
        taken[table] = [renewed(own, document_id, row) for row in await tx.execute(lent)]
    for table, rows in taken.items():
        await insert_rows(tx, table, rows)
    return len(taken[t.chunk_questions])


def _lent_vector(own: Sealer, document_id: str, row: sa.Row[Any]) -> dict[str, Any]:
    vector = own.vector(document_id, f"{row.chunk_id}:{row.ordinal}", row.vector)
    stored = own.stored_vector(document_id, f"{row.id}:{row.ordinal}", vector)
    return {"chunk_id": row.id, "ordinal": row.ordinal, "model": row.model, "vector": stored}


def _lent_questions(own: Sealer, document_id: str, row: sa.Row[Any]) -> dict[str, Any]:
    questions = _questions(own, document_id, row)
    return question_row(own, document_id, {"chunk_id": row.id, "questions": questions, "made_by": row.made_by})


def question_row(own: Sealer, document_id: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as it is stored: how many questions there are stays open."""
    if own.vault is None:
        return row
    return own.row(QUESTIONS, document_id, row) | {"questions": [""] * len(row["questions"])}


def _questions(own: Sealer, document_id: str, row: sa.Row[Any]) -> list[str]:
    found: list[str] = own.texts(QUESTIONS, document_id, row.chunk_id, row.sealed, row.questions)[0]
    return found


async def drop_questions_of_others(tx: Connection, version_id: str, made_by: str) -> bool:
    """Remove what others than ``made_by`` wrote about a version; returns whether there was any.

    If so, the vectors of all its questions go too, since places in the index are counted anew.
    """
    asked, vectors = t.chunk_questions, t.question_vectors
    mine = sa.select(t.chunks.c.id).where(t.chunks.c.version_id == version_id)
    dropped = sa.delete(asked).where(asked.c.chunk_id.in_(mine), asked.c.made_by != made_by)
    if not (await tx.scalars(dropped.returning(asked.c.chunk_id))).all():
        return False
    await tx.execute(sa.delete(vectors).where(vectors.c.chunk_id.in_(mine)))
    return True


async def read_leased_unasked(lease: Lease, tx: Connection, limit: int) -> list[UnaskedChunk]:
    """Return chunks of the leased version that nobody was asked about yet, in order, as embedded."""
    asked = sa.exists().where(t.chunk_questions.c.chunk_id == t.chunks.c.id)
    statement = (
        sa.select(t.chunks)
        .where(t.chunks.c.version_id == lease.payload["version_id"], ~asked)
        .order_by(t.chunks.c.ordinal)
        .limit(limit)
    )
    document_id, own = await document_of(tx, lease.payload["version_id"]), sealer(tx)
    found = []
    for row in await tx.execute(statement):
        text, context = chunk_texts(own, document_id, row)[:2]
        found.append(UnaskedChunk(row.id, embedded_text(context, text), row.language))
    return found


async def count_asked(tx: Connection, version_id: str) -> int:
    """Return how many chunks of a version a model was asked about."""
    statement = (
        sa.select(sa.func.count())
        .select_from(t.chunk_questions)
        .join(t.chunks, t.chunks.c.id == t.chunk_questions.c.chunk_id)
        .where(t.chunks.c.version_id == version_id)
    )
    return int(await tx.scalar(statement) or 0)


async def read_leased_questions(
    lease: Lease, tx: Connection, model: str, *, embedded: bool, limit: int | None = None
) -> list[StoredQuestion]:
    """Return the questions about chunks of the leased version, in order; ``limit`` counts chunks.

    ``embedded``: those that have vectors of ``model``, or those that have none yet.
    """
    asked, vectors = t.chunk_questions, t.question_vectors
    has_any = sa.exists().where(vectors.c.chunk_id == asked.c.chunk_id, vectors.c.model == model)
    found: sa.Select[Any] = (
        sa.select(asked.c.chunk_id, asked.c.questions, asked.c.sealed, t.chunks.c.policy_id)
        .join(t.chunks, t.chunks.c.id == asked.c.chunk_id)
        .where(t.chunks.c.version_id == lease.payload["version_id"])
        .where(has_any if embedded else sa.and_(~has_any, sa.func.json_array_length(asked.c.questions) > 0))
        .order_by(t.chunks.c.ordinal)
        .limit(limit)
    )
    rows = await tx.execute(found)
    document_id, own = await document_of(tx, lease.payload["version_id"]), sealer(tx)
    known: dict[tuple[str, int], Vectors] = {}
    if embedded:
        held = await tx.execute(
            sa.select(vectors.c.chunk_id, vectors.c.ordinal, vectors.c.vector)
            .join(t.chunks, t.chunks.c.id == vectors.c.chunk_id)
            .where(t.chunks.c.version_id == lease.payload["version_id"], vectors.c.model == model)
        )
        known = {
            (row.chunk_id, row.ordinal): own.vector(document_id, f"{row.chunk_id}:{row.ordinal}", row.vector)
            for row in held
        }
    return [
        StoredQuestion(row.chunk_id, ordinal, text, known.get((row.chunk_id, ordinal)), row.policy_id)
        for row in rows
        for ordinal, text in enumerate(_questions(own, document_id, row))
    ]


_SHOWN: Final[sa.Select[Any]] = (
    sa.select(t.chunks.c.ordinal, t.chunk_questions)
    .join(t.chunk_questions, t.chunk_questions.c.chunk_id == t.chunks.c.id)
    .join(t.documents, t.documents.c.current_version_id == t.chunks.c.version_id)
    .where(
        t.documents.c.id == sa.bindparam("document"),
        may_be_shown(),
        may_read_chunk(),
    )
    .order_by(t.chunks.c.ordinal)
)


async def load_questions(scope: AccessScope, tx: Connection, document_id: str) -> list[ChunkQuestions]:
    """Return the questions about the document's current version; none unless the scope may read it now."""
    rows = await tx.execute(_SHOWN, {"document": document_id} | reads_as(scope))
    scope.trail.note(Action.PREVIEW, [Item(document_id, "", ("questions",))])
    own = sealer(tx)
    return [ChunkQuestions(row.ordinal, tuple(_questions(own, document_id, row))) for row in rows if row.questions]
