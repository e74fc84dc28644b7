"""From what a caller sends to a question and the scope it is searched in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from api.bootstrap import Services
from api.schemas.asking import FiltersBody
from retrieval.query.condense import MAX_EARLIER
from retrieval.query.understanding import Query, understand
from wenyuan.access import AccessScope
from wenyuan.db.texts.matching import load_narrowed
from wenyuan.errors import QuestionEmpty, QuestionTooLong
from wenyuan.text import strip_invisible


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, and what of the caller's scope it is searched in."""

    query: Query
    scope: AccessScope


def checked_question(text: str, limit: int) -> str:
    """Return the question as a person would see it; raises ``QuestionEmpty`` or ``QuestionTooLong``."""
    if len(text) > limit:
        raise QuestionTooLong(length=len(text), limit=limit)
    question = strip_invisible(text).strip()
    if not question:
        raise QuestionEmpty
    return question


async def read_asking(
    services: Services, scope: AccessScope, text: str, filters: FiltersBody, earlier: Sequence[str] = ()
) -> Asking:
    """Understand what was asked; the scope becomes smaller by the filters, never larger.

    ``earlier`` are questions that the caller sends along as asked before; nothing that was answered is used again.
    Raises ``QuestionEmpty``, also for filters without a question, ``QuestionTooLong``, and what filters raise.
    """
    today = services.today()
    asked = checked_question(text, services.settings.server.max_question_chars)
    limit = services.settings.server.max_question_chars
    before = [strip_invisible(one).strip() for one in earlier[-MAX_EARLIER:] if len(one) <= limit]
    query = await asyncio.to_thread(understand, asked, today, filters.all(today), before)
    if not query.text:
        raise QuestionEmpty
    if not query.conditions:
        return Asking(query, scope)
    async with services.database.read() as tx:
        return Asking(query, await load_narrowed(scope, tx, query.conditions))
