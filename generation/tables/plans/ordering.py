"""Which of two operands comes first: the later less the earlier, the part by the whole, as the question words it."""

import re
from collections.abc import Sequence
from typing import Final

from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.relation import Relation
from generation.tables.reading.words import plain, words_of

Named = tuple[tuple[int, int], int]

_FALL: Final = re.compile(
    r"减少|下降|降低|下跌|少了?多少|低了?多少|\bdecreas\w*|\bdeclin\w*|\breduction|\bdrop|\bfell\b|\bfalls?\b|\bshr[aiu]nk|\bless\b|\bfewer\b|\blower\b"
)
_RISE: Final = re.compile(r"多[了出]|高[了出]|增加|增长|上升|提高|变动|变化|\bincreas\w*|\bchange|\bgrow|\brise|\brose")
_VERSUS: Final = re.compile(r"比|较|exceed|\bthan\b|相对于|compared to|versus")
_UNSIGNED: Final = re.compile(r"相差|差额|差多少|差值|(?<!net )\bdifferences?\b(?! from)")
_WHOLE_FIRST: Final = re.compile(
    r"(?:percent(?:age)?|share|proportion|fraction|portion|%)\sof\s.*\b(?:is|was|were|are|came|comes?|accounted|represented|generated|attributable|made|did|does|do|went|goes)\b"
)
_OF_LAST: Final = re.compile(r"\bas\sa\s|out\sof|\bover\b|\bin\s(?:the\s)?total|(?<!went\s)(?<!goes\s)(?<!go\s)\bto\b")
_FROM_TO: Final = re.compile(r"\bfrom\b.*\bto\b|从.*到|由.*至|自.*至")


def ordered_pair(op: Op, asked: Asked, relation: Relation, cells: Sequence[Named]) -> tuple[Named, Named, bool]:
    """Return the pair in the order of the operation, and whether the sign is not asked for."""
    first, second = sorted(cells, key=lambda one: one[1])
    folded = plain(asked.text)
    if op in {Op.SHARE, Op.RATIO}:
        implied = second[1] >= len(asked.words)  # the whole is not named
        turned = op is Op.SHARE and not implied and _WHOLE_FIRST.search(folded) and not _OF_LAST.search(folded)
        return (second, first, False) if turned else (first, second, False)
    times = (time_of(relation.heads(*first[0])), time_of(relation.heads(*second[0])))
    unsigned = op is Op.DIFFERENCE and _UNSIGNED.search(folded) is not None and not _FROM_TO.search(folded)
    falling = op is Op.DIFFERENCE and _FALL.search(folded) is not None and not _RISE.search(folded)
    if first[0][1] != second[0][1] and all(times) and times[0] != times[1] and "之差" not in folded:
        later, earlier = (first, second) if times[0] > times[1] else (second, first)
        unsigned = unsigned and "difference" not in folded
        return (earlier, later, unsigned) if falling else (later, earlier, unsigned)
    if "之差" in folded:
        return first, second, False
    if _VERSUS.search(folded):
        return (second, first, unsigned) if falling else (first, second, unsigned)
    if _FROM_TO.search(folded):
        return second, first, unsigned
    return first, second, unsigned


def is_change(asked: Asked) -> bool:
    """Whether a question asks for how something changed."""
    folded = plain(asked.text)
    return _FALL.search(folded) is not None or _RISE.search(folded) is not None


def time_of(heads: Sequence[str]) -> tuple[int, ...]:
    """Return the year, month and quarter in the heads of a column, empty for none."""
    words = [word.text for text in heads for word in words_of(text)]
    head = plain(" ".join(heads))
    if re.search(r"上期|上年|去年|期初|同期", head):
        return (0,)
    if re.search(r"本期|本年|期末|本报告期", head):
        return (1,)
    years = [int(word) for word in words if re.fullmatch(r"(?:19|20)\d\d", word)]
    months = [int(word[5:]) for word in words if re.fullmatch(r"month\d+", word)]
    quarters = [int(word[1:]) for word in words if re.fullmatch(r"q[1-4]", word)]
    return (*years[:1], *quarters[:1], *months[:1])
