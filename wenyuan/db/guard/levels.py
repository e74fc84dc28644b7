"""Levels of classification of passages, as their documents and the parts that they are of have them. Numbers only."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.engine import ReadConnection

_BATCH: Final = 500
_OF_DOCUMENT: Final = (
    sa.select(t.chunks.c.id, t.documents.c.policy_id)
    .join(t.versions, t.versions.c.id == t.chunks.c.version_id)
    .join(t.documents, t.documents.c.id == t.versions.c.document_id)
)
_OF_PARTS: Final = sa.select(t.chunk_policies.c.chunk_id.label("id"), t.chunk_policies.c.policy_id)
_IDS: Final[sa.BindParameter[str]] = sa.bindparam("ids", expanding=True)
_POLICIES: Final = sa.union(
    _OF_DOCUMENT.where(t.chunks.c.id.in_(_IDS)), _OF_PARTS.where(t.chunk_policies.c.chunk_id.in_(_IDS))
).subquery("policies_of")
_LEVELS: Final = (
    sa.select(_POLICIES.c.id, sa.func.max(t.policies.c.classification).label("level"))
    .join(t.policy_ancestors, t.policy_ancestors.c.policy_id == _POLICIES.c.policy_id)
    .join(t.policies, t.policies.c.id == t.policy_ancestors.c.ancestor_id)
    .group_by(_POLICIES.c.id)
)


def read_levels(tx: ReadConnection, chunk_ids: Sequence[str]) -> dict[str, int]:
    """Return the level of each chunk: the highest of all policies under which it is read."""
    levels: dict[str, int] = {}
    for start in range(0, len(chunk_ids), _BATCH):
        rows = tx.execute(_LEVELS, {"ids": list(chunk_ids[start : start + _BATCH])})
        levels |= {row.id: row.level for row in rows}
    return levels
