"""Short runs of the proofs: nothing stale after a change, hidden like unknown, nothing shown in faults."""

from pathlib import Path

import pytest

from benchmarks.access import faults, races, timing
from benchmarks.server import ROOT

MODELS = ROOT / "var" / "models"


@pytest.mark.timeout(300)
async def test_no_read_after_a_change_shows_what_it_took(tmp_path: Path) -> None:
    outcome = await races.run(28, 4, 2, 7, tmp_path, MODELS)
    assert outcome.stale == []
    assert outcome.unseen == []
    assert outcome.unstopped == []
    assert outcome.races.total() == 28
    assert len(outcome.stops) == 4


@pytest.mark.timeout(200)
async def test_hidden_and_unknown_look_the_same(tmp_path: Path) -> None:
    outcome = await timing.run(10, 7, tmp_path, MODELS)
    assert outcome.different == []
    assert outcome.told.keys() == timing.ROUTES.keys()


def test_the_measure_of_difference_tells_a_shift() -> None:
    assert timing.distinguishable([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 0.0
    assert timing.distinguishable([1.0, 2.0], [3.0, 4.0]) == 1.0


@pytest.mark.timeout(200)
async def test_nothing_is_shown_while_the_store_fails(tmp_path: Path) -> None:
    outcome = await faults.run(40, 7, tmp_path, MODELS)
    assert outcome.leaks == []
    assert outcome.odd == []
    assert outcome.faults.total() >= 40
    assert max(outcome.recovery) <= faults.RECOVERY_S
