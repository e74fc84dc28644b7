"""What a backup takes and what it gives back: how old the data is that comes back (RPO), how long that takes (RTO).

    python -m benchmarks.storage.backup [--documents 1000] [--file-kb 200] FOLDER

Documents of ten passages, each with a file, are written to FOLDER. The data and the keys are backed up while somebody
reads and somebody writes, and restored into an empty place with the index; the vectors are stored ones, nothing is
embedded. The service is not run: what is compared is reading and writing the database beside the backup and alone.
"""

import argparse
import asyncio
import multiprocessing
import os
import shutil
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from api.doctor import build_index, examine
from benchmarks.storage.workspace import PASSAGES, write_workspace
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
from wenyuan.settings import IngestSettings, Settings

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
    chosen = options.parse_args()
    print(machine_line())
    asyncio.run(_measure(chosen.folder, chosen.documents, chosen.file_kb * 1024))


async def _measure(folder: Path, documents: int, file_bytes: int) -> None:
    given = Settings(data_dir=folder / "data", ingest=IngestSettings(min_free_mb=0, ocr=False))
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
    _timed("verify", lambda: verify_archive(data, secret))
    await _restored(folder / "again", data, keys, secret)


def _take(settings: Settings, data: Path, keys: Path, secret: Secret) -> tuple[float, float]:
    """Back up; returns the moment that the copy is of (Unix seconds), and how long it took (s)."""
    started = time.perf_counter()
    moment = back_up_data(settings, data, secret).manifest.taken_at
    back_up_keys(settings, keys, secret)
    return moment, time.perf_counter() - started


async def _restored(folder: Path, data: Path, keys: Path, secret: Secret) -> None:
    settings = Settings(data_dir=folder / "data", ingest=IngestSettings(min_free_mb=0, ocr=False))
    started = time.perf_counter()
    unpacked = 0.0

    async def finish(made: Settings, _restored: Restored) -> None:
        nonlocal unpacked
        unpacked = time.perf_counter() - started
        await build_index(made)

    await restore(settings, data, keys, secret, finish)
    print(f"restore {time.perf_counter() - started:.1f} s, of which {unpacked:.1f} s before the index")
    for finding in await examine(settings):
        print(f"doctor: {finding}")
    shutil.rmtree(folder)


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


def _timed(name: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    print(f"{name} {time.perf_counter() - started:.1f} s")


def _quantiles(times: list[float]) -> str:
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    main()
