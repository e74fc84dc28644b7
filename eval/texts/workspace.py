"""A workspace: a data folder of its own, with a directory of two accounts, in which a data set of texts is loaded."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.bootstrap import open_database
from eval.datasets import Dataset, DatasetError
from eval.texts.bulk import BulkLoader, Progress
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.index.common import fingerprint, lexical_fingerprint
from retrieval.index.factory import open_index
from retrieval.index.folder import FolderLock
from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.db.access.directory import create_user, find_user
from wenyuan.db.access.spaces import Space, create_space, find_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.engine import Database
from wenyuan.db.migrate import upgrade
from wenyuan.errors import UnknownName
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, VectorIndex
from wenyuan.settings import Settings

#: Reads the corpus; may read nothing, so that every run can show that the scope holds.
READER: Final = "evaluator"
OUTSIDER: Final = "outsider"
SPACE: Final = "corpus"
_MANIFEST: Final = "workspace.json"
_VECTORS: Final = "vectors"


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace with its corpus in it; ``reused`` if the corpus stood there before."""

    settings: Settings
    database: Database
    embedder: Embedder
    index: VectorIndex
    texts: int
    chunks: int
    embedded: int
    reused: bool
    load_seconds: float

    async def scope_of(self, user: str) -> AccessScope:
        """Mint the scope of a user of the workspace; raises ``DatasetError`` for an unknown one."""
        try:
            async with self.database.read() as tx:
                found = await find_user(tx, user)
        except UnknownName as error:
            raise DatasetError(
                reason=f"--as {user}: the workspace has {READER} and {OUTSIDER} / 工作区没有该用户"
            ) from error
        return await resolve_scope(Directory(self.database), Principal(found.id, found.name, found.roles))


@contextlib.asynccontextmanager
async def open_workspace(
    folder: Path, dataset: Dataset, settings: Settings, progress: Progress
) -> AsyncIterator[Workspace]:
    """Open ``folder`` with the corpus of ``dataset`` loaded under the configured embedder.

    A workspace of the same corpus, embedder and chunker is used as it stands, or completed if its load was interrupted;
    any other content is replaced, except for the vector cache. Raises ``IndexLocked`` while another run holds it.
    """
    own = settings.model_copy(update={"data_dir": folder})
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        embedder = await asyncio.to_thread(open_embedder, own.embedding, own.models_dir)
        stack.callback(embedder.close)
        chunker = open_chunker(own.ingest, embedder)
        digest, texts = await asyncio.to_thread(dataset.corpus_digest)
        words = lexical_fingerprint(corpus_idf=own.retrieval.idf == "corpus")
        filled = fingerprint(embedder.fingerprint, words)
        wanted = {"corpus": digest, "index": filled, "chunker": chunker.fingerprint}
        manifest = await asyncio.to_thread(_prepare_folder, folder, wanted)
        given = (own.index, folder / "index", embedder.fingerprint, embedder.dimension)
        index = await open_index(*given, words)
        stack.push_async_callback(index.close)
        database = open_database(own)
        stack.push_async_callback(database.close)
        cache = stack.enter_context(VectorCache(folder / _VECTORS, embedder))
        chunks, start, reused = manifest.get("chunks"), loop.time(), True
        if not isinstance(chunks, int):
            reused = False
            await upgrade(database)
            space, owner = await _directory(database)
            loader = BulkLoader(database, index, chunker, cache, owner)
            await loader.load(space, dataset.texts(), texts, progress, resume=bool(manifest))
            chunks = len(await index.point_ids())
            _write_manifest(folder, wanted | {"chunks": chunks})
        yield Workspace(
            own, database, embedder, index, texts, chunks, cache.embedded, reused, round(loop.time() - start, 1)
        )


def _prepare_folder(folder: Path, wanted: dict[str, str]) -> dict[str, object]:
    """Return the manifest of the folder if it fits, else empty the folder and begin a manifest."""
    path = folder / _MANIFEST
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if found and all(found.get(key) == value for key, value in wanted.items()):
        return found
    entries = list(folder.iterdir()) if folder.is_dir() else []
    if entries and not found:
        raise DatasetError(
            reason=f"{folder} holds something else; name another --out / 目录中有其他内容，请换一个 --out"
        )
    if (folder / "index").is_dir():
        FolderLock(folder / "index").release()  # raises while another run works here
    for entry in entries:
        if entry.name == _VECTORS:
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    _write_manifest(folder, wanted)
    return {}


def _write_manifest(folder: Path, content: dict[str, str] | dict[str, str | int]) -> None:
    partial = folder / f"{_MANIFEST}.partial"
    partial.write_text(json.dumps(content, indent=1), encoding="utf-8")
    partial.replace(folder / _MANIFEST)


async def _directory(database: Database) -> tuple[Space, str]:
    """Return the space of the corpus and its reader's id; made at the first call."""
    async with database.write() as tx:
        try:
            return await find_space(tx, SPACE), (await find_user(tx, READER)).id
        except UnknownName:
            reader = await create_user(tx, READER, "Evaluation / 评测")
            await create_user(tx, OUTSIDER, "Outsider / 无权用户")
            policy = AccessPolicy(allow=(Subject(SubjectKind.USER, reader.id),))
            return await create_space(tx, SPACE, "Corpus / 语料", policy), reader.id
