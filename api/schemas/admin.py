"""Bodies of users, groups, spaces and tokens."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.schemas.common import MAX_SUBJECTS, Body, SubjectBody
from wenyuan.access import Classification, Role
from wenyuan.text import one_line

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\p{C}/\\:,;'\"<>]+$")]
Line = Annotated[str, Field(max_length=256), AfterValidator(one_line)]


class SpaceRef(BaseModel):
    """A space with what the caller may do in it."""

    name: str
    title: str
    can_upload: bool
    can_manage: bool


class MeBody(BaseModel):
    """Who the caller is."""

    user_id: str
    name: str
    roles: list[Role]
    groups: list[str]
    spaces: list[SpaceRef]


class NewUserBody(Body):
    """An account to create."""

    name: Name
    display_name: Line = ""
    roles: list[Role] = Field(default_factory=list)
    clearance: Classification = Classification.INTERNAL


class UserChangeBody(Body):
    """What to change of an account."""

    active: bool | None = None
    clearance: Classification | None = None
    roles: list[Role] | None = None


class UserBody(BaseModel):
    """An account."""

    id: str
    name: str
    display_name: str
    roles: list[Role]
    clearance: Classification
    active: bool


class NewGroupBody(Body):
    """A group to create, empty."""

    name: Name


class MembersBody(Body):
    """The direct members of a group: users and groups."""

    members: list[SubjectBody] = Field(max_length=100_000)


class GroupBody(BaseModel):
    """A group with its direct members."""

    id: str
    name: str
    members: list[SubjectBody]


Subjects = Annotated[list[SubjectBody], Field(default_factory=list, max_length=MAX_SUBJECTS)]


class SpaceChangeBody(Body):
    """Who may read, upload into and manage a space."""

    title: Line = ""
    readers: Subjects
    denied: Subjects
    classification: Classification = Classification.PUBLIC
    contributors: Subjects
    managers: Subjects


class NewSpaceBody(SpaceChangeBody):
    """A space to create."""

    name: Name


class SpaceBody(SpaceChangeBody):
    """A space as stored."""

    id: str
    name: str


class NewTokenBody(Body):
    """A token to issue; it never carries more than its user."""

    user: Name
    name: Annotated[str, Field(max_length=128), AfterValidator(one_line)] = ""
    expires_in_days: float | None = Field(90, gt=0, le=3650)


class IssuedTokenBody(BaseModel):
    """The token, shown this once."""

    id: str
    token: str


class TokenBody(BaseModel):
    """A token as listed: never its secret."""

    id: str
    user: str
    name: str
    created_at: float
    expires_at: float | None


class IndexBody(BaseModel):
    """An index: the one that answers, one under construction, or one that is about to be removed.

    ``progress`` counts the chunks of the index under construction; ``error`` is the code of what last stopped it.
    """

    number: int
    state: str
    embedder: str
    lexical: str
    open: bool
    created_at: float
    job_id: str = ""
    progress_done: int = 0
    progress_total: int = 0
    error: str | None = None


class IndexListBody(BaseModel):
    """Every index, oldest first; ``answers`` says whether one of them does."""

    answers: bool
    items: list[IndexBody]


class UserListBody(BaseModel):
    """Accounts by name."""

    items: list[UserBody]


class GroupListBody(BaseModel):
    """Groups by name."""

    items: list[GroupBody]


class SpaceListBody(BaseModel):
    """Spaces by name."""

    items: list[SpaceBody]


class TokenListBody(BaseModel):
    """Tokens, newest first."""

    items: list[TokenBody]
