"""Signatures estimate similarity, are the same everywhere, and bands find what is alike."""

import random

import numpy as np
import pytest

from wenyuan.words.minhash import BANDS, PERMUTATIONS, bands, pack, shingles, signature, similarity, unpack

WORDS = (
    "规定",
    "员工",
    "出差",
    "报销",
    "标准",
    "住宿",
    "补助",
    "审批",
    "部门",
    "财务",
    "合同",
    "质量",
    "检验",
    "设备",
    "维护",
)


#: Made on another machine: a change would make stored signatures worthless.
GOLDEN = [411178419, 187097283, 110923042, 97068462]


def text(seed: int, sentences: int = 60) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(WORDS, k=rng.randint(6, 14))) + str(rng.randint(1, 999)) for _ in range(sentences)]


def jaccard(one: str, other: str) -> float:
    left, right = shingles(one), shingles(other)
    shared = len(np.intersect1d(left, right))
    return shared / (len(left) + len(right) - shared)


@pytest.mark.parametrize("kept", [60, 57, 50, 40, 20])
def test_the_estimate_is_near_the_truth(kept: int) -> None:
    for seed in range(4):
        mine = text(seed)
        other = mine[:kept] + text(seed + 1000)[: 60 - kept]
        one, two = "。".join(mine), "。".join(other)
        first, second = signature(one), signature(two)
        assert first is not None
        assert second is not None
        truth = jaccard(one, two)
        assert abs(similarity(first, second) - truth) < 4 * (truth * (1 - truth) / PERMUTATIONS) ** 0.5 + 0.01
        if truth > 0.85:
            assert set(bands(first)) & set(bands(second))


def test_what_a_reader_does_not_see_changes_nothing() -> None:
    one = signature("The Supplier shall keep records.\nRecords are kept for five years, at least.")
    two = signature("the supplier shall keep   records. ＲＥＣＯＲＤＳ are kept for five years at least")
    assert one is not None
    assert two is not None
    assert similarity(one, two) == 1.0


def test_a_signature_is_the_same_everywhere() -> None:
    signed = signature("差旅费在返回后十个工作日内报销，逾期须由部门负责人说明原因。")
    assert signed is not None
    assert signed[:4].tolist() == GOLDEN
    assert np.array_equal(unpack(pack(signed)), signed)
    assert len(pack(signed)) == 4 * PERMUTATIONS
    names = bands(signed)
    assert len(set(names)) == BANDS
    assert max(map(len, names)) <= 32


@pytest.mark.parametrize("short", ["", "。！？", "年假", "abc"])
def test_too_short_for_a_shingle_has_none(short: str) -> None:
    assert signature(short) is None
