"""The one module that builds index filters.

Both engines read an empty ``must`` or ``should`` as "everything matches", so nothing here accepts an empty list: a
scope that sees nothing has no filter, and a search under it returns nothing without asking the engine.
"""

from typing import Any, Protocol

from retrieval.index.common import DOCUMENT, FIELD, POLICY, VERSION
from wenyuan.access import AccessScope
from wenyuan.ports import VectorField


class FilterWords(Protocol):
    """The filter types of an engine; ``qdrant_edge`` and ``qdrant_client.models`` name them alike."""

    Filter: Any
    FieldCondition: Any
    HasIdCondition: Any
    MatchAny: Any
    MatchValue: Any


def sees_nothing(scope: AccessScope) -> bool:
    """Return whether no policy or no document is left to the scope: search must then answer with nothing."""
    return not scope.policy_ids or (scope.documents is not None and not scope.documents)


def scope_filter(engine: FilterWords, scope: AccessScope) -> Any:
    """Return the filter for the points whose policy ``scope`` may see, of the documents to which it was narrowed.

    Raises ``ValueError`` for an empty scope.
    """
    if sees_nothing(scope):
        raise ValueError("an empty scope has no filter: an empty list would match every point")
    match = engine.MatchAny(any=list(scope.policy_ids))
    conditions = [engine.FieldCondition(key=POLICY, match=match)]
    if scope.documents is not None:
        among = engine.MatchAny(any=sorted(scope.documents))
        conditions.append(engine.FieldCondition(key=DOCUMENT, match=among))
    return engine.Filter(must=conditions)


def points_filter(engine: FilterWords, scope: AccessScope, chunk_ids: list[str]) -> Any:
    """Return the filter for those points whose policy ``scope`` may see. Raises ``ValueError`` for an empty list."""
    if not chunk_ids:
        raise ValueError("no ids make no filter")
    named = engine.HasIdCondition  # the one condition whose argument the engines call by two names
    among = named.model_validate({"has_id": chunk_ids}) if hasattr(named, "model_validate") else named(set(chunk_ids))
    return engine.Filter(must=[among, *scope_filter(engine, scope).must])


def document_filter(engine: FilterWords, document_id: str) -> Any:
    """Return the filter for every point of a document. Raises ``ValueError`` for an empty id."""
    return engine.Filter(must=[_equals(engine, DOCUMENT, document_id)])


def version_filter(engine: FilterWords, version_id: str) -> Any:
    """Return the filter for every point of a version. Raises ``ValueError`` for an empty id."""
    return engine.Filter(must=[_equals(engine, VERSION, version_id)])


def texts_filter(engine: FilterWords, version_id: str) -> Any:
    """Return the filter for the points of a version that are texts. Raises ``ValueError`` for an empty id."""
    return engine.Filter(must=[_equals(engine, VERSION, version_id)], must_not=[_is_question(engine)])


def questions_filter(engine: FilterWords, version_id: str) -> Any:
    """Return the filter for the points of a version that are questions. Raises ``ValueError`` for an empty id."""
    return engine.Filter(must=[_equals(engine, VERSION, version_id), _is_question(engine)])


def _is_question(engine: FilterWords) -> Any:
    return engine.FieldCondition(key=FIELD, match=engine.MatchValue(value=VectorField.QUESTION.value))


def _equals(engine: FilterWords, key: str, value: str) -> Any:
    if not value:
        raise ValueError(f"the filter on {key} needs an id")
    return engine.FieldCondition(key=key, match=engine.MatchValue(value=value))
