"""Codes of letters and digits: of companies, accounts, passports and vehicles."""

import re
from collections.abc import Iterator
from typing import Final

from generation.guard.personal.checks import is_credit_code, is_iban
from generation.guard.personal.context import is_serial
from generation.guard.personal.kinds import Found, Kind

_CREDIT: Final = re.compile(
    r"(?<![0-9A-Za-z])[1-9ANYGanyg][1-9A-HJ-NP-Za-hj-np-z][ -]?[0-9]{6}[ -]?"
    r"(?:[0-9A-HJ-NP-RTUW-Ya-hj-np-rtuw-y][ -]?){9}[0-9A-HJ-NP-RTUW-Ya-hj-np-rtuw-y](?![0-9A-Za-z])"
)
_IBAN: Final = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?:[ -]?[0-9A-Z]{4}){2,7}(?:[ -]?[0-9A-Z]{1,3})?(?![0-9A-Za-z])"
)
_PASSPORT: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[EGeg][ -]?[0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][ -]?[0-9]{7}|[DSPKdspk]E?[0-9]{7,8}"
    r"|[HMhm][0-9]{8}|1[45][0-9]{7})(?![0-9A-Za-z]|[.,-][0-9])"
)
_FOREIGN: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[A-Z]{0,2}[0-9]{7,9}|[0-9]{2}[A-Z]{2}[0-9]{5})(?![0-9A-Za-z]|[.,-][0-9])"
)
_NAMED: Final = re.compile(r"(?:护照|護照|passport|通行证|旅行证)[^0-9,。，;；]{0,24}$", re.IGNORECASE)
_CERTAIN: Final = re.compile(r"[EGeg][ -]?[0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][ -]?[0-9]{7}")
_PROVINCE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE: Final = re.compile(
    f"[{_PROVINCE}][A-HJ-NP-Za-hj-np-z][ ·•.-]?"
    r"(?:[A-HJ-KDFa-hj-kdf][A-HJ-NP-Z0-9a-hj-np-z][0-9]{4}|[0-9]{5}[A-HJ-KDFa-hj-kdf]|[A-HJ-NP-Z0-9a-hj-np-z]{5}"
    r"|[A-HJ-NP-Z0-9a-hj-np-z]{4}[学警港澳挂])(?![0-9A-Za-z]|[.-][0-9])"
    r"|使[0-9]{6}(?![0-9])"
)
_MAX_LETTERS: Final = 2


def find_codes(text: str, start: int, end: int) -> Iterator[Found]:
    """Yield company codes, IBANs and passport numbers in ``text[start:end]`` (folded text)."""
    for match in _CREDIT.finditer(text, start, end):
        if is_credit_code(_joined(match.group())):
            yield Found(Kind.CREDIT_CODE, *match.span())
    for match in _IBAN.finditer(text, start, end):
        stop = _iban_end(text, *match.span())
        if stop:
            yield Found(Kind.IBAN, match.start(), stop)
    for match in _PASSPORT.finditer(text, start, end):
        named = _NAMED.search(text[max(0, match.start() - 32) : match.start()])
        if named or (_CERTAIN.fullmatch(match.group()) and not is_serial(text, match.start())):
            yield Found(Kind.PASSPORT, *match.span())
    for match in _FOREIGN.finditer(text, start, end):
        if _NAMED.search(text[max(0, match.start() - 32) : match.start()]):
            yield Found(Kind.PASSPORT, *match.span())


def find_plates(text: str) -> Iterator[Found]:
    """Yield number plates in folded text."""
    for match in _PLATE.finditer(text):
        body = match.group()[2:].strip(" ·•.-学警港澳挂")
        few = sum(char.isalpha() for char in body) <= _MAX_LETTERS
        if few and not is_serial(text, match.start()):
            yield Found(Kind.PLATE, *match.span())


def _joined(said: str) -> str:
    return said.replace(" ", "").replace("-", "")


def _iban_end(text: str, start: int, end: int) -> int:
    """Return where the IBAN that starts at ``start`` ends, 0 without one: a word behind it may look like its end."""
    while end > start:
        if is_iban(_joined(text[start:end])):
            return end
        cut = max(text.rfind(" ", start, end), text.rfind("-", start, end))
        end = max(start, cut)
    return 0
