"""The one module that builds index filters.

Both engines read an empty ``must`` or ``should`` as "everything matches", so nothing here accepts an empty list: a
scope that sees nothing has no filter, and a search under it returns nothing without asking the engine.
"""

from typing import Any, Protocol

from retrieval.index.common import DOCUMENT, POLICY, VERSION
from wenyuan.access import AccessScope


class FilterWords(Protocol):
    """The filter types of an engine; ``qdrant_edge`` and ``qdrant_client.models`` name them alike."""

    Filter: Any
    FieldCondition: Any
    MatchAny: Any
    MatchValue: Any


def sees_nothing(scope: AccessScope) -> bool:
    """Return whether no policy lets the scope read: search must then answer with nothing."""
    return not scope.policy_ids


def scope_filter(engine: FilterWords, scope: AccessScope) -> Any:
    """Return the filter for the points whose policy ``scope`` may see. Raises ``ValueError`` for an empty scope."""
    if sees_nothing(scope):
        raise ValueError("an empty scope has no filter: an empty list would match every point")
    match = engine.MatchAny(any=list(scope.policy_ids))
    return engine.Filter(must=[engine.FieldCondition(key=POLICY, match=match)])


def document_filter(engine: FilterWords, document_id: str) -> Any:
    """Return the filter for every point of a document. Raises ``ValueError`` for an empty id."""
    return _equals(engine, DOCUMENT, document_id)


def version_filter(engine: FilterWords, version_id: str) -> Any:
    """Return the filter for every point of a version. Raises ``ValueError`` for an empty id."""
    return _equals(engine, VERSION, version_id)


def _equals(engine: FilterWords, key: str, value: str) -> Any:
    if not value:
        raise ValueError(f"the filter on {key} needs an id")
    return engine.Filter(must=[engine.FieldCondition(key=key, match=engine.MatchValue(value=value))])
