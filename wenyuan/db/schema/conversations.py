"""Tables of stored conversations: what was asked, what was answered, and what each part of an answer is made of."""

from typing import Final

import sqlalchemy as sa

from wenyuan.db.schema.base import key, metadata, ref, sealed, time

conversations = sa.Table(
    "conversations",
    metadata,
    key(),
    ref("user_id", "users.id"),
    sa.Column("title", sa.String(256), nullable=False),
    time("created_at"),
    time("updated_at"),
    sealed(),
    sa.Index(None, "user_id", "updated_at"),
    sa.Index(None, "updated_at"),
)

# ``state``: answered, stopped (the asker left), revoked (what it rests on was withdrawn), failed.
conversation_turns = sa.Table(
    "conversation_turns",
    metadata,
    key(),
    ref("conversation_id", "conversations.id"),
    sa.Column("ordinal", sa.Integer(), nullable=False),
    sa.Column("question", sa.Text(), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("answerer", sa.String(16), nullable=False),
    sa.Column("model", sa.String(128), nullable=False, server_default=""),
    sa.Column("prompt", sa.String(32), nullable=False, server_default=""),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("refused", sa.Boolean(), nullable=False),
    sa.Column("notices", sa.JSON(), nullable=False),
    time("created_at"),
    sealed(),
    sa.UniqueConstraint("conversation_id", "ordinal"),
)

# The statements of an answer in order. ``verdict``: how it was checked (``wenyuan/db/conversations/verdicts.py``).
# ``erased``: a document that it was made of is no more, and so is its text.
turn_parts = sa.Table(
    "turn_parts",
    metadata,
    ref("turn_id", "conversation_turns.id", key=True),
    sa.Column("ordinal", sa.Integer(), primary_key=True),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("verdict", sa.JSON(none_as_null=True)),
    sa.Column("erased", sa.Boolean(), nullable=False),
    sealed(),
)

#: The part of ``turn_sources`` that stands for all parts of a turn.
WHOLE: Final = -1

# The passages that a part was made of.
turn_sources = sa.Table(
    "turn_sources",
    metadata,
    ref("turn_id", "conversation_turns.id", key=True),
    sa.Column("part", sa.Integer(), primary_key=True),
    ref("chunk_id", "chunks.id", key=True),
    sa.Index(None, "chunk_id"),
)

# A citation keeps ids and offsets only; its text is read again, through the viewer's scope, when it is opened.
citations = sa.Table(
    "citations",
    metadata,
    key(),
    ref("chunk_id", "chunks.id"),
    sa.Column("marker", sa.Integer(), nullable=False),
    sa.Column("start", sa.Integer(), nullable=False),
    sa.Column("end", sa.Integer(), nullable=False),
    sa.Column("page", sa.Integer(), nullable=True),
    sa.Column("boxes", sa.JSON(), nullable=False),
    # Ordinals of the figures that belong to it, with those of their captions: none where nobody has looked.
    sa.Column("figures", sa.JSON(none_as_null=True), nullable=True),
    time("created_at"),
    sa.Index(None, "chunk_id"),
)

turn_citations = sa.Table(
    "turn_citations",
    metadata,
    ref("citation_id", "citations.id", key=True),
    ref("turn_id", "conversation_turns.id"),
    sa.Column("support", sa.String(16), nullable=False),
    sa.Index(None, "turn_id"),
)

# With whom a conversation is shared: they see of it what they may read themselves.
conversation_shares = sa.Table(
    "conversation_shares",
    metadata,
    ref("conversation_id", "conversations.id", key=True),
    sa.Column("subject_kind", sa.String(16), primary_key=True),
    sa.Column("subject_id", sa.String(64), primary_key=True),
    sa.Index(None, "subject_kind", "subject_id"),
)
