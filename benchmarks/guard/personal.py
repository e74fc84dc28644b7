"""Recall and precision of personal data on generated sentences, and the speed of the search for it.

    python -m benchmarks.guard.personal [--sentences 10000] [--seed 1]

A find counts when its kind and both its ends are right. Speed: one core, UTF-8 bytes of these sentences among plain
text as documents have it.
"""

import argparse
import random
import sys
import time
from collections import Counter

from benchmarks.guard.people import Case
from benchmarks.guard.sentences import sentence
from generation.guard.personal.scan import find_personal

RECALL, PRECISION, SPEED = 0.99, 0.98, 5.0
_TEXT = (
    "员工因公出差应当事先填写出差申请单，经部门负责人批准后方可成行；住宿费在标准之内凭票据实报销，超出部分由个人承担。"
    "The handbook applies to all staff; exceptions need the written consent of the head of the department concerned. "
)


def judge(cases: list[Case]) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """Return finds that are right, those missed and those too many, by kind, and sentences that went wrong."""
    right, missed, extra, wrong = Counter[str](), Counter[str](), Counter[str](), []
    for case in cases:
        found = {(one.kind.value, one.start, one.end) for one in find_personal(case.text)}
        gold = set(case.data)
        right.update(kind for kind, *_ in found & gold)
        missed.update(kind for kind, *_ in gold - found)
        extra.update(kind for kind, *_ in found - gold)
        if found != gold:
            shown = sorted((kind, case.text[start:end]) for kind, start, end in found)
            wrong.append(f"{case.text!r}: {shown}")
    return right, missed, extra, wrong


def speed(cases: list[Case]) -> float:
    """Return megabytes of UTF-8 a second: one generated sentence to each plain one."""
    text = "\n".join(part for case in cases for part in (case.text, _TEXT))
    began = time.process_time()
    find_personal(text)
    return len(text.encode()) / 1e6 / (time.process_time() - began)


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", type=int, default=0, help="print so many sentences that went wrong")
    given = parser.parse_args()
    r = random.Random(given.seed)
    cases = [sentence(r) for _ in range(given.sentences)]
    right, missed, extra, wrong = judge(cases)
    for kind in sorted(right | missed | extra):
        print(f"{kind:12} right {right[kind]:5}  missed {missed[kind]:4}  too many {extra[kind]:4}")
    recall = right.total() / (right.total() + missed.total())
    precision = right.total() / (right.total() + extra.total())
    rate = speed(cases)
    print(f"sentences {len(cases)}  recall {recall:.4f} (bar {RECALL})  precision {precision:.4f} (bar {PRECISION})")
    print(f"speed {rate:.1f} MB/s (bar {SPEED})")
    print(*wrong[: given.wrong], sep="\n")
    return 0 if recall >= RECALL and precision >= PRECISION and rate >= SPEED else 1


if __name__ == "__main__":
    sys.exit(main())
