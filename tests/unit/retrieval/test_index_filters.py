"""The filter module refuses what would match everything."""

from collections.abc import Callable

import pytest
import qdrant_edge
from qdrant_client import models

from retrieval.index.filters import FilterWords, document_filter, scope_filter, sees_nothing, version_filter
from tests.contract.index_kit import mint


@pytest.mark.parametrize("engine", [qdrant_edge, models], ids=["edge", "client"])
async def test_an_empty_scope_has_no_filter(engine: FilterWords) -> None:
    scope = await mint()
    assert sees_nothing(scope)
    with pytest.raises(ValueError, match="empty"):
        scope_filter(engine, scope)


@pytest.mark.parametrize("engine", [qdrant_edge, models], ids=["edge", "client"])
@pytest.mark.parametrize("build", [document_filter, version_filter])
def test_an_empty_id_has_no_filter(engine: FilterWords, build: Callable[[FilterWords, str], object]) -> None:
    with pytest.raises(ValueError, match="needs an id"):
        build(engine, "")


async def test_the_scope_is_one_condition_on_the_policy() -> None:
    built = scope_filter(models, await mint(3, 1))
    assert built == models.Filter(
        must=[models.FieldCondition(key="policy", match=models.MatchAny(any=[1, 3]))],
    )
    assert not sees_nothing(await mint(3, 1))
