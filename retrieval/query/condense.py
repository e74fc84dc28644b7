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
from wenyuan.words.terms import normalise, tokens

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
    case = _CASE_ZH.match(plain) or _CASE_EN.match(plain)
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
    last = wanted[-1:] if is_cjk(wanted[-1]) else ""
    spans = list(tokens(lowered))
    shape = _shape(wanted)
    for start, end in spans:
        part = lowered[start:end]
        if part == wanted:
            return None
        alike = shape and _shape(part) == shape
        if alike or (last and part[-1] == last and len(part) > 1):
            return topic[:start] + case + topic[end:]
    return None


def _shape(word: str) -> str:
    """Return letters as a and digits as 9 for a code, "" for a word."""
    if not _SHAPE.fullmatch(word):
        return ""
    return re.sub(r"9+", "9", re.sub(r"\d", "9", re.sub(r"[a-z]", "a", word)))
