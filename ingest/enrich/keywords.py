"""Keywords: words and short phrases that stand out against Chinese and English at large.

A candidate is a run of up to three neighbouring content words within a statement. Its weight is how often it stands in
the document times how rare its words are in the fixed background, so that no other document moves it.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from ingest.enrich.reading import Reading, Statement
from wenyuan.documents import BlockKind
from wenyuan.text import is_cjk
from wenyuan.words.background import background
from wenyuan.words.quantities import is_unit
from wenyuan.words.terms import normalise, stem, tokens

#: Spelling and weight of each candidate, by its words.
Weighed = Mapping[tuple[str, ...], tuple[str, float]]

LIMIT: Final = 10
#: Words as common as this carry no topic and part phrases (nats; 我们 has 0.8, 公司 2.6, 员工 4.2).
_COMMON: Final = 1.9
#: Rarer than this counts no more: names and misprints would win over topics.
_RARE: Final = 8.5
#: Words of form that are rarer than that.
_FORM_WORDS: Final = """
下表 上表 下图 如下 以下 以上 以内 以外 日内 之日 日起 之日起 确需 单次 应当 不得 可以 予以 按照 根据 有关 相关 年度
第一 第二 第三 工作日 本手册 本办法 本制度 本规定 本合同 本协议 本法
shall must may unit datasheet example section page table figure
"""
_FORM: Final = frozenset(_FORM_WORDS.split())
_LONGEST: Final = 3
_MAX_CHARS: Final = 120_000
_TITLE, _HEADING = 3.0, 1.6
_PHRASE: Final = 1.15


@dataclass(slots=True)
class _Candidate:
    """A run of words: weighted and plain count, and its spellings."""

    words: tuple[str, ...]
    weight: float = 0.0
    count: int = 0
    spellings: Counter[str] = field(default_factory=Counter)


def weigh(reading: Reading) -> Weighed:
    """Return the commonest spelling and the weight of each candidate."""
    found: dict[tuple[str, ...], _Candidate] = {}
    for statement, worth in _sources(reading):
        for words, spelling in _runs(statement):
            one = found.setdefault(words, _Candidate(words))
            one.weight += worth
            one.count += 1
            one.spellings[spelling] += 1
    table = background()
    rarity = {word: min(table.idf(f"w{stem(word)}"), _RARE) for words in found for word in words}
    weighed = {}
    for words, one in found.items():
        if len(words) > 1 and one.count < 2:
            continue
        rare = sum(rarity[word] for word in words) / len(words) * (_PHRASE if len(words) > 1 else 1.0)
        weighed[words] = (one.spellings.most_common(1)[0][0], math.log1p(one.weight) * rare)
    return weighed


def keywords(weighed: Weighed) -> tuple[str, ...]:
    """Return up to ``LIMIT`` keywords, the most telling first; a word that lives in a chosen phrase is not repeated."""
    chosen: list[tuple[str, ...]] = []
    for words, _ in sorted(weighed.items(), key=lambda item: (-item[1][1], item[0])):
        if not any(_overlap(words, other) for other in chosen):
            chosen.append(words)
        if len(chosen) == LIMIT:
            break
    return tuple(weighed[words][0] for words in chosen)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two candidates say the same: one holds the other, or they share all but one word."""
    shared = len(set(one) & set(other))
    return shared >= min(len(set(one)), len(set(other))) or (shared > 0 and shared >= max(len(one), len(other)) - 1)


def _sources(reading: Reading) -> Iterator[tuple[str, float]]:
    yield reading.title, _TITLE
    used = 0
    for statement in reading.statements:
        worth = _HEADING if statement.kind is BlockKind.TITLE else _damped(statement)
        yield statement.text[: _MAX_CHARS - used], worth
        used += len(statement.text)
        if used >= _MAX_CHARS:
            return


def _damped(statement: Statement) -> float:
    """Rows of a long table repeat the same words; they count less than prose."""
    return 0.4 if statement.kind is BlockKind.TABLE else 1.0


def _runs(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every run of up to ``_LONGEST`` content words as (words, spelling)."""
    folded = normalise(text)
    same = len(folded) == len(text)
    table = background()
    run: list[tuple[int, int]] = []
    for start, end in tokens(folded):
        word = folded[start:end]
        content = _content(word) and table.idf(f"w{stem(word)}") > _COMMON
        if run and (not content or not _adjoining(folded, run[-1][1], start)):
            yield from _of_run(run, folded, text if same else folded)
            run = []
        if content:
            run.append((start, end))
    yield from _of_run(run, folded, text if same else folded)


def _of_run(run: Sequence[tuple[int, int]], folded: str, text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for first in range(len(run)):
        for last in range(first, min(first + _LONGEST, len(run))):
            part = run[first : last + 1]
            words = tuple(stem(folded[start:end]) for start, end in part)
            wide = all(is_cjk(folded[start]) for start, _ in part)
            if wide and part[-1][1] - part[0][0] > 10:
                continue
            yield words, text[part[0][0] : part[-1][1]]


def _adjoining(folded: str, end: int, start: int) -> bool:
    """Chinese words adjoin without anything between them, others over one blank or hyphen."""
    between = folded[end:start]
    return not between or (between in {" ", "-"} and not is_cjk(folded[start]))


def _content(word: str) -> bool:
    if word in _FORM or is_unit(word):
        return False
    if is_cjk(word[0]):
        return len(word) > 1
    return len(word) > 2 and word.isalpha()


def coverage(text: str, weights: dict[str, float]) -> float:
    """Return how much of the weight of single words a text covers, damped by its length."""
    folded = normalise(text)
    words = [stem(folded[start:end]) for start, end in tokens(folded)]
    found = sum(weights.get(word, 0.0) for word in set(words))
    return found / math.sqrt(len(words) + 8.0)


def bigrams(text: str) -> set[tuple[str, str]]:
    """Return neighbouring words of a text, by which two sentences are compared."""
    folded = normalise(text)
    return set(pairwise([stem(folded[start:end]) for start, end in tokens(folded)]))
