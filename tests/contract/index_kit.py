"""What every adapter of :class:`wenyuan.ports.VectorIndex` must do. A test module per adapter subclasses the kit."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from retrieval.lexical import query_vector
from wenyuan.access import AccessScope, Principal, Visibility, narrow, resolve_scope
from wenyuan.errors import IndexMismatch
from wenyuan.ids import chunk_of
from wenyuan.ports import IndexPoint, SparseVector, VectorField, VectorIndex, Vectors

DIMENSION = 16
FINGERPRINT = "embedder-a"

#: Opens the adapter's one index of a test again and again: (embedder fingerprint) -> index.
Opener = Callable[[str], Awaitable[VectorIndex]]


class Directory:
    """A directory that shows one set of policies to everybody."""

    def __init__(self, policies: Iterable[int]) -> None:
        self._policies = tuple(policies)

    async def visibility(self, user_id: str) -> Visibility:
        return Visibility(active=True, policy_ids=self._policies, epoch=1)


async def mint(*policies: int) -> AccessScope:
    """Return a scope that sees ``policies``."""
    return await resolve_scope(Directory(policies), Principal("usr_1", "reader"))


def chunk_id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"chunk {number}"))


def unit(seed: int, dimension: int = DIMENSION) -> Vectors:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def point(
    number: int,
    *,
    policy: int = 1,
    text: str = "差旅报销标准",
    vector: Vectors | None = None,
    document: str | None = None,
    version: str | None = None,
    question: int | None = None,
) -> IndexPoint:
    """Return the point of a chunk's text, or of the ``question`` of that number."""
    return IndexPoint(
        chunk_id=chunk_id(number),
        document_id=document or f"doc_{number}",
        version_id=version or f"ver_{number}",
        policy_id=policy,
        text=text,
        vector=unit(number) if vector is None else vector,
        field=VectorField.TEXT if question is None else VectorField.QUESTION,
        ordinal=question or 0,
    )


