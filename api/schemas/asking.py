"""Bodies of what is asked beside the words of a question, and of what was understood."""

import datetime as dt

from pydantic import BaseModel, Field

from api.schemas.common import Body
from retrieval.query.conditions import condition
from retrieval.query.understanding import Query
from wenyuan.words.filters import Condition, FilterField


class ConditionsBody(Body):
    """Conditions by field: values of one field widen each other, fields narrow each other."""

    space: list[str] = Field(default_factory=list)
    type: list[str] = Field(default_factory=list)
    tag: list[str] = Field(default_factory=list)
    owner: list[str] = Field(default_factory=list)
    lang: list[str] = Field(default_factory=list)
    after: list[str] = Field(default_factory=list)
    before: list[str] = Field(default_factory=list)
    date: list[str] = Field(default_factory=list)

    def conditions(self, today: dt.date, *, negated: bool = False) -> tuple[Condition, ...]:
        """Return them as conditions; raises ``FilterInvalid``."""
        values: dict[FilterField, list[str]] = {field: getattr(self, field.value) for field in FilterField}
        return tuple(
            condition(field, value, today=today, negated=negated) for field, given in values.items() for value in given
        )


class FiltersBody(ConditionsBody):
    """Conditions, and those whose documents are left out."""

    exclude: ConditionsBody = Field(default_factory=ConditionsBody)

    def all(self, today: dt.date) -> tuple[Condition, ...]:
        """Return every condition; raises ``FilterInvalid``."""
        return (*self.conditions(today), *self.exclude.conditions(today, negated=True))


class ConditionBody(BaseModel):
    """A condition as it was understood; of a time the first day, and the day behind the last one."""

    field: str
    value: str
    exclude: bool
    start: dt.date | None = None
    end: dt.date | None = None


class TimeBody(BaseModel):
    """A time in the question: what it says, the days it means, and other words that were searched for it."""

    text: str
    start: dt.date
    end: dt.date
    also: list[str]


class SlipBody(BaseModel):
    """A word as it was typed, and the one that was searched as well."""

    text: str
    interpreted_as: str


class PictureBody(BaseModel):
    """The text in a picture; ``cut``: there is more than belongs to a question."""

    text: str
    cut: bool


class AskedPictureBody(BaseModel):
    """The picture of a question: the text that joined it, whether it was recognised here, and shown to a model."""

    text: str
    read: bool
    shown: bool


class InterpretationBody(BaseModel):
    """What was understood of a question. ``question`` is what was searched and answered.

    ``follows`` is the earlier question that it was made whole by; ``parts`` are the questions in it, each searched for
    itself. ``instructions`` say how to answer and were not searched.
    """

    question: str
    language: str
    follows: str | None
    parts: list[str]
    filters: list[ConditionBody]
    times: list[TimeBody]
    slips: list[SlipBody]
    instructions: list[str]

    @classmethod
    def of(cls, query: Query) -> "InterpretationBody":
        """Return the body of a question."""
        return cls(
            question=query.text,
            language=query.language,
            follows=query.follows,
            parts=list(query.parts),
            filters=[_condition(one) for one in query.conditions],
            times=[
                TimeBody(text=one.text, start=one.period.start, end=one.period.end, also=list(one.written))
                for one in query.times
            ],
            slips=[SlipBody(text=one.text, interpreted_as=one.meant) for one in query.slips],
            instructions=list(query.instructions),
        )


def _condition(one: Condition) -> ConditionBody:
    period = one.period
    start, end = (None, None) if period is None else (period.start, period.end)
    return ConditionBody(field=one.field.value, value=one.value, exclude=one.negated, start=start, end=end)
