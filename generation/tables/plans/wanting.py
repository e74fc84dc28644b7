"""What kind of thing a question wants: a time, another thing, a number, all there is; and whether cells are of it."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import is_span, title_places
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain, words_of

#: Asks in how many spans of time, and in which.
IN_PERIODS: Final = re.compile(r"\byears?\b|\bquarters?\b|\bmonths?\b|几年|几个(?:年|季|月)|多少个(?:年|季|月)")
WHICH_TIME: Final = re.compile(
    r"\b(?:which|what)\s(?:fiscal\s)?(?:years?|quarters?|months?|periods?)\b"
    r"|哪(?:一?年|一?个?(?:季|月)|些年|几年|几个(?:季|月)|些(?:季|月))"
)
#: Asks for a thing, not for a time.
WHICH_THING: Final = re.compile(
    r"\bwhich\s(?!of|(?:fiscal\s)?(?:year|quarter|month|period|date|day|half))|\bwho\b|谁"
    r"|哪(?!一?年|一?个?(?:季|月|年)|一?[期天日]|些年|几年|几个(?:季|月))"
)
#: Asks for a number.
HOW_MUCH: Final = re.compile(r"多少|(?<!哪)几[年月天个名位次种人家台]|\bhow\s(?:much|many|long)\b")
#: Asks for a number in percent, which need not be a growth.
PERCENT: Final = re.compile(r"百分之(?:几|多少)|(?:by\s)?(?:what|how\smany)\spercent(?:age)?|in\spercent")
ALL: Final = re.compile(
    r"所有|全部|各|每|[两三四五六七八九十\d]\s?[个例名位家项种年]|\ball\b|\bevery\b|\beach\b|\bcolumn\b"
)
#: Asks for several values beside each other.
EACH: Final = re.compile(r"分别|\brespective(?:ly)?\b")
_TIME: Final = re.compile(r"(?:19|20)\d\d|q[1-4]$|month\d")
_MEASURE: Final = re.compile(
    r"\b(?:cost|net|gross|amounts?|accumulated|value|number|price|rate|change)\b|余额|金额|价值|数量|比例|准备|增减|变动"
    r"|[本上]期|[本上]年|期[初末]|年[初末]|发生额"
)
_WHOLE_YEAR: Final = re.compile(r"\byears?\sended|\bfull\syear|全年")
#: A label of shares.
_SHARE: Final = re.compile(
    r"(?:%|percent(?:age)?|share|proportion)\sof\b(?P<en>.*)|占(?P<zh>.*?)(?:的?(?:比例|比重|百分比)|[(（%]|$)|比例|比重"
)
#: How long something is, and what says so of an answer.
_LONG: Final = (
    (re.compile(r"(?<![哪这那近前后])几年|多少年|\bhow many years\b"), re.compile(r"年|期限|寿命|\byears?\b")),
    (re.compile(r"(?<!哪)几个月|多少个?月|\bhow many months\b"), re.compile(r"月|年|\bmonths?\b|\byears?\b")),
    (re.compile(r"(?<!哪)几天|多少天|\bhow many days\b"), re.compile(r"天|日|\bdays?\b")),
)
#: A cell into which a page ran several numbers together: no one of them is meant.
_TORN: Final = re.compile(r"(?=.*[$€£¥%,.(])[\d\s,.()%$€£¥—–-]*\d[)%]*\s+[$€£¥(—–-]*\s?\d[\d\s,.()%$€£¥—–-]*")
_MONEY: Final = re.compile(r"[$€£¥]")
#: Asks for a number of things.
_HOW_MANY: Final = re.compile(r"\bhow\smany\s(?!dollars|cents|euros|percent|(?:m|b)illions?\sof\sdollars)")
#: Asks for a rate, and what says that a number is one.
_WHICH_RATE: Final = re.compile(
    r"\b(?:what|which)\s(?:(?:is|was|were|the)\s)*(?:\w+\s){0,2}(?:(?:interest|discount|tax|growth|coupon|turnover)\srate|margin|percentage)\b"
)
_RATE: Final = re.compile(r"\brates?\b|\bmargins?\b|percent|%|率|比")
_NONE: Final = frozenset("无不一二三四五六七八九十两")


def wants(pattern: re.Pattern[str], asked: Asked) -> bool:
    """Whether a question asks for what a pattern says."""
    return pattern.search(plain(asked.text)) is not None


def wants_a_name(asked: Asked) -> bool:
    """Whether a question asks which one, and not how much."""
    return (wants(WHICH_TIME, asked) or wants(WHICH_THING, asked)) and not wants(HOW_MUCH, asked)


def are_times(texts: Sequence[str]) -> bool:
    """Whether most texts name a time: a year, a quarter, a month."""
    return sum(any(_TIME.match(word.text) for word in words_of(text)) for text in texts) * 2 > len(texts)


def are_things(relation: Relation, columns: Sequence[int]) -> bool:
    """Whether columns may be what "which" asks for: neither spans of time nor what is measured of one thing."""
    leaves = [text for column in columns for text in relation.column(column).path[-1:]]
    return not any(is_span(text) or _MEASURE.search(plain(text)) for text in leaves)


def has_digit(relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell may answer how much: it holds a number, or says that there is none."""
    place = relation.at(*cell)
    return place.number is not None or any(char.isdigit() or char in _NONE for char in place.text)


