"""What of a table a question names: rows and columns by their labels, rows by what they hold, rows by a value."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from generation.tables.reading.asking import Asked
from generation.tables.reading.relation import Place, Relation, is_period
from generation.tables.reading.words import Match, Word, label_words, match_label, plain, words_of
from wenyuan.words.quantities import Quantity, quantities

_LEAST: Final = 0.5
_SURE: Final = 0.8
#: What a total costs that is not called one.
_UNTOLD: Final = 0.5
_FIRM: Final = re.compile(r"公司(?:[(（].*[)）])?$|有限合伙[)）]$|(?:研究院|实验室|中心|银行|大学|医院|事务所|委员会)$")
_BALANCE: Final = re.compile(r"balances?,?\s(?:as\sof|at)\s(?:\w+\s\d{1,2},?\s)?((?:19|20)\d\d)\b")
_AT_END: Final = re.compile(r"\bend of\b|\byear[- ]?end\b|\bas of december\b|\bat december\b")
_KINDS: Final = frozenset("市省县区")
#: So many characters of its name name a firm.
_SHORT: Final = 4
#: What begins with these is another thing than what it names: other current assets, 其他货币资金.
_OTHERS: Final = frozenset({"other", "他"})
_NUMERALS: Final = frozenset("一二三四五六七八九十甲乙丙丁戊")
_TOTALS: Final = frozenset({"total", "合", "计", "总"})
_COUNTERS: Final = frozenset("例个名位家项种年次条款天人岁月日")
#: What a figure of how many is called at the end of its label.
_COUNTED: Final = re.compile(r"(?:数量|人数|个数|总数|家数|数)$")
_HOW_MANY: Final = re.compile(r"多少[人名位家个件台辆种项次]|几[人名位家个件台辆种项次]")
_LASTING: Final = re.compile(r"(?:年限|期限|寿命|时间|时长|周期)$")
_HOW_LONG: Final = re.compile(r"(?<![哪这那近前后])几个?[年月天]|多少个?[年月天]|多久|多长")
_CHANGES: Final = re.compile(r"比|增减|变动|增长|变化|change|growth|increase")
#: A parent in a head of several rows tells less than the leaf.
_PARENT: Final = 0.15
_NOW: Final = re.compile(r"本期|本年|本报告期|报告期|期末(?!.*上)|current (?:year|period)")
_THEN: Final = re.compile(r"上期|上年|去年|同期|期初|previous (?:year|period)|prior (?:year|period)")
_MONEY: Final = re.compile(r"[$€£¥]\s?'?(?:000s?|m|mn|bn)?(?!\w)|\(.*?\)|re-?stated\d*|unaudited|audited")
_OF_TIME: Final = frozenset({
    "mar", "may", "week", "month", "day", "quarter", "twelv", "three", "six", "nin", "fiscal", "as", "balanc",
    "through", "half", "first", "second", "interim", "full",
})  # fmt: skip
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_LAST_DAY: Final = re.compile(r"((?:19|20)\d\d)年12月31日")
_YEAR_START: Final = re.compile(r"((?:19|20)\d\d)年[年期]?初")
_QUARTERS: Final = re.compile(r"\b(\d|two|three|four|five|six|eight)\squarters|([2-8两三四五六])个季度")
_COUNT_WORDS: Final = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "eight": "8"}
_RELATIVE: Final = re.compile(
    r"(?:本期(?=期末)|本年(?=年末))?(本期|上期|本年|上年同期|上年|去年同期|[上本]?期末|上期期末|期初|年末|年初)"
    r"(?:发生额|发生数|数|额|金额|余额|数额)?"
)
_STRICT: Final = re.compile(r"^[<>]|低于|小于|大于|超过|高于|以下(?!.*含)|不足|less|under|below|over|above|more than")


@dataclass(frozen=True, slots=True)
class Mention:
    """Lines that a question names. ``column`` is where the text stands that names rows, None for columns.

    ``missing`` is the weight of what the question leaves out of the label. ``value``: named by a number that they hold.
    """

    lines: frozenset[int]
    places: frozenset[int]
    missing: float
    coverage: float
    column: int | None = None
    value: bool = False

    @property
    def first(self) -> int:
        """Where in the question it begins."""
        return min(self.places)


def row_mentions(asked: Asked, relation: Relation) -> list[Mention]:
    """Return the rows that the question names by a text in them, one for each text and column."""
    found: dict[tuple[int, str], Mention] = {}
    for column in range(relation.table.columns):
        if column in relation.numeric and column not in relation.labels:
            continue
        names = {plain(relation.at(row.index, column).text) for row in relation.rows}
        for row in relation.rows:
            place = relation.at(row.index, column)
            if not place.text or (place.ranged and column not in relation.labels):
                continue
            if row.index < relation.head and column not in relation.labels:
                continue  # a head that may be a row of facts is no name of it
            key = (column, plain(place.text))
            known = found.get(key)
            if known is not None:
                found[key] = replace(known, lines=known.lines | {row.index})
                continue
            match = _on_one_side(place.text, asked)
            if row.total:
                match = _but_for_total(place.text, match, asked)
            short = _shortened(key[1], names, asked) or _ending(key[1], names, asked)
            match = short or _one_of(place.text, match, asked)
            if match.places and match.coverage >= _LEAST and _headed(place.text, match, asked):
                found[key] = Mention(frozenset({row.index}), match.places, match.missing, match.coverage, column)
    return list(found.values())


def _shortened(name: str, names: Iterable[str], asked: Asked) -> Match | None:
    """Return how a firm is named by the beginning of its name, or by what follows its place, that no other row has."""
    if not _FIRM.search(name):
        return None
    folded = plain(asked.text)
    bare = name if name[2:3] not in _KINDS else name[:2] + name[3:]
    others = [other.replace(name[2:3], "", 1) if bare != name else other for other in names if other != name]
    for start in (0, 2, 3):
        size = next((n for n in range(len(bare) - start, _SHORT - 1, -1) if bare[start : start + n] in folded), 0)
        short = bare[start : start + size]
        if size and not any(short in other for other in others):
            at = folded.index(short)
            places = frozenset(i for i, word in enumerate(asked.words) if at <= word.start and word.end <= at + size)
            return Match(places, 1.0, 0.0 if short == name else _UNTOLD)
    return None


def _ending(name: str, names: Iterable[str], asked: Asked) -> Match | None:
    """Return how a row of balances is named by the end of its year, where no other row is of the same year."""
    day = _BALANCE.match(name)
    if day is None or not _AT_END.search(plain(asked.text)):
        return None
    if any((other := _BALANCE.match(one)) and other[1] == day[1] for one in names if one != name):
        return None
    places = frozenset(i for i, word in enumerate(asked.words) if word.text == day[1])
    return Match(places | match_label(name, asked.words).places, 1.0, _UNTOLD) if places else None


def _one_of(text: str, match: Match, asked: Asked) -> Match:
    """Return a match in full where a label lists several things and the question names one of them."""
    parts = [part for part in text.split("、") if len(part) >= _SHORT]
    if match.coverage >= _SURE or len(parts) < 2:
        return match
    found = [one for part in parts if (one := _on_one_side(part, asked)).coverage == 1.0]
    return Match(found[0].places, 1.0, _UNTOLD) if len(found) == 1 else match


def _but_for_total(text: str, match: Match, asked: Asked) -> Match:
    """Return a match as one in full where the label has nothing more than that it is a total."""
    named = {asked.words[i].text for i in match.places}
    left = [word for word in label_words(text)[0] if word.weight and word.text not in named]
    if not match.places or not left or any(word.text not in _TOTALS for word in left):
        return match
    return Match(match.places, 1.0, _UNTOLD)


def _headed(text: str, match: Match, asked: Asked) -> bool:
    """Whether what a question names of a label may stand for it.

    The last word of a Chinese label is what it is about: 占营业收入比例 is no 营业收入; and 财务人员 is not meant where
    the question has another word for its first (法务人员). A number that counts (9 例) names no row.
    """
    main, _ = label_words(text)
    told = [word for word in main if word.weight]
    if len(told) == 1 and told[0].text.isdigit() and len(told[0].text) < 4:
        folded = plain(asked.text)
        return all(folded[asked.words[i].end : asked.words[i].end + 1] not in _COUNTERS for i in match.places)
    if told and told[0].text in _OTHERS and all(asked.words[i].text not in _OTHERS for i in match.places):
        return False
    if _numbered_otherwise(told, match, asked):
        return False
    if match.coverage >= _SURE or not told or not told[-1].han:
        return True
    named = {asked.words[i].text for i in match.places}
    if told[-1].text not in named and any(
        label.search(text) and question.search(asked.text)
        for label, question in ((_COUNTED, _HOW_MANY), (_LASTING, _HOW_LONG))
    ):
        return True
    ahead = min(match.places) - 1
    other = ahead >= 0 and asked.words[ahead].han and asked.words[ahead].weight and ahead not in asked.soft
    return told[-1].text in named and (told[0].text in named or not other)


def _on_one_side(text: str, asked: Asked) -> Match:
    """Return how a label stands in the question: in one operand, where it has two that are parted."""
    if asked.formula is not None:
        return _in_operand(text, asked, asked.formula)
    match, split = match_label(text, asked.words), asked.split
    if split is None or (split in match.places and match.coverage >= _SURE):
        return match
    sides = [frozenset(i for i in match.places if i != split and (i < split) is left) for left in (True, False)]
    if not all(sides):
        return match
    kept, lost = sorted(sides, key=asked.weight, reverse=True)
    whole = (match.missing + asked.weight(match.places)) or 1.0
    return Match(kept, match.coverage - asked.weight(lost) / whole, match.missing + asked.weight(lost))


def _in_operand(text: str, asked: Asked, second: int) -> Match:
    """Return how a label stands in the operand of a formula of which it is more: income tax, income before tax."""
    left, right = match_label(text, asked.words[:second]), match_label(text, asked.words[second:])
    right = replace(right, places=frozenset(place + second for place in right.places))
    if left.coverage != right.coverage:
        return max(left, right, key=lambda one: one.coverage)
    whole = [asked.weight(side) for side in (frozenset(range(second)), frozenset(range(second, len(asked.words))))]
    shares = [asked.weight(one.places) / (all_of or 1.0) for one, all_of in zip((left, right), whole, strict=True)]
    return left if shares[0] >= shares[1] else right


def _numbered_otherwise(told: Sequence[Word], match: Match, asked: Asked) -> bool:
    """Whether a label ends with a number and the question has another in its place: 类别 4 is not 类别 5."""
    if len(told) < 2 or not (told[-1].text.isdigit() or told[-1].text in _NUMERALS):
        return False
    named = {asked.words[i].text for i in match.places}
    after = max(match.places) + 1
    if told[-1].text in named or after >= len(asked.words):
        return False
    other = asked.words[after].text
    return other in _NUMERALS if told[-1].text in _NUMERALS else other.isdigit()


def column_mentions(asked: Asked, relation: Relation) -> list[Mention]:
    """Return the columns that the question names by their heads."""
    years = _base_year(relation)
    heads: dict[int, set[tuple[str, ...]]] = {
        column.index: {column.path} | {own.get(column.index, ()) for own in relation.segments.values()}
        for column in relation.columns
    }
    leaves = {column.path[-1] for column in relation.columns if column.index in relation.numeric and column.path}
    found = []
    for index, paths in heads.items():
        matched = [
            one for path in paths if (one := _match_path(asked, path, years, alike=len(leaves) == 1)) is not None
        ]
        if matched:
            best = max(matched, key=lambda one: asked.weight(one.places) - one.missing)
            found.append(Mention(frozenset({index}), best.places, best.missing, best.coverage))
    return found


def _match_path(asked: Asked, path: Sequence[str], base: int | None, *, alike: bool) -> Match | None:
    if not path:
        return None
    parts = [_match_head(asked, text, base) for text in path]
    *parents, leaf = parts
    places = frozenset().union(*(part.places for part in parts))
    if not places:
        return None
    dated = any(_same_span(asked, part, text) for part, text in zip(parts, path, strict=True))
    if dated and (not leaf.places or alike):
        parents, leaf = parts, Match(places, 1.0, 0.0)
    if dated and asked.weight(leaf.places) and leaf.missing and not _told_span(path[-1]):
        dated = False  # of the columns of a span another is meant than one that is named in part
    missing = leaf.missing * (_PARENT if dated else 1.0) + _PARENT * sum(part.missing for part in parents)
    coverage = 1.0 if dated else leaf.coverage if leaf.places else 0.0
    return Match(places, coverage, missing)


def _told_span(text: str) -> bool:
    """Whether a head names a span of time among other things."""
    return _YEAR.search(plain(text)) is not None or is_span(text)


def _same_span(asked: Asked, part: Match, text: str) -> bool:
    """Whether a head is but a span of time, and the question names it: all of it, or its one year."""
    years = {word.text for word in words_of(text) if _YEAR.fullmatch(word.text)}
    named = {asked.words[i].text for i in part.places}
    told = part.coverage == 1.0 or (len(years) == 1 and years <= named)
    return bool(part.places) and told and is_span(text)


def is_span(text: str) -> bool:
    """Whether a head names a span or an end of time and nothing else, however it is written: 52 weeks ended 30 Mar."""
    if is_period(text):
        return True
    words = words_of(_MONEY.sub(" ", plain(text)))
    told = [word for word in words if word.weight and not word.text.startswith("month") and word.text not in _OF_TIME]
    return any(_YEAR.fullmatch(word.text) for word in told) and all(word.text[0].isdigit() for word in told)


def _match_head(asked: Asked, text: str, base: int | None) -> Match:
    """Match a head; one that says this or last year is also that year, where the table says which year it is of."""
    found = _on_one_side(text, asked)
    if found.places and (_of_another_month(text, asked) or _of_end(text, asked)):
        return Match()
    if found.places and _numbered_otherwise([word for word in label_words(text)[0] if word.weight], found, asked):
        return Match()
    folded = plain(text)
    relative = _RELATIVE.fullmatch(folded)
    at = plain(asked.text).find(relative[1]) if relative else -1
    if relative and at >= 0:
        end = at + len(relative[1])
        places = frozenset(i for i, word in enumerate(asked.words) if at <= word.start and word.end <= end)
        return Match(places | found.places if places <= found.places else places, 1.0, 0.0)
    if base is None or _YEAR.search(folded) or _CHANGES.search(folded):
        return found
    year = base - 1 if _THEN.search(folded) else base if _NOW.search(folded) else None
    if year is None or (found.places and found.coverage > _LEAST):
        return found
    places = frozenset(i for i, word in enumerate(asked.words) if word.text == str(year))
    return Match(found.places | places, 1.0, 0.0) if places else found


def _of_another_month(text: str, asked: Asked) -> bool:
    """Whether a head names a month and the question others: June 30, 2022 is not meant by March 31, 2022."""
    months = [{word.text for word in words if word.text.startswith("month")} for words in (words_of(text), asked.words)]
    return all(len(some) == 1 for some in months) and months[0] != months[1]


def _of_end(text: str, asked: Asked) -> bool:
    """Whether a head names the last day of a year, and the question the start of that year."""
    last, start = _LAST_DAY.search(plain(text)), _YEAR_START.search(plain(asked.text))
    return last is not None and start is not None and last[1] == start[1]


def _base_year(relation: Relation) -> int | None:
    """Return the one year that the titles of a table name."""
    years = {int(year) for title in relation.titles for year in _YEAR.findall(title)}
    return max(years) if years and max(years) - min(years) <= 1 else None


def value_mentions(asked: Asked, relation: Relation, columns: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the rows that hold a number of the question: in a range of theirs, or as it is under a head it names."""
    compared = frozenset().union(*(one.places for one in asked.comparisons))
    heads = {line: one for one in columns for line in one.lines}
    for day, places in asked.dates:
        for column in relation.columns:
            dated = [row.index for row in relation.rows if relation.at(row.index, column.index).date == day]
            if dated:
                head = heads.get(column.index)
                more = head.places if head is not None else frozenset()
                yield Mention(frozenset(dated), places | more, 0.0, 1.0, column.index, value=True)
    for value, places in asked.values:
        if places & compared:
            continue
        for column in relation.columns:
            held = [(row.index, relation.at(row.index, column.index)) for row in relation.rows]
            ranged = sum(place.ranged for _, place in held)
            head = heads.get(column.index)
            if ranged * 2 >= len(held):
                hit = _in_ranges(value, held, named=head is not None)
            elif head is not None and not head.places & places and head.coverage >= _LEAST:
                hit = [row for row, place in held if place.number is not None and _equal(value, place)]
            else:
                continue
            if hit:
                more = head.places if head is not None else frozenset()
                yield Mention(frozenset(hit), places | more, 0.0, 1.0, column.index, value=True)


