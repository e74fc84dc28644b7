"""What is understood of a question before anything is searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from retrieval.query.conditions import MAX_CONDITIONS, read_conditions
from retrieval.query.dates import Mention, find_times
from wenyuan.errors import FilterTooMany
from wenyuan.filters import Condition
from wenyuan.text import Language, detect_language


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is understood.

    ``text`` is what is searched and answered: the question without its conditions. ``times`` are the times that stand
    in it relative to today, or as a part of a year.
    """

    text: str
    language: Language
    conditions: tuple[Condition, ...] = ()
    times: tuple[Mention, ...] = ()


def understand(asked: str, today: date, given: Sequence[Condition] = ()) -> Query:
    """Return what is understood of ``asked``, with the conditions that were ``given`` beside it.

    Raises what :func:`retrieval.query.conditions.read_conditions` raises. ``text`` is empty where nothing but
    conditions was asked.
    """
    text, written = read_conditions(asked, today)
    conditions = tuple(dict.fromkeys((*given, *written)))
    if len(conditions) > MAX_CONDITIONS:
        raise FilterTooMany(limit=MAX_CONDITIONS)
    return Query(text, detect_language(text), conditions, find_times(text, today))


def local_today() -> date:
    """Return the day it is where the service runs."""
    return datetime.now().astimezone().date()
