"""The retriever searches a question's wording: no instructions, words of documents, terms of spaces before these."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retrieval.index.edge import EdgeIndex
from retrieval.service import HybridRetriever
from tests.contract.index_kit import mint
from tests.unit.retrieval.test_service import BagEmbedder, Bench
from wenyuan.access import AccessScope
from wenyuan.ports import Related
from wenyuan.settings import RetrievalSettings

PASSAGES = ["购建固定资产、无形资产和其他长期资产支付的现金", "流动负债合计", "食堂开放时间", "开放时间以万元回答"]


class Terms:
    """Terms of a space, and the questions that they were looked up for."""

    def __init__(self, *related: Related) -> None:
        self.found, self.asked = related, list[str]()

    async def related(self, _scope: AccessScope, question: str) -> tuple[Related, ...]:
        self.asked.append(question)
        return self.found


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    index = await EdgeIndex.open(tmp_path, BagEmbedder.fingerprint, BagEmbedder.dimension)
    bench = Bench(index, RetrievalSettings(candidates=4))
    await bench.add(PASSAGES)
    yield bench
    await index.close()


def retriever(bench: Bench, terms: Terms | None = None, *, vocabulary: bool = True) -> HybridRetriever:
    settings = RetrievalSettings(candidates=4, vocabulary=vocabulary)
    return HybridRetriever(bench.index, bench.store, bench.embedder, settings, terms=terms)


async def said(found: HybridRetriever, question: str) -> list[str]:
    """Return the passages that share a term with what is searched."""
    hits = await found.retrieve(await mint(1), question, 4)
    return [hit.text for hit in hits if hit.sparse]


async def test_how_to_answer_changes_no_result(bench: Bench) -> None:
    scope, asked = await mint(1), "食堂的开放时间？"
    plain = await retriever(bench).search_hits(scope, asked, 4)
    assert await retriever(bench).search_hits(scope, f"{asked}请用万元回答，保留两位小数。", 4) == plain


async def test_the_line_of_a_statement_is_found_by_what_people_call_it(bench: Bench) -> None:
    assert (await said(retriever(bench), "capex 即资本开支多大"))[0] == PASSAGES[0]
    assert PASSAGES[0] not in await said(retriever(bench, vocabulary=False), "capex 即资本开支多大")


async def test_terms_of_a_space_are_asked_once_and_go_before(bench: Bench) -> None:
    terms = Terms(Related("资本开支", ("食堂",)))
    assert PASSAGES[2] in await said(retriever(bench, terms), "资本开支多大")
    assert PASSAGES[0] not in await said(retriever(bench, terms), "资本开支多大")
    assert terms.asked == ["资本开支多大"] * 2
