"""A difference leads from the one version to the other, whatever they are."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.revision.diff import Change, compare, spans
from ingest.revision.matching import Effort, differences
from wenyuan.documents import Block, BlockKind

LINES = st.lists(
    st.sampled_from(["甲乙丙丁", "甲乙丙戊", "合计", "", "The fee is 300.", "The fee is 450."]), max_size=14
)


def prose(texts: list[str]) -> list[Block]:
    return [Block(BlockKind.PARAGRAPH, text) for text in texts]


@given(LINES, LINES)
@settings(max_examples=300, deadline=None)
def test_every_block_stands_there_once_and_in_order(old: list[str], new: list[str]) -> None:
    steps = compare(prose(old), prose(new))
    assert [step.old for step in steps if step.old is not None] == list(range(len(old)))
    assert [step.new for step in steps if step.new is not None] == list(range(len(new)))
    for step in steps:
        if step.change is Change.SAME:
            assert step.old is not None
            assert step.new is not None
            assert old[step.old] == new[step.new]
        assert (step.old is None) == (step.change is Change.ADDED)
        assert (step.new is None) == (step.change is Change.REMOVED)


@given(st.text("甲乙 abC1.，\n", max_size=60), st.text("甲乙 abC1.，\n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_the_pieces_put_together_give_both_texts(old: str, new: str) -> None:
    found = spans(old, new, Effort())
    assert "".join(span.text for span in found if span.change is not Change.ADDED) == old
    assert "".join(span.text for span in found if span.change is not Change.REMOVED) == new


def test_a_long_text_is_compared_by_its_ends() -> None:
    old, new = "甲" * 2000 + "乙" + "丙" * 2000, "甲" * 2000 + "丁戊" + "丙" * 2000
    assert [(span.change, len(span.text)) for span in spans(old, new, Effort())] == [
        (Change.SAME, 2000),
        (Change.REMOVED, 1),
        (Change.ADDED, 2),
        (Change.SAME, 2000),
    ]


@pytest.mark.parametrize("length", [1_000, 20_000])
def test_a_text_of_few_characters_costs_no_more_than_its_effort(length: int) -> None:
    old, new = "甲" * length, "乙" + "甲乙" * (length // 2)
    began = time.process_time()
    found = spans(old, new, Effort())
    assert time.process_time() - began < 8
    assert "".join(span.text for span in found if span.change is not Change.ADDED) == old
    assert "".join(span.text for span in found if span.change is not Change.REMOVED) == new


def test_without_effort_the_ends_alone_are_compared() -> None:
    effort = Effort(3)
    assert list(differences("甲乙丙丁戊", "甲丙乙丁戊", effort)) == [(1, 3, 1, 3)]
    assert effort.left == 3


def test_an_edited_paragraph_is_changed_and_a_new_one_added() -> None:
    old = ["前文", "地下车库每月停车费为三百元。", "合计", "合计", "后文"]
    new = ["前文", "先到先得。", "地下车库每月停车费为四百元。", "合计", "合计", "合计", "后文"]
    changes = [step.change.value for step in compare(prose(old), prose(new))]
    assert changes == ["same", "added", "changed", "added", "same", "same", "same"]


def test_running_heads_are_left_out() -> None:
    old = [Block(BlockKind.HEADER, "旧版"), *prose(["正文"])]
    new = [Block(BlockKind.HEADER, "新版"), *prose(["正文"]), Block(BlockKind.FOOTER, "1")]
    assert [(step.change, step.old, step.new) for step in compare(old, new)] == [(Change.SAME, 1, 1)]


@pytest.mark.timeout(20)
def test_the_effort_is_bounded() -> None:
    """A document of nothing but repeats is where a comparison of all with all would take minutes."""
    old = prose([f"{number % 7}" for number in range(20_000)])
    new = prose([f"{number % 5}" for number in range(20_000)])
    assert len(compare(old, new)) >= 20_000
