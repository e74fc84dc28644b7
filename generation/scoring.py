"""How well a unit answers a question, and whether any does: the features of both."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields
from typing import Final

from generation.units import Unit, UnitKind
from wenyuan.answers import Evidence
from wenyuan.text import LATIN_WORD, content_terms, detect_language, fold
from wenyuan.words.background import background
from wenyuan.words.quantities import Quantity, agrees, asked_dimension, codes, dimensions, holds, is_unit, quantities
from wenyuan.words.terms import normalise, tokens
from wenyuan.words.written.occasions import Occasions, astray, occasions

_ASKS_TIME = re.compile(
    r"什么时候|什麼時候|何时|何時|哪(?:一)?(?:年|天|月|日)|几(?:月|号|点)|(?<!多长)(?<!多少)时间|(?<!多長)(?<!多少)時間"
    r"|日期|年份|\bwhen\b|what (?:year|date|day|time)|which year|how long ago",
    re.IGNORECASE,
)
_ASKS_AMOUNT = re.compile(
    r"多少|[几幾][个個位天次名年条條种種人台臺元级級岁歲]|多(?:大|高|长|久|远|宽|重|快)|百分之|比例|额度|上限|下限|标准|费用"
    r"|金额|价格|單價|单价|\bhow (?:many|much|long|large|big|high|old|far|often|tall|fast)\b"
    r"|what (?:percentage|number|amount|percent|rate)|\bprice\b|\bcosts?\b|\bheavy\b|\bweighs?\b",
    re.IGNORECASE,
)
_ASKS_LIST = re.compile(
    r"哪些|哪几|哪幾|分别|包括什么|有什么|步骤|流程|\bwhich\b.*\bare\b|what are|list\b|steps|kinds of|types of"
    r"|\b(?:which|what) [a-z]+s (?:do|does|can|should|must|may|need)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)|年|世纪|century|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_CHINESE_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
#: What is asked for stands in its place in the answer: 何年 is 1995年 there.
_ASKING: Final = re.compile("[何哪谁几怎]|什么|多少")
#: What a long Chinese word counts of which all pairs of characters are there, but not together.
_IN_PARTS: Final = 0.7
#: Nats: a word that one document in 22,000 holds lacks as much as 1.
_RARE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart once."""

    text: str
    language: str
    terms: tuple[str, ...]
    numbers: tuple[Quantity, ...]
    names: frozenset[str]
    dimension: str | None
    asks_time: bool
    asks_amount: bool
    asks_list: bool
    occasions: Occasions


def read_question(text: str) -> Question:
    """Take a question apart."""
    plain = unicodedata.normalize("NFKC", text)
    language = detect_language(text)
    return Question(
        text=text,
        language=language,
        terms=tuple(dict.fromkeys(t for t in content_terms(text, bare=True) if not t.isdecimal())),
        # 一个月多少, 一公里多少: the 一 there is an article, not a number that the answer must repeat
        numbers=tuple(q for q in quantities(text) if not plain.startswith("一", q.start)),
        names=names_in(text, language),
        dimension=asked_dimension(text),
        asks_time=bool(_ASKS_TIME.search(text)),
        asks_amount=bool(_ASKS_AMOUNT.search(text)),
        asks_list=bool(_ASKS_LIST.search(text)),
        occasions=occasions(text),
    )


def names_in(text: str, language: str) -> frozenset[str]:
    """Return what an answer's passage has to name, folded: codes, and words in the other script.

    The other script is Latin words in a Chinese question and Chinese runs in an English one; units are no names.
    """
    found = codes(text)
    pattern = LATIN_WORD if language == "zh" else _CHINESE_RUN
    words = {match.group() for match in pattern.finditer(fold(text))}
    return frozenset(
        found | {w for w in words if len(w) > 1 and not is_unit(w) and not any(w in code for code in found)}
    )


def term_weights(question: Question, texts: Sequence[Set[str]]) -> dict[str, float]:
    """Weigh the question's terms by how few of ``texts`` (term sets) hold them: ln(1 + (1 + N) / (1 + n))."""
    total = len(texts)
    return {t: math.log(1 + (1 + total) / (1 + sum(t in terms for terms in texts))) for t in question.terms}


