"""A PostgreSQL server of the tests' own, where its programs are installed."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

SERVICE_USER = "postgres"


def postgres_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None."""
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return installed[-1].parent if installed else None


@contextlib.contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Run a server on a free loopback port in ``folder``; yields the URL of an empty database. Skips without one."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    user = SERVICE_USER if os.geteuid() == 0 else None  # the server refuses to run as root
    if user is not None:
        with contextlib.suppress(KeyError):
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            folder.chmod(0o711)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL)

    run(programs / "initdb", "-D", data, "-U", "wenyuan", "-A", "trust", "-E", "UTF8", "--locale=C")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://wenyuan@127.0.0.1:{port}/postgres"
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def empty_database(url: str, name: str) -> str:
    """Create an empty database on the server and return its URL."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + f"/{name}"


@contextlib.contextmanager
def own_database(url: str) -> Iterator[str]:
    """Have an empty database on the server for one test: hundreds that stay take minutes to remove in the end."""
    name = f"test_{secrets.token_hex(6)}"
    yield empty_database(url, name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
