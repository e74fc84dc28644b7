"""Checks statements against evidence."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from generation.grounding.figures import figure_reasons
from generation.grounding.languages.across import check_across
from generation.grounding.naming.nouns import name_reasons
from generation.grounding.naming.others import other_reasons
from generation.grounding.polarity import polarity_reasons
from generation.grounding.reading import Kind, Reading, read
from generation.grounding.repeats import repeats
from generation.grounding.score import chance, means_near, weights
from generation.grounding.source import Answers, Passages, Places, Read, cover, nearest_units
from generation.grounding.verdict import Finding, Span, Verdict
from generation.weights import learned_with
from wenyuan.answers import Evidence, Support
from wenyuan.ports import Embedder
from wenyuan.text import content_terms

_ORDER = {Support.UNSUPPORTED: 0, Support.PARTIAL: 1, Support.SUPPORTED: 2}
_EASE: Final = 0.3
#: The share of its words that the passages hold, as they are or in words that are known to mean the same, of a
#: statement whose every word was compared. Of others it can be said that nothing speaks against them.
_SAID: Final = 0.75
_SEMICOLON: Final = re.compile(r"[；;]")
#: Words that a part of a statement has at least that is judged for itself.
_SAYS: Final = 2
_NOTHING = Verdict(Support.UNSUPPORTED, -1, 0, 0, 0.0, ("no_content",))


class Grounder:
    """Checks statements against evidence; safe to use from several threads.

    The embedder adds the nearness in meaning; without it words alone decide, and nothing can be said across languages.
    The cosines of another embedder than the weights were learned with are not used.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        known = embedder is not None and embedder.fingerprint == learned_with()
        self._answers = Answers(embedder if known else None)
        self._learned = weights()

    def check(self, statement: str, evidence: Sequence[Evidence], cited: Sequence[int], question: str = "") -> Verdict:
        """Return the verdict over the passages ``cited``; where they do not carry all of it, over all the passages.

        ``cited`` are indices into ``evidence``. A statement without content of its own is unsupported; so is one that
        only says again what ``question`` asks.
        """
        if not content_terms(statement):
            return _NOTHING
        said = read(statement)
        if question and repeats(said, read(question)):
            return _NOTHING
        passages = self._answers.of(evidence)
        whole = self._check(said, statement, passages, cited)
        parts = _parts(statement) if whole.support is not Support.UNSUPPORTED else []
        return _together(whole, [self._check(read(part), part, passages, cited) for part in parts])

    def _check(self, said: Reading, statement: str, passages: Passages, cited: Sequence[int]) -> Verdict:
        evidence = passages.evidence
        named = [i for i in dict.fromkeys(cited) if 0 <= i < len(evidence)]
        best = self._over(said, statement, passages, named) if named else _NOTHING
        if best.support is Support.SUPPORTED or len(named) == len(evidence):
            return best
        whole = self._over(said, statement, passages, range(len(evidence)))
        return max(best, whole, key=lambda v: (_ORDER[v.support], v.source >= 0, v.score))

    def _over(self, said: Reading, statement: str, passages: Passages, sources: Sequence[int]) -> Verdict:
        same = [i for i in sources if passages.evidence[i].language == said.language]
        other = [i for i in sources if passages.evidence[i].language != said.language]
        found = [self._within(said, statement, passages, same)] if same else []
        if other and not (found and found[0].support is Support.SUPPORTED):
            found.append(check_across(said, statement, passages, other, self._learned))
        return max(found, key=lambda v: (_ORDER[v.support], v.score), default=_NOTHING)

    def _within(self, said: Reading, statement: str, passages: Passages, sources: Sequence[int]) -> Verdict:
        every = [unit for i in sources for unit in passages.units(i)]
        units = nearest_units(said, every)
        covered = cover(said, units)
        if not covered.chosen:
            return Verdict(Support.UNSUPPORTED, -1, 0, 0, 0.0, ("empty" if not units else "coverage",))
        places = Places(said, units, passages)
        found = [
            *figure_reasons(said, places),
            *name_reasons(said, places, known=_titles(every)),
            *other_reasons(said, places),
            *polarity_reasons(said, places, covered.chosen),
        ]
        # Where three names and figures stand together as they are said, fewer of the words need to.
        ease, least = (_EASE, 0.0) if places.held_together(said) else (1.0, _SAID)
        score = chance(self._learned, said, statement, covered, passages, ease)
        if score < ease * self._learned.partial:
            found.append(Finding("coverage", sure=not means_near(statement, said, units, passages)))
        spans = merged(covered.chosen)
        support = Support.SUPPORTED
        if any(finding.sure for finding in found):
            support = Support.UNSUPPORTED
        elif found or score < ease * self._learned.supported or covered.share < least:
            support = Support.PARTIAL
        reasons = tuple(dict.fromkeys(finding.reason for finding in found))
        first = spans[0]
        return Verdict(support, first.source, first.start, first.end, score, reasons, spans)


def _parts(statement: str) -> list[str]:
    """Return the parts of a statement between semicolons where each says something; none where there is one only."""
    parts = [part for part in _SEMICOLON.split(statement) if part.strip()]
    return parts if len(parts) > 1 and all(len(content_terms(part)) >= _SAYS for part in parts) else []


def _together(whole: Verdict, parts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of a whole statement, without support where the passages do not say one of its parts."""
    against = [part for part in parts if part.support is Support.UNSUPPORTED]
    reasons = tuple(dict.fromkeys(reason for part in against for reason in part.reasons))
    return replace(whole, support=Support.UNSUPPORTED, reasons=reasons) if against else whole


def _titles(units: Sequence[Read]) -> frozenset[str]:
    return frozenset(t.key for unit in units for t in unit.around.tokens if t.kind is not Kind.QUANTITY)


def merged(units: Sequence[Read]) -> tuple[Span, ...]:
    """Return the spans of units, those that follow each other in a passage as one, in the order of their first unit."""
    groups: list[list[Read]] = []
    for unit in units:
        for group in groups:
            if group[0].unit.source == unit.unit.source and any(
                abs(u.unit.order - unit.unit.order) == 1 for u in group
            ):
                group.append(unit)
                break
        else:
            groups.append([unit])
    return tuple(Span(g[0].unit.source, min(u.unit.start for u in g), max(u.unit.end for u in g)) for g in groups)