def _in_ranges(value: Quantity, held: Sequence[tuple[int, Place]], *, named: bool) -> list[int]:
    """Return the rows in whose range the value lies: in the same dimension, or under a head that the question names."""
    units = {place.unit for _, place in held if place.ranged}
    scale = {unit: scale_of(unit) for unit in units}
    sure = value.dimension is not None and all(dimension == value.dimension for dimension, _ in scale.values())
    headed = named and (value.dimension is None or all(dimension is None for dimension, _ in scale.values()))
    bare = value.dimension is not None and units == {""}
    if not (sure or headed or bare):
        return []
    exact, inside = [], []
    for row, place in held:
        factor = scale.get(place.unit, (None, 1.0))[1] if sure else 1.0
        if place.ranged:
            low = None if place.low is None else place.low * factor
            high = None if place.high is None else place.high * factor
            if value.low != value.high:
                if low == value.low and high == value.high:
                    exact.append(row)
            elif _holds(value.low, low, high, strict=_STRICT.search(plain(place.text)) is not None):
                inside.append(row)
        elif place.low is not None and place.low * factor == value.low == value.high:
            exact.append(row)
    return exact or inside


def _holds(value: float, low: float | None, high: float | None, *, strict: bool) -> bool:
    if strict and (low is None) != (high is None):
        return value > low if low is not None else value < (high or 0.0)
    return (low is None or low <= value) and (high is None or value <= high)


