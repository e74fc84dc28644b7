"""No test of this folder may write a canary to a log, whatever it is about."""

from collections.abc import Generator

import pytest

from tests.security.sniffer import PLANTED, found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test in whose captured output a planted canary stands."""
    report = yield
    if report.passed and PLANTED:
        written = found(PLANTED, report.capstdout, report.capstderr, report.caplog)
        if written:
            report.outcome = "failed"
            report.longrepr = f"canaries in the log: {written[:5]}"
    return report
