"""From a text to what personal data stands in it, and to a text of the same length without it."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from generation.guard.personal.codes import find_codes, find_plates
from generation.guard.personal.kinds import ORDER, Found, Kind
from generation.guard.personal.network import find_network
from generation.guard.personal.numbers import find_numbers
from generation.guard.personal.phones import find_phones

# One character for one, so that places in the folded text are places in the text.
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x2010: "-",
    0x2011: "-",
    0x2012: "-",
    0x2013: "-",
    0x2014: "-",
    0x2212: "-",
    0x2022: "·",
    0x30FB: "·",
}
_WIDE: Final = re.compile("[\uff01-\uff5e\u3000\u00a0\u2010-\u2014\u2212\u2022\u30fb]")
#: Numbers are looked for around places with so many digits in a row, at most two other characters between them.
_DENSE: Final = re.compile(r"[0-9](?:[ .()/-]{0,2}[0-9]){5}")
_BEFORE: Final = 16
_BEHIND: Final = 56
_BLANK: Final = "*"
#: Of a datum the ends stay readable, so that who knows it recognises it: (characters before, characters behind).
_KEPT: Final = {
    Kind.MOBILE: (3, 4),
    Kind.ID_CARD: (3, 2),
    Kind.BANK_CARD: (4, 4),
    Kind.EMAIL: (1, 0),
    Kind.PLATE: (2, 1),
    Kind.CREDIT_CODE: (4, 2),
}


def find_personal(text: str, kinds: Collection[Kind] | None = None) -> list[Found]:
    """Return the personal data in ``text``, in order, none overlapping another; ``kinds``: these only."""
    folded = text.translate(_FOLD) if _WIDE.search(text) else text
    found = (one for one in _all(folded) if kinds is None or one.kind in kinds)
    return _apart(found)


def _all(text: str) -> Iterator[Found]:
    this_year = dt.datetime.now(dt.UTC).year
    yield from find_network(text)
    yield from find_plates(text)
    for start, end in _windows(text):
        yield from find_numbers(text, start, end, this_year)
        yield from find_phones(text, start, end)
        yield from find_codes(text, start, end)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    begin = end = -1
    for match in _DENSE.finditer(text):
        start, stop = max(0, match.start() - _BEFORE), min(len(text), match.end() + _BEHIND)
        if start > end:
            if end >= 0:
                yield begin, end
            begin = start
        end = stop
    if end >= 0:
        yield begin, end


def _apart(found: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (ORDER[one.kind], one.start - one.end, one.start)):
        place = bisect_left(kept, one.start, key=lambda other: other.start)
        free_before = place == 0 or kept[place - 1].end <= one.start
        if free_before and (place == len(kept) or one.end <= kept[place].start):
            kept.insert(place, one)
    return kept


def masked(text: str, found: Iterable[Found]) -> str:
    """Return ``text`` with what was found covered, one ``*`` for a letter or digit: offsets stay what they were."""
    chars = list(text)
    for one in found:
        before, behind = _KEPT.get(one.kind, (0, 0))
        end = one.end
        if one.kind is Kind.EMAIL:
            end = text.replace("＠", "@").find("@", one.start, one.end)
            before = min(before, end - one.start - 1)
        for place in range(one.start + before, end - behind):
            if chars[place].isalnum():
                chars[place] = _BLANK
    return "".join(chars)
