"""An extractive summary: whole sentences of the document that speak for most of it.

A sentence is as central as its chunk is near to the mean of all chunk vectors, as telling as its words weigh among the
keywords, and the better the earlier it stands; one that says what the document is for is better still. A sentence that
repeats a chosen one is passed over.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.enrich.keywords import Weighed, bigrams, coverage
from ingest.enrich.reading import Reading, Statement
from wenyuan.documents import SummarySentence
from wenyuan.ports import Vectors
from wenyuan.text import is_cjk

Scores = NDArray[np.float64]

_CENTRAL, _TELLING, _EARLY, _STATED = 0.35, 0.35, 0.3, 0.25
#: Sentences that are compared in full: the best of a first, cheap score.
_POOL: Final = 60
_CONSIDERED: Final = 3000
_SHORTEST, _LONGEST = 14, 180
_SHORTEST_WORDS, _LONGEST_WORDS = 6, 60
_SAME: Final = 0.35
_ENDS: Final = '。！.!”"）)'
# What hangs on the sentence before it, asks, points elsewhere, or is mere form.
_DEPENDENT: Final = re.compile(
    r"^(?:但|然而|此外|另外|因此|所以|同时|其中|例如|比如|如下|以上|上述|前款|前述|该|其|这|那|它|他|她|如果|若|注[：:]|说明[：:]"
    r"|(?:however|therefore|thus|hence|moreover|furthermore|also|but|and|or|this|that|these|those|it|they|he|she|such|"
    r"for example|in addition|see|note)\b)",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"^[●○•·■□◆▪–*-]\s*")
#: Statements of what the document is for.
_PURPOSE: Final = re.compile(
    r"^(?:第?[一1][条、]?\s*)?为(?:了)?.{4,60}(?:制定|特制定|制订)|本[\u4e00-\u9fff]{1,6}(?:用于|适用于|旨在|规定了|说明|介绍|明确)|旨在"
    r"|\bthis \w{2,20} (?:describes|sets|defines|applies|explains|covers|provides)\b|\b(?:purpose|aims? (?:to|of))\b",
    re.IGNORECASE,
)
_FORM: Final = re.compile(r"[？?]$|[:：]$|\.{4,}|…{2,}|_{3,}|https?://|@\w|\|")


def size_of(sentences: int) -> int:
    """Return how many sentences a summary has: 3 to 5."""
    return 3 if sentences < 25 else 4 if sentences < 120 else 5


def summarise(reading: Reading, weighed: Weighed, vectors: Mapping[int, Vectors]) -> tuple[SummarySentence, ...]:
    """Return the summary in reading order; ``vectors`` gives the unit vector of the chunk that holds each block."""
    candidates = [part for part in reading.statements[:_CONSIDERED] if _fit(part)]
    if not candidates:
        return ()
    telling = _telling(weighed, candidates)
    central = _central(candidates, vectors)
    places = np.arange(len(candidates))
    early = 0.5 / (1.0 + 0.08 * places) + 0.5 * (1.0 - places / len(candidates))
    stated = np.array([_PURPOSE.search(part.text) is not None for part in candidates])
    scores = _CENTRAL * central + _TELLING * telling + _EARLY * early + _STATED * stated
    pool = sorted(np.argsort(-scores, kind="stable")[:_POOL].tolist(), key=lambda place: (-scores[place], place))
    chosen: list[int] = []
    seen: list[set[tuple[str, str]]] = []
    for place in pool:
        words = bigrams(candidates[place].text)
        if all(_share(words, other) < _SAME for other in seen):
            chosen.append(place)
            seen.append(words)
        if len(chosen) == size_of(len(candidates)):
            break
    return tuple(
        SummarySentence(_BULLET.sub("", candidates[place].text), (candidates[place].block,)) for place in sorted(chosen)
    )


def _fit(statement: Statement) -> bool:
    text = statement.text
    if not statement.prose or _FORM.search(text) or _DEPENDENT.match(text) or text[-1] not in _ENDS:
        return False
    letters = sum(char.isalpha() for char in text)
    if letters < 0.6 * len(text.replace(" ", "")):
        return False
    if is_cjk(text[len(text) // 2]) or sum(map(is_cjk, text)) > 0.3 * letters:
        return _SHORTEST <= len(text) <= _LONGEST
    return _SHORTEST_WORDS <= text.count(" ") + 1 <= _LONGEST_WORDS


def _telling(weighed: Weighed, candidates: Sequence[Statement]) -> Scores:
    weights: dict[str, float] = {}
    for words, (_, weight) in sorted(weighed.items(), key=lambda item: (-item[1][1], item[0]))[:40]:
        for word in words:
            weights[word] = max(weight, weights.get(word, 0.0))
    found = np.array([coverage(part.text, weights) for part in candidates])
    return found / max(float(found.max()), 1e-9)


def _central(candidates: Sequence[Statement], vectors: Mapping[int, Vectors]) -> Scores:
    """Return cosine to the mean of all chunk vectors, scaled to 0..1; 0 where a block has no vector."""
    if not vectors:
        return np.zeros(len(candidates))
    mean = np.mean(list(vectors.values()), axis=0)
    mean = mean / max(float(np.linalg.norm(mean)), 1e-9)
    near = {block: float(vector @ mean) for block, vector in vectors.items()}
    low, high = min(near.values()), max(near.values())
    return np.array([(near.get(part.block, low) - low) / max(high - low, 1e-9) for part in candidates])


def _share(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> float:
    return len(one & other) / max(min(len(one), len(other)), 1)
