"""Bodies of parts of documents that have policies of their own."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from api.schemas.common import Body, PolicyBody, ShownPolicyBody
from wenyuan.parts.rules import MAX_RULES, Numbers, Rows, Selector

Heading = Annotated[str, Field(min_length=1, max_length=1000)]
Value = Annotated[str, Field(min_length=1, max_length=1000)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _FirstToLast(Body):
    first: Number
    last: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first > self.last:
            raise ValueError("first <= last")
        return self


class PagesBody(_FirstToLast):
    """Pages from the first to the last, counted from 1."""


class RowsBody(Body):
    """Rows of tables in which the column with that head says one of the values; sums over rows go with them."""

    column: Value
    values: Annotated[list[Value], Field(min_length=1, max_length=1000)]


class NumbersBody(_FirstToLast):
    """Rows from the first to the last by the numbers that a sheet shows; of a table in no sheet counted from 1."""


class SelectorBody(Body):
    """Names a part of a document; of what is given all must hold.

    ``heading``: headings one below the other, for that section and all below it. ``rows`` or ``numbers``, not both.
    """

    heading: Annotated[list[Heading], Field(default_factory=list, max_length=20)]
    pages: PagesBody | None = None
    sheet: Value | None = None
    rows: RowsBody | None = None
    numbers: NumbersBody | None = None

    @model_validator(mode="after")
    def _given(self) -> Self:
        if not (self.heading or self.pages or self.sheet or self.rows or self.numbers):
            raise ValueError("heading, pages, sheet, rows or numbers")
        if self.rows and self.numbers:
            raise ValueError("rows or numbers")
        return self

    def selector(self) -> Selector:
        """Return what it says."""
        return Selector(
            tuple(self.heading),
            None if self.pages is None else (self.pages.first, self.pages.last),
            self.sheet,
            None if self.rows is None else Rows(self.rows.column, tuple(self.rows.values)),
            None if self.numbers is None else Numbers(self.numbers.first, self.numbers.last),
        )

    @classmethod
    def of(cls, selector: Selector) -> "SelectorBody":
        """Return the body of a selector."""
        return cls(
            heading=list(selector.heading),
            pages=None if selector.pages is None else PagesBody(first=selector.pages[0], last=selector.pages[1]),
            sheet=selector.sheet,
            rows=None
            if selector.rows is None
            else RowsBody(column=selector.rows.column, values=list(selector.rows.values)),
            numbers=None
            if selector.numbers is None
            else NumbersBody(first=selector.numbers.first, last=selector.numbers.last),
        )


class PartPolicyBody(PolicyBody):
    """Who may read a part, of those who may read the document; without ``inherits`` it needs permissions of its own."""

    inherits: bool = True


class SectionIn(Body):
    """A part and its policy. ``id`` names one that there is, in place of saying again what it names."""

    id: Annotated[str | None, Field(max_length=64)] = None
    selector: SelectorBody | None = None
    policy: PartPolicyBody

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.id is None) == (self.selector is None):
            raise ValueError("id or selector")
        return self


class SectionsIn(Body):
    """All parts of a document that have policies of their own."""

    items: Annotated[list[SectionIn], Field(max_length=MAX_RULES)]


class SectionBody(Body):
    """A part and its policy.

    ``selector`` holds words of the document: null for those who may not read the part. ``named`` says how many blocks
    of the version that answers, or rows of its tables, it names: null for those who may not read all of it. A part that
    names none closes the whole document to those whom it refuses; one by row numbers its sheet, section or pages.
    """

    id: str
    selector: SelectorBody | None
    policy: ShownPolicyBody
    named: int | None


class SectionListBody(Body):
    """The parts of a document. ``version_id`` and ``job_id``: of the version that is being cut along their borders."""

    items: list[SectionBody]
    version_id: str | None = None
    job_id: str | None = None


class OutlineEntryBody(BaseModel):
    """A heading, sheet or table. ``path`` is of a heading with its own text, of a table of what it stands below.

    ``rows``: the last row of a sheet, or how many rows a table has. ``columns``: what its head says.
    """

    kind: Literal["heading", "sheet", "table"]
    path: list[str]
    page: int | None
    sheet: str | None
    rows: int
    columns: list[str]


class OutlineBody(BaseModel):
    """What parts of the version that answers can be named, in reading order; ``total`` counts those left out too."""

    items: list[OutlineEntryBody]
    total: int
