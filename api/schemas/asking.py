"""Bodies of what is asked beside the words of a question, and of what was understood."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas.common import Body
from retrieval.query.conditions import condition
from retrieval.query.understanding import Query
from wenyuan.filters import Condition, FilterField


class ConditionsBody(Body):
    """Conditions by field: values of one field widen each other, fields narrow each other."""

    space: list[str] = []
    type: list[str] = []
    tag: list[str] = []
    owner: list[str] = []
    lang: list[str] = []
    after: list[str] = []
    before: list[str] = []
    date: list[str] = []

    def conditions(self, today: date, *, negated: bool = False) -> tuple[Condition, ...]:
        """Return them as conditions; raises ``FilterInvalid``."""
        values: dict[FilterField, list[str]] = {field: getattr(self, field.value) for field in FilterField}
        return tuple(
            condition(field, value, today=today, negated=negated) for field, given in values.items() for value in given
        )


class FiltersBody(ConditionsBody):
    """Conditions, and those whose documents are left out."""

    exclude: ConditionsBody = Field(default_factory=ConditionsBody)

    def all(self, today: date) -> tuple[Condition, ...]:
        """Return every condition; raises ``FilterInvalid``."""
        return (*self.conditions(today), *self.exclude.conditions(today, negated=True))


class ConditionBody(BaseModel):
    """A condition as it was understood; of a time the first day, and the day behind the last one."""

    field: str
    value: str
    exclude: bool
    start: date | None = None
    end: date | None = None


class TimeBody(BaseModel):
    """A time in the question: what it says, the days it means, and other words that were searched for it."""

    text: str
    start: date
    end: date
    also: list[str]


class InterpretationBody(BaseModel):
    """What was understood of a question. ``question`` is what was searched and answered."""

    question: str
    language: str
    filters: list[ConditionBody]
    times: list[TimeBody]

    @classmethod
    def of(cls, query: Query) -> "InterpretationBody":
        """Return the body of a question."""
        return cls(
            question=query.text,
            language=query.language,
            filters=[_condition(one) for one in query.conditions],
            times=[
                TimeBody(text=one.text, start=one.period.start, end=one.period.end, also=list(one.written))
                for one in query.times
            ],
        )


def _condition(one: Condition) -> ConditionBody:
    period = one.period
    start, end = (None, None) if period is None else (period.start, period.end)
    return ConditionBody(field=one.field.value, value=one.value, exclude=one.negated, start=start, end=end)
