"""Random people ask the whole retriever over a small corpus that changes; the oracle says what they may be given.

The index is told nothing of changed policies, deletions and new versions, as if it lagged behind for ever: what comes
out is right by the reads alone. Time is set, not waited for.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
import time_machine

from benchmarks.access.made.written import Written
from retrieval.index import open_index
from retrieval.service import HybridRetriever
from tests.oracle.policies import World, may_read
from tests.oracle.worlds import MOMENTS, draw_world
from wenyuan.access import AccessPolicy, AccessScope, Principal, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.contents import write_chunks
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.migrate import upgrade
from wenyuan.documents import BlockRange, Chunk, SourceFile
from wenyuan.errors import Unauthenticated
from wenyuan.ids import chunk_id
from wenyuan.ports import IndexPoint, Vectors
from wenyuan.settings import IndexSettings, RetrievalSettings

_DIMENSION: Final = 32
_DOCUMENTS: Final = 24
_CHUNKS: Final = 3
_WORDS: Final = ("薪酬", "董事会", "采购", "安全", "合同", "审计", "差旅", "保密")
#: Trials between two changes.
_CALM: Final = 20


class Leak(AssertionError):
    """Somebody was given what the oracle does not let them read."""


class WordEmbedder:
    """A vector a text, by its digest: near to nothing, and the same again for the same text."""

    name = "digest"
    fingerprint = "digest-1"
    dimension = _DIMENSION

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return np.stack([self._one(text) for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return self.embed_passages(texts)

    def count_tokens(self, text: str) -> int:
        """Return the number of characters."""
        return len(text)

    def close(self) -> None:
        """Nothing to free."""

    def _one(self, text: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        vector = np.random.default_rng(seed).standard_normal(_DIMENSION, np.float32)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


@dataclass
class Counts:
    """Trials, those of them in which something was shown, and the passages looked at."""

    trials: int = 0
    shown: int = 0
    passages: int = 0


@dataclass
class Corpus:
    """What the oracle knows: under which policy a document stands, and its version; deleted ones are not there."""

    policies: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    chunks: dict[str, list[str]] = field(default_factory=dict)


def _share(world: World) -> float:
    """Return the share of decisions of a world that are permissions."""
    said = [
        may_read(world, name, rule, moment)
        for name in world.people
        for rule in range(len(world.rules))
        for moment in MOMENTS
    ]
    return sum(said) / len(said)


class Pipeline:
    """A database, an index and a retriever in a folder, with a world of the oracle."""

    def __init__(self, database: Database, index: Any, draw: random.Random) -> None:
        self.database = database
        self.index = index
        self.draw = draw
        self.store = SqlEvidenceStore(database)
        self.embedder = WordEmbedder()
        self.retriever = HybridRetriever(index, self.store, self.embedder, RetrievalSettings())
        self.directory = Directory(database)
        self.corpus = Corpus()
        self.counts = Counts()
        self.written: Written
        self.space = self.owner = ""
        self.held: dict[str, AccessScope] = {}

    @classmethod
    async def open(cls, folder: Path, draw: random.Random) -> "Pipeline":
        """Return a pipeline over a fresh world."""
        database = Database(sqlite_url(folder))
        await upgrade(database)
        embedder = WordEmbedder()
        given = (IndexSettings(), folder / "index", embedder.fingerprint, embedder.dimension)
        made = cls(database, await open_index(*given), draw)
        world = draw_world(draw)
        while not 0.2 < _share(world) < 0.9:  # who reads nothing, or everything, shows little
            world = draw_world(draw)
        async with database.write() as tx:
            made.written = await Written.write(tx, world)
            made.owner = (await create_user(tx, "owner", "")).id
            made.space = (await create_space(tx, "space", "", AccessPolicy())).id
        for number in range(_DOCUMENTS):
            await made._publish(f"doc_{number}", draw.randrange(len(world.rules)))
        return made

    async def close(self) -> None:
        """Close index and database."""
        await self.index.close()
        await self.database.close()

    async def run(self, trials: int) -> Counts:
        """Run so many trials; raises ``Leak`` at the first wrong one."""
        with time_machine.travel(MOMENTS[0], tick=False) as clock:
            for number in range(trials):
                if number % _CALM == _CALM - 1:
                    await self._change()
                clock.move_to(self.draw.choice(MOMENTS))
                await self._trial(clock)
        return self.counts

    async def _trial(self, clock: Any) -> None:
        name = self.draw.choice(sorted(self.written.world.people))
        moment = self.draw.choice(MOMENTS)
        told = self.written.told(name, moment)
        clock.move_to(moment)
        self.counts.trials += 1
        try:
            scope = await self._scope(name)
        except Unauthenticated:
            if told:
                raise Leak(f"{name} reads {told} and is refused") from None
            return
        found = await self._read(scope)
        self.counts.passages += len(found)
        self.counts.shown += bool(found)
        for document, version in found:
            place = f"{name} at {moment}: {document} {version}"
            if self.corpus.versions.get(document) != version:
                raise Leak(f"{place}: deleted or superseded")
            if self.written.policies[self.corpus.policies[document]] not in told:
                raise Leak(f"{place}: not theirs")

    async def _scope(self, name: str) -> AccessScope:
        """Return a scope of now, or one that was minted at another time before something changed."""
        if name in self.held and self.draw.random() < 0.4:
            return self.held[name]
        user = self.written.ids["user", name]
        self.held[name] = await resolve_scope(self.directory, Principal(user, name))
        return self.held[name]

    async def _read(self, scope: AccessScope) -> list[tuple[str, str]]:
        """Read by one of the ways there are; returns (document, version) of each passage."""
        kind = self.draw.random()
        document = self.draw.choice(sorted(self.corpus.chunks))
        if kind < 0.6:
            question = f"{self.draw.choice(_WORDS)} {self.draw.choice(_WORDS)}"
            pieces = await self.retriever.retrieve(scope, question, self.draw.choice((1, 5, 50)))
        elif kind < 0.75:
            hits = [Hit(one, 1.0, 0) for one in self.corpus.chunks[document]]
            pieces = await self.store.load(scope, hits)
        elif kind < 0.85:
            near = await self.store.beside(scope, self.corpus.chunks[document][-2:], 2)
            pieces = [one.evidence for one in near]
        elif kind < 0.9:
            pieces, _ = await self.store.whole(scope, document, 10)
        else:
            async with self.database.read() as tx:
                listed = await docs.load_documents(scope, tx, None, None, 100)
            return [(one.id, str(one.current_version_id)) for one in listed]
        return [(piece.document_id, piece.version_id) for piece in pieces]

    async def _change(self) -> None:
        """Change the world, or the corpus behind the back of the index."""
        live = sorted(self.corpus.versions)
        document = self.draw.choice(live)
        kind = self.draw.random()
        if kind < 0.5:
            async with self.database.write() as tx:
                self.written.tx = tx
                await self.written.change(self.draw)
        elif kind < 0.75:
            number = self.draw.randrange(len(self.written.policies))
            async with self.database.write() as tx:
                await docs.set_document_policy(tx, document, self.written.policies[number])
            self.corpus.policies[document] = number
        elif kind < 0.9 or len(live) < _DOCUMENTS // 2:
            await self._publish(document, self.corpus.policies[document])
        else:
            async with self.database.write() as tx:
                await docs.mark_deleted(tx, document)
            del self.corpus.versions[document]
            fresh = f"doc_{self.draw.getrandbits(60)}"
            await self._publish(fresh, self.draw.randrange(len(self.written.policies)))

    async def _publish(self, document: str, policy: int) -> None:
        """Publish a version of a document, new or not; the index keeps what it had and gets what is new."""
        draw, version = self.draw, f"ver_{self.draw.getrandbits(60)}"
        texts = [f"{draw.choice(_WORDS)} {draw.choice(_WORDS)} CANARY {document} {n}" for n in range(_CHUNKS)]
        chunks = [Chunk(n, text, "", (), (BlockRange(n, 0, 3),), 5, "zh") for n, text in enumerate(texts)]
        policy_id = self.written.policies[policy]
        async with self.database.write() as tx:
            if await tx.scalar(sa.select(t.documents.c.id).where(t.documents.c.id == document)) is None:
                await docs.create_document(
                    tx, document, space_id=self.space, title=document, owner_id=self.owner, policy_id=policy_id
                )
            await docs.want_version(tx, document, version, SourceFile("p", "f.md", version, 1, "text/markdown"))
            await write_chunks(tx, version, chunks)
            found = await docs.get_version(tx, version)
            if found is None:
                raise RuntimeError(version)
            await docs.publish_version(tx, found)
        ids = [chunk_id(version, chunk.ordinal, chunk.text) for chunk in chunks]
        vectors = self.embedder.embed_passages(texts)
        await self.index.upsert([
            IndexPoint(one, document, version, policy_id, text, vector)
            for one, text, vector in zip(ids, texts, vectors, strict=True)
        ])  # fmt: skip
        self.corpus.policies[document] = policy
        self.corpus.versions[document] = version
        self.corpus.chunks.setdefault(document, []).extend(ids)
