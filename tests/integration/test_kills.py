"""The server is killed while it ingests, and started again: what it acknowledged is there, once and whole."""

from pathlib import Path

import pytest

from benchmarks.kills.drive import run
from benchmarks.kills.plan import Action, make_plan
from benchmarks.server import ROOT

FILES, KILLS, SEED = 8, 3, 4


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_nothing_acknowledged_is_lost_by_kills(tmp_path: Path) -> None:
    rounds = make_plan(FILES, KILLS, SEED, longest_s=1.5)
    outcome = await run(rounds, tmp_path, ROOT / "var" / "models", print, doctor=False)
    assert outcome.findings.faults == {}
    assert (outcome.kills, len(outcome.entries)) == (KILLS, FILES)
    found = outcome.findings
    assert found.published + found.deleted + found.failed == FILES
    assert found.published > 0
    assert found.deleted > 0


def test_a_plan_is_the_same_for_the_same_seed_and_keeps_the_order_of_a_document() -> None:
    rounds = make_plan(40, 10, 7, longest_s=4)
    assert rounds == make_plan(40, 10, 7, longest_s=4)
    assert rounds != make_plan(40, 10, 8, longest_s=4)
    assert len(rounds) == 11
    assert sum(part.stop.graceful for part in rounds) == 1
    steps = [step for part in rounds for step in part.steps]
    assert [step.order for step in steps] == list(range(len(steps)))
    for document in range(40):
        actions = [step.action for step in steps if step.document == document]
        assert actions[0] is Action.CREATE
        assert Action.CREATE not in actions[1:]
        assert Action.DELETE not in actions[:-1]
