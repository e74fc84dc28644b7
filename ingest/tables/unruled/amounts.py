"""Rows of labels and amounts: which lines of a page are such rows, and in what columns their amounts stand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ingest.parsing.numbering import is_caption
from ingest.parsing.office.grid import NUMBER
from ingest.parsing.pdf.model import Line
from ingest.tables.columns import Extent
from ingest.tables.rows import CURRENCY

_DASH: Final = re.compile(r"[—–−-]\s?[%％]?")
_ENDS: Final = frozenset("0123456789)）%％—–−-:：/.,~～+$€¥")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SAME_EDGE: Final = 1.1
_WIDE: Final = 0.4
_SAME_SIZE: Final = 0.17
_PITCH: Final = 3.4
_PAUSE: Final = 6.5
_LOOK_AHEAD: Final = 4
_MIN_ROWS: Final = 4
_LABELLED: Final = 0.7


@dataclass(slots=True)
class Entry:
    """A row of text: the pieces of its label, and its amounts behind them, from left to right."""

    pieces: Sequence[Line]
    label: Sequence[Line]
    amounts: Sequence[Line]

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return self.pieces[0].middle

    @property
    def size(self) -> float:
        """The size of the type."""
        return self.pieces[0].size

    @property
    def end(self) -> float:
        """Where the label ends; far to the left without one."""
        return max((piece.x1 for piece in self.label), default=float("-inf"))

    @property
    def is_years(self) -> bool:
        """Whether years stand where amounts would: a row of headings."""
        return len(self.amounts) > 1 and all(_YEAR.fullmatch(piece.text) for piece in self.amounts)


def entries(rows: Iterable[Sequence[Line]]) -> list[Entry]:
    """Return the rows of text parted into labels and amounts."""
    found = []
    for row in rows:
        cut = len(row)
        while cut > 0 and row[cut - 1].text[-1] in _ENDS and is_amount(row[cut - 1].text):
            cut -= 1
        amounts = [part for piece in row[cut:] for part in _parted(piece)]
        found.append(Entry([*row[:cut], *amounts], row[:cut], amounts))
    return found


def _parted(piece: Line) -> list[Line]:
    """Part amounts that stand close to each other: before the sign of a currency, or at a blank wider than in text."""
    ends = [
        at
        for at in range(1, len(piece.text) - 1)
        if piece.text[at] == " " and piece.edges[at + 1] - piece.edges[at] > _WIDE * piece.size
    ]
    ends += [at - 1 for at, sign in enumerate(piece.text) if at > 1 and sign in CURRENCY and piece.text[at - 1] == " "]
    parts = []
    start = 0
    for end in sorted({*ends, len(piece.text)}):
        x1 = piece.edges[end] if end < len(piece.text) else piece.x1
        text, edges = piece.text[start:end], piece.edges[start:end]
        parts.append(replace(piece, text=text, x0=edges[0], x1=x1, edges=edges))
        start = end + 1
    return parts if len(parts) > 1 else [piece]


def is_amount(text: str) -> bool:
    """Tell whether a text is a number, or a dash in its place."""
    return NUMBER.match(text) is not None or _DASH.fullmatch(text) is not None


def run_end(rows: Sequence[Entry], first: int) -> int:
    """Return the end of the run of rows from ``first`` that may be one statement, without labels alone at its end."""
    left = min(piece.x0 for piece in rows[first].amounts)
    size = rows[first].size
    rights = [piece.x1 for piece in rows[first].amounts]
    end = stop = first + 1
    while end < len(rows):
        row = rows[end]
        step = (row.middle - rows[end - 1].middle) / size
        if step > _PITCH and (step > _PAUSE or not _resumes(rows[end : end + _LOOK_AHEAD], rights, left, size)):
            break
        if abs(row.size - size) > _SAME_SIZE * size:
            break
        if row.is_years or row.end > left + size or (len(row.pieces) == 1 and is_caption(row.pieces[0].text)):
            break
        if len(row.amounts) > 1:
            rights += [piece.x1 for piece in row.amounts]
        elif len(row.pieces) == 1 and row.amounts and not _ends_at(row.amounts[0].x1, rights, size):
            break  # the number of the page
        end += 1
        if row.amounts:
            left = min(left, *(piece.x0 for piece in row.amounts))
            stop = end
    return stop


def _resumes(rows: Sequence[Entry], rights: Sequence[float], left: float, size: float) -> bool:
    """Tell whether amounts go on in the same columns behind a pause, perhaps after lines that head their group."""
    first = next((row for row in rows if row.amounts), None)
    if first is None or first.is_years or len(first.amounts) < 2:
        return False
    above = rows[: rows.index(first)]
    return all(row.end <= left for row in above) and all(_ends_at(piece.x1, rights, size) for piece in first.amounts)


def _ends_at(x1: float, rights: Sequence[float], size: float) -> bool:
    return any(abs(x1 - right) < _SAME_EDGE * size for right in rights)


def amount_columns(rows: Sequence[Entry]) -> list[Extent] | None:
    """Return from where to where the amounts of each column reach; None unless they keep to two columns or more.

    Amounts end at one place, but for a bracket or a sign behind them.
    """
    told = [row for row in rows if row.amounts]
    if len(told) < _MIN_ROWS or any(len(row.label) > 1 for row in told):
        return None
    if sum(any(_LETTER.search(piece.text) for piece in row.label) for row in told) < _LABELLED * len(told):
        return None
    size = told[0].size
    columns: list[list[Line]] = []
    for piece in sorted((piece for row in told for piece in row.amounts), key=lambda one: one.x1):
        if columns and piece.x1 - columns[-1][-1].x1 < _SAME_EDGE * size:
            columns[-1].append(piece)
        else:
            columns.append([piece])
    found = [(min(one.x0 for one in own), max(one.x1 for one in own)) for own in columns]
    apart = all(one[1] < two[0] for one, two in pairwise(found))
    if len(found) < 2 or not apart or any(len(own) < 2 for own in columns):
        return None
    return found if max(row.end for row in told) < found[0][0] else None
