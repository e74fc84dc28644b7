"""A few stored conversations after rights were taken away and documents deleted; the tool looks at thousands."""

import pytest

from benchmarks.access.histories import run


@pytest.mark.timeout(240)
def test_nothing_is_shown_of_what_was_taken_away() -> None:
    found = run(conversations=10, people=4, documents=6, asked_on=3, seed=4, models=True)
    assert found.told > 5
    assert found.redacted
    assert found.shown
    assert found.continued == 3
