"""A scope only ever becomes smaller."""

from hypothesis import given, settings
from hypothesis import strategies as st
from qdrant_client import models

from retrieval.index.filters import scope_filter, sees_nothing
from tests.contract.index_kit import mint
from wenyuan.access import narrow

names = st.frozensets(st.sampled_from("abcdef"))


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=4))
async def test_each_narrowing_intersects(steps: list[frozenset[str]]) -> None:
    scope = await mint(3, 1)
    for step in steps:
        smaller = narrow(scope, step)
        assert smaller.documents == (step if scope.documents is None else step & scope.documents)
        assert (smaller.user_id, smaller.policy_ids, smaller.epoch) == (scope.user_id, scope.policy_ids, scope.epoch)
        assert smaller.fingerprint != scope.fingerprint or smaller.documents == scope.documents
        scope = smaller
    assert sees_nothing(scope) == (not frozenset.intersection(*steps))


async def test_the_filter_names_policies_and_documents() -> None:
    built = scope_filter(models, narrow(await mint(3, 1), ["b", "a"]))
    assert built == models.Filter(
        must=[
            models.FieldCondition(key="policy", match=models.MatchAny(any=[1, 3])),
            models.FieldCondition(key="document", match=models.MatchAny(any=["a", "b"])),
        ]
    )
