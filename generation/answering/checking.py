"""The check of what a model said: carried by the evidence, quoted as it stands there, and none of its instructions."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.answering.draft import Carried
from generation.answering.leaks import LeakWatch
from generation.grounding import Grounder
from generation.statements import Statement
from wenyuan.answers import Evidence, Support
from wenyuan.text import fold

#: Shorter words in quotation marks are names and terms.
_QUOTED: Final = re.compile(r"[“「『\"]([^“”「」『』\"\n]{8,})[”」』\"]")
_WORDS: Final = 0.4
_SPACE: Final = re.compile(r"\s+")
#: Numbers without anything that they count, or the letter or Roman number of a list: nothing that could be true.
_BARE: Final = re.compile(r"[\W\d_〇零一二两三四五六七八九十百千万亿]*|\W*(?:[a-z]|[ivx]{1,5})\W*")


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a statement. ``forbidden``: it may not be shown, nor given back to the model."""

    support: Support
    carried: tuple[Carried, ...] = ()
    reasons: tuple[str, ...] = ()
    forbidden: bool = False


class StatementCheck:
    """Checks the statements of one answer, in their order."""

    def __init__(self, grounder: Grounder, evidence: Sequence[Evidence], watch: LeakWatch) -> None:
        self._grounder = grounder
        self._evidence = evidence
        self._watch = watch
        #: What was asked: a statement that only says it again is none.
        self.question = ""

    async def check(self, statement: Statement) -> Checked:
        """Return what the evidence says of a statement."""
        return await asyncio.to_thread(self._check, statement)

    def _check(self, statement: Statement) -> Checked:
        if self._watch.leaks(statement.text):
            return Checked(Support.UNSUPPORTED, reasons=("leak",), forbidden=True)
        if _noise(statement.text) or _BARE.fullmatch(fold(statement.text)):
            return Checked(Support.UNSUPPORTED, reasons=("no_content",), forbidden=True)
        evidence = self._evidence
        cited = [n - 1 for n in statement.numbers if 1 <= n <= len(evidence)]
        verdict = self._grounder.check(statement.text, evidence, cited, self.question)
        if verdict.support is Support.UNSUPPORTED:
            return Checked(Support.UNSUPPORTED, reasons=verdict.reasons, forbidden="no_content" in verdict.reasons)
        if not quotes_hold(statement.text, evidence):
            return Checked(Support.UNSUPPORTED, reasons=("quote",))
        carried = tuple(Carried(evidence[span.source], span.start, span.end) for span in verdict.spans)
        return Checked(verdict.support, carried, verdict.reasons)


def _noise(text: str) -> bool:
    """Say whether signs outweigh letters and digits by far: nobody could read it as a statement."""
    signs = [sign for sign in text if not sign.isspace()]
    return sum(sign.isalnum() for sign in signs) < _WORDS * len(signs)


def quotes_hold(text: str, evidence: Sequence[Evidence]) -> bool:
    """Say whether every long passage in quotation marks stands in the evidence, word for word."""
    quoted = [_SPACE.sub("", fold(match[1])).rstrip(".。,，;；!！?？") for match in _QUOTED.finditer(text)]
    return not quoted or all(any(one in _SPACE.sub("", fold(e.text)) for e in evidence) for one in quoted)
