"""An answer that is quoted: what of the evidence is said, who says it, what else is said, and what was replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from generation.answering.draft import Carried, Draft
from generation.answering.sides import PREMISE, SUPERSEDED, Side, Sides, shown
from generation.conflicts.attribution import asks_for_views, saying
from generation.conflicts.premises import Denied, denied_premise
from generation.extract import Extractor, Quote
from wenyuan.answers import AnswerEvent, Evidence, Packed, Support


@dataclass(slots=True)
class Quoting:
    """One quoted answer, made in one go.

    Where documents in force differ, each says its own; so do the documents of an answer that draws on several, and the
    one that tells reasons, ways or views where others speak of the matter as well. Editions that another document of
    the evidence has replaced are asked last, and named where they say something.
    """

    question: str
    packed: Packed
    draft: Draft
    extractor: Extractor
    _events: list[AnswerEvent] = field(default_factory=list)
    _notes: dict[str, None] = field(default_factory=dict)

    def events(self) -> list[AnswerEvent]:
        """Return the events of the answer, or of a refusal; the last one is ``done``."""
        evidence = self.packed.evidence
        sides = Sides(self.question, evidence, self.draft.language)
        quotes, old = self._extract({} if self.packed.document else sides.newer)
        denied = None if self.packed.exhaustive else denied_premise(self.question, evidence, sides.newer)
        carried = [self._carried(quote) for quote in quotes]
        beside = sides.beside(carried) if asks_for_views(self.question) and not self.packed.document else []
        # Where two documents fight over what was asked, it is spoken of: to say that nothing was found would be wrong.
        if not quotes and denied is None and not beside:
            return self.draft.refuse()
        self._events += self.draft.limited(self.packed, len(evidence))
        if denied is not None:
            self._deny(denied, sides)
        self._quote(quotes, sides)
        for side in beside:
            if not sides.told(side.carried):
                self._add(side, sides)
        for quote in old:
            other = self._carried(quote)
            if not sides.told(other):
                self._add(sides.side(other, quote.shown), sides)
        return [*self._events, *map(self.draft.note, self._notes), self.draft.done()]

    def _extract(self, newer: Mapping[str, Evidence]) -> tuple[list[Quote], list[Quote]]:
        """Return the quotes, and those of replaced documents that would have been quoted as well."""
        found = self._quotes(range(len(self.packed.evidence)))
        old = [q for q in found if self.packed.evidence[q.source].document_id in newer]
        if not old:
            return found, []
        standing = self._quotes([i for i, e in enumerate(self.packed.evidence) if e.document_id not in newer])
        return (standing, old) if standing else (found, [])

    def _quotes(self, sources: Sequence[int]) -> list[Quote]:
        packed = self.packed
        evidence = [packed.evidence[i] for i in sources]
        found = self.extractor.extract(self.question, evidence, exhaustive=packed.exhaustive, document=packed.document)
        return [replace(quote, source=sources[quote.source]) for quote in found.quotes]

    def _deny(self, denied: Denied, sides: Sides) -> None:
        piece = self.packed.evidence[denied.source]
        carried = Carried(piece, denied.start, denied.end)
        sides.tell(carried)
        side = Side(carried, saying("denied", self.draft.language, piece, shown(denied.unit, piece)), PREMISE)
        self._add(side, sides)

    def _quote(self, quotes: Sequence[Quote], sides: Sides) -> None:
        carried = [self._carried(quote) for quote in quotes]
        documents = {one.evidence.document_id for one in carried}
        contested = [sides.contested(one) for one in carried]
        several = len({piece.document_id for piece in self.packed.evidence}) > 1
        views = several and asks_for_views(self.question)
        named = views or len(documents) > 1 or any(contested) or bool(documents & sides.newer.keys())
        sides.quoted = [(one, quote.shown) for quote, one in zip(quotes, carried, strict=True)]
        for quote, (one, text) in zip(quotes, sides.quoted, strict=True):
            if sides.told(one):
                continue
            if sides.opposes(one):
                self._add(sides.side(one, text), sides)
            else:
                if one.evidence.document_id in sides.newer:
                    self._notes[SUPERSEDED] = None
                self._say(one, sides.says(one, text) if named else text, sides, quote)
            sides.tell(one)
            for side in sides.of(one):
                self._add(side, sides)

    def _add(self, side: Side, sides: Sides) -> None:
        self._notes[side.code] = None
        self._say(side.carried, side.text, sides)

    def _say(self, carried: Carried, text: str, sides: Sides, quote: Quote | None = None) -> None:
        named, short, at = sides.named(carried), None, -1
        if quote is not None and quote.short is not None and (at := text.find(quote.shown)) >= 0:
            short = (at + quote.short[0], at + quote.short[1])
        self._events += self.draft.say(text, [carried], Support.SUPPORTED, new_line=True, named=named, short=short)

    def _carried(self, quote: Quote) -> Carried:
        return Carried(self.packed.evidence[quote.source], quote.start, quote.end)
