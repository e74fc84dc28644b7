"""Conversations as somebody may see them now: their owner, or one with whom they are shared.

What was said is shown only where every passage that it was made of may still be read by whoever looks, under the
policies of the moment; titles and quotes are read anew from the documents. Where one of them is gone nothing is said
but that something was there.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.answers import Citation, Stated, Support
from wenyuan.audit.record import Action, Item
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk, may_read_whole
from wenyuan.db.access.readable import may_read, reads_as
from wenyuan.db.citations import stored_figures
from wenyuan.db.conversations.listing import LISTED, SHARED, VIEWER, Listed, listed
from wenyuan.db.conversations.store import TurnState
from wenyuan.db.conversations.verdicts import verdict_of
from wenyuan.db.engine import ReadConnection
from wenyuan.db.guard.quarantine import in_use
from wenyuan.db.schema.conversations import WHOLE
from wenyuan.db.vault.sealing import CHUNK, DOCUMENT, PART, TURN, Sealer, sealer
from wenyuan.documents import Box
from wenyuan.errors import NotFound


@dataclass(frozen=True, slots=True)
class SeenTurn:
    """A turn as the reader may see it. A part is None where what it was made of may not be read any more.

    ``verdicts`` say of each part how it was checked, without its text; None for what is left out or was not checked.
    ``made_of``: the chunks that each part was made of, those included that nothing cites; none of what is left out.
    """

    id: str
    question: str
    language: str
    answerer: str
    model: str
    prompt: str
    state: TurnState
    refused: bool
    notices: tuple[str, ...]
    created_at: float
    parts: tuple[str | None, ...]
    verdicts: tuple[Stated | None, ...]
    made_of: tuple[tuple[str, ...], ...]
    citations: tuple[Citation, ...]

    @property
    def redacted(self) -> bool:
        """Whether anything is left out."""
        return None in self.parts


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as the reader may see it; ``mine``: they are its owner."""

    listed: Listed
    mine: bool
    turns: tuple[SeenTurn, ...]