def coverage(weights: Mapping[str, float], terms: Set[str]) -> float:
    """Return the weighted share of the question's terms that occur in ``terms``, 0..1."""
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t in terms) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class UnitFeatures:
    """What speaks for one unit, 0..1 but for ``dense_*`` and ``read``.

    ``dense_*`` are cosines minus the best one in the same pool (≤ 0). ``read`` is the reader's best margin of a span in
    the unit, in units of four logits; where ``unread`` is 1 half the best one, at most 0 and half a unit above it.
    ``topic`` is what the first sentence of its passage adds to the terms held: later ones say "he" or "the company".
    ``opening``: whether the unit is that sentence. ``rank`` is 1 for units of the passage that retrieval puts first,
    then ½, ⅓ and so on. ``astray``: the share of the years and counted occasions asked for of which it names another.
    """

    covered: float
    context: float
    passage: float
    novelty: float
    typed: float
    numbers: float
    dense_passage: float
    dense_unit: float
    heading: float
    length: float
    nearness: float
    topic: float = 0.0
    opening: float = 0.0
    rank: float = 1.0
    astray: float = 0.0
    read: float = 0.0
    unread: float = 1.0

    def values(self) -> tuple[float, ...]:
        """Return the features in the order of their declaration."""
        return tuple(getattr(self, f.name) for f in fields(self))


@dataclass(frozen=True, slots=True)
class SupportFeatures:
    """What speaks for there being an answer at all.

    The share of the question's words, the rarer the more, that the best unit holds with what stands around it, and that
    its passage holds; what that lacks of the rarest word; the absolute cosines of the passage and of the best unit; by
    how much the passage stands out from the mean of the others (never below 0); the share of asked numbers, names and
    units that the passage lacks; whether the best unit is of the kind asked for. The reader's highest logit of there
    being an answer and highest margin of a span, in units of four logits, 0 where ``unread``. ``lead``: by how much
    the offline reranker's relevance of the best passage stands above the mean of the others (0..1); 0 where the passage
    is the ``only`` one. ``astray``: that of the best unit.
    """

    around: float
    passage: float
    lacking: float
    dense_passage: float
    dense_unit: float
    margin: float
    missing: float
    typed: float
    lead: float = 0.0
    only: float = 1.0
    astray: float = 0.0
    answered: float = 0.0
    margin_read: float = 0.0
    unread: float = 1.0

    def values(self) -> tuple[float, ...]:
        """Return the features in the order of their declaration."""
        return tuple(getattr(self, f.name) for f in fields(self))


UNIT_NAMES = tuple(f.name for f in fields(UnitFeatures))
SUPPORT_NAMES = tuple(f.name for f in fields(SupportFeatures))
_LOGITS = 4.0
_MOST_LOGITS = 12.0


def scaled(logit: float) -> float:
    """Return a logit of the reader as a feature: bounded, in units of four."""
    return max(-_MOST_LOGITS, min(_MOST_LOGITS, logit)) / _LOGITS


def typed(question: Question, text: str, context: str = "") -> float:
    """Say whether ``text`` holds the kind of thing asked for: a date for *when*, a number for *how many*, in its unit.

    0 or 1, ½ when the question asks for neither, and ¼ when the number is there in no such unit. ``context`` may name
    the unit (the header of a table).
    """
    found = quantities(text)
    if question.asks_time:
        return 1.0 if _YEAR.search(text) or any(q.kind == "date" for q in found) else 0.0
    if not question.asks_amount and question.dimension is None:
        return 0.5
    if not any(not any(agrees(n, q) for n in question.numbers) for q in found):
        return 0.0
    return 1.0 if question.dimension is None or question.dimension in dimensions(f"{text}\n{context}") else 0.25


def numbers_held(question: Question, text: str) -> float:
    """Return how far the question's numbers and names, and the unit it asks for, are found in ``text``, 0..1.

    1 when it has none. A range holds what lies in it.
    """
    asked = len(question.numbers) + len(question.names) + (question.dimension is not None)
    if not asked:
        return 1.0
    given = quantities(text)
    held = sum(max((holds(n, q, text) for q in given), default=0.0) for n in question.numbers)
    folded = fold(text)
    held += question.dimension is not None and question.dimension in dimensions(text)
    return (held + sum(name in folded for name in question.names)) / asked


