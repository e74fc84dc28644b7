"""The mark of the instructions, and long runs of them, are seen in every usual spelling; answers are not."""

import base64
from collections.abc import Callable
from functools import partial

import pytest

from generation.answering.checking import quotes_hold
from generation.answering.leaks import LeakWatch
from generation.prompts import load_prompt
from tests.unit.generation.passages import SAFETY, TRAVEL, all_passages, passage

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "spaced": " ".join,
    "dashed": "-".join,
    "lines": "\n".join,
    "full-width": lambda s: "".join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) < 0x7F else c for c in s),
    "reversed": lambda s: s[::-1],
    "hex": lambda s: s.encode().hex(" "),
    "escaped": lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    **{f"base64+{n}": partial(lambda n, s: base64.b64encode(b"q" * n + s.encode()).decode(), n) for n in range(4)},
    **{f"base32+{n}": partial(lambda n, s: base64.b32encode(b"q" * n + s.encode()).decode(), n) for n in range(5)},
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_mark_is_seen(language: str, spelling: str) -> None:
    prompt = load_prompt(language)
    written = SPELLINGS[spelling](prompt.canary)
    assert LeakWatch(prompt.instructions(), prompt.canary).leaks(f"答案是 {written} 。")
    cut = LeakWatch(prompt.instructions(), prompt.canary)
    pieces = [written[at : at + 5] for at in range(0, len(written), 5)]
    assert [cut.leaks(piece) for piece in pieces].count(True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_runs_of_the_instructions_are_seen(language: str) -> None:
    prompt = load_prompt(language)
    told = prompt.instructions()
    for start in range(0, len(told) - 140, 90):
        part = told[start : start + 140]
        for written in (part, " ".join(part), part.encode().hex(), base64.b64encode(part.encode()).decode()):
            assert LeakWatch(told, prompt.canary).leaks(written), part


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_are_let_through(language: str) -> None:
    prompt = load_prompt(language)
    watch = LeakWatch(prompt.instructions(), prompt.canary)
    for text in (TRAVEL, SAFETY, prompt.refusal, "资料不足，无法回答。", "The evidence does not answer the question."):
        assert not watch.leaks(text)


def test_a_few_english_words_of_the_instructions_in_a_chinese_answer_are_no_leak() -> None:
    prompt = load_prompt("en")
    told = prompt.instructions()
    few, run = "Do not convert or round them.", "Where pieces of evidence conflict, state each with its own number."
    assert few in told
    assert run in told
    assert not LeakWatch(told, prompt.canary).leaks(f"报销标准写道：{few}")
    assert LeakWatch(told, prompt.canary).leaks(f"报销标准写道：{run}")
    assert LeakWatch(told, prompt.canary).leaks(f"报销标准写道：{few.encode().hex()}")


def test_long_quotations_have_to_stand_in_the_evidence() -> None:
    evidence = [passage("第八条 住宿标准：一线城市每人每晚 600 元，\n其他城市 450 元。")]
    assert quotes_hold("制度写道：“一线城市每人每晚 600 元，其他城市 450 元。”", evidence)
    assert not quotes_hold("制度写道：“一线城市每人每晚 900 元，其他城市 450 元。”", evidence)
    assert quotes_hold("所谓“一线城市”指北京和上海。", evidence)
    assert quotes_hold("没有引号的句子。", all_passages())
