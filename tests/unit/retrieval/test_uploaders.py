"""One member's uploads are half of what an answer rests on at most, where others say something on the matter."""

import dataclasses
from collections.abc import Sequence

import pytest

from retrieval.hubs import TOP, find_hubs, panel, threshold
from retrieval.packing.uploaders import balanced, crowding
from wenyuan.answers import Evidence


def piece(name: str, uploader: str, score: float) -> Evidence:
    return Evidence(
        chunk_id=name,
        document_id=f"doc-{name}",
        version_id="v",
        document_title=name,
        text=name,
        context="",
        heading_path=(),
        pages=(),
        ranges=(),
        language="zh",
        anchor=None,
        score=score,
        uploader=uploader,
    )


RANKED = [piece(f"m{place}", "mallory", 1 - place / 100) for place in range(8)]
RANKED += [piece(f"o{place}", f"other{place}", 0.8 - place / 100) for place in range(6)]


def test_who_fills_the_answer_gives_way_to_others_by_rank() -> None:
    chosen = RANKED[:8]
    assert crowding(chosen, 0.5) == ("mallory",)
    kept = balanced(chosen, RANKED, "mallory", (), 0.5)
    assert [one.chunk_id for one in kept] == ["m0", "m1", "m2", "m3", "o0", "o1", "o2", "o3"]
    assert crowding(kept, 0.5) == ()


def test_without_alternatives_that_are_relevant_nothing_changes() -> None:
    poor = [dataclasses.replace(one, score=0.1) for one in RANKED[8:]]
    assert balanced(RANKED[:8], [*RANKED[:8], *poor], "mallory", (), 0.5) == RANKED[:8]
    assert balanced(RANKED[:8], RANKED[:8], "mallory", (), 0.5) == RANKED[:8]


def test_documents_that_are_vouched_for_stay() -> None:
    vouched = {one.document_id for one in RANKED[:8]}
    assert balanced(RANKED[:8], RANKED, "mallory", vouched, 0.5) == RANKED[:8]


def test_a_single_passage_is_nobodys_majority() -> None:
    assert crowding(RANKED[:1], 0.5) == ()


@pytest.mark.parametrize(("documents", "bound"), [(100_000, 0.02), (1000, 0.12), (400, 0.2), (20, 1.5)])
def test_few_documents_come_up_often(documents: int, bound: float) -> None:
    assert threshold(documents) == bound


async def test_what_is_found_for_everything_is_a_hub() -> None:
    asked: list[str] = []

    async def search(question: str) -> Sequence[str]:
        asked.append(question)
        place = len(asked)
        return ["hub", "hub", *(f"d{place}-{rank}" for rank in range(TOP))]

    questions = panel(60)
    found = await find_hubs(search, questions, 50_000)
    assert [(one.document_id, one.share) for one in found] == [("hub", 1.0)]
    assert asked == questions


def test_the_panel_is_the_same_for_a_seed_and_in_both_languages() -> None:
    assert panel(80) == panel(80)
    assert panel(80, seed=1) != panel(80)
    assert sum(one.isascii() for one in panel(80)) == 40