def _equal(value: Quantity, place: Place) -> bool:
    dimension, factor = scale_of(place.unit)
    if value.low != value.high or place.number is None:
        return False
    if dimension is not None and value.dimension is not None:
        return dimension == value.dimension and abs(place.number * factor - value.low) <= 1e-9 * max(1.0, value.low)
    return place.number == value.low


@lru_cache(maxsize=512)
def scale_of(unit: str) -> tuple[str | None, float]:
    """Return the dimension of a unit and how many of its base units it is: 万元 is 10,000 yuan."""
    if not unit:
        return None, 1.0
    found = [one for one in quantities(f"1{unit}") if one.kind == "number"]
    if not found:
        return None, 1.0
    return found[0].dimension, found[0].low


def title_places(asked: Asked, texts: Iterable[str]) -> frozenset[int]:
    """Return the places of the words that stand in titles: English ones alone, Chinese ones and numbers in twos."""
    known = [words_of(text) for text in texts]
    singles = {word.text for words in known for word in words if _alone(word)}
    pairs = {(a.text, b.text) for words in known for a, b in itertools.pairwise(words)}
    found = {i for i, word in enumerate(asked.words) if _alone(word) and word.text in singles}
    for i, (a, b) in enumerate(zip(asked.words, asked.words[1:], strict=False)):
        if not (_alone(a) and _alone(b)) and (a.text, b.text) in pairs:
            found |= {i, i + 1}
    return frozenset(found)


def _alone(word: Word) -> bool:
    """Whether a word tells something without its neighbour: neither a Chinese character nor a number but a year."""
    return not word.han and (not word.text[0].isdigit() or _YEAR.fullmatch(word.text) is not None)


def periods(relation: Relation, asked: Asked) -> list[int]:
    """Return the columns that stand for spans of time, in order; of one kind where the question names the kind."""
    found = [c.index for c in relation.columns if c.path and any(is_span(text) for text in c.path[-2:])]
    quarters = [c for c in found if any(word.text[0] == "q" for word in words_of(" ".join(relation.column(c).path)))]
    folded = plain(asked.text)
    if re.search(r"季度|quarter", folded):
        count = _QUARTERS.search(folded)
        told = count is not None and _COUNT_WORDS.get(count[1], count[1]) == str(len(found))
        return found if told and not quarters else quarters
    return [c for c in found if c not in quarters] or found
