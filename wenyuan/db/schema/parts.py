"""Tables of parts of documents that have policies of their own."""

from typing import Final

import sqlalchemy as sa

from wenyuan.db.schema.base import key, metadata, ref, sealed, time

#: What names a part, and the policy under which it is read besides the document's.
part_rules: Final = sa.Table(
    "part_rules",
    metadata,
    key(),
    ref("document_id", "documents.id"),
    sa.Column("selector", sa.JSON(), nullable=False),
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), nullable=False),
    time("created_at"),
    sealed(),
    sa.Index(None, "document_id"),
)

#: What the rules come to in each published version: policies that must let read. Row -1 is the block as a whole.
block_policies: Final = sa.Table(
    "block_policies",
    metadata,
    ref("version_id", "versions.id", key=True),
    sa.Column("ordinal", sa.Integer(), primary_key=True),
    sa.Column("row", sa.Integer(), primary_key=True),
    sa.Column("policy_id", sa.Integer(), primary_key=True),
)

#: The same for chunks. One that has any has the first of them in ``chunks.policy_id`` too, and in the index.
chunk_policies: Final = sa.Table(
    "chunk_policies",
    metadata,
    ref("chunk_id", "chunks.id", key=True),
    sa.Column("policy_id", sa.Integer(), primary_key=True),
)
