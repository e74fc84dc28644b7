"""A malicious model, in short: no forged citation, nothing active, nothing given away; and no secret in any prompt."""

import random
from pathlib import Path

import pytest

from benchmarks.writing.malicious import POLICIES, Policy, Tally, attack_under
from benchmarks.writing.outputs import output
from benchmarks.writing.place import HIDDEN
from benchmarks.writing.prompts import Search, built, captured
from generation.prompts import load_prompt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the company is; each test opens the application there anew, with its own settings."""
    return tmp_path_factory.mktemp("company")


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_malicious_model_breaches_nothing(policy: Policy, folder: Path) -> None:
    tally: Tally = await attack_under(policy, 8, 31, folder)
    assert tally.breaches == []
    assert tally.cited
    assert tally.statements["supported"]


def test_the_outputs_are_what_they_claim_to_be() -> None:
    """Forged markers, links, scripts, hidden signs, secrets of others and the mark of the instructions are there."""
    prompt = load_prompt("zh")
    messages = [
        {"role": "system", "content": prompt.instructions()},
        {"role": "user", "content": "年休假为 5 天。过路费凭票另行报销。"},
    ]
    made = "\n".join(output(random.Random(seed), messages, HIDDEN) for seed in range(400))
    for mark in ("[99]", "](http", "<script>", "<img", "\u200b", "\x1b[", prompt.canary, HIDDEN[0], '"statements"'):
        assert mark in made


async def test_no_secret_stands_in_a_prompt(folder: Path) -> None:
    requests, secrets = await captured(4, folder)
    search = Search(secrets)
    assert len(requests) > 4
    assert sum(map(search.count, requests)) == 0
    assert search.count(f"key: {secrets[0]}") == 1
    prompts = [message.content for messages, _ in built(random.Random(2)) for message in messages]
    assert sum(map(search.count, prompts)) == 0
