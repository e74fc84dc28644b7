"""The filter module refuses what would match everything."""

from collections.abc import Callable

import pytest
import qdrant_edge
from qdrant_client import models

from retrieval.index.filters import (
    FilterWords,
    document_filter,
    points_filter,
    questions_filter,
    scope_filter,
    sees_nothing,
    texts_filter,
    version_filter,
)
from tests.contract.index_kit import chunk_id, mint


@pytest.mark.parametrize("engine", [qdrant_edge, models], ids=["edge", "client"])
async def test_an_empty_scope_has_no_filter(engine: FilterWords) -> None:
    scope = await mint()
    assert sees_nothing(scope)
    with pytest.raises(ValueError, match="empty"):
        scope_filter(engine, scope)


@pytest.mark.parametrize("engine", [qdrant_edge, models], ids=["edge", "client"])
@pytest.mark.parametrize("build", [document_filter, version_filter, texts_filter, questions_filter])
def test_an_empty_id_has_no_filter(engine: FilterWords, build: Callable[[FilterWords, str], object]) -> None:
    with pytest.raises(ValueError, match="needs an id"):
        build(engine, "")


async def test_the_scope_is_one_condition_on_the_policy() -> None:
    built = scope_filter(models, await mint(3, 1))
    assert built == models.Filter(
        must=[models.FieldCondition(key="policy", match=models.MatchAny(any=[1, 3]))],
    )
    assert not sees_nothing(await mint(3, 1))


@pytest.mark.parametrize("engine", [qdrant_edge, models], ids=["edge", "client"])
async def test_chunks_by_id_stand_under_the_scope_too(engine: FilterWords) -> None:
    with pytest.raises(ValueError, match="no ids"):
        points_filter(engine, await mint(1), [])
    with pytest.raises(ValueError, match="empty"):
        points_filter(engine, await mint(), [chunk_id(1)])


async def test_chunks_by_id_are_two_conditions() -> None:
    scope = await mint(3)
    built = points_filter(models, scope, [chunk_id(1)])
    assert built.must == [models.HasIdCondition(has_id=[chunk_id(1)]), *scope_filter(models, scope).must]
