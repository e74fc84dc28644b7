"""Profiles, near-duplicates and questions, all through the scope of the caller."""

from fastapi import APIRouter

from api.deps import Scoped, Wired
from api.schemas.texts import ProfileBody, QuestionsBody, SimilarBody
from wenyuan.db import documents as docs
from wenyuan.db.texts.profiles import load_profile, load_similar
from wenyuan.db.texts.questions import load_questions
from wenyuan.errors import NotFound

router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("/{document_id}/profile")
async def profile(services: Wired, reading: Scoped, document_id: str) -> ProfileBody:
    """Return what was found out about the current version of a document that the caller may read."""
    async with services.database.read() as tx:
        if await docs.load_document(reading.scope, tx, document_id) is None:
            raise NotFound
        return ProfileBody.of(await load_profile(reading.scope, tx, document_id))


@router.get("/{document_id}/similar")
async def similar(services: Wired, reading: Scoped, document_id: str) -> SimilarBody:
    """Return the documents that nearly repeat this one, among those that the caller may read."""
    least = services.settings.enrich.similarity
    async with services.database.read() as tx:
        if await docs.load_document(reading.scope, tx, document_id) is None:
            raise NotFound
        return SimilarBody.of(await load_similar(reading.scope, tx, document_id, least))


@router.get("/{document_id}/questions")
async def questions(services: Wired, reading: Scoped, document_id: str) -> QuestionsBody:
    """Return the questions that were written about the chunks of a document's current version, in order."""
    async with services.database.read() as tx:
        if await docs.load_document(reading.scope, tx, document_id) is None:
            raise NotFound
        return QuestionsBody.of(await load_questions(reading.scope, tx, document_id))
