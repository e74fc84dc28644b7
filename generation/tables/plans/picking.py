"""What of a table a question names, chosen among all that its words might: rows first, then columns beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from generation.tables.plans.wanting import years_in
from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import (
    Mention,
    column_mentions,
    is_span,
    periods,
    row_mentions,
    title_places,
    value_mentions,
)
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain, words_of

#: What a word that a label has and the question leaves out costs.
MISSING: Final = 0.6
#: A name beside another has to be told so far.
AGAIN: Final = 0.75
#: Of a head so much has to be named.
_PARTLY: Final = 0.4
_MOST_PICKS: Final = 8
#: What a word costs that the name of a group has and the question leaves out.
_UNSAID: Final = 0.1
#: Groups that the question names so nearly as well are both meant.
_GROUPS_ALIKE: Final = 0.25
#: Two rows are named beside each other.
_BESIDE: Final = re.compile(r"\b(?:and|than|versus|minus|less|plus)\b|[和与及、比减加]")
_SHARES: Final = re.compile(r"percent|%|\bgrowth\b|\bratio|\bmargin|比例|比重|增长|变动|百分")
#: A row of which so much is named is meant.
_ROW_WEIGHT: Final = 4.0
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_JOINING: Final = re.compile(r"和|与|及|、|,|，|\band\b|\bor\b|分别|以及|\bboth\b")
#: A name that says so many times as much as the last is meant.
_MORE: Final = 2.0
#: A further name has to bring so much of its words that others have not.
_FRESH: Final = 0.35


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows named: each of ``operands`` is a set of rows that one name stands for, in the order of the question.

    ``places`` are all that tell of them, ``named`` those without the head of the column in which their names stand.
    """

    operands: tuple[Mention, ...]
    places: frozenset[int]
    missing: float
    column: int | None
    named: frozenset[int]

    @property
    def lone(self) -> int | None:
        """The one row that is named, None for several and for a name that several rows have."""
        lines = {line for one in self.operands for line in one.lines}
        return min(lines) if len(self.operands) == 1 and len(lines) == 1 else None