class IndexContract:
    """The contract. Subclasses give ``opener``."""

    @pytest.fixture
    async def index(self, opener: Opener) -> AsyncIterator[VectorIndex]:
        opened = await opener(FINGERPRINT)
        yield opened
        await opened.close()

    async def test_upsert_overwrites_in_place(self, index: VectorIndex) -> None:
        await index.upsert([point(1, text="年假五天"), point(2, text="病假")])
        await index.upsert([point(1, text="加班调休", policy=2, vector=unit(77))])
        await index.upsert([point(1, text="加班调休", policy=2, vector=unit(77))])
        assert await index.point_ids() == {chunk_id(1), chunk_id(2)}
        old, new = await mint(1), await mint(2)
        assert [hit.chunk_id for hit in await index.search_dense(old, unit(1), 10)] == [chunk_id(2)]
        assert await index.search_sparse(new, query_vector("年假"), 10) == []
        assert [hit.chunk_id for hit in await index.search_sparse(new, query_vector("调休"), 10)] == [chunk_id(1)]
        (hit,) = await index.search_dense(new, unit(77), 10)
        assert hit.score == pytest.approx(1.0, abs=1e-5)

    async def test_an_open_index_answers(self, index: VectorIndex) -> None:
        await index.ping()

    async def test_an_empty_upsert_changes_nothing(self, index: VectorIndex) -> None:
        await index.upsert([])
        assert await index.point_ids() == set()

    async def test_more_points_than_one_batch(self, index: VectorIndex) -> None:
        await index.upsert([point(number) for number in range(300)])
        assert len(await index.point_ids()) == 300
        assert len(await index.search_dense(await mint(1), unit(5), 300)) == 300

    async def test_text_without_terms_is_found_by_vector_only(self, index: VectorIndex) -> None:
        await index.upsert([point(1, text="……！")])
        scope = await mint(1)
        assert [hit.chunk_id for hit in await index.search_dense(scope, unit(1), 5)] == [chunk_id(1)]
        assert await index.search_sparse(scope, query_vector("……"), 5) == []

    async def test_delete_version_leaves_the_other_versions(self, index: VectorIndex) -> None:
        await index.upsert([point(n, document="doc_a", version="ver_old" if n < 3 else "ver_new") for n in range(5)])
        await index.delete_version("ver_old")
        await index.delete_version("ver_old")
        assert await index.point_ids() == {chunk_id(3), chunk_id(4)}

    async def test_the_points_of_a_version_are_counted(self, index: VectorIndex) -> None:
        await index.upsert([point(n, document="doc_a", version="ver_old" if n < 3 else "ver_new") for n in range(200)])
        await index.upsert([point(n, document="doc_a", version="ver_old") for n in range(3)])
        assert await index.count_version("ver_old") == 3
        assert await index.count_version("ver_new") == 197
        assert await index.count_version("ver_none") == 0
        await index.delete_version("ver_new")
        assert await index.count_version("ver_new") == 0

    async def test_delete_document_removes_all_its_versions(self, index: VectorIndex) -> None:
        await index.upsert([point(n, document="doc_a" if n < 3 else "doc_b", version=f"ver_{n}") for n in range(5)])
        await index.delete_document("doc_a")
        await index.delete_document("doc_a")
        assert await index.point_ids() == {chunk_id(3), chunk_id(4)}

    @pytest.mark.parametrize("method", ["delete_document", "delete_version", "delete_questions"])
    async def test_deleting_without_an_id_is_refused(self, index: VectorIndex, method: str) -> None:
        await index.upsert([point(1)])
        with pytest.raises(ValueError, match="needs an id"):
            await getattr(index, method)("")
        assert await index.point_ids() == {chunk_id(1)}

    async def test_set_policy_moves_a_document_and_keeps_its_vectors(self, index: VectorIndex) -> None:
        await index.upsert([point(n, document="doc_a" if n < 3 else "doc_b") for n in range(5)])
        await index.set_policy("doc_a", 9)
        before, after = await mint(1), await mint(9)
        assert {h.chunk_id for h in await index.search_dense(before, unit(1), 9)} == {chunk_id(3), chunk_id(4)}
        assert {h.chunk_id for h in await index.search_dense(after, unit(1), 9)} == {chunk_id(n) for n in range(3)}
        assert len(await index.search_sparse(after, query_vector("报销"), 9)) == 3
        await index.delete_document("doc_a")
        assert await index.point_ids() == {chunk_id(3), chunk_id(4)}

    async def test_parts_get_policies_of_their_own_with_their_questions(self, index: VectorIndex) -> None:
        points = [point(n, document="doc_a") for n in range(4)]
        asked = replace(points[1], field=VectorField.QUESTION, ordinal=3)
        await index.upsert([*points, asked])
        await index.set_policy("doc_a", 5, {chunk_id(1): 9, chunk_id(3): 9, chunk_id(99): 9})
        for policy, expected in ((1, set()), (5, {0, 2}), (9, {1, 3})):
            scope = await mint(policy)
            wanted = {chunk_id(n) for n in expected}
            assert {hit.chunk_id for hit in await index.search_dense(scope, unit(1), 9)} == wanted
            assert {hit.chunk_id for hit in await index.search_sparse(scope, query_vector("报销"), 9)} == wanted
        await index.set_policy("doc_a", 5)
        assert len(await index.search_dense(await mint(5), unit(1), 9)) == 4

    async def test_an_empty_scope_finds_nothing(self, index: VectorIndex) -> None:
        await index.upsert([point(n, policy=n) for n in range(5)])
        nobody = await mint()
        assert await index.search_dense(nobody, unit(1), 10) == []
        assert await index.search_sparse(nobody, query_vector("报销"), 10) == []

    async def test_only_allowed_policies(self, index: VectorIndex) -> None:
        await index.upsert([point(n, policy=n % 7) for n in range(70)])
        for allowed in ((0,), (3, 5), tuple(range(7)), (99,)):
            scope = await mint(*allowed)
            expected = {chunk_id(n) for n in range(70) if n % 7 in allowed}
            assert {hit.chunk_id for hit in await index.search_dense(scope, unit(3), 70)} == expected
            assert {hit.chunk_id for hit in await index.search_sparse(scope, query_vector("差旅"), 70)} == expected

    async def test_a_narrowed_scope_sees_its_documents_and_no_others(self, index: VectorIndex) -> None:
        await index.upsert([point(n, policy=n % 2, vector=unit(1), document=f"doc_{n}") for n in range(6)])
        wide = await mint(1)
        for documents, seen in (
            (["doc_1", "doc_3"], {1, 3}),
            (["doc_2", "doc_3"], {3}),
            (["doc_9"], set()),
            ([], set()),
        ):
            scope = narrow(wide, documents)
            for hits in (
                await index.search_dense(scope, unit(1), 10),
                await index.search_sparse(scope, query_vector("差旅报销"), 10),
            ):
                assert {hit.chunk_id for hit in hits} == {chunk_id(n) for n in seen}

    async def test_a_filter_of_many_policies(self, index: VectorIndex) -> None:
        await index.upsert([point(1, policy=19_999), point(2, policy=20_001)])
        scope = await mint(*range(20_000))
        assert [hit.chunk_id for hit in await index.search_dense(scope, unit(2), 5)] == [chunk_id(1)]

    async def test_dense_order_is_cosine(self, index: VectorIndex) -> None:
        vectors = np.stack([unit(n) for n in range(50)])
        await index.upsert([point(n) for n in range(50)])
        query = unit(1000)
        hits = await index.search_dense(await mint(1), query, 10)
        exact = vectors @ query
        assert [hit.chunk_id for hit in hits] == [chunk_id(int(n)) for n in np.argsort(-exact)[:10]]
        assert [hit.rank for hit in hits] == list(range(1, 11))
        assert np.allclose([hit.score for hit in hits], np.sort(exact)[::-1][:10], atol=1e-5)
        assert all(hit.dense == hit.score and hit.sparse is None for hit in hits)

    async def test_sparse_order_is_the_dot_product(self, index: VectorIndex) -> None:
        texts = ["高压开关柜的额定电压", "开关柜", "KYN28A-12 开关柜的额定电压为 12kV", "员工手册", "额定电压"]
        await index.upsert([point(n, text=text) for n, text in enumerate(texts)])
        hits = await index.search_sparse(await mint(1), query_vector("KYN28A-12 的额定电压"), 10)
        assert hits[0].chunk_id == chunk_id(2)
        assert chunk_id(3) not in {hit.chunk_id for hit in hits}
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(hit.sparse == hit.score and hit.dense is None for hit in hits)
        assert await index.search_sparse(await mint(1), SparseVector((12345,), (1.0,)), 5) == []

    async def test_equals_are_cut_by_chunk_id(self, index: VectorIndex) -> None:
        same = unit(4)
        numbers = list(range(60))
        for start in (40, 20, 0):
            await index.upsert([point(n, vector=same, text="同一句话") for n in reversed(numbers[start : start + 20])])
        expected = sorted(chunk_id(n) for n in numbers)[:7]
        scope = await mint(1)
        assert [hit.chunk_id for hit in await index.search_dense(scope, same, 7)] == expected
        assert [hit.chunk_id for hit in await index.search_sparse(scope, query_vector("同一句话"), 7)] == expected

    async def test_a_chunk_is_found_once_by_its_best_vector_and_its_text(self, index: VectorIndex) -> None:
        await index.upsert([point(n) for n in range(20)])
        await index.upsert([point(n, vector=unit(100 + 3 * n + q), question=q) for n in range(20) for q in range(3)])
        query = unit(1000)
        texts = {n: float(unit(n) @ query) for n in range(20)}
        best = {n: max(texts[n], *(float(unit(100 + 3 * n + q) @ query) for q in range(3))) for n in range(20)}
        for limit in (1, 5, 20, 30):
            found = sorted(best, key=lambda n: -best[n])[:limit]
            score = {chunk_id(n): (texts[n] + best[n]) / 2 for n in found}
            hits = await index.search_dense(await mint(1), query, limit)
            assert [hit.chunk_id for hit in hits] == sorted(score, key=lambda chunk: -score[chunk])
            assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
            assert np.allclose([hit.score for hit in hits], [score[hit.chunk_id] for hit in hits], atol=1e-5)

    async def test_chunks_with_all_the_points_there_are_push_none_out(self, index: VectorIndex) -> None:
        near = unit(1000)
        crowd = [point(n, vector=near, question=q) for n in range(12) for q in range(63)]
        await index.upsert([point(n) for n in range(40)] + crowd)
        hits = await index.search_dense(await mint(1), near, 20)
        others = sorted(range(12, 40), key=lambda n: -float(unit(n) @ near))[:8]
        assert {hit.chunk_id for hit in hits} == {chunk_id(n) for n in (*range(12), *others)}

    async def test_equal_questions_are_cut_by_chunk_id(self, index: VectorIndex) -> None:
        same = unit(4)
        await index.upsert([point(n, vector=same) for n in range(40)])
        for q in range(3):
            await index.upsert([point(n, vector=same, question=q) for n in reversed(range(40))])
        hits = await index.search_dense(await mint(1), same, 7)
        assert [hit.chunk_id for hit in hits] == sorted(chunk_id(n) for n in range(40))[:7]

    async def test_the_words_of_a_question_find_nothing(self, index: VectorIndex) -> None:
        await index.upsert([point(1, text="差旅报销标准"), point(1, text="谁批准出国", question=0)])
        scope = await mint(1)
        assert await index.search_sparse(scope, query_vector("出国"), 5) == []
        assert len(await index.search_sparse(scope, query_vector("差旅"), 5)) == 1

    async def test_questions_are_seen_with_their_policy_only(self, index: VectorIndex) -> None:
        await index.upsert([point(1, document="doc_a"), point(1, document="doc_a", vector=unit(50), question=0)])
        await index.upsert([point(2, policy=2), point(2, policy=2, vector=unit(50), question=0)])
        expected = pytest.approx((1 + float(unit(1) @ unit(50))) / 2, abs=1e-5)
        (hit,) = await index.search_dense(await mint(1), unit(50), 10)
        assert hit.chunk_id == chunk_id(1)
        assert hit.score == expected
        await index.set_policy("doc_a", 9)
        assert await index.search_dense(await mint(1), unit(50), 10) == []
        (hit,) = await index.search_dense(await mint(9), unit(50), 10)
        assert hit.chunk_id == chunk_id(1)
        assert hit.score == expected

    async def test_questions_are_counted_and_removed_with_their_version(self, index: VectorIndex) -> None:
        parts = [(n, "ver_old" if n < 3 else "ver_new") for n in range(5)]
        await index.upsert([point(n, document="doc_a", version=version) for n, version in parts])
        for q in range(2):
            await index.upsert([point(n, document="doc_a", version=version, question=q) for n, version in parts])
        assert (await index.count_version("ver_old"), await index.count_version("ver_new")) == (3, 2)
        await index.delete_questions("ver_old")
        await index.delete_questions("ver_old")
        assert await index.count_version("ver_old") == 3
        left = await index.point_ids()
        assert (len(left), {chunk_of(found) for found in left}) == (5 + 2 * 2, {chunk_id(n) for n in range(5)})
        await index.delete_version("ver_new")
        assert await index.point_ids() == {chunk_id(n) for n in range(3)}
        await index.upsert([point(1, document="doc_a", version="ver_old", question=0)])
        await index.delete_document("doc_a")
        assert await index.point_ids() == set()

    async def test_a_chunk_id_of_another_kind_is_refused(self, index: VectorIndex) -> None:
        wrong = replace(point(1), chunk_id=str(uuid.UUID(int=7, version=4)))
        with pytest.raises(ValueError, match="version 5"):
            await index.upsert([wrong])
        assert await index.point_ids() == set()

    @pytest.mark.parametrize("limit", [0, -1])
    async def test_no_places_no_hits(self, index: VectorIndex, limit: int) -> None:
        await index.upsert([point(1)])
        scope = await mint(1)
        assert await index.search_dense(scope, unit(1), limit) == []
        assert await index.search_sparse(scope, query_vector("报销"), limit) == []

    async def test_another_embedder_is_refused(self, opener: Opener) -> None:
        first = await opener(FINGERPRINT)
        try:
            await first.upsert([point(1)])
        finally:
            await first.close()
        with pytest.raises(IndexMismatch) as refusal:
            await opener("embedder-b")
        assert "embedder-a" in str(refusal.value)
        assert "embedder-b" in str(refusal.value)
