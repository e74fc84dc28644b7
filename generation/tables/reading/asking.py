"""What a question asks of a table: the operation, comparisons with numbers, how many, and what is only wording."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

from generation.tables.reading.words import Word, plain, words_of
from wenyuan.words.quantities import Quantity, chinese_number, quantities


class Op(StrEnum):
    """What is done with cells."""

    LOOKUP = "lookup"
    LIST = "list"
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    DIFFERENCE = "difference"
    GROWTH = "growth"
    RATIO = "ratio"
    SHARE = "share"
    MAX = "max"
    MIN = "min"
    CHECK = "check"


_WORDING: Final[tuple[tuple[Op, str], ...]] = (
    (
        Op.GROWTH,
        (
            r"增长率|增速|增幅|涨幅|降幅|变动率|变化率|(?:同比|环比)?(?:增长|增加|上升|提高|下降|减少|降低|上涨|下跌|变动|变化)(?:了|的)?(?:百分之几|百分之多少|百分比|比例|幅度)"
            r"|百分之(?:几|多少)"
            r"|percent(?:age)?\s(?:change|increase|decrease|growth|difference|decline|rise|drop)(?:\s?/\s?\(?(?:decrease|decline)\)?)?"
            r"|growth\srate|rate\sof\s(?:growth|increase|change)|(?:by\s)?(?:what|how\smany)\spercent(?:age)?|in\spercent|year[\s-]on[\s-]year\spercentage\schange"
            r"|how\smuch\s(?:percent|percentage)|%\s(?:change|growth|increase|decrease)|(?:change|growth|increase|decrease)\s\(%\)|relative\schange"
        ),
    ),
    (
        Op.DIFFERENCE,
        (
            r"相差|差额|之差|差值|差多少|的差|减去?(?![少值免弱薄除小低排持])|\bminus\b|(?:增加|减少|增长|下降|上升|降低|提高|上涨|下跌|增|减|多|少|高|低|变动|变化)[了出]?(?:多少|几)"
            r"|(?:net\s|nominal\s|absolute\s)?(?:differences?|change)s?\b|(?:increase|decrease|decline|grow|grew|rise|rose|drop|fall|fell|exceed|gain|reduction)\w*"
            r"(?:\s?/\s?\(?(?:decrease|increase)\)?)?|how\s(?:much|many)\s(?:more|less|fewer|higher|lower)|(?:higher|lower|more|less)\sthan"
        ),
    ),
    (
        Op.SHARE,
        (
            r"占比|所占比[例重]|占[^的，,？?]{0,24}?的?(?:比[例重率]|百分比|百分之几|百分之多少|多少)|占|比重"
            r"|(?:what\s)?(?:percent(?:age)?|portion)(?:\s(?:of|constitution\sof|was|is|came))?|what\sshare(?:\sof)?|(?<!per\s)share\s(?:of|in)|as\sa\s(?:percent(?:age)?|share)\sof|out\sof"
        ),
    ),
    (
        Op.RATIO,
        r"之比|比值|比率|倍数|多少倍|几倍|除以|/|(?:as\sa\s|the\s)?(?:ratio|proportion|fraction)(?:\sof|\sbetween)?|-to-|divided\sby|how\smany\stimes",
    ),
    (Op.MEAN, r"平均(?:值|数|水平)?|均值|(?<!weighted[\s-])(?:the\s)?(?:average|mean)(?:\s(?:value|amount))?\b"),
    (
        Op.SUM,
        (
            r"合计|总和|之和|总共|一共|共计|加起来|总计|总额|总数|累计|合起来|相加|总|共"
            r"|(?:the\s)?(?:sum|total|combined|aggregate|cumulative|altogether)(?:\s(?:of|amount|number|value))?|together|in\stotal"
        ),
    ),
    (
        Op.MAX,
        (
            r"最[高大多贵长重快早晚强久]|居首|排名第[一1]|第一名|(?:more|most)\sexpensive|highest|largest|greatest|biggest|most|maximum|max|longest|heaviest|oldest|latest"
            r"|top|best|peak"
        ),
    ),
    (
        Op.MIN,
        r"最[低小少便轻短慢差]宜?|lowest|smallest|least|minimum|min|shortest|lightest|youngest|cheapest|earliest|fewest",
    ),
    (
        Op.COUNT,
        r"(?<!哪)几[个种位家项类名人件例款次]|有几|多少[个种位家项类名例款]|个数|how\smany|number\sof|count(?:\sof)?",
    ),
    (Op.LIST, r"哪些|哪几[个种位家项类名例款]?|都有谁|which|what\sare|list"),
)
_PATTERNS: Final = tuple((op, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])")) for op, pattern in _WORDING)
_WHICH: Final = re.compile(
    r"哪|谁|几号|什么|which|who\b|in what|what (?:year|quarter|month|segment|region|product|site)"
)
_COMPARE: Final[tuple[tuple[str, str], ...]] = (
    ("<=", r"不超过|不大于|不高于|不多于|至多|最多为|at most|no more than|not more than|up to|或以下|及以下|or less"),
    (">=", r"不低于|不小于|不少于|至少|达到|及以上|或以上|以上|reach(?:es|ed)?|at least|n(?:o|ot) less than|or more"),
    (
        ">",
        r"超过|大于|高于|多于|晚于|之后|(?:more|greater|higher|larger|later|longer)\sthan|exceed(?:s|ed|ing)?|over|above|after",
    ),
    (
        "<",
        r"低于|小于|少于|不足|不到|早于|之前|以下|(?:less|lower|fewer|smaller|earlier|shorter)\sthan|under|below|before",
    ),
)
_COMPARES: Final = tuple((sign, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])")) for sign, pattern in _COMPARE)
#: Asks for yes or no.
_WHETHER: Final = re.compile(
    r"有没有|是不是|是否|能否|吗[?？]?$|没有?[?？]?$|^(?:did|was|were|is|are|does|do|has|have)\b"
)
#: A number written as one Chinese character before a scale, or of years in a span: 一万, 一至两年.
_WRITTEN: Final = re.compile(
    r"(?<![一二三四五六七八九十两])[一二两三四五六七八九](?=[十百千]?[万亿])"
    r"|(?<![一二三四五六七八九十两第每哪近这])[一二两三四五六七八九](?=[到至~～-][一二两三四五六七八九\d]年|年(?:以[内上下]|之?内))"
    r"|(?<=[到至~～-])[二两三四五六七八九](?=年)"
)
_ASKED: Final = re.compile(r"哪一?[个种位家项类款]?|什么(?:样的|规格的)?|which|what(?:\s(?:is|was|are|were)\sthe)?")
_TOP: Final = re.compile(
    r"前\s?(?P<a>\d{1,2}|[一二三四五六七八九十])\s?[大名位个项家种]?"
    r"|最[高大多低小少贵]的\s?(?P<b>\d{1,2}|[二三四五六七八九十])\s?(?:[个名位家种]|项(?!目))"
    r"|(?:top|bottom|highest|lowest|largest|smallest)\s(?P<c>\d{1,2}|two|three|four|five|six|ten)\b"
    r"|(?P<d>\d{1,2}|two|three|four|five|six|ten)\s(?:highest|lowest|largest|smallest|most)"
)
#: M and G stand for no unit.
_NAME: Final = re.compile(r"\d+[MG]")
#: What is divided by or taken from what, in brackets.
_FORMULA: Final = re.compile(
    r"\((?P<a>[^()]{3,}?)(?:/|÷|除以|减去?|\s-\s|\bdivided by\b|\bminus\b|\bless\b|\bover\b)(?P<b>[^()]{3,})\)"
    r"|\((?P<c>[\u4e00-\u9fff]{2,})(?:/|÷|除以|减去?)(?P<d>[\u4e00-\u9fff]{2,})\)"
)
_BEFORE_NAME: Final = re.compile(r"的|年度?|期|\b(?:the|of|is|was|were|are|in|(?:19|20)\d\d)\b")
_PERCENT: Final = re.compile(r"率|比重|比例|\bmargin|\brate\b|percent|%")
_PREPOSITIONS: Final = frozenset({"under", "over", "above", "below", "before", "after"})
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100
_LEADING: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SPAN: Final = re.compile(r"\s?(?:-|~|–|—|至|到|to)\s?")
_ENGLISH: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_SPANS_OF_TIME: Final = re.compile(
    r"\b(?:\d|two|three|four|five|six|eight)[\s-](?:years?|quarters?)(?:\speriods?)?\b|\bfys\b|\b(?:both|all|each|these)\s(?:fys|years|periods|quarters)"
    r"|[近过这两三四五六\d]{1,2}年(?:间|里|中|来|度)?(?!\d)|[两三四]个季度"
)
_WHICH_SPAN: Final = re.compile(r"\b(?:which|what)\s(?:fiscal\s)?(?:years?|quarters?|months?|periods?)\b")
_HALVES: Final = (
    (re.compile(r"上半年|first half(?: of the year)?|\bh1\b"), ("q1", "q2")),
    (re.compile(r"下半年|second half(?: of the year)?|\bh2\b"), ("q3", "q4")),
)
#: Words that say nothing of which cell is meant: what a figure is called in general, and what asks.
_SOFT: Final = frozenset({
    "amount", "value", "figure", "number", "total", "company", "group", "segment", "region", "product", "item",
    "expense", "cost", "level", "rate", "size", "sum", "fiscal", "reported", "report", "record", "according",
    "shown", "table", "column", "row", "sheet", "list", "statement", "consolidated", "correspond", "respective",
    "annual", "yearly", "full", "per", "dollar", "usd", "us", "million", "thousand", "billion", "unit", "percent",
    "percentage", "relative", "term", "overall", "net", "specific", "change", "increase", "decrease", "use",
    "apply", "belong", "hold", "come", "generat", "make", "part", "expect", "expected", "went", "paid", "go",
    "made", "up", "took", "gave", "left", "remain", "estimated", "projected", "forecast", "model", "compar",
    "against", "versus", "vs", "through", "across", "all", "both", "each", "any", "every", "one", "two", "three",
    "four", "five", "whole", "type", "kind", "category", "entity", "spend", "spent", "case", "name", "own",
    "busines", "came", "derive", "account", "contribute", "represent", "often", "held", "done", "get", "receiv",
    "grant", "conduct", "perform", "frequent", "ship", "deliver", "send", "pay", "buy", "applies", "only", "also",
    "most", "recent", "current", "follow", "between", "average", "mean", "difference", "ratio", "share",
    "proportion", "high", "low", "great", "large", "small", "as", "at", "balance", "work", "employ", "back",
    "reach", "stand", "exceed", "carry", "earn", "charg", "stood", "run", "reduc", "fell", "fall", "grew", "ros",
    "bring", "brought", "amounted", "incur", "occur", "start", "begin", "happen", "there", "now", "today", "still",
    "just", "about", "nearly", "exactly", "altogether", "actually", "take", "due", "matur", "last",
})  # fmt: skip
_SOFT_ZH: Final = re.compile(
    r"账龄|各[个项类]?|全年|区|哪[一个些种位家项类年只款几例]*|几[个种位家项类名人件例款号]?|多少|什么|是|为|的|了|在|与|和|及|比|元|万元|亿元|百分之|人民币|"
    r"[那这]一?[笔个家款项种]|(?<=年)[底末]|能|还|我们|你们|咱们|现在|目前|究竟|到底|大概|钱|[花付赚欠卖]了?|通过|取得|拥有|持有|付给|完成|需?要|花费?|属于|授予|享有|给予|全部|所有|其中|当[年期]|每|达到?|合计|总和|总共|一共|共计?|平均值?|之[和差比]|相差|增长率?|增加|减少|下降|变动|占|比例|比重|比率|最[高低大小多少长短贵]|"
    r"超过|低于|高于|大于|小于|早于|晚于|以上|以下|[一二三四五六七八九十]?[个种位家项名例]|本公司|公司|报告期内?|表中?|单位|员工|谁|几号|额|值|数|量|率"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of a question that name an operation, as the places of these words."""

    op: Op
    places: frozenset[int]
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison asked for: the sign, what is compared with (None: something named), and the places of its words.

    ``said`` is the quantity as the question writes it.
    """

    sign: str
    value: Quantity | None
    places: frozenset[int]
    after: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. ``soft`` are places of words that name no cell; ``take`` is how many are asked for.

    ``formula``: where the question says what to divide or subtract, the place of the first word of the second operand.
    ``whether``: it asks for yes or no. ``dates`` are the days it names.
    """

    text: str
    words: tuple[Word, ...]
    dates: tuple[tuple[str, frozenset[int]], ...]
    wordings: tuple[Wording, ...]
    comparisons: tuple[Comparison, ...]
    values: tuple[tuple[Quantity, frozenset[int]], ...]
    soft: frozenset[int]
    take: int | None
    which: bool
    halves: tuple[str, ...] = ()
    half_places: frozenset[int] = frozenset()
    target: int | None = None
    formula: int | None = None
    whether: bool = False

    @property
    def split(self) -> int | None:
        """The place of 占 between part and whole, None without: no name goes over it."""
        return next((min(one.places) for one in self.wordings if one.text.startswith("占") and one.places), None)

    def weight(self, places: frozenset[int]) -> float:
        """Return how much words at these places tell."""
        return sum(self.words[place].weight for place in places)

    def names(self, op: Op) -> bool:
        """Whether the question names an operation, if only by a sign."""
        return any(one.op is op for one in self.wordings)

    def said(self, op: Op) -> frozenset[int]:
        """Return the places of the words that name an operation."""
        return frozenset().union(*(one.places for one in self.wordings if one.op is op))


