"""Bodies of the guard: quarantine and hubs."""

from pydantic import BaseModel, Field

from api.schemas.common import Body
from wenyuan.db.guard.quarantine import Quarantined, Reason


class QuarantineBody(Body):
    """Why a document is kept out of search and answers."""

    reason: Reason = "other"


class QuarantinedBody(BaseModel):
    """A document in quarantine; ``title`` is null for an administrator who may not read it."""

    document_id: str
    title: str | None
    space: str
    reason: str
    by: str
    since: float

    @classmethod
    def of(cls, one: Quarantined, title: str | None) -> "QuarantinedBody":
        """Return the body."""
        return cls(
            document_id=one.document_id,
            title=title,
            space=one.space,
            reason=one.reason,
            by=one.by,
            since=one.since,
        )


class QuarantinedListBody(BaseModel):
    """The documents in quarantine, the last first."""

    items: list[QuarantinedBody]


class PanelBody(Body):
    """Questions that hubs are looked for with; without any, a panel on unrelated matters of so many."""

    questions: list[str] = Field(default_factory=list, max_length=2000)
    size: int = Field(500, ge=50, le=2000)


class HubBody(BaseModel):
    """A document that was among the first ten for a ``share`` of the panel."""

    document_id: str
    title: str | None
    share: float
    quarantined: bool


class HubListBody(BaseModel):
    """The hubs among the documents that the caller may read, the worst first; ``bound``: the share that is too much."""

    items: list[HubBody]
    questions: int
    documents: int
    bound: float
