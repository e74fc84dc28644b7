"""Follow-ups asked with and without what was asked before: ``python -m benchmarks.asking DATA``.

``DATA`` is the data folder of a demo run (``workspace`` of its results). Reports how often a passage that answers is
among the first 1, 3 and 8, and how often a question that starts anew is left alone and keeps its rank.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import yaml

from api.bootstrap import open_services
from api.services import Services
from eval.metrics import contains_answer
from retrieval.query.condense import condense
from retrieval.query.parts import InTurn
from wenyuan.access import AccessScope, Principal, resolve_scope
from wenyuan.db.access.directory import find_user
from wenyuan.ports import Retriever
from wenyuan.settings import Settings

_CASES: Final = Path(__file__).with_name("followups.yaml")
_NEW: Final = Path("eval/demo/questions.jsonl")
_DEPTHS: Final = (1, 3, 8)
_WHOLE: Final = 4


async def measure(data: Path) -> None:
    """Ask and print."""
    cases: dict[str, list[dict[str, Any]]] = yaml.safe_load(_CASES.read_text(encoding="utf-8"))
    async with open_services(Settings(data_dir=data)) as services:
        for name, given in cases.items():
            for condensed in (False, True):
                ranks = [await _rank(services, case, condensed=condensed) for case in given]
                print(f"{name} n={len(ranks)} condensed={condensed} {_shares(ranks)}")
        lines = _NEW.read_text(encoding="utf-8").splitlines()
        asked = [line for line in map(json.loads, lines) if line["expect"] == "answer"]
        changed, before, after = 0, [], []
        for place, line in enumerate(asked):
            case = {"user": line["user"], "ask": line["question"], "before": [asked[place - 1]["question"]]}
            told = case | {"answers": line["answers"]}
            changed += condense(line["question"], case["before"]).text != line["question"]
            before.append(await _rank(services, told, condensed=False))
            after.append(await _rank(services, told, condensed=True))
        pairs = [
            (one, other)
            for one, other in combinations(asked, 2)
            if (one["user"], one["language"]) == (other["user"], other["language"])
        ]
        for name, retriever in (("whole", services.retriever), ("in turn", InTurn(services.retriever))):
            both = [min(await _both(services, retriever, *pair)) for pair in pairs]
            print(f"two in one n={len(pairs)} {name} both among {_WHOLE}: {sum(both) / len(both):.3f}")
        print(f"new questions n={len(asked)} changed={changed} alone {_shares(before)} condensed {_shares(after)}")


async def _rank(services: Services, case: dict[str, Any], *, condensed: bool) -> int:
    scope = await _scope(services, case["user"])
    text = condense(case["ask"], case["before"]).text if condensed else case["ask"]
    found = await services.retriever.retrieve(scope, text, max(_DEPTHS))
    for rank, piece in enumerate(found, start=1):
        if "holds" in case and _plain(case["holds"]) in _plain(piece.text):
            return rank
        if "answers" in case and contains_answer(piece.text, case["answers"]):
            return rank
    return max(_DEPTHS) + 1


async def _both(
    services: Services, retriever: Retriever, one: dict[str, Any], other: dict[str, Any]
) -> tuple[bool, bool]:
    """Whether each of two questions that are asked in one has a passage that answers it."""
    scope = await _scope(services, one["user"])
    found = await retriever.retrieve(scope, f"{one['question']}{other['question']}", _WHOLE)
    texts = [piece.text for piece in found]
    first, second = (any(contains_answer(text, case["answers"]) for text in texts) for case in (one, other))
    return first, second


async def _scope(services: Services, name: str) -> AccessScope:
    async with services.database.read() as tx:
        user = await find_user(tx, name)
    return await resolve_scope(services.directory, Principal(user.id, user.name))


def _plain(text: str) -> str:
    return "".join(text.split())


def _shares(ranks: Sequence[int]) -> str:
    return " ".join(f"hit@{depth}={sum(rank <= depth for rank in ranks) / len(ranks):.3f}" for depth in _DEPTHS)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    asyncio.run(measure(parser.parse_args().data))


if __name__ == "__main__":
    main()
