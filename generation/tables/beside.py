"""Sentences beside tables: what the text says of a question in words that no label has is for the text to answer."""

import re
from collections.abc import Iterable
from typing import Final

from generation.tables.reading.asking import Asked, Op
from generation.tables.reading.mentions import title_places

_SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+|(?<=[。；！？])")
_AMOUNT: Final = re.compile(
    r"[$€£¥]\s?\d|(?<![\d,])\d{1,3}(?:,\d{3})+"
    r"|\d[\d,.]*\s?(?:%|percent|per cent|million|billion|thousand|years|months|days|shares|cents)"
    r"|\d[\d,.]*\s?(?:元|万|亿|股|年(?!度|末|底))"
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d\s?年?")
#: By how much a sentence has to say more than the cell that is looked up, and than what is reckoned.
_MORE: Final = {True: 2.0, False: 4.0}
#: What a sentence may leave unsaid.
_UNSAID: Final = 4.0


def told_amounts(texts: Iterable[str]) -> list[str]:
    """Return the sentences that tell an amount and lead to no table."""
    sentences = (sentence.strip() for text in texts for sentence in _SENTENCE.split(text))
    kept = (one for one in sentences if not one.endswith((":", "：")) and _AMOUNT.search(_YEAR.sub("", one)))
    return list(dict.fromkeys(kept))


def text_says_more(asked: Asked, sentences: Iterable[str], own: float, op: Op) -> bool:
    """Whether a sentence says more of a question than the labels of a plan and the wording of what it does, ``own``."""
    telling = frozenset(range(len(asked.words))) - asked.soft
    wanted = max(own + _MORE[op is Op.LOOKUP], asked.weight(telling) - _UNSAID)
    return any(asked.weight(title_places(asked, [one]) & telling) >= wanted for one in sentences)
