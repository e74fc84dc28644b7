"""Documents that are kept out of retrieval."""

from typing import Final

import sqlalchemy as sa

from wenyuan.db.schema.base import metadata, ref, time

#: A document in quarantine is found by no question and read into no answer; ``reason`` is one of a few codes.
quarantined: Final = sa.Table(
    "quarantined",
    metadata,
    ref("document_id", "documents.id", key=True),
    sa.Column("reason", sa.String(32), nullable=False),
    ref("by_id", "users.id"),
    time("since"),
)