def read_question(text: str) -> Asked:
    """Take a question apart."""
    text, sign, percent = _without_name(_WRITTEN.sub(lambda match: str(int(chinese_number(match[0]))), text))
    folded = plain(text)
    words = words_of(text)
    comparisons = tuple(_comparisons(text, folded, words))
    spoken = [(op, match) for op, pattern in _PATTERNS for match in pattern.finditer(folded)]
    wordings = tuple(
        Wording(Op.SHARE if percent and op is Op.RATIO else op, _at(words, *match.span()), match.group())
        for op, match in spoken
        if not any(_within(match, other) for _, other in spoken)
    )
    top = _TOP.search(folded)
    halves = [(match, named) for pattern, named in _HALVES if (match := pattern.search(folded))]
    stems = _soft_stems()
    soft = {place for place, word in enumerate(words) if not word.han and word.text in stems}
    for match in _SOFT_ZH.finditer(folded):
        soft |= _at(words, match.start(), match.end())
    for match in itertools.chain(_SPANS_OF_TIME.finditer(folded), _WHICH_SPAN.finditer(folded)):
        soft |= _at(words, *match.span())
    if top:
        soft |= _at(words, *top.span())
    for one in comparisons:
        if one.value is None and all(words[place].text in _PREPOSITIONS for place in one.places):
            soft |= one.places
    return Asked(
        text,
        words,
        tuple((one.date, _at(words, one.start, one.end)) for one in quantities(text) if one.kind == "date"),
        wordings,
        comparisons,
        tuple((found, _at(words, found.start, found.end)) for found in _numbers(text) if not _in_name(text, found)),
        frozenset(soft),
        _count(top),
        _WHICH.search(folded) is not None,
        tuple(name for _, named in halves for name in named),
        frozenset().union(*(_at(words, *match.span()) for match, _ in halves)),
        _target(folded, words),
        None if sign is None else sum(word.start < sign for word in words),
        _WHETHER.search(folded) is not None,
    )


