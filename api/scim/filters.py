"""Filters of RFC 7644 §3.4.2.2: text in, a tree out. Long, deep and wide ones are refused before they cost anything."""

import json
import re
from dataclasses import dataclass
from typing import Final

from api.scim.attributes import find, split_path
from api.scim.errors import ScimFilter

MAX_CHARS: Final = 8_192
MAX_DEPTH: Final = 24
MAX_TERMS: Final = 200
OPERATORS: Final = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_ORDERED: Final = frozenset({"co", "sw", "ew", "gt", "ge", "lt", "le"})

Path = tuple[str, ...]
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Compare:
    """An attribute against a value."""

    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Has:
    """The attribute has a value."""

    path: Path


@dataclass(frozen=True, slots=True)
class Within:
    """One element of a list meets a filter of its own, whose paths begin at the list."""

    path: Path
    inner: "Filter"


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The inner filter does not hold."""

    inner: "Filter"


Filter = Compare | Has | Within | Both | Either | Negation

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<mark>[()\[\]])
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:]))
      | (?P<word>[A-Za-z$][\w$.:-]*)
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)


def parse_filter(schema: str, text: str) -> Filter:
    """Return the tree of a filter; raises ``ScimFilter``."""
    if len(text) > MAX_CHARS:
        raise ScimFilter(reason=f"> {MAX_CHARS}")
    parser = _Parser(schema, _tokens(text))
    found = parser.either(0)
    parser.end()
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:
            raise ScimFilter(reason=f"@{at}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found


class _Parser:
    """Recursive descent; ``not`` binds before ``and``, which binds before ``or``."""

    def __init__(self, schema: str, tokens: list[tuple[str, str]]) -> None:
        self._schema = schema
        self._tokens = tokens
        self._below: Path = ()
        self._at = 0
        self._terms = 0

    def either(self, depth: int) -> Filter:
        """Return what stands up to a closing mark or the end."""
        if depth > MAX_DEPTH:
            raise ScimFilter(reason=f"depth > {MAX_DEPTH}")
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def end(self) -> None:
        """Raise ``ScimFilter`` unless everything was read."""
        if self._at < len(self._tokens):
            raise ScimFilter(reason=self._tokens[self._at][1][:40])

    def _both(self, depth: int) -> Filter:
        parts = [self._term(depth)]
        while self._takes("and"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _term(self, depth: int) -> Filter:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise ScimFilter(reason=f"> {MAX_TERMS}")
        if self._next() == ("mark", "("):
            return self._enclosed(depth, ")")
        if self._next()[1].lower() == "not" and self._next(1) == ("mark", "("):
            self._at += 1
            return Negation(self._enclosed(depth, ")"))
        return self._attribute(depth)

    def _enclosed(self, depth: int, mark: str) -> Filter:
        self._at += 1
        inner = self.either(depth + 1)
        if self._next() != ("mark", mark):
            raise ScimFilter(reason=mark)
        self._at += 1
        return inner

    def _attribute(self, depth: int) -> Filter:
        kind, name = self._take()
        if kind != "word":
            raise ScimFilter(reason=name[:40])
        path = self._path(name)
        if self._next() == ("mark", "["):
            if self._below or not find(self._schema, path).many:
                raise ScimFilter(reason=name[:80])
            self._below = path
            inner = self._enclosed(depth, "]")
            self._below = ()
            return Within(path, inner)
        operator = self._take()[1].lower()
        if operator == "pr":
            return Has(path)
        if operator not in OPERATORS:
            raise ScimFilter(reason=operator[:40])
        return self._compare(path, operator)

    def _compare(self, path: Path, operator: str) -> Compare:
        kind, text = self._take()
        words: dict[str, Value] = {"true": True, "false": False, "null": None}
        value: Value
        if kind in {"text", "number"}:
            try:
                value = json.loads(text)
            except ValueError:
                raise ScimFilter(reason=text[:40]) from None
        elif kind == "word" and text.lower() in words:
            value = words[text.lower()]
        else:
            raise ScimFilter(reason=text[:40])
        if operator in _ORDERED and (value is None or isinstance(value, bool)):
            raise ScimFilter(reason=f"{operator} {text[:20]}")
        if operator in {"co", "sw", "ew"} and not isinstance(value, str):
            raise ScimFilter(reason=f"{operator} {text[:20]}")
        return Compare(path, operator, value)

    def _path(self, name: str) -> Path:
        if self._below:
            name = f"{'.'.join(self._below)}.{name}"
        path = split_path(self._schema, name)
        if not path:
            raise ScimFilter(reason=name[:80])
        return path[len(self._below) :]

    def _takes(self, word: str) -> bool:
        kind, text = self._next()
        if kind != "word" or text.lower() != word:
            return False
        self._at += 1
        return True

    def _take(self) -> tuple[str, str]:
        token = self._next()
        self._at += 1
        return token

    def _next(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "…")
