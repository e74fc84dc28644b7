"""What a passage speaks of: named at its beginning, and meant wherever a later sentence names nothing of its own."""

import re
from collections.abc import Sequence
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from wenyuan.words.written.names import sort_of

#: What ends the subject of an opening sentence.
_SUBJECT_END: Final = re.compile(
    r"[（(，,:：—]|是|为(?!了)|于|又|亦|原|乃|\s(?:is|are|was|were|has|have|had|shall|must|may|can|will|refers)\s"
)
_LONGEST: Final = {True: 60, False: 24}
_NAMES: Final = (Kind.NAME, Kind.CODE, Kind.RARE)
_POINTING: Final = re.compile(
    r"(?:该|其|本|此|它|他|她|牠|这|当[地时年]|\b(?:it|its|he|his|she|her|they|their|this|these|the)\b)"
)


def topic_of(opening: Reading) -> tuple[Token, ...]:
    """Return the tokens of the subject that an opening sentence begins with; none where it begins with no name."""
    plain = opening.lowered
    end = _SUBJECT_END.search(plain, 2)
    limit = end.start() if end else 0
    if not 0 < limit <= _LONGEST[plain[:1].isascii()]:
        return ()
    found = tuple(t for t in opening.tokens if t.end <= limit and t.kind is not Kind.QUANTITY)
    return found if any(t.kind in _NAMES for t in found) or len(found) == 1 else ()


def continues(unit: Reading, topic: Sequence[Token]) -> bool:
    """Say whether a later sentence still speaks of ``topic``: it points to it, or names nothing of that sort itself."""
    if _POINTING.match(unit.lowered):
        return True
    first = next((t for t in unit.tokens if t.kind is not Kind.QUANTITY), None)
    if first is None or first.kind in _NAMES:
        return False
    sorts = {_sort(t) for t in topic if t.kind in (Kind.NAME, Kind.CODE)}
    return not any(_sort(t) in sorts for t in unit.tokens if t.kind in (Kind.NAME, Kind.CODE))


def _sort(token: Token) -> str:
    return token.kind.value if token.kind is Kind.CODE else sort_of(token.key) or "name"
