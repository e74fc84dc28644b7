"""From what a caller sends to a question and the scope it is searched in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from api.answering.models import usable_models
from api.schemas.asking import FiltersBody
from api.services import Services
from retrieval.query.condense import MAX_EARLIER
from retrieval.query.conditions import without_conditions
from retrieval.query.understanding import Query, retold, understand
from wenyuan.access import AccessScope
from wenyuan.db.texts.matching import read_narrowed
from wenyuan.errors import QuestionEmpty, QuestionTooLong
from wenyuan.text import strip_invisible


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as it was understood and as it was asked, and what of the caller's scope it is searched in."""

    query: Query
    scope: AccessScope
    asked: str


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
    By the settings a language model makes the question whole with them, and the rules do where it fails, or is none
    that the asker may use.
    Raises ``QuestionEmpty``, also for filters without a question, ``QuestionTooLong``, and what filters raise.
    """
    today = services.today()
    asked = checked_question(text, services.settings.server.max_question_chars)
    limit = services.settings.server.max_question_chars
    before = [strip_invisible(one).strip() for one in earlier[-MAX_EARLIER:] if len(one) <= limit]
    query = await asyncio.to_thread(understand, asked, today, filters.all(today), before)
    if not query.text:
        raise QuestionEmpty
    follower = services.follower if before else None
    if follower is not None and services.settings.generation.writer in await usable_models(services, scope.user_id):
        whole = await follower.whole(
            without_conditions(asked), [without_conditions(one) for one in before], scope.trail
        )
        query = query if whole is None else await asyncio.to_thread(retold, query, asked, whole, before, today)
    if not query.conditions:
        return Asking(query, scope, asked)
    return Asking(query, await services.database.run_read(read_narrowed, scope, query.conditions), asked)