def is_amount(asked: Asked, relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell holds a number that is no year, and is not of what is asked for itself: which rate."""
    place = relation.at(*cell)
    own = title_places(asked, relation.heads(*cell))
    return place.number is not None and not is_span(place.text) and asked.target not in own


def is_as_long(asked: Asked, relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell or a label of it says that it is of years, months or days, if it is asked how many of them."""
    texts = [relation.at(*cell).text, relation.at(*cell).unit, *relation.heads(*cell), *relation.row(cell[0]).path]
    return all(
        not wants(question, asked) or any(answer.search(plain(text)) for text in texts) for question, answer in _LONG
    )


def is_percent(relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell is in percent, by its unit or head."""
    return relation.at(*cell).unit == "%" or any("%" in plain(head) for head in relation.heads(*cell))


def _is_rate(relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell is in percent, or a label of it says that it is a rate; words are taken as they are."""
    labels = (*relation.heads(*cell), *relation.row(cell[0]).path)
    return (
        relation.at(*cell).number is None
        or is_percent(relation, cell)
        or any(_RATE.search(plain(text)) for text in labels)
    )


def is_share(asked: Asked, relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a label of a cell says that it is a share, and of nothing that the question does not name."""
    named = {word.text for word in asked.words}
    shares = [_SHARE.search(plain(text)) for text in (*relation.heads(*cell), *relation.row(cell[0]).path)]
    wholes = [words_of(one["en"] or one["zh"] or "") for one in shares if one is not None]
    return bool(wholes) and all(word.text in named for whole in wholes for word in whole if word.weight)


def years_in(texts: Iterable[str]) -> set[str]:
    """Return the years and quarters that texts name."""
    return {word.text for text in texts for word in words_of(text) if is_span(word.text)}


def of_other_years(asked: Asked, relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a question names years of which the table has columns, and the one cell is not of all of them.

    A cell of another year is not meant, nor one of a whole year by a quarter, nor a column of changes in percent where
    the change between two named years is asked for.
    """
    named = {word.text for word in asked.words if word.weight and is_span(word.text)}
    labels = (*relation.heads(*cell), *relation.row(cell[0]).path)
    own = years_in(labels)
    if any(span[0] == "q" for span in named) and any(_WHOLE_YEAR.search(plain(text)) for text in labels):
        return True
    if len(named) < 2:
        return bool(own and named) and not own & named
    heads = {year for line in relation.columns for year in years_in(line.path)}
    changed = asked.names(Op.DIFFERENCE) and not asked.names(Op.GROWTH) and is_percent(relation, cell)
    return bool((named & heads) - own) or changed


def _is_of_kind(asked: Asked, relation: Relation, cell: tuple[int, int]) -> bool:
    """Whether a cell is one value, no money where things are counted, a rate where one is asked for, and as long."""
    place = relation.at(*cell)
    if place.number is None and not place.ranged and _TORN.fullmatch(place.text):
        return False
    if wants(_HOW_MANY, asked) and _MONEY.search(plain(place.text)):
        return False
    if wants(_WHICH_RATE, asked) and not _is_rate(relation, cell):
        return False
    return is_as_long(asked, relation, cell)


def may_answer(asked: Asked, relation: Relation, cells: Sequence[tuple[int, int]], *, percent: bool) -> bool:
    """Whether cells are of the kind asked for: percents, numbers or names, and of all the years named."""
    if asked.take is not None or (percent and not all(is_percent(relation, cell) for cell in cells)):
        return False
    if percent and asked.names(Op.SHARE) and not all(is_share(asked, relation, cell) for cell in cells):
        return False
    if len(cells) == 1 and of_other_years(asked, relation, cells[0]):
        return False
    if wants_a_name(asked) and any(is_amount(asked, relation, cell) for cell in cells):
        return False
    if wants(HOW_MUCH, asked) and not all(has_digit(relation, cell) for cell in cells):
        return False
    return all(_is_of_kind(asked, relation, cell) for cell in cells)
