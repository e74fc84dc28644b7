"""A browser shows what a malicious model wrote, as it streams and opened anew: text, and nothing that acts."""

from pathlib import Path

import pytest

from benchmarks.writing.browser import run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OUTPUTS = 15


async def test_nothing_of_it_acts_in_the_page(tmp_path: Path, program: str) -> None:
    seen = await run(OUTPUTS, 29, tmp_path, program)
    assert seen.pop("answers") == 2 * OUTPUTS
    assert not +seen
