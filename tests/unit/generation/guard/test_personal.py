"""Recognisers of personal data: check digits, forms of writing, what only looks alike, and how it is covered."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.guard.people import bank_card, credit_code, iban, identity_18
from benchmarks.guard.personal import judge
from benchmarks.guard.sentences import sentence
from generation.guard.personal.checks import is_bank_card, is_credit_code, is_iban, is_id_card, luhn
from generation.guard.personal.kinds import Kind
from generation.guard.personal.policy import BLOCKED, PersonalPolicy
from generation.guard.personal.scan import find_personal, masked
from wenyuan.guarding.settings import GuardSettings, Treatment
from wenyuan.people.settings import AccessSettings

LATTICE = AccessSettings().lattice
FOUND = [
    ("身份证11010519491231002X号", Kind.ID_CARD, "11010519491231002X"),
    ("身份证１１０１０５１９４９１２３１００２ｘ", Kind.ID_CARD, "１１０１０５１９４９１２３１００２ｘ"),
    ("证件110105 19491231 002X。", Kind.ID_CARD, "110105 19491231 002X"),
    ("老证130503670401001还在用", Kind.ID_CARD, "130503670401001"),
    ("致电13800138000联系", Kind.MOBILE, "13800138000"),
    ("+86 138-0013-8000", Kind.MOBILE, "+86 138-0013-8000"),
    ("电话（010）88889999", Kind.LANDLINE, "（010）88889999"),
    ("卡号4532 0151 1283 0366", Kind.BANK_CARD, "4532 0151 1283 0366"),
    ("代码91350100M000100Y43", Kind.CREDIT_CODE, "91350100M000100Y43"),
    ("护照E12345678", Kind.PASSPORT, "E12345678"),
    ("车牌京A·D12345在场", Kind.PLATE, "京A·D12345"),
    ("沪C12345D进场", Kind.PLATE, "沪C12345D"),
    ("邮箱zhang.san@example.com.cn，", Kind.EMAIL, "zhang.san@example.com.cn"),
    ("地址192.168.1.10不通", Kind.IP, "192.168.1.10"),
    ("在2001:db8::8a2e:370:7334上", Kind.IP, "2001:db8::8a2e:370:7334"),
    ("SSN 123-45-6789.", Kind.SSN, "123-45-6789"),
    ("call (212) 555-0147 now", Kind.PHONE, "(212) 555-0147"),
    ("to GB82 WEST 1234 5698 7654 32 by", Kind.IBAN, "GB82 WEST 1234 5698 7654 32"),
]
NOT_FOUND = [
    "订单号13800138000已发货",
    "登记号110105194912310021",
    "第3.2.1.4条规定",
    "版本1.2.3.4",
    "GB/T 22239-2019",
    "金额1,234,567.00元",
    "2024-03-05 12:30:45",
    "logo@2x.png",
    "git@git.example.com:group/project.git",
    "std::vector::add",
    "00:1A:2B:3C:4D:5E",
    "市值+12345678元",
    "ISBN 978-7-111-12345-6",
]


@pytest.mark.parametrize(("text", "kind", "datum"), FOUND)
def test_found_whole_and_by_its_kind(text: str, kind: Kind, datum: str) -> None:
    assert [(one.kind, text[one.start : one.end]) for one in find_personal(text)] == [(kind, datum)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_alike_is_left(text: str) -> None:
    assert find_personal(text) == []


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (identity_18, lambda text: is_id_card(text, 2026)),
        (bank_card, is_bank_card),
        (credit_code, is_credit_code),
        (iban, is_iban),
    ],
)
def test_any_other_digit_breaks_a_check(make, check) -> None:  # type: ignore[no-untyped-def]
    r = random.Random(5)
    for _ in range(60):
        code = make(r)
        assert check(code)
        place = r.choice([place for place, char in enumerate(code) if char.isdigit() and place >= 6])
        other = r.choice([digit for digit in "0123456789" if digit != code[place]])
        assert not check(code[:place] + other + code[place + 1 :])


@given(st.integers(0, 10**16).map(str))
def test_exactly_one_last_digit_passes_luhn(body: str) -> None:
    assert sum(luhn(body + digit) for digit in "0123456789") == 1


def test_generated_sentences_meet_the_bar() -> None:
    r = random.Random(2026)
    right, missed, extra, wrong = judge([sentence(r) for _ in range(800)])
    assert right.total() / (right.total() + missed.total()) >= 0.99, wrong
    assert right.total() / (right.total() + extra.total()) >= 0.98, wrong


@given(st.text(max_size=200))
def test_finds_are_in_order_and_apart_in_any_text(text: str) -> None:
    found = find_personal(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert len(masked(text, found)) == len(text)


def test_covering_keeps_places_and_the_ends_that_tell_who() -> None:
    text = "王芳13800138000，卡4532 0151 1283 0366，wang@example.com"
    assert masked(text, find_personal(text)) == "王芳138****8000，卡4532 **** **** 0366，w***@example.com"


def test_levels_are_treated_as_set_and_the_strictest_counts() -> None:
    levels = {"internal": Treatment.MASK, "secret": Treatment.BLOCK}
    policy = PersonalPolicy(GuardSettings(personal_levels=levels), LATTICE)
    text = "致电13800138000"
    assert policy.shown(text, [0]).text == text
    assert policy.shown(text, [0]).kinds == ("mobile",)
    assert policy.shown(text, [0, 1]).text == "致电138****8000"
    blocked = policy.shown(text, [0, 1, 2])
    assert blocked.blocked
    assert set(blocked.text) == {BLOCKED}
    assert policy.shown("无关", [2]).text == "无关"


def test_a_part_of_a_text_is_shown_as_the_whole_tells() -> None:
    policy = PersonalPolicy(GuardSettings(personal=Treatment.MASK), LATTICE)
    text = "护照号码：D1234567，有效"
    start = text.index("D")
    assert policy.shown(text, (), (start, start + 8)).text == "********"
    assert policy.shown(text, (), (0, 4)).kinds == ()


def test_kinds_that_are_not_named_are_left() -> None:
    policy = PersonalPolicy(GuardSettings(personal=Treatment.MASK, kinds=("email",)), LATTICE)
    assert policy.shown("a@example.com 13800138000").text == "*@example.com 13800138000"