@cache
def _soft_stems() -> frozenset[str]:
    """Work the stems out when they are first needed: not while the product starts."""
    return frozenset(word.text for soft in _SOFT for word in words_of(soft))


def _without_name(text: str) -> tuple[str, int | None, bool]:
    """Return a question without the name of what it defines, where the second operand begins, whether in percent.

    The operating margin (operating income / total revenue): the formula says which cells are meant, the name does not.
    """
    folded = plain(text)
    found = _FORMULA.search(folded)
    if found is None or len(folded) != len(text):
        return text, None, False
    start = max((match.end() for match in _BEFORE_NAME.finditer(folded, 0, found.start())), default=0)
    name = folded[start : found.start()]
    return (
        text[:start] + " " * len(name) + text[found.start() :],
        found.start(found.lastindex or 0),
        _PERCENT.search(name) is not None,
    )


def _numbers(text: str) -> list[Quantity]:
    """Return the numbers of a text; two with a sign or word of a range between them, and one unit, are one range."""
    plainer = unicodedata.normalize("NFKC", text)  # units are told by their case: A, kV
    found: list[Quantity] = []
    for one in quantities(plainer):
        if one.kind != "number":
            continue
        last = found[-1] if found else None
        if last is not None and last.dimension is None and _SPAN.fullmatch(plainer[last.end : one.start]):
            number = _LEADING.match(plainer[one.start : one.end])
            factor = one.low / float(number[0].replace(",", "")) if number and one.low else 1.0
            found[-1] = replace(one, low=last.low * factor, start=last.start)
        else:
            found.append(one)
    return found


