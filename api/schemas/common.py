"""Bodies shared by several routes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wenyuan.access import Classification
from wenyuan.documents import Box
from wenyuan.text import strip_invisible

MAX_SUBJECTS = 5000


class Body(BaseModel):
    """A request body; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class SubjectBody(Body):
    """A user or group by name, or everyone with an account."""

    kind: Literal["user", "group", "everyone"]
    name: Annotated[str, Field(max_length=128), AfterValidator(strip_invisible)] = ""


class PolicyBody(Body):
    """Who may read; default nobody, deny wins."""

    allow: list[SubjectBody] = Field(default_factory=list, max_length=MAX_SUBJECTS)
    deny: list[SubjectBody] = Field(default_factory=list, max_length=MAX_SUBJECTS)
    classification: Classification = Classification.PUBLIC


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
