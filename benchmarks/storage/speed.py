"""What sealing costs: a passage opened, a question's evidence loaded, rows written, the size of the database.

    python -m benchmarks.storage.speed [--documents 2000] [--questions 300] FOLDER

Documents of ten passages of 500 characters are written twice, with a vault and without one, and the same passages are
loaded through the same scope in turns, so that a busy machine disturbs both alike.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.bulk import TextVersion, publish_texts
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.migrate import upgrade
from wenyuan.db.vault.store import SqlKeyStore, sqlite_vault_url
from wenyuan.documents import BlockRange, Chunk, SourceFile
from wenyuan.vault.keeper import Vault
from wenyuan.vault.master import MasterFile

PASSAGES, CHARACTERS, LOADED = 10, 500, 20
_TOGETHER = 100
_VECTOR = np.ones(384, np.float32)


@dataclass
class Side:
    """One of the two databases."""

    name: str
    database: Database
    scope: AccessScope
    written_s: float
    ids: list[str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--documents", type=int, default=2000)
    options.add_argument("--questions", type=int, default=300)
    chosen = options.parse_args()
    asyncio.run(_measure(chosen.folder, chosen.documents, chosen.questions))
    _alone(chosen.folder)


async def _measure(folder: Path, documents: int, questions: int) -> None:
    for name in ("plain", "sealed/keys"):
        (folder / name).mkdir(parents=True)
    sides = [await _side(folder / name, name, documents) for name in ("plain", "sealed")]
    for side in sides:
        size = sum(path.stat().st_size for path in (folder / side.name).glob("wenyuan.sqlite3*"))
        rate = documents * PASSAGES / side.written_s
        print(f"{side.name:7} {rate:8.0f} passages/s written, {size / documents / PASSAGES:7.0f} bytes a passage")
    taken: dict[str, list[float]] = {side.name: [] for side in sides}
    cpu: dict[str, list[float]] = {side.name: [] for side in sides}
    chance = random.Random(7)
    for round_ in range(questions):
        picked = chance.sample(range(documents * PASSAGES), LOADED)
        for side in sides if round_ % 2 else sides[::-1]:
            hits = [Hit(side.ids[number], 1.0, rank) for rank, number in enumerate(picked)]
            started, worked = time.perf_counter(), time.process_time()
            found = await SqlEvidenceStore(side.database).load(side.scope, hits)
            taken[side.name].append((time.perf_counter() - started) * 1e3)
            cpu[side.name].append((time.process_time() - worked) * 1e3)
            if len(found) != LOADED:
                raise SystemExit("passages are missing")
    for name, times in taken.items():
        ordered = sorted(times)
        print(f"{name:7} {LOADED} passages loaded: p50 {statistics.median(times):.2f} ms, "
              f"p95 {ordered[int(len(ordered) * 0.95)]:.2f} ms, {statistics.median(cpu[name]):.2f} ms CPU")  # fmt: skip
    for side in sides:
        await side.database.close()


async def _side(folder: Path, name: str, documents: int) -> Side:
    vault = None
    if name == "sealed":
        vault = Vault(SqlKeyStore(sqlite_vault_url(folder / "keys")), MasterFile(folder / "keys" / "vault.key"))
    database = Database(sqlite_url(folder), vault=vault)
    await upgrade(database)
    async with database.write() as tx:
        user = (await create_user(tx, "li", "li", frozenset(), 1)).id
        space = await create_space(tx, "s", "s", AccessPolicy(allow=(Subject(SubjectKind.USER, user),)))
    chance = random.Random(3)
    texts = [_text(number, chance) for number in range(documents)]
    started = time.perf_counter()
    for start in range(0, documents, _TOGETHER):
        async with database.write() as tx:
            await publish_texts(tx, space, user, "none", texts[start : start + _TOGETHER])
    written = time.perf_counter() - started
    scope = await resolve_scope(Directory(database), Principal(user, "li"))
    return Side(name, database, scope, written, [one for text in texts for one in text.chunk_ids()])


def _text(number: int, chance: random.Random) -> TextVersion:
    passages = ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(CHARACTERS)) for _ in range(PASSAGES)]
    chunks = [
        Chunk(ordinal, text, "手册 › 第一章", ("手册", "第一章"), (BlockRange(ordinal, 0, len(text)),), 300, "zh")
        for ordinal, text in enumerate(passages)
    ]
    source = SourceFile(f"files/{number}", "f.md", f"{number}", 1, "text/markdown")
    return TextVersion(f"doc_{number}", f"ver_{number}", f"题{number}", source, chunks, [_VECTOR] * PASSAGES)


def _alone(folder: Path) -> None:
    """Print what sealing and opening a passage takes with its key in memory, and a key's first use."""
    vault = Vault(
        SqlKeyStore(sqlite_vault_url(folder / "sealed" / "keys")), MasterFile(folder / "sealed/keys/vault.key")
    )
    plain = ("字" * CHARACTERS).encode()
    sealed = vault.seal("doc_1", "p", plain)
    works: dict[str, Callable[[], bytes]] = {
        "seal": lambda: vault.seal("doc_1", "p", plain),
        "open": lambda: vault.open("doc_1", "p", sealed),
    }
    for name, work in works.items():
        started = time.process_time()
        for _ in range(20_000):
            work()
        print(f"{name:7} {(time.process_time() - started) / 20_000 * 1e6:.1f} µs CPU a passage of {len(plain)} bytes")
    cold = [f"doc_{number}" for number in range(200, 300)]
    started = time.process_time()
    for subject in cold:
        vault.ready([subject])
    alone = (time.process_time() - started) / len(cold) * 1e6
    together = [f"doc_{number}" for number in range(300, 400)]
    started = time.process_time()
    vault.ready(together)
    others = (time.process_time() - started) / len(together) * 1e6
    print(f"key     {alone:.0f} µs CPU read alone, {others:.0f} µs with others")
    vault.close()


if __name__ == "__main__":
    main()
