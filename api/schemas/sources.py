"""Bodies of sources and their items."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.schemas.admin import Name
from api.schemas.common import Body
from api.schemas.documents import ErrorBody, SubmittedBody
from wenyuan.db.sources import ItemCounts, Source, SourceItem
from wenyuan.errors import Language, error_message
from wenyuan.text import one_line

SHORTEST_INTERVAL_S = 10
Title = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(one_line)]
Interval = Annotated[float, Field(ge=SHORTEST_INTERVAL_S, le=366 * 86_400)]
Config = Annotated[dict[str, Annotated[str, Field(max_length=2048)]], Field(max_length=8)]


class NewSourceBody(Body):
    """A source to create. ``config`` names folders and endpoints of the settings; ``push`` needs none."""

    name: Title
    kind: Literal["folder", "s3", "webdav", "push"]
    config: Config = Field(default_factory=dict)
    space: Name
    owner: Name | None = None
    interval_s: Interval | None = None


class SourceChangeBody(Body):
    """What to change of a source; an interval of null asks for syncs one by one."""

    name: Title | None = None
    interval_s: Interval | None = None


class SourceBody(BaseModel):
    """A source with how it stands: ``error`` is that of the last sync as a whole."""

    id: str
    name: str
    kind: str
    config: dict[str, str]
    space: str
    owner: str
    interval_s: float | None
    items: int
    documents: int
    errors: int
    error: ErrorBody | None
    created_at: float
    synced_at: float | None

    @classmethod
    def of(cls, source: Source, counts: ItemCounts, language: Language) -> "SourceBody":
        """Return the body of a source."""
        return cls(
            id=source.id,
            name=source.name,
            kind=source.kind,
            config=dict(source.config),
            space=source.space,
            owner=source.owner,
            interval_s=source.interval_s,
            items=counts.items,
            documents=counts.documents,
            errors=counts.errors,
            error=_error(source.error_code, language),
            created_at=source.created_at,
            synced_at=source.synced_at,
        )


class SourceListBody(BaseModel):
    """Sources by name."""

    items: list[SourceBody]


class SyncBody(Body):
    """How to sync; ``allow_empty`` deletes everything if the place is empty now."""

    allow_empty: bool = False


class StartedBody(BaseModel):
    """The job that was enqueued, or the one that is under way."""

    job_id: str


class ItemBody(BaseModel):
    """An item: its key, the revision that was taken, its document, and why there is none or an older one.

    ``key`` is null where it names a document that the caller may not read.
    """

    key: str | None
    revision: str
    document_id: str | None
    error: ErrorBody | None
    seen_at: float

    @classmethod
    def of(cls, item: SourceItem, language: Language, *, named: bool) -> "ItemBody":
        """Return the body of an item, with its key if it is to be ``named``."""
        return cls(
            key=item.key if named else None,
            revision=item.revision,
            document_id=item.document_id,
            error=_error(item.error_code, language),
            seen_at=item.seen_at,
        )


class ItemListBody(BaseModel):
    """One page of items; ``next_cursor`` asks for the next one."""

    items: list[ItemBody]
    next_cursor: str | None


class PushedBody(BaseModel):
    """What became of a pushed item. ``unchanged``: that revision was taken before."""

    outcome: Literal["unchanged", "relabelled", "taken"]
    item: ItemBody
    submitted: SubmittedBody | None = None


def _error(code: str | None, language: Language) -> ErrorBody | None:
    return None if code is None else ErrorBody(code=code, message=error_message(code, {}, language))
