"""Addresses in sheets, as spreadsheets write them: ``'Sheet 1'!A1:D9``; without a sheet ``A1:D9``."""

import re
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"(?P<sheet>.+!)?(?P<c0>[A-Z]{1,3})(?P<r0>\d{1,7}):(?P<c1>[A-Z]{1,3})(?P<r1>\d{1,7})")
_LETTERS: Final = 26


class Range(NamedTuple):
    """A rectangle of cells. ``sheet`` is empty or ends with its mark; rows and columns are 1-based."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return self.right - self.left + 1

    def cell(self, row: int, column: int) -> str:
        """Return the address of the cell in that row of the sheet and that column of the rectangle (0-based)."""
        letters, number = "", self.left + column
        while number:
            number, rest = divmod(number - 1, _LETTERS)
            letters = chr(ord("A") + rest) + letters
        return f"{self.sheet}{letters}{row}"


def read_range(anchor: str | None) -> Range | None:
    """Return the rectangle that an anchor names, None for one that names something else."""
    match = _RANGE.fullmatch(anchor or "")
    if match is None:
        return None
    return Range(match["sheet"] or "", int(match["r0"]), _number(match["c0"]), int(match["r1"]), _number(match["c1"]))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
