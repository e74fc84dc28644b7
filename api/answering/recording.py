"""A turn of a stored conversation while its answer runs: what is said, and which passages each part was made of."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Final

import structlog

from api.answering.errors import ConversationsFull, ConversationsOff
from api.services import Services
from retrieval.query.condense import MAX_EARLIER
from wenyuan.answers import AnswerEvent, Citation
from wenyuan.db.conversations.store import Part, Told, TurnState, read_questions, record_turn
from wenyuan.db.engine import Database, ReadConnection, StoreError
from wenyuan.errors import TransientError
from wenyuan.ids import new_id

MAX_TURNS: Final = 500
log = structlog.get_logger(__name__)


class Recording:
    """Where one turn goes; nothing is stored before it ends, however it ends."""

    def __init__(self, database: Database, user_id: str, conversation_id: str, replaces: str | None) -> None:
        self.conversation_id = conversation_id
        self.turn_id = new_id("trn")
        self._database = database
        self._user_id = user_id
        self._replaces = replaces
        self._told: Told | None = None

    def begin(self, question: str, language: str, answerer: str) -> None:
        """Say what was asked."""
        self._told = Told(question, language, answerer)

    def note(self, event: AnswerEvent, cited: Citation | None) -> None:
        """Take an event that is about to be shown; ``cited``: its citation as stored."""
        told = self._told
        if told is None:
            return
        if event.kind == "token":
            told.parts.append(Part(event.text, event.chunk_ids))
        elif event.statement is not None and told.parts:
            # The statement comes right behind the text that says it.
            told.parts[-1] = dataclasses.replace(told.parts[-1], stated=event.statement)
        elif event.kind == "notice":
            told.notices = (*told.notices, event.text)
        elif cited is not None and cited.id is not None:
            told.citations.append((cited.id, cited.support.value))
        if event.answer is not None:
            told.refused, told.answerer = event.answer.refused, event.answer.answerer.value
            told.model, told.prompt = event.answer.model[:128], event.answer.prompt

    async def end(self, state: TurnState) -> None:
        """Store the turn, once, also when whoever asked has gone; a failure is logged and the answer goes on."""
        told, self._told = self._told, None
        if told is None:
            return
        told.state = state
        await asyncio.shield(self._store(told))

    async def _store(self, told: Told) -> None:
        try:
            async with self._database.write() as tx:
                await record_turn(tx, self._user_id, self.conversation_id, self.turn_id, told, self._replaces)
        except (StoreError, TransientError, OSError) as error:
            log.exception("conversation.not_stored", error=type(error).__name__)


async def take_up(
    services: Services, user_id: str, conversation_id: str, replaces: str | None
) -> tuple[Recording, list[str]]:
    """Return where the next turn goes, and the questions before it, oldest first; nothing that was answered.

    Raises ``NotFound`` for what is not the user's, ``ConversationsOff`` and ``ConversationsFull``.
    """
    if not services.settings.retention.conversations:
        raise ConversationsOff
    earlier = await services.database.run_read(_earlier, user_id, conversation_id, replaces)
    if len(earlier) >= MAX_TURNS:
        raise ConversationsFull(limit=MAX_TURNS)
    return Recording(services.database, user_id, conversation_id, replaces), list(earlier[-MAX_EARLIER:])


def _earlier(tx: ReadConnection, user_id: str, conversation_id: str, replaces: str | None) -> Sequence[str]:
    return read_questions(tx, user_id, conversation_id, replaces, MAX_TURNS)
