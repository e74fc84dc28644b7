"""Short runs of the two proofs: nothing is missing after kills, and no tampering is missed."""

from pathlib import Path

import pytest

from benchmarks.audit import kills, tampering
from benchmarks.server import ROOT


def test_tampering_is_found_and_the_first_bad_entry_named(tmp_path: Path) -> None:
    outcome = tampering.run(30, 3, tmp_path)
    assert outcome.missed == []
    assert outcome.misplaced == []
    assert len(outcome.trials) > 6


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_what_reached_a_client_is_recorded_whenever_the_server_dies(tmp_path: Path) -> None:
    outcome = await kills.run(60, 2, 5, tmp_path, ROOT / "var" / "models")
    assert outcome.missing == []
    assert outcome.journal.refused == []
    assert outcome.text_found == []
    assert outcome.sound, outcome.verdict
    assert outcome.journal.seen
    assert outcome.journal.requests >= 60
