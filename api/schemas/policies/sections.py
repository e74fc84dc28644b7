"""Bodies of parts of documents that have policies of their own."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.common import Body, PolicyBody, ShownPolicyBody
from wenyuan.parts.rules import MAX_RULES, Rows, Selector

Heading = Annotated[str, Field(min_length=1, max_length=1000)]
Value = Annotated[str, Field(min_length=1, max_length=1000)]
PageNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class PagesBody(Body):
    """Pages from the first to the last, counted from 1."""

    first: PageNumber
    last: PageNumber

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first > self.last:
            raise ValueError("first <= last")
        return self


class RowsBody(Body):
    """Rows of tables in which the column with that head says one of the values; sums over rows go with them."""

    column: Value
    values: Annotated[list[Value], Field(min_length=1, max_length=1000)]


class SelectorBody(Body):
    """Names a part of a document; of what is given all must hold.

    ``heading``: headings one below the other, for that section and all below it.
    """

    heading: Annotated[list[Heading], Field(default_factory=list, max_length=20)]
    pages: PagesBody | None = None
    sheet: Value | None = None
    rows: RowsBody | None = None

    @model_validator(mode="after")
    def _given(self) -> Self:
        if not (self.heading or self.pages or self.sheet or self.rows):
            raise ValueError("heading, pages, sheet or rows")
        return self

    def selector(self) -> Selector:
        """Return what it says."""
        return Selector(
            tuple(self.heading),
            None if self.pages is None else (self.pages.first, self.pages.last),
            self.sheet,
            None if self.rows is None else Rows(self.rows.column, tuple(self.rows.values)),
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
    names none closes the whole document to those whom it refuses.
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
