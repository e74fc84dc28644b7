"""What a model writes, as text with markers or as JSON, into statements while it streams."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from generation.prompts import NO_ANSWER
from generation.statements import Statement, StatementStream

#: One item a statement; an empty list is a refusal.
SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "statement": {"type": "string"},
                    "sources": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["statement", "sources"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["statements"],
    "additionalProperties": False,
}
_JSON: Final = re.compile(r"\s*(?:```(?:json)?\s*)?(?:\{\s*[\"}]|\[\s*[{\]])", re.IGNORECASE)
_MAYBE: Final = re.compile(r"\s*(?:`{0,2}|```(?:j|js|jso|json)?\s*[\[{]?\s*|[\[{]\s*)", re.IGNORECASE)
_DEEPEST: Final = 16


class AnswerStream:
    """Hands out statements as soon as they are complete, whichever form the model chose."""

    def __init__(self) -> None:
        self._held = ""
        self._reader: StatementStream | _Items | None = None

    def feed(self, delta: str) -> list[Statement]:
        """Return the statements that are complete now."""
        if self._reader is not None:
            return self._reader.feed(delta)
        self._held += delta
        if _MAYBE.fullmatch(self._held):
            return []
        self._reader = _Items() if _JSON.match(self._held) else StatementStream()
        return self._reader.feed(self._held)

    def close(self) -> list[Statement]:
        """Return what is left at the end of the stream."""
        if self._reader is None:
            self._reader = StatementStream()
            return [*self._reader.feed(self._held), *self._reader.close()]
        return self._reader.close()


class _Items:
    """The objects with a statement in a JSON text, each as soon as its brace closes; a damaged text is read as text."""

    def __init__(self) -> None:
        self._text = ""
        self._place = 0
        self._open: list[int] = []
        self._quoted = self._escaped = False
        self._found = False

    def feed(self, delta: str) -> list[Statement]:
        self._text += delta
        found: list[Statement] = []
        for place in range(self._place, len(self._text)):
            sign = self._text[place]
            if self._quoted:
                self._quoted = self._escaped or sign != '"'
                self._escaped = sign == "\\" and not self._escaped
            elif sign == '"':
                self._quoted = True
            elif sign == "{" and len(self._open) < _DEEPEST:
                self._open.append(place)
            elif sign == "}" and self._open:
                found += self._item(self._text[self._open.pop() : place + 1])
        self._place = len(self._text)
        return found

    def close(self) -> list[Statement]:
        if self._found:
            return []
        try:
            json.loads(self._text.strip().removeprefix("```json").strip("`\n "))
        except ValueError:
            stream = StatementStream()
            return [*stream.feed(self._text), *stream.close()]
        return [Statement(NO_ANSWER, ())]

    def _item(self, text: str) -> list[Statement]:
        try:
            item = json.loads(text)
        except ValueError:
            return []
        if not isinstance(item, dict) or not isinstance(item.get("statement"), str):
            return []
        self._found = True
        named = item.get("sources")
        sources = tuple(n for n in named if type(n) is int) if isinstance(named, list) else ()
        stream = StatementStream()
        parts = [*stream.feed(item["statement"]), *stream.close()]
        return [
            Statement(part.text, tuple(dict.fromkeys((*sources, *part.numbers))), part.break_before) for part in parts
        ]
