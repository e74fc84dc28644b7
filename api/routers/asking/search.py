"""Search and citations: passages that the caller may read now."""

from fastapi import APIRouter

from api.answering.pictures import shown_figures
from api.answering.showing import shown_citation, shown_evidence
from api.asking import read_asking
from api.deps import Scoped, ScopedAsk, Wired
from api.schemas.asking import InterpretationBody
from api.schemas.chat import OpenedCitationBody, PassageBody, PassageListBody, SearchBody
from wenyuan.db.documents import page_size
from wenyuan.db.evidence import load_citation

router = APIRouter(prefix="/v1", tags=["search"])


@router.post("/search")
async def search(services: Wired, reading: ScopedAsk, body: SearchBody) -> PassageListBody:
    """Return the passages that fit the question best, of those the caller may read."""
    asking = await read_asking(services, reading.scope, body.query, body.filters)
    found = await services.searcher.retrieve(asking.scope, asking.query.text, body.limit)
    shown = await shown_evidence(services, found)
    return PassageListBody(
        items=[PassageBody.of(evidence, rank) for rank, evidence in enumerate(shown, start=1)],
        interpretation=InterpretationBody.of(asking.query),
    )


@router.get("/citations/{citation_id}")
async def open_citation(services: Wired, reading: Scoped, citation_id: str) -> OpenedCitationBody:
    """Open a citation: the passage as it was read, if the caller may read the document now."""
    async with services.database.read() as tx:
        cited = await load_citation(reading.scope, tx, citation_id)
        size = None if cited.page is None else await page_size(tx, cited.version_id, cited.page)
    [figures] = await shown_figures(services, reading.scope, [cited])
    return OpenedCitationBody.of(await shown_citation(services, cited), size, figures)
