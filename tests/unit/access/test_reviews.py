"""What is explained, reported and previewed on random graphs is what the statement decides that guards reads."""

import random

import pytest

from benchmarks.access.made.previews import compare_preview
from benchmarks.access.made.written import Difference, Written, fresh
from benchmarks.access.reviews import compare
from tests.oracle.worlds import NOW, draw_world
from wenyuan.db.access.review.explain import Reason, explain


@pytest.mark.parametrize("seed", range(14))
async def test_reviews_agree_with_decisions(seed: int) -> None:
    draw = random.Random(seed)
    with fresh() as tx:
        written = await Written.write(tx, draw_world(draw))
        assert compare(written) > 0
        assert await compare_preview(written, draw) > 0
        compare(written)


async def test_a_comparison_finds_what_is_different() -> None:
    with fresh() as tx:
        written = await Written.write(tx, draw_world(random.Random(3)))
        allowed = {
            policy for policy in written.policies for name in written.world.people if policy in written.told(name, NOW)
        }
        assert allowed
        told, written.seen = written.seen, lambda name, moment: told(name, moment + 100)  # type: ignore[method-assign]
        with pytest.raises(Difference):
            compare(written)


async def test_nobody_and_nothing_are_explained_too() -> None:
    with fresh() as tx:
        written = await Written.write(tx, draw_world(random.Random(1)))
        person = written.ids["user", next(iter(written.world.people))]
        assert explain(tx.sync, ["usr_none"], written.policies[0], NOW)["usr_none"].decided is Reason.ACCOUNT_UNKNOWN
        missing = explain(tx.sync, [person], 10_000, NOW)[person]
        assert not missing.allowed
        assert Reason.CHAIN_INCOMPLETE in missing.against