#: The date of a document as an answer tells it, behind its title.
_DATE: Final = re.compile(r"(?<=》)（[^（）\n]{0,24}\d{4}[^（）\n]{0,24}）|(?<=”) \([^()\n]{0,24}\d{4}[^()\n]{0,24}\)")
_CONVERSATION: Final = sa.bindparam("conversation", type_=sa.String())
_ONE: Final = LISTED.where(t.conversations.c.id == _CONVERSATION, sa.or_(t.conversations.c.user_id == VIEWER, SHARED))
_TURNS: Final = (
    sa.select(t.conversation_turns)
    .where(t.conversation_turns.c.conversation_id == _CONVERSATION)
    .order_by(t.conversation_turns.c.ordinal)
)
_OF_TURNS: Final = t.conversation_turns.c.conversation_id == _CONVERSATION
_PARTS: Final = (
    sa.select(t.turn_parts)
    .join(t.conversation_turns, t.conversation_turns.c.id == t.turn_parts.c.turn_id)
    .where(_OF_TURNS)
    .order_by(t.turn_parts.c.turn_id, t.turn_parts.c.ordinal)
)
#: A part may have policies of its own besides the document's. In quarantine what was said goes for everybody: a
#: conversation that is continued is put to a model.
_READABLE: Final = sa.and_(
    t.documents.c.deleted.is_(False),
    may_read(t.documents.c.policy_id),
    may_read_chunk(),
    in_use(t.documents.c.id),
)
_SOURCES: Final = (
    sa.select(t.turn_sources, t.chunks.c.version_id, t.versions.c.document_id)
    .add_columns(sa.case((_READABLE, 1), else_=0).label("readable"))
    .add_columns(sa.case((may_read_whole(t.documents.c.id), 1), else_=0).label("wholly"))
    .join(t.conversation_turns, t.conversation_turns.c.id == t.turn_sources.c.turn_id)
    .outerjoin(t.chunks, t.chunks.c.id == t.turn_sources.c.chunk_id)
    .outerjoin(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .outerjoin(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(_OF_TURNS)
)
_CITED: Final = (
    sa.select(t.citations, t.turn_citations.c.turn_id, t.turn_citations.c.support)
    .add_columns(t.chunks.c.text, t.chunks.c.context, t.chunks.c.heading_path, t.chunks.c.anchor, t.chunks.c.sealed)
    .add_columns(t.chunks.c.version_id, t.versions.c.document_id, t.documents.c.title)
    .add_columns(t.documents.c.sealed.label("sealed_title"))
    .join(t.turn_citations, t.turn_citations.c.citation_id == t.citations.c.id)
    .join(t.conversation_turns, t.conversation_turns.c.id == t.turn_citations.c.turn_id)
    .join(t.chunks, t.chunks.c.id == t.citations.c.chunk_id)
    .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
    .where(_OF_TURNS, _READABLE)
    .order_by(t.turn_citations.c.turn_id, t.citations.c.marker)
)


def load_conversation(tx: ReadConnection, scope: AccessScope, conversation_id: str) -> Seen:
    """Return a conversation as the reader may see it now; raises ``NotFound``."""
    given = {"conversation": conversation_id, "viewer": scope.user_id} | reads_as(scope)
    row = tx.execute(_ONE, given).one_or_none()
    # Asked for one that is not there as well: a refusal takes as long as an unknown id.
    turns = list(tx.execute(_TURNS, given))
    sources = list(tx.execute(_SOURCES, given))
    parts = list(tx.execute(_PARTS, given))
    cited = list(tx.execute(_CITED, given))
    if row is None:
        raise NotFound
    own = sealer(tx)
    own.ready({conversation_id, *(one.document_id for one in sources if one.readable)})
    shown = _shown_parts(own, conversation_id, parts, sources)
    citations: dict[str, list[Citation]] = defaultdict(list)
    for one in cited:
        citations[one.turn_id].append(_citation(own, one))
    items = [Item(one.document_id, one.version_id, (one.chunk_id,)) for one in (*sources, *cited) if _open(one)]
    if items:
        scope.trail.note(Action.PREVIEW, items, conversation_id)
    mine = row.user_id == scope.user_id
    seen = tuple(_turn(own, turn, shown[turn.id], citations[turn.id], mine=mine) for turn in turns)
    return Seen(listed(own, row), mine, seen)


class _Part(NamedTuple):
    text: str | None
    verdict: Mapping[str, Any] | None
    made_of: tuple[str, ...] = ()


def _open(row: sa.Row[Any]) -> bool:
    return bool(getattr(row, "readable", True))


def _shown_parts(
    own: Sealer, conversation_id: str, parts: Sequence[sa.Row[Any]], sources: Sequence[sa.Row[Any]]
) -> dict[str, list[_Part]]:
    hidden = {(one.turn_id, one.part) for one in sources if not one.readable}
    partly = {(one.turn_id, one.part) for one in sources if not one.wholly}
    of: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for one in sources:
        of[one.turn_id, one.part][one.chunk_id] = one.document_id
    shown: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        made_of = {(part.turn_id, part.ordinal), (part.turn_id, WHOLE)}
        left_out = part.erased or (hidden & made_of)
        if left_out:
            shown[part.turn_id].append(_Part(None, None))
            continue
        documents = {chunk: document for at in made_of for chunk, document in of.get(at, {}).items()}
        place, also = (part.turn_id, part.ordinal), set(documents.values())
        text, verdict = own.texts(PART, conversation_id, place, part.sealed, part.text, part.verdict, also=also)
        if partly & made_of:
            text, verdict = _undated(text, verdict)
        shown[part.turn_id].append(_Part(text, verdict, tuple(documents)))
    return shown


def _undated(text: str, verdict: Mapping[str, Any] | None) -> tuple[str, Mapping[str, Any] | None]:
    """Return a part without the dates behind titles: a date is made of a whole document, and told to who reads it."""
    left = _DATE.sub("", text)
    if left == text or verdict is None:
        return left, verdict
    return left, {**verdict, "short": None}  # its place was in the whole text


def _turn(own: Sealer, row: sa.Row[Any], parts: list[_Part], citations: list[Citation], *, mine: bool) -> SeenTurn:
    (question,) = own.texts(TURN, row.conversation_id, row.id, row.sealed, row.question)
    whole = mine and all(part.text is not None for part in parts)
    markers = {citation.marker for citation in citations}
    return SeenTurn(
        id=row.id,
        question=question,
        language=row.language,
        answerer=row.answerer,
        model=row.model,
        prompt=row.prompt,
        state=TurnState(row.state),
        refused=row.refused,
        # Notices may count passages, which is as much as the asker could see then.
        notices=tuple(row.notices) if whole else (),
        created_at=row.created_at,
        parts=tuple(part.text for part in parts),
        verdicts=tuple(verdict_of(part.verdict, markers) for part in parts),
        made_of=tuple(part.made_of for part in parts),
        citations=tuple(citations),
    )


def _citation(own: Sealer, row: sa.Row[Any]) -> Citation:
    (title,) = own.texts(DOCUMENT, row.document_id, row.document_id, row.sealed_title, row.title)
    plain = row.text, row.context, row.heading_path, row.anchor
    text, _, path, anchor = own.texts(CHUNK, row.document_id, row.chunk_id, row.sealed, *plain)
    return Citation(
        marker=row.marker,
        chunk_id=row.chunk_id,
        document_id=row.document_id,
        version_id=row.version_id,
        document_title=title,
        page=row.page,
        boxes=tuple(Box(**box) for box in row.boxes),
        heading_path=tuple(path),
        anchor=anchor,
        quote=text[row.start : row.end],
        start=row.start,
        end=row.end,
        support=Support(row.support),
        id=row.id,
        link=f"/?citation={row.id}",
        figures=stored_figures(row.figures),
    )
