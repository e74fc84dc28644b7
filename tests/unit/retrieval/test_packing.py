"""Packing: what of the ranked evidence goes to the answerer, what is added, and what a question for everything gets."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from retrieval.packing.naming import named_documents
from retrieval.packing.selection import FRAME, choose, cost, distinct, relevant, surround, within
from retrieval.packing.service import Packer
from retrieval.query.kind import read_kind
from tests.contract.index_kit import mint
from tests.unit.generation.passages import SAFETY, TRAVEL, passage
from tests.unit.retrieval.test_service import BagEmbedder
from wenyuan.access import AccessScope
from wenyuan.answers import Beside, Evidence, Packed
from wenyuan.chat.settings import GenerationSettings
from wenyuan.ports import DocumentDates
from wenyuan.settings import PackingSettings, RetrievalSettings, Settings

CLAUSE = (
    "第六条 员工推荐人才经录用并转正的，给予推荐人一次性奖励，技术类岗位 3000 元，生产类岗位 800 元，随当月工资发放。"
)
REPEATED = "第六条　员工推荐人才经录用并转正的，给予推荐人一次性奖励，技术类岗位3000元，生产类岗位800元，随当月工资发放"


def piece(
    key: str, text: str = "", *, document: str = "d", score: float = 0.0, title: str = "手册", page: int = 1
) -> Evidence:
    made = passage(text or f"{key} 的正文", key, title=title, page=page)
    return replace(made, document_id=document, version_id=f"version of {document}", score=score)


def keys(evidence: Iterable[Evidence]) -> list[str]:
    return [one.chunk_id for one in evidence]


def test_the_same_text_in_two_documents_is_given_once_as_the_better_ranked() -> None:
    ranked = [piece("a", CLAUSE), piece("b", TRAVEL), piece("c", REPEATED, document="other"), piece("a", CLAUSE)]
    assert keys(distinct(ranked, 0.9)) == ["a", "b"]
    assert keys(distinct([ranked[2], ranked[0]], 0.9)) == ["c"]
    assert keys(distinct(ranked, None)) == ["a", "b", "c"]


def test_texts_that_differ_by_a_number_say_different_things() -> None:
    ranked = [
        piece("a", CLAUSE),
        piece("b", CLAUSE.replace("800", "900")),
        piece("c", "是"),
        piece("d", "否"),
        piece("e", "是"),
    ]
    assert keys(distinct(ranked, 0.9)) == ["a", "b", "c", "d"]


def test_of_one_document_at_most_two_unless_it_is_the_only_one() -> None:
    settings = PackingSettings(per_document=2)
    ranked = [piece(f"a{n}", document="a") for n in range(5)]
    assert keys(choose(ranked, 4, settings)) == ["a0", "a1", "a2", "a3"]
    assert keys(choose([*ranked, piece("b", document="b")], 4, settings)) == ["a0", "a1", "b"]


def test_diversity_prefers_what_is_new_and_no_weight_keeps_the_order() -> None:
    ranked = [
        piece("a", TRAVEL, score=1),
        piece("b", TRAVEL + "另见附录。", score=0.9),
        piece("c", SAFETY, score=0.7),
        piece("d", score=0),
    ]
    assert keys(choose(ranked, 2, PackingSettings(duplicates=None))) == ["a", "b"]
    assert keys(choose(ranked, 2, PackingSettings(duplicates=None, diversity=0.5))) == ["a", "c"]
    assert choose([], 2, PackingSettings(diversity=0.5)) == []


def test_the_budget_keeps_whole_pieces_in_order_and_the_first_in_any_case() -> None:
    ranked = [piece(key, "字" * 100) for key in "abcd"]
    each = cost(ranked[0], len)
    assert each == len("手册 ") + 100 + FRAME
    assert keys(within(ranked, 3 * each, len)) == ["a", "b", "c"]
    assert keys(within(ranked, 3 * each - 1, len)) == ["a", "b"]
    assert keys(within(ranked, 1, len)) == ["a"]
    assert within([], 1, len) == []


def test_neighbours_stand_around_their_piece_with_ids_and_boxes_of_their_own() -> None:
    chosen = [piece("c", page=3), piece("x", document="e")]
    near = [
        Beside("c", 1, piece("d", page=4)),
        Beside("c", -2, piece("a", page=1)),
        Beside("c", -1, piece("b", page=2)),
    ]
    packed = surround(chosen, near, 10_000, len, None)
    assert keys(packed) == ["a", "b", "c", "d", "x"]
    assert [one.pages for one in packed[:4]] == [(1,), (2,), (3,), (4,)]
    assert [one.ranges[0].boxes[0].page for one in packed[:4]] == [1, 2, 3, 4]
    for order in permutations(near):
        assert surround(chosen, order, 10_000, len, None) == packed


def test_the_budget_goes_to_better_ranked_and_nearer_surroundings_first() -> None:
    chosen = [piece("p"), piece("q")]
    near = [Beside("q", 1, piece("r")), Beside("p", 2, piece("o")), Beside("p", 1, piece("n"))]
    used = sum(cost(one, len) for one in chosen)
    assert keys(surround(chosen, near, used + cost(near[0].evidence, len), len, None)) == ["p", "n", "q"]
    assert surround(chosen, near, used, len, None) == chosen


@pytest.mark.parametrize(("said", "instead"), [("可以", "不得"), ("三", "四"), ("可以", "可以")])
def test_a_copy_in_which_a_number_or_a_denial_was_changed_is_no_duplicate(said: str, instead: str) -> None:
    text = CLAUSE * 6 + "未休的年假{}结转至次年第{}季度。"
    pair = [piece("a", text.format("可以", "三")), piece("b", text.format("可以", "三").replace(said, instead))]
    assert keys(list(distinct(pair, 0.9))) == (["a"] if said == instead else ["a", "b"])


def test_what_is_of_another_heading_or_stands_there_already_is_not_added() -> None:
    chosen = [piece("a", CLAUSE), piece("b")]
    elsewhere = replace(piece("h"), heading_path=("第二章",))
    old = replace(piece("v"), version_id="version before")
    near = [
        Beside("a", 1, chosen[1]),
        Beside("b", 1, elsewhere),
        Beside("b", 2, old),
        Beside("b", -1, piece("r", REPEATED)),
    ]
    assert surround(chosen, near, 10_000, len, 0.9) == chosen


def test_relevance_is_a_share_of_the_best() -> None:
    ranked = [piece("a", score=0.8), piece("b", score=0.4), piece("c", score=0.3), piece("d", score=0.1)]
    assert keys(relevant(ranked, 0.5, 0)) == ["a", "b"]
    assert keys(relevant(ranked, 0.5, 3)) == ["a", "b", "c"]
    assert keys(relevant(ranked, 0, 0)) == ["a", "b", "c", "d"]
    assert keys(relevant(ranked[:1], 1, 0)) == ["a"]
    assert relevant([], 0.5, 3) == []


def test_relevance_below_zero_counts_from_the_worst() -> None:
    ranked = [piece("a", score=4), piece("b", score=1), piece("c", score=-2)]
    assert keys(relevant(ranked, 0.5, 0)) == ["a", "b"]
    assert keys(relevant(ranked, 0.6, 0)) == ["a"]


TITLES = [
    piece("1", document="hr", title="员工手册.docx"),
    piece("2", document="trip", title="差旅管理办法（2025 版）"),
]


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("总结《员工手册》", ("hr",)),
        ("总结一下差旅管理办法", ("trip",)),
        ("總結《差旅管理辦法》和《员工手册》", ("trip", "hr")),
        ("总结《员工手册》和《薪酬方案》", ()),
        ("总结一下公司差旅管理办法（2025版）的要点", ("trip",)),
        ("总结一下采购流程", ()),
        ("总结这份文件", ()),
    ],
)
def test_the_documents_a_question_names(question: str, documents: tuple[str, ...]) -> None:
    assert named_documents(read_kind(question), TITLES) == documents


def headed(document: str, title: str, heading: str, page: int = 1) -> Evidence:
    return replace(piece(document, document=document, title=title, page=page), heading_path=(heading, "1 引言"))


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("总结一下京津冀风险投资那篇论文", ("study",)),
        ("大数据网络安全那篇文章主要讲了什么", ("safety",)),
        ("Summarize the POSH policy", ("posh",)),
        ("What does the password policy say?", ("password",)),
        ("Summarize the policy", ()),
        ("总结一下实验数据那篇论文", ()),
        ("总结一下上海风险投资那篇论文", ()),
    ],
)
def test_a_document_is_known_by_the_words_of_its_title_and_of_its_first_heading(
    question: str, documents: tuple[str, ...]
) -> None:
    found = [
        headed("study", "Enco_zh_0", "京津冀城市群创业风险投资的时空分布特征及影响机制"),
        headed("study", "Enco_zh_0", "实验数据", page=7),
        headed("safety", "Comp_zh_0.pdf", "大数据时代计算机网络信息安全防护策略探讨"),
        piece("3", document="posh", title="Co_Policy_on_Prevention_of_Sexual_Harassment_(POSH).pdf"),
        piece("4", document="password", title="Co_Password_Policy_Document.pdf"),
    ]
    assert named_documents(read_kind(question), found) == documents


def test_a_name_that_is_part_of_two_titles_names_none() -> None:
    both = [*TITLES, piece("3", document="old", title="差旅管理办法（2024 版）")]
    assert named_documents(read_kind("总结差旅管理办法"), both) == ()


class Stand:
    """A retriever and a store over documents of five chunks, each under a policy of its own."""

    def __init__(self, documents: dict[str, int]) -> None:
        self.documents = documents
        self.limits: list[int] = []
        self.asked: list[tuple[tuple[str, ...], int, bool]] = []

    def of(self, document: str) -> list[Evidence]:
        return [
            piece(
                f"{document}{n}", f"{document} 第 {n} 段", document=document, title=f"{document}制度", score=1 - n / 4
            )
            for n in range(5)
        ]

    def seen(self, scope: AccessScope) -> list[str]:
        return [name for name, policy in self.documents.items() if policy in scope.policy_ids]

    async def retrieve(self, scope: AccessScope, question: str, limit: int) -> list[Evidence]:
        self.limits.append(limit)
        found = [one for name in self.seen(scope) for one in self.of(name)]
        return sorted(found, key=lambda one: -one.score)[:limit]

    async def beside(
        self, scope: AccessScope, chunk_ids: Sequence[str], reach: int, *, openings: bool = False
    ) -> list[Beside]:
        self.asked.append((tuple(chunk_ids), reach, openings))
        rows = [self.of(name) for name in self.seen(scope)]
        return [
            Beside(row[n].chunk_id, m - n, row[m])
            for row in rows
            for n in range(5)
            for m in range(5)
            if row[n].chunk_id in chunk_ids and m != n and abs(m - n) <= reach
        ]

    async def whole(self, scope: AccessScope, document_id: str, most: int) -> tuple[list[Evidence], int]:
        pieces = self.of(document_id) if document_id in self.seen(scope) else []
        return [replace(one, score=0.0) for one in pieces[:most]], len(pieces)

    async def dates(self, scope: AccessScope, document_ids: Sequence[str]) -> dict[str, DocumentDates]:
        return {one: DocumentDates("2024-03", "2025-01-01") for one in document_ids if one in self.seen(scope)}

    async def only_document(self, scope: AccessScope) -> str | None:
        seen = self.seen(scope)
        return seen[0] if len(seen) == 1 else None


async def packed(stand: Stand, question: str, policies: tuple[int, ...] = (1,), **packing: object) -> Packed:
    settings = Settings(
        packing=PackingSettings.model_validate(packing), retrieval=RetrievalSettings(evidence=3, rerank_pool=4)
    )
    return await Packer(stand, stand, BagEmbedder(), settings).pack(await mint(*policies), question)


async def test_a_fact_gets_the_best_passages_of_the_reranked_pool() -> None:
    stand = Stand({"差旅": 1})
    assert keys((await packed(stand, "差旅标准是多少？")).evidence) == [f"差旅{n}" for n in range(3)]
    assert stand.limits == [4]
    assert stand.asked == []


async def test_surroundings_are_asked_for_under_the_scope_of_the_question() -> None:
    stand = Stand({"差旅": 1, "薪酬": 2})
    found = await packed(stand, "差旅标准是多少？", neighbours=1, openings=True)
    assert keys(found.evidence) == ["差旅0", "差旅1", "差旅2", "差旅3"]
    assert stand.asked == [(("差旅0", "差旅1", "差旅2"), 1, True)]
    assert not found.exhaustive


async def test_a_list_gets_all_that_is_relevant_and_a_budget_is_told() -> None:
    stand = Stand({"差旅": 1})
    found = await packed(stand, "列出所有差旅标准", relevance=0.2)
    assert (keys(found.evidence), found.exhaustive, found.matched) == ([f"差旅{n}" for n in range(4)], True, 4)
    assert stand.limits == [100]
    found = await packed(stand, "列出所有差旅标准", relevance=0, tokens=1, count="embedder")
    assert (keys(found.evidence), found.matched) == (["差旅0"], 5)


async def test_a_named_document_comes_whole_in_order_with_the_scores_of_the_search() -> None:
    stand = Stand({"差旅": 1, "薪酬": 1})
    found = await packed(stand, "总结薪酬制度")
    assert keys(found.evidence) == [f"薪酬{n}" for n in range(5)]
    assert [one.score for one in found.evidence] == [1, 0.75, 0.5, 0.25, 0]
    assert (found.exhaustive, found.matched) == (True, 5)
    assert (await packed(stand, "总结薪酬制度", exhaustive=3)).matched == 5


async def test_the_only_document_is_meant_unless_another_is_named() -> None:
    stand = Stand({"差旅": 1, "薪酬": 2})
    assert len((await packed(stand, "总结这份文件")).evidence) == 5
    assert (await packed(stand, "总结这份文件", (1, 2))).matched < 10
    assert keys((await packed(stand, "总结《薪酬制度》")).evidence) == [f"差旅{n}" for n in range(4)]


async def test_without_the_setting_every_question_is_one_for_a_fact() -> None:
    stand = Stand({"差旅": 1})
    assert not (await packed(stand, "列出所有差旅标准", exhaustive=0)).exhaustive
    assert stand.limits == [4]


def test_the_tokens_are_those_of_the_model_if_there_is_one() -> None:
    endpoint = {"url": "http://127.0.0.1:1/v1", "model": "m"}
    assert Settings().packing_tokens == 20_000
    assert (
        Settings(generation=GenerationSettings(answerer="llm", context_tokens=6000, **endpoint)).packing_tokens == 5000
    )
    assert Settings(packing=PackingSettings(tokens=7)).packing_tokens == 7
