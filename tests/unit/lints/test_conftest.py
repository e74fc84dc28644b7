"""The rules of ``tests/conftest.py`` hold: no way off this machine, no skip where none is allowed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TESTS = """
import contextlib, socket
import pytest

def test_loopback_is_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()

def test_swallows_the_error_of_a_connection():
    with contextlib.suppress(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=5)

def test_swallows_the_error_of_a_look_up():
    with contextlib.suppress(OSError):
        socket.getaddrinfo("example.invalid", 80)

def test_skips():
    pytest.skip("no such program")

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_failure():
    assert False
"""
SKIPPED_MODULE = 'import pytest\npytest.importorskip("no_such_module")\ndef test_a(): pass\n'


def outcome(folder: Path, source: str, no_skip: str) -> str:
    """Run ``source`` as a test file under the project's conftest and return pytest's closing line."""
    (folder / "test_it.py").write_text(source, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "WENYUAN_TEST_NO_SKIP": no_skip}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_it.py"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return run.stdout.splitlines()[-1].rpartition(" in ")[0]


@pytest.mark.parametrize(
    ("source", "no_skip", "closing"),
    [
        (TESTS, "0", "3 passed, 1 skipped, 1 xfailed, 2 errors"),
        (TESTS, "1", "1 failed, 3 passed, 1 xfailed, 2 errors"),
        (SKIPPED_MODULE, "1", "1 error"),
    ],
)
def test_the_harness(tmp_path: Path, source: str, no_skip: str, closing: str) -> None:
    assert outcome(tmp_path, source, no_skip) == closing
