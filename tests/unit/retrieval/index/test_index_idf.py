"""Rarity of terms from the corpus: a setting of both engines, and never mixed with the other."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from retrieval.index.client import LOCAL, ClientIndex
from retrieval.index.common import lexical_fingerprint
from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from tests.contract.index_kit import DIMENSION, FINGERPRINT, mint, point
from wenyuan.errors import IndexMismatch
from wenyuan.ports import VectorIndex

Open = Callable[[bool], Awaitable[VectorIndex]]
COMMON, RARE = "qzxcommon", "qzxrare"


@pytest.fixture(params=["edge", "client"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    async def open_with(corpus_idf: bool) -> VectorIndex:
        words = lexical_fingerprint(corpus_idf=corpus_idf)
        if request.param == "edge":
            return await EdgeIndex.open(tmp_path / "index", FINGERPRINT, DIMENSION, words)
        return await ClientIndex.open(LOCAL, "wenyuan", FINGERPRINT, DIMENSION, words)

    return open_with


@pytest.mark.parametrize("corpus_idf", [False, True])
async def test_only_the_corpus_tells_unknown_words_apart(opened: Open, corpus_idf: bool) -> None:
    index = await opened(corpus_idf)
    try:
        await index.upsert([point(number, text=RARE if number == 7 else COMMON) for number in range(20)])
        scope = await mint(1)
        hits = await index.search_sparse(scope, query_vector(f"{COMMON} {RARE}", idf=not corpus_idf), 20)
        assert len(hits) == 20
        scores = sorted({round(hit.score, 4) for hit in hits}, reverse=True)
        assert len(scores) == (2 if corpus_idf else 1)
        if corpus_idf:
            assert scores[0] > 10 * scores[1]
            assert hits[0].chunk_id == point(7).chunk_id
    finally:
        await index.close()


async def test_an_index_is_opened_as_it_was_filled(tmp_path: Path) -> None:
    await (await EdgeIndex.open(tmp_path, FINGERPRINT, DIMENSION)).close()
    with pytest.raises(IndexMismatch):
        await EdgeIndex.open(tmp_path, FINGERPRINT, DIMENSION, lexical_fingerprint(corpus_idf=True))
