"""What is understood of a question before anything is searched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from retrieval.query.condense import condense
from retrieval.query.conditions import MAX_CONDITIONS, read_conditions, without_conditions
from retrieval.query.dates import Mention, find_times
from retrieval.query.instructions import read_instructions
from retrieval.query.parts import split_questions
from wenyuan.text import Language, detect_language
from wenyuan.words.filters import Condition, FilterTooMany
from wenyuan.words.slips import Slip, find_slips


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is understood.

    ``text`` is what is searched and answered: the question without its conditions, made whole by the earlier question
    ``follows`` where it leans on one. ``parts`` are the questions in it, one or several, each searched for itself.
    ``times`` are the times that stand in it relative to today, or as a part of a year; ``slips`` are words that were
    probably meant to be others. Both are searched as well, beside what was typed. ``instructions`` say how to answer:
    they are told to the answerer and not searched.
    """

    text: str
    language: Language
    conditions: tuple[Condition, ...] = ()
    times: tuple[Mention, ...] = ()
    follows: str | None = None
    parts: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
    instructions: tuple[str, ...] = ()

    def mended(self, passages: Sequence[str]) -> str:
        """Return the text with what slips were meant to be: no passage answers a word that it cannot hold.

        A word that one of ``passages`` writes as it was typed is none.
        """
        text, shown = self.text, [passage.lower() for passage in passages] if self.slips else []
        for slip in self.slips:
            if not any(slip.text.lower() in passage for passage in shown):
                text = text.replace(slip.text, slip.meant)
        return text


def understand(asked: str, today: date, given: Sequence[Condition] = (), earlier: Sequence[str] = ()) -> Query:
    """Return what is understood of ``asked``, with the conditions that were ``given`` beside it.

    ``earlier`` are the asker's own questions in the same conversation, oldest first; their conditions do not go on.
    Raises what :func:`retrieval.query.conditions.read_conditions` raises. ``text`` is empty where nothing but
    conditions was asked.
    """
    text, written = read_conditions(asked, today)
    conditions = tuple(dict.fromkeys((*given, *written)))
    if len(conditions) > MAX_CONDITIONS:
        raise FilterTooMany(limit=MAX_CONDITIONS)
    whole = condense(text, [without_conditions(one) for one in earlier])
    return _reading(Query(whole.text, detect_language(text), conditions, follows=whole.follows), today)


def retold(query: Query, asked: str, whole: str, earlier: Sequence[str], today: date) -> Query:
    """Return the query with ``whole`` as its text, which a language model made of ``asked`` and ``earlier`` ones."""
    follows = None if whole == without_conditions(asked) else without_conditions(earlier[-1])
    return _reading(replace(query, text=whole, follows=follows), today)


def _reading(query: Query, today: date) -> Query:
    """Return the query with what is found in its text."""
    asked = read_instructions(query.text)
    return replace(
        query,
        times=find_times(asked.text, today),
        parts=split_questions(asked.text),
        slips=find_slips(asked.text),
        instructions=asked.instructions,
    )
