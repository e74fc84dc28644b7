"""Bodies of explanations, reports and previews of access."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.common import Body, PolicyBody, SubjectBody
from api.schemas.policies.sections import SectionsIn, SelectorBody


class StepBody(BaseModel):
    """One step of the way to an entry: a group, department, role, the person, or everyone."""

    kind: Literal["user", "group", "department", "role", "everyone"]
    name: str


class MatchBody(BaseModel):
    """An entry that names the person. ``path`` begins with what the person has directly and ends with the entry.

    ``counts`` is false outside of its window.
    """

    effect: Literal["allow", "deny"]
    path: list[StepBody]
    not_before: float | None
    not_after: float | None
    counts: bool
    code: str
    message: str


class FailedBody(BaseModel):
    """A condition that is not met: a stable code and a sentence."""

    code: str
    message: str


class PlaceOfRuleBody(BaseModel):
    """Whose policy a rule is; without ``name`` where the caller may not know it."""

    kind: Literal["document", "folder", "space", "other"]
    id: str
    name: str | None


class RuleBody(BaseModel):
    """A policy of the chain, the document's own or nearest first."""

    place: PlaceOfRuleBody
    policy_id: int
    inherits: bool
    failed: list[FailedBody]
    matches: list[MatchBody]


class PersonBody(BaseModel):
    """An account."""

    id: str
    name: str
    display_name: str


class ExplainedDocumentBody(BaseModel):
    """The document asked about; ``title`` is null where the caller may not read it."""

    id: str
    space: str
    title: str | None


class ExplainedPartBody(BaseModel):
    """Whether somebody may read a part of a document that has a policy of its own, and why.

    ``selector`` is null where the caller may not read the part. Who may not read the document reads no part of it.
    """

    id: str
    selector: SelectorBody | None
    allowed: bool
    code: str
    message: str
    deciding: MatchBody | None
    against: list[FailedBody]


class ExplanationBody(BaseModel):
    """Whether somebody may read a document now, and why.

    ``code``: what decided. ``against``: all that speaks against, in the order in which it is asked; empty when allowed.
    ``parts``: those with policies of their own; who does not manage the space is told of those that they read.
    """

    user: PersonBody
    document: ExplainedDocumentBody
    allowed: bool
    code: str
    message: str
    deciding: MatchBody | None
    against: list[FailedBody]
    rules: list[RuleBody]
    parts: list[ExplainedPartBody]


class ReaderBody(BaseModel):
    """Somebody who can see a document, the entry that lets them, and how many of its parts are closed to them."""

    user: PersonBody
    deciding: MatchBody
    closed_parts: int


class ReaderListBody(BaseModel):
    """Who can see a document, by name; ``total`` counts all of them."""

    document: ExplainedDocumentBody
    total: int
    items: list[ReaderBody]
    next_cursor: str | None


class SpaceCountBody(BaseModel):
    """A space, how many of its documents somebody may read, and how many of those not in all their parts."""

    name: str
    title: str
    documents: int
    partly: int


class SeenBody(BaseModel):
    """A document that somebody may read; ``title`` is null where the caller may not read it.

    ``closed_parts``: how many of its parts with policies of their own are closed to them.
    """

    id: str
    space: str
    title: str | None
    closed_parts: int


class ViewBody(BaseModel):
    """What somebody sees: counts by space and a page of documents."""

    user: PersonBody
    active: bool
    spaces: list[SpaceCountBody]
    items: list[SeenBody]
    next_cursor: str | None


Id = Annotated[str, Field(min_length=1, max_length=64)]
SpaceName = Annotated[str, Field(min_length=1, max_length=128)]


class DocumentChangeBody(Body):
    """A policy for a document; null: that of the folder or space it lies in."""

    kind: Literal["document"]
    id: Id
    policy: PolicyBody | None


class FolderPolicyBody(Body):
    """A policy for a folder."""

    kind: Literal["folder"]
    id: Id
    policy: PolicyBody


class SpacePolicyBody(Body):
    """A policy for a space: who reads it."""

    kind: Literal["space"]
    name: SpaceName
    policy: PolicyBody


class GroupMembersBody(Body):
    """The direct members of a group."""

    kind: Literal["group"]
    name: SpaceName
    members: list[SubjectBody] = Field(max_length=100_000)


class SectionsChangeBody(SectionsIn):
    """All parts of a document that have policies of their own."""

    kind: Literal["sections"]
    id: Id


class ProposalBody(Body):
    """A change to look at before it is made."""

    change: DocumentChangeBody | SectionsChangeBody | FolderPolicyBody | SpacePolicyBody | GroupMembersBody = Field(
        discriminator="kind"
    )
    limit: int = Field(100, ge=1, le=1000)


class ChangeBody(BaseModel):
    """How many documents somebody would read that they do not now, and the other way round.

    ``partly``: of those gained, how many they would not read in all parts. ``parts_gained`` and ``parts_lost`` count
    parts with policies of their own, those of gained and lost documents among them.
    """

    user: PersonBody
    gained: int
    lost: int
    partly: int
    parts_gained: int
    parts_lost: int


class PreviewBody(BaseModel):
    """Who gains and who loses, those whom it concerns most first; nothing has been changed.

    ``gaining`` and ``losing`` count people, also those who gain or lose no more than parts; the other numbers are sums.
    All are null for those who may not list the readers.
    """

    gaining: int | None = None
    losing: int | None = None
    gained: int | None = None
    lost: int | None = None
    partly: int | None = None
    parts_gained: int | None = None
    parts_lost: int | None = None
    items: list[ChangeBody] = []
