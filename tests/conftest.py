"""What holds for every test: no network beyond this machine, and no silent skips where none is allowed."""

import ipaddress
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.databases import MIGRATED, empty_database, migrate, postgres_server
from wenyuan.db.engine import sqlite_url

NO_SKIP = os.environ.get("WENYUAN_TEST_NO_SKIP") == "1"
_reached_out: list[str] = []


def _is_local(host: object) -> bool:
    """Whether a host, as sockets are given it, is this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: refuse look-ups and connections that leave the machine, and remember them."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_local(host):
        _reached_out.append(f"{event} {host!r}")
        raise OSError(f"tests do not leave this machine: {event} {host!r}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fail the test that tried to reach another machine, even if its code swallowed the error."""
    _reached_out.clear()
    yield
    assert not _reached_out, f"tried to reach another machine: {_reached_out}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of the tests' own; skips where its programs are absent."""
    # Not under pytest's folder: another session would close that to the server's user again.
    with TemporaryDirectory(prefix="postgres-") as folder, postgres_server(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """URL of the server of ``postgres``, on which a database with the newest schema waits to be copied."""
    migrate(empty_database(postgres, MIGRATED))
    return postgres


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a SQLite database with the newest schema, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(sqlite_url(folder))
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With WENYUAN_TEST_NO_SKIP=1 a skipped test is a failed one."""
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and WENYUAN_TEST_NO_SKIP=1 allows no skip: {item.nodeid}: {call.excinfo}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is collected."""
    report = yield
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and WENYUAN_TEST_NO_SKIP=1 allows no skip: {collector.nodeid}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped for want of a program, also when there were none."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    terminalreporter.write_line(f"{skipped} tests skipped because something they need is absent")