def is_cross_lingual(question: Question, evidence: Evidence) -> bool:
    """Say whether question and passage are in different languages."""
    return question.language != evidence.language


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """The terms of a unit: its own, with its context, with the units beside it, with its passage's first sentence."""

    own: frozenset[str]
    about: frozenset[str]
    around: frozenset[str]
    topic: frozenset[str]
    opening: bool


def unit_terms(units: Sequence[Unit]) -> list[UnitTerms]:
    """Return the terms of each unit; ``units`` stand in reading order, those of one passage together."""
    own = [frozenset(content_terms(u.text)) for u in units]
    about = [terms | frozenset(content_terms(u.context)) for terms, u in zip(own, units, strict=True)]
    openings: dict[int, int] = {}
    for i, unit in enumerate(units):
        if unit.kind is UnitKind.SENTENCE:
            openings.setdefault(unit.source, i)
    found = []
    for i, unit in enumerate(units):
        first = openings.get(unit.source, i)
        near = [own[j] for j in (i - 1, i + 1) if 0 <= j < len(units) and units[j].source == unit.source]
        found.append(UnitTerms(own[i], about[i], about[i].union(*near), about[i] | own[first], first == i))
    return found


def unit_features(
    question: Question,
    unit: Unit,
    terms: UnitTerms,
    weights: Mapping[str, float],
    passage: float,
    dense: tuple[float, float],
    place: int,
    title: str,
) -> UnitFeatures:
    """Compute the features of ``unit``.

    ``passage`` is the coverage of its whole passage, ``dense`` the cosines of passage and unit minus the best ones,
    ``place`` that of the passage in the order of retrieval, from 0, ``title`` that of its document.
    """
    covered, about = coverage(weights, terms.own), coverage(weights, terms.about)
    return UnitFeatures(
        covered=covered,
        context=about - covered,
        passage=passage,
        novelty=min(1.0, len(terms.own - weights.keys()) / 6),
        typed=typed(question, unit.text, unit.context),
        numbers=numbers_held(question, f"{unit.text} {unit.context}"),
        dense_passage=dense[0],
        dense_unit=dense[1],
        heading=1.0 if unit.kind is UnitKind.HEADING else 0.0,
        length=min(1.0, math.log1p(len(terms.own)) / 5),
        nearness=coverage(weights, terms.around) - about,
        topic=coverage(weights, terms.topic) - about,
        opening=float(terms.opening and unit.kind is UnitKind.SENTENCE),
        rank=1.0 / (1 + place),
        astray=astray(question.occasions, unit.text, f"{title} {unit.context}"),
    )


def asked_words(question: str) -> dict[str, float]:
    """Return the words of a question by how rare they are, in nats; those that only ask or join are left out."""
    plain = normalise(question)
    found: dict[str, float] = {}
    for start, end in tokens(plain):
        word = plain[start:end]
        for term in [] if _ASKING.search(word) else content_terms(word, bare=True)[:1]:
            name = term if word.isascii() else word
            found[name] = background().idf(f"w{name}")
    return found


def held_words(asked: Mapping[str, float], text: str) -> tuple[float, float]:
    """Return the share of ``asked`` that ``text`` holds, 0..1, and what it lacks of the rarest word, about 0..1.5."""
    plain = normalise(text)
    terms = set(content_terms(text))
    held = {word: _held(word, plain, terms) for word in asked}
    total = sum(asked.values())
    share = sum(weight * held[word] for word, weight in asked.items()) / total if total else 0.0
    return share, max((weight * (1 - held[word]) for word, weight in asked.items()), default=0.0) / _RARE


def _held(word: str, plain: str, terms: set[str]) -> float:
    if word.isascii():
        return float(word in terms)
    if word in plain:
        return 1.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return _IN_PARTS * sum(pair in plain for pair in pairs) / len(pairs) if len(word) > 2 else 0.0