def _in_name(text: str, number: Quantity) -> bool:
    """Whether a number is the beginning of a name: 3M, 5G."""
    return _NAME.fullmatch(unicodedata.normalize("NFKC", text)[number.start : number.end]) is not None


def _within(match: re.Match[str], other: re.Match[str]) -> bool:
    """Whether a wording is but a part of a longer one: percentage of percentage change."""
    return other.start() <= match.start() and match.end() <= other.end() and match.span() != other.span()


def _target(folded: str, words: Sequence[Word]) -> int | None:
    """Return the place of the first word behind the question word: what is asked for."""
    match = _ASKED.search(folded)
    behind = [place for place, word in enumerate(words) if match and word.start >= match.end() and word.weight]
    return behind[0] if behind else None


def _at(words: Sequence[Word], start: int, end: int) -> frozenset[int]:
    return frozenset(place for place, word in enumerate(words) if start <= word.start and word.end <= end)


def _count(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    written = next(group for group in match.groups() if group)
    if written.isdigit():
        return int(written)
    return _ENGLISH.get(written) or int(chinese_number(written))


def _comparisons(text: str, folded: str, words: Sequence[Word]) -> Iterator[Comparison]:
    """Yield the comparisons, each with the quantity right behind its word, or right before it (10 万以上)."""
    found = quantities(unicodedata.normalize("NFKC", text))
    taken: list[tuple[int, int]] = []
    for sign, pattern in _COMPARES:
        for match in pattern.finditer(folded):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            value = next(
                (q for q in found if 0 <= q.start - match.end() <= 4 and _near(folded, match.end(), q.start)), None
            )
            if value is None:
                value = next((q for q in found if 0 <= match.start() - q.end <= 1), None)
            if value is not None and match.group() == "over" and _FIRST_YEAR < value.low < _LAST_YEAR:
                continue  # over the years named
            places = _at(words, *match.span())
            if value is not None:
                places |= _at(words, value.start, value.end)
            said = "" if value is None else unicodedata.normalize("NFKC", text)[value.start : value.end]
            yield Comparison(sign, value, places, match.end(), said)


def _near(folded: str, start: int, end: int) -> bool:
    return not folded[start:end].strip(" $¥€￥约")
