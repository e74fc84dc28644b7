"""Bodies of users, groups, departments, spaces, folders and tokens."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.schemas.common import MAX_SUBJECTS, Body, Compartment, ConditionsBody, Entries, Level, Moment, SubjectBody
from api.schemas.identity import OwnTokenBody
from wenyuan.access import Employment, Role
from wenyuan.db.access.tokens import TokenScope
from wenyuan.text import one_line

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\s\p{C}/\\:,;'\"<>]+$")]
Line = Annotated[str, Field(max_length=256), AfterValidator(one_line)]


class SpaceRef(BaseModel):
    """A space with what the caller may do in it."""

    name: str
    title: str
    can_upload: bool
    can_manage: bool


class LevelBody(BaseModel):
    """A level of classification."""

    value: int
    key: str
    zh: str
    en: str


class MeBody(BaseModel):
    """Who the caller is, and the levels there are, from the one that everybody reads to the one that fewest do."""

    user_id: str
    name: str
    roles: list[Role]
    groups: list[str]
    spaces: list[SpaceRef]
    levels: list[LevelBody]


CompanyRole = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(one_line)]


class ValidBody(Body):
    """From when, and before when, an account counts; null leaves that side open."""

    not_before: Moment | None = None
    not_after: Moment | None = None


class NewUserBody(Body):
    """An account to create: a person's, or ``service``, a program's, which has tokens only."""

    name: Name
    display_name: Line = ""
    roles: list[Role] = Field(default_factory=list)
    clearance: Level = 1
    kind: Literal["person", "service"] = "person"


class UserChangeBody(Body):
    """What to change of an account."""

    active: bool | None = None
    clearance: Level | None = None
    roles: list[Role] | None = None
    employment: Employment | None = None
    company_roles: list[CompanyRole] | None = Field(None, max_length=1000)
    compartments: list[Compartment] | None = Field(None, max_length=1000)
    #: Both together: a time in which the account counts, open where null.
    valid: ValidBody | None = None


class UserBody(BaseModel):
    """An account."""

    id: str
    name: str
    display_name: str
    roles: list[Role]
    clearance: Level
    employment: Employment
    valid_from: float | None
    valid_until: float | None
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


class SpaceChangeBody(ConditionsBody):
    """Who may read, upload into and manage a space."""

    title: Line = ""
    readers: Entries
    denied: Entries
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
    """A token to issue; it never carries more than its user, and with ``scopes`` less."""

    user: Name
    name: Annotated[str, Field(max_length=128), AfterValidator(one_line)] = ""
    expires_in_days: float | None = Field(90, gt=0, le=3650)
    scopes: list[TokenScope] | None = Field(None, min_length=1)


class IssuedTokenBody(BaseModel):
    """The token, shown this once; null days are for ever."""

    id: str
    token: str
    expires_in_days: float | None


class TokenBody(OwnTokenBody):
    """A token as listed, and whose it is."""

    user: str


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


FolderName = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(one_line)]


class PlaceBody(Body):
    """Where a document goes: a folder of its space, or the space itself."""

    folder_id: str | None = Field(max_length=64)


class NewFolderBody(Body):
    """A folder to create; it inherits until it gets a policy that does not."""

    space: str
    name: FolderName
    parent_id: str | None = Field(None, max_length=64)


class FolderChangeBody(Body):
    """What to change of a folder; ``parent_id`` null puts it into the space itself."""

    name: FolderName | None = None
    parent_id: str | None = Field(None, max_length=64)


class FolderBody(BaseModel):
    """A folder."""

    id: str
    space: str
    name: str
    parent_id: str | None


class FolderListBody(BaseModel):
    """Folders of a space by name."""

    items: list[FolderBody]


class DepartmentChangeBody(Body):
    """Title, place and members of a department; what is not given stays. ``parent`` null puts it at the top."""

    title: Line | None = None
    parent: str | None = Field(None, max_length=128)
    members: list[str] | None = Field(None, max_length=100_000)


class NewDepartmentBody(Body):
    """A department to create, without members."""

    name: Name
    title: Line = ""
    parent: str | None = Field(None, max_length=128)


class DepartmentBody(BaseModel):
    """A department; ``parent`` names the one above it."""

    id: str
    name: str
    title: str
    parent: str | None


class DepartmentDetailBody(DepartmentBody):
    """A department with the names of those who belong to it itself, not to those below."""

    members: list[str]


class DepartmentListBody(BaseModel):
    """Departments by name."""

    items: list[DepartmentBody]


class DetailBody(BaseModel):
    """What policies may ask of an account: roles in the company and compartments."""

    company_roles: list[str]
    compartments: list[str]
