"""What digests and questions have in common: one short text out of a model, read line by line."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from generation.llm.chat import ChatModel
from generation.prompts import Message

_BULLET: Final = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s*")
_NUMBER: Final = re.compile(r"\d[\d.,]*\d|\d")


async def written(model: ChatModel, messages: Sequence[Message], most_chars: int) -> str:
    """Return what the model writes, cut off after about ``most_chars``; raises ``EndpointError``."""
    answer = ""
    async with aclosing(model.stream(messages)) as deltas:
        async for delta in deltas:
            answer += delta
            if len(answer) > most_chars:
                break
    return answer


def without_bullet(line: str) -> str:
    """Return a line without the mark or number of a list before it."""
    return _BULLET.sub("", line)


def numbers_in(text: str) -> set[str]:
    """Return the numbers of a text, to see whether a model invented one."""
    return {match.group().replace(",", "") for match in _NUMBER.finditer(unicodedata.normalize("NFKC", text))}
