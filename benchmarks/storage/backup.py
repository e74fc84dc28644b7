"""What a backup takes and what it gives back: how old the data is that comes back (RPO), how long that takes (RTO).

    python -m benchmarks.storage.backup [--documents 1000] [--file-kb 200] [--postgres] FOLDER

Documents of ten passages, each with a file, are written to FOLDER. The data and the keys are backed up while somebody
reads and somebody writes, and restored into an empty place with the index; the vectors are stored ones, nothing is
embedded. The service is not run: what is compared is reading and writing the database beside the backup and alone.
``--postgres``: the databases are on a PostgreSQL server that is started for it; the index, which would be on another
server, is left out there.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import shutil
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from pydantic import SecretStr

from api.doctor import build_index, examine
from benchmarks.storage.workspace import PASSAGES, write_workspace
from tests.databases import empty_database, postgres_server
from wenyuan.access import Principal, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db.access.directory import list_users
from wenyuan.db.access.visibility import Directory
from wenyuan.db.backup.archive import Secret, verify_archive
from wenyuan.db.backup.restoring import Restored, restore
from wenyuan.db.backup.taking import back_up_data, back_up_keys
from wenyuan.db.counters import raise_counter
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.health import published_chunk_ids
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.settings import DatabaseSettings, IndexSettings, IngestSettings, Settings

_PAUSE_S = 0.01
T = TypeVar("T")


@dataclass
class Beside:
    """Times of reads and writes, ms."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)

    def told(self, what: str) -> str:
        """Return medians and 95th percentiles."""
        return f"{what}: reads {_quantiles(self.reads)}, writes {_quantiles(self.writes)}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--documents", type=int, default=1000)
    options.add_argument("--file-kb", type=int, default=200)
    options.add_argument("--postgres", action="store_true")
    chosen = options.parse_args()
    print(machine_line())
    with contextlib.ExitStack() as stack:
        server = None
        if chosen.postgres:
            server = stack.enter_context(postgres_server(Path(stack.enter_context(TemporaryDirectory()))))
        asyncio.run(_measure(chosen.folder, chosen.documents, chosen.file_kb * 1024, server))


def _settings(folder: Path, server: str | None, name: str) -> Settings:
    """Return settings of a place, with a database of that name on the server if there is one."""
    files = IngestSettings(min_free_mb=0, ocr=False)
    if server is None:
        return Settings(data_dir=folder / "data", ingest=files)
    return Settings(
        profile="server",
        data_dir=folder / "data",
        ingest=files,
        database=DatabaseSettings(url=SecretStr(empty_database(server, name))),
        index=IndexSettings(kind="server", url="http://127.0.0.1:6333"),
    )


async def _measure(folder: Path, documents: int, file_bytes: int, server: str | None) -> None:
    given = _settings(folder, server, "first")
    embedder = await asyncio.to_thread(open_embedder, given.embedding, given.models_dir)
    made = (embedder.fingerprint, embedder.dimension)
    embedder.close()
    database = await write_workspace(given, documents, file_bytes, *made)
    secret = Secret(os.urandom(32), is_key=True)
    data, keys = folder / "data.wyb", folder / "keys.wyb"
    alone, beside = Beside(), Beside()
    await _beside(database, alone, asyncio.create_task(asyncio.sleep(3)))
    began = time.time()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:  # as an administrator's command is
        taking = asyncio.get_running_loop().run_in_executor(other, _take, given, data, keys, secret)
        moment, taken_s = await _beside(database, beside, taking)
    await database.close()
    size = data.stat().st_size / 2**20
    print(f"{documents} documents of {PASSAGES}: data {size:.0f} MiB, keys {keys.stat().st_size >> 10} KiB")
    print(f"backup {taken_s:.1f} s ({size / taken_s:.0f} MiB/s), begun {moment - began:.2f} s after the command")
    print(alone.told("alone "))
    print(beside.told("beside"))
    started = time.perf_counter()
    verify_archive(data, secret)
    print(f"verify {_rate(size, started)}")
    await _restored(_settings(folder / "again", server, "second"), data, keys, secret, size)


def _take(settings: Settings, data: Path, keys: Path, secret: Secret) -> tuple[float, float]:
    """Back up; returns the moment that the copy is of (Unix seconds), and how long it took (s)."""
    started = time.perf_counter()
    moment = back_up_data(settings, data, secret).manifest.taken_at
    back_up_keys(settings, keys, secret)
    return moment, time.perf_counter() - started


async def _restored(settings: Settings, data: Path, keys: Path, secret: Secret, size: float) -> None:
    started = time.perf_counter()

    async def finish(made: Settings, _restored: Restored) -> None:
        if settings.profile == "solo":
            print(f"restore before the index {_rate(size, started)}")
            await build_index(made)

    await restore(settings, data, keys, secret, finish)
    print(f"restore {_rate(size, started)}")
    for finding in await examine(settings) if settings.profile == "solo" else ():
        print(f"doctor: {finding}")
    shutil.rmtree(settings.data_dir.parent)


def _rate(size: float, started: float) -> str:
    """Return how long ``size`` MiB took since ``started``, and how many that is a second."""
    took = time.perf_counter() - started
    return f"{took:.1f} s ({size / took:.0f} MiB/s)"


async def _beside(database: Database, found: Beside, until: "asyncio.Future[T]") -> T:
    """Read and write until a task ends; returns what it returns."""
    async with database.read() as tx:
        user = next(user for user in await list_users(tx) if user.name == "li")
    scope = await resolve_scope(Directory(database), Principal(user.id, "li"))
    store = SqlEvidenceStore(database)
    hits = [Hit(chunk, 1.0, rank) for rank, chunk in enumerate(await _chunks(database))]
    while not until.done():
        started = time.perf_counter()
        await store.load(scope, hits)
        found.reads.append((time.perf_counter() - started) * 1e3)
        started = time.perf_counter()
        async with database.write() as tx:
            await raise_counter(tx, "benchmark")
        found.writes.append((time.perf_counter() - started) * 1e3)
        await asyncio.sleep(_PAUSE_S)
    return await until


async def _chunks(database: Database) -> list[str]:
    async with database.read() as tx:
        return sorted(await published_chunk_ids(tx))[:20]


def _quantiles(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    main()
