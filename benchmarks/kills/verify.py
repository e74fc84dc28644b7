"""Compares the journal with SQL, index and files, read without the product's own code."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import qdrant_edge as engine

from benchmarks.kills.client import Entry, People, search, speaker
from wenyuan.db.vault.opening import open_vault
from wenyuan.settings import Settings
from wenyuan.vault.errors import KeyDestroyed, StoredTextDamaged
from wenyuan.vault.stored import StoredFiles

_PAGE: Final = 1000
_ENDED: Final = ("published", "superseded", "failed")


@dataclass
class Findings:
    """One sentence for each thing that is not as it must be, by kind; and counts of what may be."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    published: int = 0
    deleted: int = 0
    failed: int = 0
    unexpected_failures: int = 0
    unacknowledged: int = 0
    searched: int = 0

    def note(self, kind: str, sentence: str) -> None:
        """Add a fault."""
        self.faults.setdefault(kind, []).append(sentence)

    def count(self, kind: str) -> int:
        """Return how many faults of a kind there are."""
        return len(self.faults.get(kind, []))


def open_sql(data: Path) -> sqlite3.Connection:
    """Open the database of the data folder for reading."""
    connection = sqlite3.connect(f"file:{data / 'wenyuan.sqlite3'}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    return connection


def unfinished_jobs(data: Path) -> int:
    """Return how many jobs wait or run."""
    with open_sql(data) as sql:
        count: int = sql.execute("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')").fetchone()[0]
    sql.close()
    return count


async def check_answers(url: str, people: People, entries: Sequence[Entry], findings: Findings, data: Path) -> None:
    """Search for the passage of every text: only the published one is found, and only by who may read it."""
    with open_sql(data) as sql:
        current = {row["id"]: row["sha256"] for row in sql.execute(_CURRENT)}
    sql.close()
    async with speaker(url, people.reader) as reader, speaker(url, people.stranger) as stranger:
        for entry in entries:
            for text in {text.word: text for text in entry.texts if text.readable}.values():
                found = await search(reader, text.passage, text.word)
                answers = current.get(entry.id) == text.sha256 and not entry.deleted
                if answers and not found.get(entry.id):
                    findings.note("unfound", f"{text.filename} {text.word}: {entry.id} is published and not found")
                if not answers and found.get(entry.id):
                    findings.note("stale", f"{text.filename} {text.word}: {entry.id} answers with a text it lost")
                if await search(stranger, text.passage, text.word):
                    findings.note("leaks", f"{text.filename}: found by somebody without rights")
                findings.searched += 1


def check_stores(data: Path, entries: Sequence[Entry], findings: Findings) -> None:
    """Compare the stopped server's database, index and files with the journal and with each other."""
    sql = open_sql(data)
    try:
        _check_journal(sql, entries, findings)
        _check_versions(sql, findings)
        number = sql.execute("SELECT number FROM indexes WHERE state = 'current'").fetchone()["number"]
        _check_index(sql, _points(data / "index" / str(number) / "shard"), findings)
        _check_deleted(sql, findings)
        _check_files(sql, data, findings)
        if (said := sql.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            findings.note("damage", str(said))
    finally:
        sql.close()


_CURRENT: Final = "SELECT d.id, v.sha256 FROM documents d JOIN versions v ON v.id = d.current_version_id"
_WANTED: Final = """
    SELECT d.deleted, d.current_version_id, v.id, v.state, v.error, v.sha256,
           (SELECT count(*) FROM jobs j
            WHERE j.subject = v.id AND j.state = 'dead' AND j.error_code IS NOT NULL) AS dead
    FROM documents d LEFT JOIN versions v ON v.id = d.wanted_version_id WHERE d.id = ?"""


def _check_journal(sql: sqlite3.Connection, entries: Sequence[Entry], findings: Findings) -> None:
    """Every acknowledged file is published, or failed with a reason; every acknowledged deletion holds."""
    for entry in entries:
        row = sql.execute(_WANTED, (entry.id,)).fetchone()
        name = f"{entry.wanted.filename} {entry.id}"
        if row is None:
            findings.note("lost", f"{name}: no such document")
        elif entry.deleted:
            findings.deleted += 1
            if not row["deleted"]:
                findings.note("lost", f"{name}: its deletion is lost")
        elif row["deleted"] or row["sha256"] != entry.wanted.sha256:
            findings.note("lost", f"{name}: the acknowledged version is not the one wanted")
        elif row["state"] == "published" and row["current_version_id"] == row["id"]:
            findings.published += 1
        elif row["state"] == "failed" and row["error"] and row["dead"]:
            findings.failed += 1
            findings.unexpected_failures += entry.wanted.readable
        else:
            findings.note("lost", f"{name}: ended as {row['state']} without a reason")
    known = {entry.id for entry in entries}
    findings.unacknowledged = sum(row["id"] not in known for row in sql.execute("SELECT id FROM documents"))


def _check_versions(sql: sqlite3.Connection, findings: Findings) -> None:
    """No version waits for nobody, and the chunks of each are numbered without gap or repetition."""
    for job in sql.execute("SELECT id, kind, state FROM jobs WHERE state IN ('queued', 'running')"):
        findings.note("stuck", f"job {job['id']} {job['kind']} is {job['state']}")
    statement = (
        "SELECT v.id, v.state, v.chunk_count, d.deleted, d.wanted_version_id, d.current_version_id "
        "FROM versions v JOIN documents d ON d.id = v.document_id"
    )
    for row in sql.execute(statement):
        if not row["deleted"] and row["state"] not in _ENDED:
            findings.note("stuck", f"version {row['id']} is {row['state']}")
        if row["state"] == "published" and not row["deleted"] and row["id"] != row["current_version_id"]:
            findings.note("stuck", f"version {row['id']} says it is published and does not answer")
        ordinals = [
            chunk["ordinal"]
            for chunk in sql.execute("SELECT ordinal FROM chunks WHERE version_id = ? ORDER BY ordinal", (row["id"],))
        ]
        if len(ordinals) != len(set(ordinals)):
            findings.note("duplicates", f"version {row['id']} holds a chunk twice")
        if row["id"] == row["current_version_id"] and ordinals != list(range(row["chunk_count"])):
            findings.note("partial", f"version {row['id']} answers with {len(ordinals)} of {row['chunk_count']} chunks")


def _check_index(sql: sqlite3.Connection, points: list[tuple[str, dict[str, Any]]], findings: Findings) -> None:
    """The index holds exactly the chunks of the current versions, each once, under the right ids."""
    statement = (
        "SELECT c.id, d.id AS document, c.version_id AS version, d.policy_id AS policy "
        "FROM chunks c JOIN documents d ON d.current_version_id = c.version_id WHERE NOT d.deleted"
    )
    expected = {row["id"]: dict(row) for row in sql.execute(statement)}
    for chunk, times in Counter(chunk for chunk, _ in points).items():
        if times > 1:
            findings.note("duplicates", f"chunk {chunk} is {times} times in the index")
    held = dict(points)
    for chunk in held.keys() - expected.keys():
        findings.note("orphans", f"point {chunk} of version {held[chunk].get('version')}")
    for chunk in expected.keys() - held.keys():
        findings.note("missing", f"chunk {chunk} of version {expected[chunk]['version']}")
    for chunk in expected.keys() & held.keys():
        if any(held[chunk].get(key) != expected[chunk][key] for key in ("document", "version", "policy")):
            findings.note("damage", f"point {chunk} carries {held[chunk]}")
    unembedded = sql.execute("SELECT count(*) FROM chunk_vectors WHERE chunk_id NOT IN (SELECT id FROM chunks)")
    if count := unembedded.fetchone()[0]:
        findings.note("orphans", f"{count} stored vectors of no chunk")


def _check_deleted(sql: sqlite3.Connection, findings: Findings) -> None:
    """Nothing of the text of a deleted document is left in SQL."""
    for table in ("chunks", "blocks", "pages"):
        statement = (
            f"SELECT v.id, count(*) AS rows FROM {table} x JOIN versions v ON v.id = x.version_id "
            "JOIN documents d ON d.id = v.document_id WHERE d.deleted GROUP BY v.id"
        )
        for row in sql.execute(statement):
            findings.note("unerased", f"{row['rows']} rows in {table} of deleted version {row['id']}")


def _check_files(sql: sqlite3.Connection, data: Path, findings: Findings) -> None:
    """The stored files are those of the versions of live documents, whole; nothing else is stored."""
    statement = "SELECT v.path, v.sha256, d.deleted FROM versions v JOIN documents d ON d.id = v.document_id"
    rows = list(sql.execute(statement))
    live = {row["path"]: row["sha256"] for row in rows if not row["deleted"]}
    stored = {str(path.relative_to(data)): path for path in (data / "files").rglob("*") if path.is_file()}
    for path in live.keys() - stored.keys():
        findings.note("lost", f"file {path} is gone")
    vault = open_vault(Settings(data_dir=data))
    try:
        for path in live.keys() & stored.keys():
            if _sha256(StoredFiles(vault), stored[path]) != live[path]:
                findings.note("damage", f"file {path} has another content")
    finally:
        vault.close()
    gone = {row["path"] for row in rows if row["deleted"]}
    for path in stored.keys() - live.keys():
        kind = "unerased" if path in gone else "stray files"
        findings.note(kind, f"file {path}")


def _sha256(files: StoredFiles, path: Path) -> str | None:
    try:
        with files.plain(path) as plain:
            return hashlib.sha256(plain.path.read_bytes()).hexdigest()
    except (StoredTextDamaged, KeyDestroyed):
        return None


def _points(shard: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return (chunk id, payload) of every point, a point that is held twice twice."""
    index = engine.EdgeShard.load(str(shard))
    found: list[tuple[str, dict[str, Any]]] = []
    offset: engine.PointId | None = None
    while True:
        request = engine.ScrollRequest(offset=offset, limit=_PAGE, with_payload=True)
        records, offset = index.scroll(request)
        found += [(str(record.id), dict(record.payload or {})) for record in records]
        if offset is None:
            break
    if index.count(engine.CountRequest(exact=True)) != len(found):
        raise RuntimeError("the index counts other points than it lists")
    index.close()
    return found