class Picker:
    """Chooses for one question over one table. ``titles`` are places of words that say what the table is about."""

    def __init__(self, asked: Asked, relation: Relation) -> None:
        self.asked = asked
        self.relation = relation
        self.columns = column_mentions(asked, relation)
        self._values = list(value_mentions(asked, relation, self.columns))
        self._row_mentions, common = _told_apart(row_mentions(asked, relation), len(relation.rows))
        self._headed = frozenset().union(*(one.lines for one in self.columns if one.coverage >= AGAIN))
        groups = {row.group for row in relation.rows if row.group}
        self.names_row = any(
            one.coverage >= AGAIN
            and asked.weight(one.places) >= _ROW_WEIGHT
            and not all(relation.row(line).total for line in one.lines)
            for one in self._row_mentions
        )
        heads = [text for line in relation.columns for text in line.path if line.index in relation.labels]
        # A head named in part tells what the table is about, though its column is not asked for.
        partly = frozenset().union(*(one.places for one in self.columns if one.coverage < AGAIN))
        self.titles = partly | common | title_places(asked, (*relation.titles, *groups, *heads))

    def rows(self) -> Rows | None:
        """Choose the rows named: the best label, others of its column beside it, those of other columns narrowing."""
        sums = self.asked.said(Op.SUM)
        heads = [one.places for one in self.columns if one.coverage >= 1]
        mentions = [one for one in self._row_mentions if not any(one.places < head for head in heads)]
        mentions = [one for one in mentions if not (one.places <= self.titles and self._is_number(one.places))]
        mentions = [one for one in mentions if not self._only_titled(one, mentions)]
        mentions, measure = self._without_measure(mentions)
        telling = [one for one in mentions if not one.places <= sums]
        picks = self._greedy([*self._values, *(telling or mentions)])
        if not picks:
            return None
        column = picks[0].column
        mine = [pick for pick in picks if pick.column == column]
        others = [pick for pick in picks if pick.column != column]
        operands = []
        for pick in sorted(mine, key=lambda one: one.first):
            lines = pick.lines
            for other in others:
                lines &= other.lines
            operands.append(replace(pick, lines=lines))
        if any(not operand.lines for operand in operands):
            return None
        places = measure.union(*(pick.places for pick in picks))
        for number, one in enumerate(operands):
            narrowed = self._narrowed(one.lines)
            if len(narrowed) < len(one.lines):
                groups = [self.relation.row(line).group for line in narrowed]
                places |= title_places(self.asked, groups)
            operands[number] = replace(one, lines=narrowed)
        named = {pick.column for pick in picks}
        headed = frozenset[int]().union(*(m.places for m in self.columns if m.lines & named))
        return Rows(tuple(operands), places | headed, sum(pick.missing for pick in picks), column, places)

    def _only_titled(self, mention: Mention, mentions: Sequence[Mention]) -> bool:
        """Whether a row is named in part by words of the title, of which it lacks most, or another is named in full."""
        if not mention.missing or not self._telling(mention.places) <= self.titles:
            return False
        beyond = self._telling(self.titles) - self.asked.soft - mention.places
        if mention.coverage < AGAIN and self.asked.weight(beyond) >= _MORE * self.asked.weight(mention.places):
            return True
        return any(not other.missing and not other.places & mention.places for other in mentions)

    def _without_measure(self, mentions: list[Mention]) -> tuple[list[Mention], frozenset[int]]:
        """Leave out the total of a table or group that is called by what all of it measures: net sales in Europe.

        The places of what is left out come with the rest.
        """
        if self.asked.names(Op.SHARE) or self.asked.names(Op.RATIO) or _BESIDE.search(plain(self.asked.text)):
            return mentions, frozenset()
        rows = self.relation.row
        totals = [
            one
            for one in mentions
            if self._over(one, mentions)
            or (all(rows(line).total for line in one.lines) and self._telling(one.places) <= self.titles)
        ]
        others = [one for one in mentions if one not in totals and one.coverage >= AGAIN]
        if not others:
            return mentions, frozenset()
        return [one for one in mentions if one not in totals], frozenset().union(*(one.places for one in totals))

    def _over(self, total: Mention, mentions: Sequence[Mention]) -> bool:
        """Whether another row that is named stands in a group that is called as this one."""
        named = self._telling(total.places)
        groups = [self.relation.row(line).group for one in mentions if one is not total for line in one.lines]
        return any(group and named <= title_places(self.asked, [group]) for group in groups)

    def _telling(self, places: frozenset[int]) -> frozenset[int]:
        return frozenset(place for place in places if self.asked.words[place].weight)

    def _is_number(self, places: frozenset[int]) -> bool:
        words = self.asked.words
        return all(words[place].text.isdigit() and not _YEAR.fullmatch(words[place].text) for place in places)

    def _narrowed(self, lines: frozenset[int]) -> frozenset[int]:
        """Of rows with one label, return those in the group that the question names best."""
        if len(lines) < 2:
            return lines
        named = {line: self._group_worth(self.relation.row(line).group) for line in lines}
        most = max(named.values())
        best = frozenset(line for line in lines if named[line] >= most - _GROUPS_ALIKE)
        amounts = frozenset(line for line in best if not self._is_of_shares(line))
        return amounts if amounts and not self.asked.names(Op.SHARE) and not self.asked.names(Op.GROWTH) else best

    def _is_of_shares(self, line: int) -> bool:
        """Whether a row holds shares or changes rather than amounts, by its cells or the group that it is in."""
        relation = self.relation
        held = [relation.at(line, column) for column in relation.numeric]
        return any(place.unit == "%" for place in held) or _SHARES.search(plain(relation.row(line).group)) is not None

    def _group_worth(self, group: str) -> float:
        """Return how well the question names a group of rows: by what it says of it, before what it leaves out."""
        asked = self.asked
        found = {asked.words[i].text for i in title_places(asked, [group])}
        words = {word.text: word.weight for word in words_of(group)}
        return sum(weight if text in found else -_UNSAID * weight for text, weight in words.items()) if found else 0.0

    def _greedy(self, mentions: Sequence[Mention]) -> list[Mention]:
        used, rest = frozenset[int](), list(mentions)
        picks: list[Mention] = []
        while rest and len(picks) < _MOST_PICKS:
            best = max(
                rest,
                key=lambda one: (
                    self._worth(one, used),
                    -len(one.lines) if one.value else 0,
                    one.value,
                    one.column in self._headed,
                    -self._length(one),
                    -one.first,
                ),
            )
            fresh = self.asked.weight(best.places - used)
            enough = AGAIN if picks else 0.0
            dull = fresh < self.asked.weight(best.places) * _FRESH and not self._has_year(best.places - used)
            if self._worth(best, used) <= 0 or dull or best.coverage < enough:
                break
            told = (best.places - used) - self.asked.soft
            if best.places & used and best.column is not None and not self._telling(told):
                rest.remove(best)
                continue
            tied = [
                one for one in rest if one is not best and one.places == best.places and one.missing == best.missing
            ]
            tied = [one for one in tied if one.column == best.column and best.column is None]
            picks.append(best)
            used |= best.places
            rest = [one for one in rest if one is not best and one not in tied]
            picks += tied
        return picks

    def _length(self, mention: Mention) -> int:
        """Return the length of the text that names a row: of two that are named alike the shorter one is meant."""
        return 0 if mention.column is None else len(self.relation.at(min(mention.lines), mention.column).text)

    def _has_year(self, places: frozenset[int]) -> bool:
        return any(_YEAR.fullmatch(self.asked.words[place].text) for place in places)

    def _worth(self, mention: Mention, used: frozenset[int]) -> float:
        return self.asked.weight(mention.places - used) - MISSING * mention.missing

    def picked(self, rows: Rows | None) -> list[Mention]:
        """Choose the columns named beside those rows, in the order of the question."""
        named = rows.column if rows else None
        open_ = [one for one in self.columns if named is None or named not in one.lines]
        strong = [one for one in open_ if one.coverage >= _PARTLY] or open_
        strong = self._beside(self._without_changes(strong), rows.named if rows else frozenset())
        values = [one for one in strong if one.lines <= self.relation.numeric]
        words = [one for one in strong if one not in values]
        picks = self._greedy(values)
        used = frozenset().union(*(one.places for one in picks))
        picks = [*picks, *self._greedy([one for one in words if not one.places <= used or one.coverage >= AGAIN])]
        full = [one for one in picks if one.coverage >= AGAIN]
        picks = self._targeted([one for one in picks if not any(_beyond(one, best) for best in full)])
        picks = self._of_change(self._amounts(self._without_sum(picks)))
        if self.asked.halves:
            picks += [
                Mention(frozenset({line}), self.asked.half_places, 0.0, 1.0)
                for line in periods(self.relation, self.asked) or [c.index for c in self.relation.columns]
                if {word.text for word in words_of(" ".join(self.relation.column(line).path))} & set(self.asked.halves)
            ]
        return sorted(picks, key=lambda one: one.first)

    def last_of(self, picks: Sequence[Mention]) -> list[Mention]:
        """Of columns leave out one that only says of what the next is told: 应收账款的计提比例."""
        words, folded = self.asked.words, plain(self.asked.text)
        kept = list(picks[-1:])
        for one, after in zip(picks[-2::-1], picks[:0:-1], strict=True):
            between = folded[words[max(one.places)].end : words[after.first].start]
            if "的" not in between or _JOINING.search(between) or not self._leaves_of_one(one, after):
                kept.insert(0, one)
        return kept

    def _leaves_of_one(self, one: Mention, other: Mention) -> bool:
        """Whether columns stand under one head and are no spans of time."""
        paths = [self.relation.column(line).path for line in (*one.lines, *other.lines)]
        return len({path[:-1] for path in paths}) == 1 and not any(is_span(path[-1]) for path in paths if path)

    def _without_changes(self, picks: list[Mention]) -> list[Mention]:
        """Leave out the column of changes between years that have columns of their own, unless growth is asked for."""
        if self.asked.names(Op.GROWTH):
            return picks
        years = [years_in(self.relation.column(line).path) for one in picks for line in one.lines]
        single = frozenset[str]().union(*(one for one in years if len(one) == 1))
        return [
            one
            for one in picks
            if not any(len(of := years_in(self.relation.column(line).path)) > 1 and of <= single for line in one.lines)
        ]

    def _without_sum(self, picks: list[Mention]) -> list[Mention]:
        """Of several columns leave out the total that is named by nothing but that a sum is asked for."""
        sums = self.asked.said(Op.SUM)
        totals = [one for one in picks if one.places <= sums and any(self.relation.column(i).total for i in one.lines)]
        halves = self.asked.halves
        return [one for one in picks if one not in totals] if halves or len(picks) > len(totals) + 1 else picks

    def _beside(self, picks: list[Mention], taken: frozenset[int]) -> list[Mention]:
        """Leave out columns that are named by nothing but words of the row, or by a character of it."""
        alike = frozenset.intersection(*(one.places for one in picks)) if len(picks) > 1 else frozenset()
        own = [one for one in picks if not one.places - alike <= taken]
        if any(one.coverage >= AGAIN for one in own):
            picks = own
        words = self.asked.words
        kept = []
        for one in picks:
            lent = frozenset(place for place in one.places & taken if words[place].han)
            if not lent or len(lent) == len(one.places):
                kept.append(one)
                continue
            share = 1 - self.asked.weight(lent) / self.asked.weight(one.places)
            kept.append(replace(one, coverage=one.coverage * share, missing=one.missing + self.asked.weight(lent)))
        return kept

    def _amounts(self, picks: list[Mention]) -> list[Mention]:
        """Of columns that one name stands over, leave out shares beside amounts, unless shares are asked for."""
        if self.asked.names(Op.SHARE):
            return picks
        shares = {one for pick in picks for one in pick.lines if self._holds_shares(one)}
        plain = {pick.places for pick in picks if not pick.lines & shares}
        return [pick for pick in picks if not (pick.lines & shares and pick.places in plain)]

    def _holds_shares(self, column: int) -> bool:
        held = [self.relation.at(row.index, column) for row in self.relation.rows]
        units = [place.unit for place in held if place.number is not None and place.text]
        heads = self.relation.column(column).path[-1:]
        return "%" in units or any("%" in head or "％" in head for head in heads)

    def _of_change(self, picks: list[Mention]) -> list[Mention]:
        """Where a change is asked for, keep of amounts and the column of their change in percent what is asked for."""
        shares = [pick for pick in picks if all(map(self._holds_shares, pick.lines))]
        amounts = [pick for pick in picks if pick not in shares]
        dated = all(years_in(self.relation.column(line).path) for pick in amounts for line in pick.lines)
        changes = self.asked.names(Op.GROWTH) or self.asked.names(Op.DIFFERENCE)
        if not (shares and amounts and dated and changes):
            return picks
        return shares if self.asked.names(Op.GROWTH) else amounts

    def _targeted(self, picks: list[Mention]) -> list[Mention]:
        """Where what is asked for is named behind its question word, leave out columns that are named in part alone."""
        after = self.asked.target
        aimed = [one for one in picks if after is not None and (after in one.places or after + 1 in one.places)]
        if not aimed:
            return picks
        sure = [one for one in picks if one.coverage >= AGAIN]
        return sure if any(one in aimed for one in sure) else [one for one in picks if one in aimed or one in sure]


