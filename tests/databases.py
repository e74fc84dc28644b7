"""Databases of the tests' own: a PostgreSQL server where its programs are installed, and the newest schema ready made.

Migrating an empty database takes a hundred times as long as copying one that was migrated.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.migrate import upgrade

SERVICE_USER = "postgres"
PLAIN = "template1"
MIGRATED = "migrated"


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


def empty_database(url: str, name: str, template: str = PLAIN) -> str:
    """Create a database on the server, empty or like another one of it, and return its URL."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url.rsplit("/", 1)[0] + f"/{name}"


@contextlib.contextmanager
def own_database(url: str, template: str = PLAIN) -> Iterator[str]:
    """Have a database on the server for one test: hundreds that stay take minutes to remove in the end."""
    name = f"test_{secrets.token_hex(6)}"
    yield empty_database(url, name, template)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema, whether or not a loop runs in this thread."""

    async def bring() -> None:
        database = Database(url)
        await upgrade(database)
        await database.close()

    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, bring()).result()


def copy_schema(template: Path, folder: Path) -> str:
    """Put a copy of the SQLite database that stands in ``template`` into ``folder``; returns its URL."""
    for path in template.iterdir():
        shutil.copy(path, folder)
    return sqlite_url(folder)
