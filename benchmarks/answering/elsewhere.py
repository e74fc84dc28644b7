"""True statements over passages about something else, as like their own as any: none of them may pass."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.answering.facts.cases import Case
from wenyuan.text import content_terms


def elsewhere(cases: Sequence[Case]) -> list[Case]:
    """Return each statement over the passages of the case that share most words with its own; ``change`` says so.

    These are in the language of its own passages and of another origin. A case for which there are none is left out.
    """
    terms = [set(content_terms(" ".join(case.passages))) for case in cases]
    found = []
    for at, case in enumerate(cases):
        others = [i for i, other in enumerate(cases) if _about_something_else(case, other)]
        if others:
            near = max(others, key=lambda i: len(terms[at] & terms[i]) / (1 + len(terms[i])))
            found.append(replace(case, passages=cases[near].passages, change="elsewhere"))
    return found


def _about_something_else(case: Case, other: Case) -> bool:
    language = other.passage_language == case.passage_language
    return language and not set(other.passages) & set(case.passages) and other.origin != case.origin