def _told_apart(mentions: Sequence[Mention], rows: int) -> tuple[list[Mention], frozenset[int]]:
    """Leave out rows that are named in part by what most rows have: by the year of all months.

    The places of these words come with the rest.
    """
    shared: dict[tuple[int | None, frozenset[int]], int] = {}
    for one in mentions:
        if one.missing:
            key = (one.column, one.places)
            shared[key] = shared.get(key, 0) + len(one.lines)
    common = {key for key, count in shared.items() if count > 2 and count * 2 > rows}
    kept = [one for one in mentions if not one.missing or (one.column, one.places) not in common]
    return kept, frozenset().union(*(places for _, places in common))


def _beyond(mention: Mention, full: Mention) -> bool:
    """Whether a head named in part is told by words that name another in full."""
    worse = mention.coverage < AGAIN or mention.missing > full.missing + 0.5
    return mention is not full and worse and bool(mention.places & full.places)


def joined(asked: Asked, operands: Sequence[Mention]) -> Sequence[Mention]:
    """Of names that nothing joins return the one that is meant.

    That is one named in full; in Chinese the last, unless another says twice as much; in English what says most.
    """
    full = [one for one in operands if not one.missing] or list(operands)
    if len(full) < 2:
        return full
    start, end = max(full[0].places), min(full[-1].places)
    words = asked.words
    between = plain(asked.text)[words[start].end : words[end].start] if start < end else ""
    if start >= end or _JOINING.search(between):
        return full
    weights = [asked.weight(one.places) for one in full]
    most = full[weights.index(max(weights))]
    return [most] if not words[end].han or max(weights) >= _MORE * weights[-1] else full[-1:]
