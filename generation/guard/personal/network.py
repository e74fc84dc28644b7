"""Mail addresses, addresses of machines, and secrets of services."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from generation.guard.personal.context import is_personal, is_serial
from generation.guard.personal.kinds import Found, Kind

_LOCAL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?$")
_LOCAL_CHARS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-")
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,18})(?![A-Za-z0-9-])")
_ENDINGS: Final = "png jpg jpeg gif svg webp ico js mjs css json html htm xml md py ts pdf zip txt"
_FILES: Final = frozenset(_ENDINGS.split())
_MAX_LOCAL: Final = 64
_V4: Final = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z]\.)(?<!-)(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?![0-9A-Za-z_]|\.[0-9]|-[0-9])"
)
_WELL_KNOWN: Final = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "4.4.4.4"})
_CLAUSE: Final = re.compile(r"(?:第|表|图|[Vv]|[§#]|章|节|条)\s?$")
_V6: Final = re.compile(r":[0-9A-Fa-f]{0,4}:")
_V6_CHARS: Final = frozenset("0123456789abcdefABCDEF:.")
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{8,2000}")
_KEY: Final = re.compile(
    r"(?:AKIA[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,24}|AKID[0-9A-Za-z]{32}|AIza[0-9A-Za-z_-]{35}|sk-[0-9A-Za-z_-]{20,200}"
    r"|gh[opsur]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{22,100}|glpat-[0-9A-Za-z_-]{20}|xox[abprs]-[0-9A-Za-z-]{10,100}"
    r"|sk_live_[0-9A-Za-z]{16,64})"
)
_ASSIGNED: Final = re.compile(
    r"(?:[Kk][Ee][Yy]|[Tt]oken|TOKEN|[Ss]ecret|SECRET|密钥|口令|令牌)[\"']?\s?[:=]\s?[\"']?([0-9A-Za-z_+/-]{20,200}=?=?)(?![0-9A-Za-z])"
)


def find_network(text: str) -> Iterator[Found]:
    """Yield mail addresses, machine addresses and secrets in folded text."""
    yield from _mails(text)
    for match in _V4.finditer(text):
        if _is_address(text, *match.span()):
            yield Found(Kind.IP, *match.span())
    yield from _sixes(text)
    yield from _secrets(text)


def _mails(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < _MAX_LOCAL and text[start - 1] in _LOCAL_CHARS:
            start -= 1
        while start < at and text[start] in "._%+-":
            start += 1
        domain = _DOMAIN.match(text, at + 1)
        if start < at and domain and _LOCAL.match(text, start, at) and ".." not in text[start:at]:
            path = text[domain.end() : domain.end() + 2]
            remote = len(path) == 2 and path[0] == ":" and path[1].isalpha() and path[1].isascii()
            if domain.group(1).lower() not in _FILES and not remote:
                yield Found(Kind.EMAIL, start, domain.end())
        at = text.find("@", at + 1)


def _is_address(text: str, start: int, end: int) -> bool:
    said = text[start:end]
    if said in _WELL_KNOWN:
        return True
    if _CLAUSE.search(text[max(0, start - 3) : start]) or is_serial(text, start):
        return False
    small = all(int(part) < 20 for part in said.split(".")[1:]) and not said.startswith(("10.", "127."))
    return not small or is_personal(text, start)


def _sixes(text: str) -> Iterator[Found]:
    done = 0
    for match in _V6.finditer(text):
        if match.start() < done:
            continue
        start, end = match.span()
        while start > done and text[start - 1] in _V6_CHARS:
            start -= 1
        while end < len(text) and text[end] in _V6_CHARS:
            end += 1
        done = end
        said = text[start:end].rstrip(".")
        if said.endswith(":") and not said.endswith("::"):
            said = said[:-1]
        end = start + len(said)
        outside = text[max(0, start - 1) : start] + text[end : end + 1]
        if len(said) > 45 or any(char.isascii() and (char.isalnum() or char == "_") for char in outside):
            continue
        if _is_six(said):
            yield Found(Kind.IP, start, end)


def _is_six(said: str) -> bool:
    groups = [part for part in said.split(":") if part]
    if not any(char.isdigit() for char in said) or (len(groups) < 2 and said != "::1"):
        return False
    try:
        ipaddress.IPv6Address(said)
    except ValueError:
        return False
    return True


def _secrets(text: str) -> Iterator[Found]:
    if "eyJ" in text:
        for match in _JWT.finditer(text):
            if _is_token_head(match.group().partition(".")[0]):
                yield Found(Kind.SECRET, *match.span())
    for match in _KEY.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if not (before.isascii() and before.isalnum()) and any(char.isdigit() for char in match.group()):
            yield Found(Kind.SECRET, *match.span())
    for match in _ASSIGNED.finditer(text):
        if _is_random(match.group(1)):
            yield Found(Kind.SECRET, *match.span(1))


def _is_token_head(head: str) -> bool:
    try:
        return b'"alg"' in base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (ValueError, binascii.Error):
        return False


def _is_random(said: str) -> bool:
    digits = sum(char.isdigit() for char in said)
    letters = sum(char.isalpha() for char in said)
    return digits >= 3 and letters >= 3 and len(set(said)) >= 10
