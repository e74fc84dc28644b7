"""Does the evidence carry a statement? Numbers, units, dates, codes and negation must agree; words must be covered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generation.units import Unit, UnitKind, units_of
from wenyuan.answers import Evidence, Support
from wenyuan.ports import Embedder
from wenyuan.text import content_terms, detect_language, fold
from wenyuan.words.quantities import Quantity, agrees, bound_of, codes, dimensions, quantities

_SUPPORTED_COVERAGE = 0.6
_PARTIAL_COVERAGE = 0.35
_CROSS_COSINE = 0.84
_SPAN_UNITS = 3
_ADDRESS = re.compile(r"[a-z0-9_-]+(?:[.@][a-z0-9_-]+)*[.@][a-z]{2,}")
_CLAUSES = re.compile(r"[，,；;。！？!?]|(?<=[a-z])\s(?:but|and|while|whereas)\s")
# Negations that turn a clause around; fixed words that merely contain one of these characters are taken out first.
_NOT_NEGATION = re.compile(
    r"不超过|不得超过|不[大高多晚迟少低小短]于|不得[少低]于|no (?:more|less|later) than"
    r"|not (?:less than|exceed)|not only"
    r"|不仅|不但|不同|不少|不断|不过(?![\d\s])|不锈|不久|不管|不论|无论|未来|非常|无线|无人机|不可或缺"
    r"|别墅|区别|类别|级别|性别|分别|特别|个别|识别"
)
_NEGATION = re.compile(
    r"不|未|无须|无需|无权|没有|没|无(?=[法关效])|禁止|严禁|请勿|切勿|勿|非(?=[必法正经])|拒绝"
    r"|\b(?:not|no|never|without|cannot|prohibited|forbidden|neither|nor|none)\b|n't\b"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far one passage carries a statement, by which span of it, and why not when it does not."""

    support: Support
    source: int
    start: int
    end: int
    score: float
    reasons: tuple[str, ...] = ()


class Grounder:
    """Checks statements against evidence. The embedder serves across languages, where words cannot be compared."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder

    def check(self, statement: str, evidence: Sequence[Evidence], cited: Sequence[int]) -> Verdict:
        """Return the best verdict over the passages ``cited``; when none carries the statement, over all the others.

        ``cited`` are indices into ``evidence``. A statement without content of its own is unsupported.
        """
        nothing = Verdict(Support.UNSUPPORTED, -1, 0, 0, 0.0, ("no_content",))
        if not content_terms(statement):
            return nothing
        best = nothing
        others = [i for i in range(len(evidence)) if i not in cited]
        for group in (cited, others):
            verdicts = [self._against(statement, evidence[i], i) for i in group if 0 <= i < len(evidence)]
            best = max([*verdicts, best], key=lambda v: (_ORDER[v.support], v.score))
            if best.support is not Support.UNSUPPORTED:
                return best
        return best

    def _against(self, statement: str, evidence: Evidence, source: int) -> Verdict:
        units = units_of(source, evidence)
        cross = detect_language(statement) != evidence.language
        if not units:
            return Verdict(Support.UNSUPPORTED, source, 0, 0, 0.0, ("empty",))
        run, score = self._align_by_meaning(statement, units) if cross else _align(statement, units)
        start, end = run[0].start, run[-1].end
        reasons = disagreements(statement, evidence.text[start:end], " ".join(u.context for u in run))
        if not cross and flips_negation(statement, evidence.text[start:end]):
            reasons.append("negation")
        enough, some = (_CROSS_COSINE, _CROSS_COSINE) if cross else (_SUPPORTED_COVERAGE, _PARTIAL_COVERAGE)
        if score < some:
            reasons.append("coverage")
        if reasons:
            return Verdict(Support.UNSUPPORTED, source, start, end, score, tuple(reasons))
        return Verdict(Support.SUPPORTED if score >= enough else Support.PARTIAL, source, start, end, score)

    def _align_by_meaning(self, statement: str, units: Sequence[Unit]) -> tuple[list[Unit], float]:
        if self._embedder is None:
            return [units[0]], 0.0
        target = self._embedder.embed_queries([statement])[0]
        cosines = np.asarray(self._embedder.embed_passages([u.text for u in units[:24]]) @ target)
        best = int(cosines.argmax())
        return [units[best]], float(cosines[best])


_ORDER = {Support.UNSUPPORTED: 0, Support.PARTIAL: 1, Support.SUPPORTED: 2}


def _align(statement: str, units: Sequence[Unit]) -> tuple[list[Unit], float]:
    """Return the shortest run of at most three neighbouring units that covers most of the statement's terms."""
    wanted = set(content_terms(statement, bare=True)) or set(content_terms(statement))
    terms = [set(content_terms(u.text)) for u in units]
    around = [set(content_terms(u.context)) for u in units]
    best: tuple[float, int, int] = (-1.0, 0, 1)
    for first in range(len(units)):
        held: set[str] = set()
        for last in range(first, min(first + _SPAN_UNITS, len(units))):
            held |= terms[last]
            own = len(wanted & held)
            context = len(wanted & (around[first] - held))
            share = (own + 0.8 * context) / len(wanted) - 0.02 * (last - first)
            if own and share > best[0] + 1e-9 and units[last].kind is not UnitKind.HEADING:
                best = (share, first, last + 1)
    share, first, last = best
    return list(units[first:last]), max(0.0, share)


def disagreements(statement: str, quote: str, context: str) -> list[str]:
    """Return what the statement asserts and its source does not hold: ``number``, ``date``, ``code``, ``bound``.

    Numbers must stand in the quote itself; dates, codes and units may stand in its context (a heading, the header of
    a table).
    """
    given = quantities(quote)
    around = [q for q in quantities(context) if q.kind == "date" or q.dimension == "year"]
    units = dimensions(f"{quote}\n{context}")
    reasons = []
    for asked in quantities(statement):
        matching = [q for q in given if agrees(asked, q)]
        known = asked.dimension is None or any(q.dimension is not None for q in matching) or asked.dimension in units
        if not (matching and known) and not any(agrees(asked, q) for q in around):
            reasons.append("date" if asked.kind == "date" else "number")
        elif _bound_flips(statement, asked, quote, matching):
            reasons.append("bound")
    folded = fold(f"{quote} {context}")
    named = codes(statement) | {match.group() for match in _ADDRESS.finditer(fold(statement))}
    if any(name not in folded for name in named):
        reasons.append("code")
    return list(dict.fromkeys(reasons))


def _bound_flips(statement: str, asked: Quantity, source: str, matching: Sequence[Quantity]) -> bool:
    said = bound_of(statement, asked)
    given = {bound_of(source, q) for q in matching}
    return said != "" and bool(given) and given.isdisjoint({said, ""})


def flips_negation(statement: str, source: str) -> bool:
    """Say whether a clause is negated in the statement and not where it stems from, or the reverse."""
    clauses = [(set(content_terms(c)), _negated(c)) for c in _CLAUSES.split(fold(source)) if c and c.strip()]
    for clause in _CLAUSES.split(fold(statement)):
        terms = set(content_terms(clause or ""))
        if len(terms) < 2:
            continue
        near = max(clauses, key=lambda c: len(terms & c[0]) / (len(terms | c[0]) ** 0.5), default=None)
        if near is None or len(terms & near[0]) * 2 < len(terms):
            continue
        if _negated(clause) != near[1]:
            return True
    return False


def _negated(clause: str) -> bool:
    plain = _NOT_NEGATION.sub(" ", clause)
    return len(_NEGATION.findall(plain)) % 2 == 1
