"""The short answer: the few words of a quote that the reader takes for the answer itself."""

from collections.abc import Sequence
from typing import Final

from generation.conflicts.attribution import asks_for_views
from generation.reader.model import Reading
from generation.reader.windows import Window
from generation.scoring import Question
from generation.units import Unit, UnitKind
from wenyuan.text import cjk_share

#: The least margin of a span over no answer, in logits: nine of ten short answers are right
#: (``benchmarks.extractive``, parts ``drcd``, ``cmrc``, ``xquad-en``).
_LEAST: Final = 2.0
#: A short answer is at most so many characters long, and so much of its sentence.
_CHARS: Final = {"zh": 24, "en": 60}
_SHARE: Final = 0.7
_EDGE: Final = " \t\u3000，。；：、！？,.;:!?"


def short_answer(question: Question, unit: Unit, read: Sequence[tuple[Window, Reading]]) -> tuple[int, int] | None:
    """Return the characters ``[start, end)`` of the passage of ``unit`` that are the short answer, if it has one.

    ``read`` is what the reader says of the windows that it was given.
    """
    if question.asks_list or unit.kind is UnitKind.ROW or asks_for_views(question.text):
        return None
    for window, reading in read:
        if not window.holds(unit):
            continue
        found = reading.best(unit.start - window.start, unit.end - window.start)
        if found is None or found[2] < _LEAST:
            return None
        return _trimmed(unit, max(window.start + found[0], unit.start), min(window.start + found[1], unit.end))
    return None


def _trimmed(unit: Unit, start: int, end: int) -> tuple[int, int] | None:
    words = unit.text[start - unit.start : end - unit.start]
    start += len(words) - len(words.lstrip(_EDGE))
    words = words.strip(_EDGE)
    most = _CHARS["zh" if cjk_share(words) >= 0.3 else "en"]
    if not words or "\n" in words or len(words) > min(most, _SHARE * len(unit.text)):
        return None
    return start, start + len(words)


def placed(shown: str, quoted: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where ``quoted[start:end]`` stands in ``shown``, which is ``quoted`` with what is active taken out."""
    words = quoted[start:end]
    if shown.count(words) != quoted.count(words):
        return None
    at = -1
    for _ in range(quoted.count(words, 0, start) + 1):
        at = shown.find(words, at + len(words) if at >= 0 else 0)
    return None if at < 0 else (at, at + len(words))
