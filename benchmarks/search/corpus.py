"""A corpus of any size under many groups: the texts of a data set and perturbed copies of them, with a reader."""

import asyncio
import dataclasses
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from eval.datasets import Dataset, TextDocument
from eval.texts.bulk import BulkLoader
from eval.texts.vectors import VectorCache
from wenyuan.access import AccessPolicy, Principal, Subject, SubjectKind
from wenyuan.db.access.directory import create_group, create_user, find_user, set_members
from wenyuan.db.access.spaces import create_space
from wenyuan.db.engine import Database
from wenyuan.ports import Chunker, IndexWriter, Vectors

SEED: Final = 17
READER: Final = "reader"
_MANIFEST: Final = "corpus.json"
#: How far a copy's vector lies from that of its text: neighbours of a passage in the law set are no nearer.
_NOISE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Size:
    """How many texts there are, in how many groups' spaces, and of how many groups the reader is a member."""

    texts: int
    groups: int
    member: int


class Perturbed(VectorCache):
    """A cache whose vectors are moved at random when they are asked for as those of copies."""

    moved = False
    _chance = np.random.default_rng(SEED)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        vectors = super().passages(texts)
        return perturbed(vectors, self._chance) if self.moved else vectors


def perturbed(vectors: Vectors, chance: np.random.Generator, noise: float = _NOISE) -> Vectors:
    """Return unit vectors (n, dimension) moved by random steps of the length ``noise`` on average."""
    steps = chance.standard_normal(vectors.shape, np.float32) * np.float32(noise / vectors.shape[1] ** 0.5)
    moved = vectors + steps
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def read_vectors(file: Path, dimension: int) -> Vectors:
    """Return the vectors (n, dimension) of a file that :class:`eval.texts.vectors.VectorCache` wrote."""
    record = np.dtype([("key", "V32"), ("vector", np.float32, (dimension,))])
    return np.ascontiguousarray(np.fromfile(file, record)["vector"])


async def fill(
    database: Database, index: IndexWriter, chunker: Chunker, cache: Perturbed, dataset: Dataset, size: Size
) -> Principal:
    """Load the corpus, each group's space with its share of the texts, and return its reader."""
    async with database.write() as tx:
        reader = await create_user(tx, READER, READER)
    member = set(random.Random(SEED).sample(range(size.groups), size.member))
    texts = await asyncio.to_thread(lambda: list(dataset.texts()))
    loader = BulkLoader(database, index, chunker, cache, reader.id)
    for number in range(size.groups):
        async with database.write() as tx:
            group = await create_group(tx, f"group {number}")
            if number in member:
                await set_members(tx, group, [Subject(SubjectKind.USER, reader.id)])
            policy = AccessPolicy(allow=(Subject(SubjectKind.GROUP, group),))
            space = await create_space(tx, f"space {number}", f"space {number}", policy)
        places = range(number, size.texts, size.groups)
        for copies, taken in itertools.groupby(places, lambda place: place >= len(texts)):
            share = [_text(texts, place) for place in taken]
            cache.moved = copies
            await loader.load(space, iter(share), len(share), _quiet, resume=False)
        print(f"\rspaces {number + 1} of {size.groups}", end="", flush=True)
    print()
    return Principal(reader.id, READER)


async def opened(
    folder: Path,
    database: Database,
    index: IndexWriter,
    chunker: Chunker,
    cache: Perturbed,
    dataset: Dataset,
    size: Size,
) -> tuple[Principal, bool]:
    """Return the reader of the corpus in ``folder``, and whether it was filled for that now."""
    manifest, wanted = folder / _MANIFEST, dataclasses.asdict(size)
    if manifest.exists():
        if json.loads(manifest.read_text(encoding="utf-8")) != wanted:
            raise SystemExit(f"{folder} holds a corpus of another size; name another folder")
        async with database.read() as tx:
            return Principal((await find_user(tx, READER)).id, READER), False
    reader = await fill(database, index, chunker, cache, dataset, size)
    manifest.write_text(json.dumps(wanted), encoding="utf-8")
    return reader, True


def _text(texts: Sequence[TextDocument], place: int) -> TextDocument:
    """Return a text, or behind the last one a copy under another id."""
    text = texts[place % len(texts)]
    return text if place < len(texts) else dataclasses.replace(text, id=f"{text.id}-{place // len(texts)}")


def _quiet(done: int, total: int) -> None:
    """Say nothing."""


def in_batches(vectors: Vectors, size: int) -> Iterator[tuple[int, Vectors]]:
    """Yield the place of each batch and the batch."""
    for start in range(0, len(vectors), size):
        yield start, vectors[start : start + size]
