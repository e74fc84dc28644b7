"""Filters as people write them (RFC 4515), encoded. Values from elsewhere never become part of a written filter."""

import re
from typing import Final

from api.directories.ldap.ber import boolean, element, octets

MAX_DEPTH: Final = 20
_ITEM: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9;.-]*)?((?::[^:=()*]+)*)(=|>=|<=|~=|:=)(.*)", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\([0-9a-fA-F]{2})")
_SETS: Final = {"&": 0xA0, "|": 0xA1}
_COMPARISONS: Final = {"=": 0xA3, ">=": 0xA5, "<=": 0xA6, "~=": 0xA8}


class FilterError(ValueError):
    """Not a filter."""


def encode(text: str) -> bytes:
    """Return a written filter as BER; raises ``FilterError``."""
    found, end = _filter(text.strip(), 0, 0)
    if end != len(text.strip()):
        raise FilterError(text[end : end + 40])
    return found


def equal(attribute: str, value: str | bytes) -> bytes:
    """Return the filter for a value, whatever characters are in it."""
    return element(0xA3, octets(attribute), octets(value))


def at_least(attribute: str, value: str) -> bytes:
    """Return the filter for values from one on."""
    return element(0xA5, octets(attribute), octets(value))


def all_of(*parts: bytes) -> bytes:
    """Return the filter that holds where all parts do."""
    return element(0xA0, *parts)


def _filter(text: str, at: int, depth: int) -> tuple[bytes, int]:
    if depth > MAX_DEPTH or text[at : at + 1] != "(":
        raise FilterError(text[at : at + 40])
    mark = text[at + 1 : at + 2]
    if mark in _SETS or mark == "!":
        parts, end = [], at + 2
        while text[end : end + 1] == "(":
            part, end = _filter(text, end, depth + 1)
            parts.append(part)
        if not parts or (mark == "!" and len(parts) != 1):
            raise FilterError(text[at : at + 40])
        found = element(_SETS.get(mark, 0xA2), *parts)
    else:
        end = text.find(")", at)
        if end < 0 or "(" in text[at + 1 : end]:
            raise FilterError(text[at : at + 40])
        found = _item(text[at + 1 : end])
    if text[end : end + 1] != ")":
        raise FilterError(text[at : at + 40])
    return found, end + 1


def _item(text: str) -> bytes:
    match = _ITEM.fullmatch(text)
    if match is None:
        raise FilterError(text[:40])
    attribute, rules, operator, value = match.groups()
    if operator == ":=":
        return _extensible(attribute, rules, value)
    if attribute is None or rules:
        raise FilterError(text[:40])
    if operator == "=" and value == "*":
        return octets(attribute, 0x87)
    if operator == "=" and "*" in value:
        first, *middle, last = value.split("*")
        parts = [octets(_value(first), 0x80)] if first else []
        parts += [octets(_value(one), 0x81) for one in middle if one]
        parts += [octets(_value(last), 0x82)] if last else []
        if not parts:
            return octets(attribute, 0x87)
        return element(0xA4, octets(attribute), element(0x30, *parts))
    return element(_COMPARISONS[operator], octets(attribute), octets(_value(value)))


def _extensible(attribute: str | None, rules: str, value: str) -> bytes:
    named = [one for one in rules.split(":") if one]
    whole_name = "dn" in named
    named = [one for one in named if one != "dn"]
    if len(named) > 1 or not (named or attribute):
        raise FilterError(rules[:40])
    parts = [octets(named[0], 0x81)] if named else []
    parts += [octets(attribute, 0x82)] if attribute else []
    parts.append(octets(_value(value), 0x83))
    parts += [boolean(True, 0x84)] if whole_name else []
    return element(0xA9, *parts)


def _value(text: str) -> bytes:
    raw = text.encode()
    if b"\\" in _ESCAPE.sub(b"", raw):
        raise FilterError(text[:40])
    return _ESCAPE.sub(lambda match: bytes.fromhex(match.group(1).decode()), raw)
