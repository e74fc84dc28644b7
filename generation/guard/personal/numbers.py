"""Numbers with check digits: of identity cards, bank cards, social security; written whole or in groups."""

import re
from collections.abc import Iterator
from typing import Final

from generation.guard.personal.checks import is_bank_card, is_id_card
from generation.guard.personal.context import is_personal, is_serial
from generation.guard.personal.kinds import Found, Kind

_LEFT: Final = r"(?<![0-9A-Za-z])(?<![0-9][.,])"
_RUN: Final = re.compile(_LEFT + r"[0-9](?:[ -]?[0-9]){11,}(?:[ -]?[Xx](?![0-9A-Za-z]))?")
_GROUP: Final = re.compile(r"[0-9]+[Xx]?|[Xx]")
_SSN: Final = re.compile(
    _LEFT + r"(?<!-)(?!000|666|9)[0-9]{3}([- ])(?!00)[0-9]{2}\1(?!0000)[0-9]{4}(?![0-9A-Za-z]|-[0-9])"
)
_BARE_SSN: Final = re.compile(_LEFT + r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}(?![0-9A-Za-z]|[.,-][0-9])")
_NAMED_SSN: Final = re.compile(r"(?:\bssn\b|social security)[^0-9]{0,16}$", re.IGNORECASE)
_MAX_GROUPS: Final = 8


def find_numbers(text: str, start: int, end: int, this_year: int) -> Iterator[Found]:
    """Yield identity numbers, card numbers and social security numbers in ``text[start:end]`` (folded text)."""
    for run in _RUN.finditer(text, start, end):
        if run.end() < len(text) and text[run.end()].isascii() and text[run.end()].isalnum():
            continue
        groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
        yield from _in_groups(text, groups, this_year)
    for match in _SSN.finditer(text, start, end):
        if not is_serial(text, match.start()):
            yield Found(Kind.SSN, *match.span())
    for match in _BARE_SSN.finditer(text, start, end):
        if _NAMED_SSN.search(text[max(0, match.start() - 40) : match.start()]):
            yield Found(Kind.SSN, *match.span())


def _in_groups(text: str, groups: list[tuple[int, int]], this_year: int) -> Iterator[Found]:
    """Yield what neighbouring groups make up together, each group used once, the longest first."""
    first = 0
    while first < len(groups):
        for last in range(min(len(groups), first + _MAX_GROUPS) - 1, first - 1, -1):
            begin, stop = groups[first][0], groups[last][1]
            kind = _kind(text, begin, stop, this_year)
            if kind is not None:
                yield Found(kind, begin, stop)
                first = last
                break
        first += 1


def _kind(text: str, start: int, end: int, this_year: int) -> Kind | None:
    said = text[start:end]
    number = said.replace(" ", "").replace("-", "")
    if len(number) not in range(13, 20):
        return None
    if len(number) in {15, 18} and is_id_card(number, this_year):
        # 15 digits have no check digit: words that name something else outweigh them.
        strong = len(number) == 18 or is_personal(text, start)
        if strong or not (is_serial(text, start) or is_bank_card(number)):
            return Kind.ID_CARD
    if number.isdigit() and is_bank_card(number) and not is_serial(text, start):
        return Kind.BANK_CARD
    return None
