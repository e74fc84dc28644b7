"""False alarms: ``python -m benchmarks.answering.quiet --data FOLDER [--sets drcd cmrc …] [--limit N]``.

Questions over pooled passages that do not contradict each other, answered without a model by the whole answer service.
Counted is how many answers bear a notice that documents differ, that one was replaced, or that the question takes
something wrong for granted. Exit code 1 when one of them stands over more than 2 % of the answers.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from typing import Final

import numpy as np

from benchmarks.extractive.judging import POOLED
from benchmarks.extractive.pooled import open_pool, pooled, read_corpus
from benchmarks.extractive.tools import add_arguments, open_tools
from generation.answering.sides import CONFLICT, PREMISE, SUPERSEDED
from generation.service import Answers
from wenyuan.answers import Answer, Evidence, Packed
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings
from wenyuan.machine import machine_line
from wenyuan.text import detect_language

MOST: Final = 0.02
NOTICES: Final = (CONFLICT, SUPERSEDED, PREMISE)


async def answered(answers: Answers, question: str, evidence: tuple[Evidence, ...]) -> Answer:
    """Return the answer to a question over its evidence."""
    stream = answers.answer(question, Packed(evidence), detect_language(question), Trail(None))
    found = [event.answer async for event in stream if event.answer is not None]
    return found[0]


def main() -> int:
    """Run from the command line; return 0 when every bar holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--sets", nargs="*", choices=sorted(POOLED), default=["drcd", "cmrc"])
    parser.add_argument("--verbose", action="store_true", help="show the answers that bear a notice")
    args = parser.parse_args()
    print(machine_line())
    failed = False
    with open_tools(args) as tools:
        answers = Answers(GenerationSettings(), tools.embedder)
        for name in args.sets:
            corpus, gold = read_corpus(POOLED[name][0], tools.data, tools.chunker, tools.cache / "parses")
            pool = open_pool(corpus, tools.embedder, tools.vectors, tools.reranker)
            given, seconds, counted = 0, [], Counter[str]()
            for row in pooled(pool, corpus.questions, gold, args.limit):
                begun = time.perf_counter()
                answer = asyncio.run(answered(answers, row.question, row.found))
                seconds.append(time.perf_counter() - begun)
                given += not answer.refused
                counted.update(answer.notices)
                if args.verbose and answer.notices:
                    print(answer.notices, row.question, answer.text, sep="\n  ")
            print(f"== {name}: {given} answers, {1000 * float(np.percentile(seconds, 50)):.0f} ms p50")
            for notice in NOTICES:
                share = counted[notice] / max(1, given)
                failed |= share > MOST
                print(f"{notice:40s} {share:.3f}  bar {MOST}{'  MISSED' if share > MOST else ''}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
