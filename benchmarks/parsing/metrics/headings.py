"""Headings found, with and without their levels."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from benchmarks.parsing.metrics.text import Score

_BLANKS = re.compile(r"\s+")
_DASHES = re.compile("[‐-―−]")
_CONTENTS = re.compile(r"(?:目录|目次|contents)", re.IGNORECASE)

LevelledHeading = tuple[str, int]
"""Text of a heading and its level; 1 is the topmost numbered one, 0 the title of the document."""


def heading_scores(found: Sequence[LevelledHeading], expected: Sequence[LevelledHeading]) -> tuple[Score, Score]:
    """Return (text alone, text and level); headings are matched in order by their text without blanks.

    The heading of the contents counts neither way. Whether chapters stand beside the title of the document or one
    level below it is convention, so levels may be off by one as a whole; the title itself must be topmost.
    """
    ours, theirs = _kept(found), _kept(expected)
    matcher = SequenceMatcher(None, [text for text, _ in ours], [text for text, _ in theirs], autojunk=False)
    pairs = [
        (ours[block.a + step][1], theirs[block.b + step][1])
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]
    plain = Score(len(pairs), len(ours), len(theirs))
    right = max(sum(_same_level(mine, true, shift) for mine, true in pairs) for shift in (0, 1))
    return plain, Score(right, len(ours), len(theirs))


def heading_faults(found: Sequence[LevelledHeading], expected: Sequence[LevelledHeading]) -> list[str]:
    """Name the headings that were missed, that are none, and that have another level."""
    ours, theirs = dict(_kept(found)), dict(_kept(expected))
    faults = [f"heading missed: {level} {text}" for text, level in theirs.items() if text not in ours]
    faults += [f"no heading: {level} {text[:60]}" for text, level in ours.items() if text not in theirs]
    both = [(text, level, theirs[text]) for text, level in ours.items() if text in theirs]
    shift = max((0, 1), key=lambda by: sum(_same_level(mine, true, by) for _, mine, true in both))
    return faults + [
        f"level {mine}, not {true + shift}: {text}" for text, mine, true in both if not _same_level(mine, true, shift)
    ]


def _same_level(found: int, expected: int, shift: int) -> bool:
    return found <= 1 if expected == 0 else found == expected + shift


def _kept(headings: Sequence[LevelledHeading]) -> list[LevelledHeading]:
    plain = ((same_text(text), level) for text, level in headings)
    return [(text, level) for text, level in plain if text and not _CONTENTS.fullmatch(text)]


def same_text(text: str) -> str:
    """Return a heading without blanks and final colon, its dashes and widths made equal."""
    return _BLANKS.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).rstrip(":")
