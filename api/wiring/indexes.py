"""Opens the indexes: the one that answers, and one under construction where the settings want another."""

import asyncio
import contextlib
from functools import partial

from ingest.rebuild import RebuildHandler, Reconstruction, Wanted
from retrieval.index.common import knows_terms, lexical_fingerprint, split_fingerprint, weighs_terms
from retrieval.index.factory import Places
from retrieval.index.generations import LOOK_EVERY_S, Generations
from retrieval.service import HybridRetriever
from wenyuan.audit.outflow import Outflow
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.index.rows import IndexRow
from wenyuan.db.texts.terms import SqlTermBase
from wenyuan.jobs import JobQueue
from wenyuan.models.embedder import find_embedder
from wenyuan.obs import observe_stage
from wenyuan.ports import Embedder, Reranker, VectorIndex
from wenyuan.settings import Settings


async def open_generations(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    places: Places,
    embedder: Embedder,
    reranker: Reranker | None,
    database: Database,
    queue: JobQueue,
) -> tuple[Generations, Reconstruction]:
    """Open what there is and have built what is wanted; ``stack`` closes it."""
    wanted = Wanted(
        embedder.fingerprint,
        lexical_fingerprint(corpus_idf=settings.retrieval.idf == "corpus"),
        settings.embedding.model_dump(include={"model", "url"}),
    )
    reconstruction = Reconstruction(database, queue, wanted, places.drop)
    found = await places.found()
    await reconstruction.begin(None if found is None else split_fingerprint(found))
    make = partial(_retriever, settings, reranker, database)
    generations = Generations(database, places, embedder, partial(_stored_embedder, settings), make)
    stack.push_async_callback(generations.close)
    await generations.refresh()
    return generations, reconstruction


def rebuild_handler(
    settings: Settings, database: Database, generations: Generations, outflow: Outflow
) -> RebuildHandler:
    """Return what fills an index under construction."""
    settle_s = 0.0 if settings.profile == "solo" else 3 * LOOK_EVERY_S
    questions = settings.enrich.questions > 0
    return RebuildHandler(database, generations, settings.embedding.batch, settle_s, outflow, questions=questions)


async def _stored_embedder(settings: Settings, row: IndexRow) -> Embedder | None:
    return await asyncio.to_thread(find_embedder, settings.embedding, settings.models_dir, row.model, row.embedder)


def _retriever(
    settings: Settings,
    reranker: Reranker | None,
    database: Database,
    row: IndexRow,
    embedder: Embedder,
    index: VectorIndex,
) -> HybridRetriever:
    """Return what asks an index in the way in which it was filled, which may not be that of the settings."""
    idf = "corpus" if weighs_terms(row.lexical) else "background"
    return HybridRetriever(
        index,
        SqlEvidenceStore(database),
        embedder,
        settings.retrieval.model_copy(update={"idf": idf}),
        on_stage=observe_stage,
        reranker=reranker,
        terms=SqlTermBase(database),
        words=knows_terms(row.lexical),
    )
