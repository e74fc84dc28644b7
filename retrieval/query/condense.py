"""A follow-up made whole by the question before it, without a language model.

A question leans on the one before it when it begins by joining (那…, and …), is nothing but a case (B 座呢？, what
about class C?), names its matter by a pronoun, or says too little to stand alone (怎么处理？). Then what was asked
before is put before it; of a mere case, the like part of the earlier question is replaced (M12 by M16), so that
the two do not compete. Everything else is left as it is: a new question loses by an old topic.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.text import cjk_share, content_terms, is_cjk, squeeze
from wenyuan.words.terms import normalise, stem, tokens

#: Earlier questions that are looked at.
MAX_EARLIER: Final = 4
_LONGEST: Final = 60
_MARKS: Final = " \t\r\n?？。.!！~～,，、;；"
_FEW_CHARACTERS: Final = 2

_JOIN_ZH: Final = re.compile(r"^(?:那么?(?![些里边时])|还有(?!哪)|另外|以及|如果是|换成|要是|再问|接着)[,，]?")
_CASE_ZH: Final = re.compile(
    r"^(?:那么?|如果是|换成|要是)?(?P<case>(?:(?!什么|怎|哪|谁|几|多少|如何|是否|吗).){1,12}?)的?呢$"
)
_PRONOUN_ZH: Final = re.compile(
    r"它们?|^(?:这(?:些|一|几)|[这那](?:个|种|里|时|期间|样|方面))|^(?:该|其(?![他它中余实])|上述|前者|后者|此|对此)|^之后"
)
_JOIN_EN: Final = re.compile(r"^(?:and|but|also|then|or)\b,?\s*(?:for|in|with|at)?\s*", re.IGNORECASE)
_CASE_EN: Final = re.compile(r"^(?:and |but )?(?:what|how) about (?:the |an? )?(?P<case>.{1,60})$", re.IGNORECASE)
_PRONOUN_EN: Final = re.compile(
    r"\b(?:it|its|they|them|their|those|these|ones|this|that|the former|the latter)\b", re.IGNORECASE
)
#: "and earned leave?": nothing but a thing, without what makes a question of its own.
_THING_EN: Final = re.compile(
    r"^(?:and|but|or)\b,? (?:for |in |with |at )?(?:the |an? )?"
    r"(?P<case>(?:(?!\b(?:what|how|who|when|where|why|which|is|are|was|were|do|does|did|can|could|will|would|should|must|may|has|have"
    r"|it|its|they|them|their|this|that|these|those)\b)[\w'’-]+ ?){1,4})$",
    re.IGNORECASE,
)
#: What takes the place of everything that told the first thing apart.
_OTHER_ZH: Final = re.compile(r"^(?:其他|其它|别的|另外|其余|剩下)的?$")
#: What belongs to the name of one measure alone.
_OF_BUSINESS: Final = frozenset(("营业", "主营", "经营"))
#: What is measured: one such thing takes the place of another.
_MEASURE_ZH: Final = re.compile(
    r"(?:收入|利润|[利损比费]率|净额|总额|金额|费用?|成本|资产|负债|销量|产量|人数|数量|价格|工资|奖金)$"
)
_SHAPE: Final = re.compile(r"[a-z]*\d[a-z0-9.\-/%]*|[a-z]")


@dataclass(frozen=True, slots=True)
class Condensed:
    """A question that stands alone; ``follows`` is the earlier one that it leaned on, if it did."""

    text: str
    follows: str | None = None


def condense(asked: str, earlier: Sequence[str]) -> Condensed:
    """Return ``asked`` with what it takes up of ``earlier`` questions of the same conversation, oldest first.

    An earlier question that is a follow-up itself is made whole first.
    """
    before = ""
    for question in earlier[-MAX_EARLIER:]:
        before = _whole(question, before)
    whole = _whole(asked, before)
    return Condensed(asked) if whole == asked else Condensed(whole, before)


def _whole(asked: str, before: str) -> str:
    plain = squeeze(asked).strip(_MARKS)
    if not before or not plain or len(plain) > _LONGEST or not _leans(plain):
        return asked
    case = _CASE_ZH.match(plain) or _CASE_EN.match(plain) or _THING_EN.match(plain)
    topic = before.strip(_MARKS)
    if case:
        replaced = _replaced(topic, case["case"].strip())
        return replaced or f"{topic} {case['case'].strip()}"
    rest = _JOIN_EN.sub("", _JOIN_ZH.sub("", plain)) or plain
    return f"{topic} {rest}"


def _leans(plain: str) -> bool:
    """Whether the question needs an earlier one to be understood."""
    if cjk_share(plain) < 0.3:
        return _leans_en(plain)
    if _JOIN_ZH.match(plain) or _CASE_ZH.match(plain):
        return True
    return _points(plain, _PRONOUN_ZH) or len(set("".join(content_terms(plain, bare=True)))) <= _FEW_CHARACTERS


def _leans_en(plain: str) -> bool:
    if _JOIN_EN.match(plain) or _CASE_EN.match(plain):
        return True
    return _points(plain, _PRONOUN_EN) or not content_terms(plain)


def _points(plain: str, pronoun: re.Pattern[str]) -> bool:
    """Whether a pronoun stands before anything that it could mean."""
    found = pronoun.search(plain)
    return found is not None and not content_terms(plain[: found.start()], bare=True)


def _replaced(topic: str, case: str) -> str | None:
    """Return ``topic`` with the part that is like ``case`` replaced by it, None when there is none."""
    lowered, wanted = normalise(topic), normalise(case)
    if len(lowered) != len(topic):
        return None
    spans = list(tokens(lowered))
    parts = [lowered[start:end] for start, end in spans]
    asked = [wanted[start:end] for start, end in tokens(wanted)]
    if wanted in parts or not asked:
        return None
    chinese = is_cjk(wanted[-1])
    place = _like_chinese(parts, wanted, asked) if chinese else _like_latin(parts, wanted, asked)
    if place is None:
        return None
    first, last = place
    return topic[: spans[first][0]] + case + topic[spans[last][1] :]


def _like_chinese(parts: Sequence[str], wanted: str, asked: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and the last of the words that a Chinese case takes the place of."""
    for at, part in enumerate(parts):
        if len(part) > 1 and part[-1] == wanted[-1]:
            return at - _told_apart(parts, at, asked), at
        if len(asked) == 2 and part == asked[1] and at and parts[at - 1].isdecimal() and asked[0].isdecimal():
            return at - 1, at
    measures = [at for at, part in enumerate(parts) if _MEASURE_ZH.search(part)]
    if len(measures) != 1 or not _MEASURE_ZH.search(wanted):
        return None
    at = measures[0]
    return at - int(at > 0 and parts[at - 1] in _OF_BUSINESS), at


def _told_apart(parts: Sequence[str], at: int, asked: Sequence[str]) -> int:
    """Return 1 where the word before the like one tells it apart as the case does: 一线城市 and 二线城市, 其他城市."""
    if at == 0 or len(asked) < 2 or parts[at] != asked[-1] or len(parts[at - 1]) < 2:
        return 0
    before = parts[at - 1]
    return int(bool(_OTHER_ZH.match(asked[-2])) or before[-1] == asked[-2][-1])


def _like_latin(parts: Sequence[str], wanted: str, asked: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and the last of the words that an English case takes the place of: a code, or a like end."""
    shape = _shape(wanted)
    for at, part in enumerate(parts):
        if shape and _shape(part) == shape:
            return at, at
        if len(asked) > 1 and part.isascii() and stem(part) == stem(asked[-1]) and at >= len(asked) - 1:
            return at - len(asked) + 1, at
    return None


def _shape(word: str) -> str:
    """Return letters as a and digits as 9 for a code, "" for a word."""
    if not _SHAPE.fullmatch(word):
        return ""
    return re.sub(r"9+", "9", re.sub(r"\d", "9", re.sub(r"[a-z]", "a", word)))
