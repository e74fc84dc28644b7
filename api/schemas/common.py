"""Bodies shared by several routes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wenyuan.documents import Box
from wenyuan.text import strip_invisible

MAX_SUBJECTS = 5000
#: Seconds since 1970 (UTC): after the clocks of all who ask.
Moment = Annotated[float, Field(ge=0, le=253_402_300_799, allow_inf_nan=False)]
#: A number of the configured levels; routes refuse one that is not.
Level = Annotated[int, Field(ge=0, le=15)]
Compartment = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True), AfterValidator(strip_invisible)
]


class Body(BaseModel):
    """A request body; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class SubjectBody(Body):
    """A user, group, department (with those below it) or role by name, or everyone with an account."""

    kind: Literal["user", "group", "department", "role", "everyone"]
    name: Annotated[str, Field(max_length=128), AfterValidator(strip_invisible)] = ""


class EntryBody(SubjectBody):
    """A subject of a policy; it counts from ``not_before`` and before ``not_after``."""

    not_before: Moment | None = None
    not_after: Moment | None = None


Entries = Annotated[list[EntryBody], Field(default_factory=list, max_length=MAX_SUBJECTS)]


class ConditionsBody(Body):
    """What whoever reads must meet besides being allowed."""

    classification: Level = 0
    compartments: list[Compartment] = Field(default_factory=list, max_length=100)
    staff_only: bool = False
    not_before: Moment | None = None
    not_after: Moment | None = None


class PolicyBody(ConditionsBody):
    """Who may read; default nobody, deny wins.

    With ``inherits`` what the folder or space says holds too; without, this stands for itself.
    """

    allow: Entries
    deny: Entries
    inherits: bool = False


class ShownPolicyBody(PolicyBody):
    """A policy as stored; ``own`` is false for a document that refers to the policy of its folder or space."""

    own: bool = True


class BoxBody(BaseModel):
    """A rectangle in page units, origin at the top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, box: Box) -> "BoxBody":
        """Return the body of a box."""
        return cls(page=box.page, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1)
