"""A data folder as the service leaves it, written in seconds: sealed documents with files, passages and vectors."""

import asyncio
import random
from pathlib import Path
from typing import Final

import numpy as np

from api.bootstrap import open_database
from wenyuan.access import AccessPolicy, Role, Subject, SubjectKind
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.bulk import TextVersion, publish_texts
from wenyuan.db.engine import Database
from wenyuan.db.migrate import upgrade
from wenyuan.db.vault.opening import tie
from wenyuan.documents import BlockRange, Chunk, SourceFile
from wenyuan.settings import Settings
from wenyuan.vault.stored import StoredFiles

PASSAGES, CHARACTERS = 10, 500
_TOGETHER: Final = 100


async def write_workspace(
    settings: Settings, documents: int, file_bytes: int, model: str = "none", dimension: int = 384
) -> Database:
    """Write documents of ten passages, each with a file of that size; returns the open database.

    Vectors are random ones of ``model``, at whose ``dimension`` an index takes them.
    """
    database = await asyncio.to_thread(open_database, settings)
    await upgrade(database)
    await tie(database)
    async with database.write() as tx:
        user = (await create_user(tx, "li", "li", frozenset({Role.ADMINISTRATOR}), 1)).id
        space = await create_space(tx, "s", "s", AccessPolicy(allow=(Subject(SubjectKind.USER, user),)))
    chance = random.Random(3)
    stored = StoredFiles(database.vault)
    for start in range(0, documents, _TOGETHER):
        texts = [_text(number, chance, file_bytes, dimension) for number in range(documents)[start : start + _TOGETHER]]
        for text in texts:
            await asyncio.to_thread(_keep, stored, settings.data_dir / text.source.path, chance.randbytes(file_bytes))
        async with database.write() as tx:
            await publish_texts(tx, space, user, model, texts)
    return database


def _keep(stored: StoredFiles, path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    stored.keep(content, path)


def _text(number: int, chance: random.Random, file_bytes: int, dimension: int) -> TextVersion:
    passages = ["".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(CHARACTERS)) for _ in range(PASSAGES)]
    chunks = [
        Chunk(ordinal, text, "手册 › 第一章", ("手册", "第一章"), (BlockRange(ordinal, 0, len(text)),), 300, "zh")
        for ordinal, text in enumerate(passages)
    ]
    vectors = np.random.default_rng(number).standard_normal((PASSAGES, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    source = SourceFile(f"files/doc_{number}/{number:064x}", "f.md", f"{number:064x}", file_bytes, "text/markdown")
    return TextVersion(f"doc_{number}", f"ver_{number}", f"题{number}", source, chunks, list(vectors))
