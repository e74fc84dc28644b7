"""Search and citations: passages that the caller may read now."""

from fastapi import APIRouter

from api.deps import Scoped, Wired
from api.schemas.chat import OpenedCitationBody, PassageBody, PassageListBody, SearchBody
from wenyuan.db.documents import page_size
from wenyuan.db.evidence import load_citation
from wenyuan.errors import QuestionEmpty, QuestionTooLong
from wenyuan.text import strip_invisible

router = APIRouter(prefix="/v1", tags=["search"])


def checked_question(text: str, limit: int) -> str:
    """Return the question as a person would see it; raises ``QuestionEmpty`` or ``QuestionTooLong``."""
    if len(text) > limit:
        raise QuestionTooLong(length=len(text), limit=limit)
    question = strip_invisible(text).strip()
    if not question:
        raise QuestionEmpty
    return question


@router.post("/search")
async def search(services: Wired, reading: Scoped, body: SearchBody) -> PassageListBody:
    """Return the passages that fit the question best, of those the caller may read."""
    question = checked_question(body.query, services.settings.server.max_question_chars)
    found = await services.retriever.retrieve(reading.scope, question, body.limit)
    return PassageListBody(items=[PassageBody.of(evidence, rank) for rank, evidence in enumerate(found, start=1)])


@router.get("/citations/{citation_id}")
async def open_citation(services: Wired, reading: Scoped, citation_id: str) -> OpenedCitationBody:
    """Open a citation: the passage as it was read, if the caller may read the document now."""
    async with services.database.read() as tx:
        cited = await load_citation(reading.scope, tx, citation_id)
        size = None if cited.page is None else await page_size(tx, cited.version_id, cited.page)
    return OpenedCitationBody.of(cited, size)
