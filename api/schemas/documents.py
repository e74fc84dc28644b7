"""Bodies of documents and jobs."""

from pydantic import BaseModel

from wenyuan.db.documents import Document, Version
from wenyuan.documents import Page
from wenyuan.errors import Language, error_message
from wenyuan.jobs import Job


class SubmittedBody(BaseModel):
    """Acknowledged: the document, its version and the job that works on it."""

    document_id: str
    version_id: str
    job_id: str
    duplicate: bool


class MemberBody(BaseModel):
    """A member of an archive: the document it became, or why it became none."""

    name: str
    submitted: SubmittedBody | None = None
    error: "ErrorBody | None" = None


class ArchiveBody(BaseModel):
    """The members of an archive in its order, and how many became documents."""

    accepted: int
    items: list[MemberBody]


class VersionBody(BaseModel):
    """A version without its text; what tells of parts that the reader may not read is null, and no warnings then."""

    id: str
    filename: str
    media_type: str
    size: int | None
    state: str
    page_count: int
    chunk_count: int | None
    created_at: float
    published_at: float | None
    warnings: list[str]
    error: str | None

    @classmethod
    def of(cls, version: Version, *, wholly: bool = True) -> "VersionBody":
        """Return the body of a version for somebody who may, or may not, read every part of it."""
        return cls(
            id=version.id,
            filename=version.source.filename,
            media_type=version.source.media_type,
            size=version.source.size if wholly else None,
            state=version.state,
            page_count=version.page_count,
            chunk_count=version.chunk_count if wholly else None,
            created_at=version.created_at,
            published_at=version.published_at,
            warnings=list(version.warnings) if wholly else [],
            error=version.error,
        )


class DocumentBody(BaseModel):
    """A document as its readers see it. ``state`` is ``published``, or ``processing`` before the first version is.

    ``sha256`` is that of its newest file, published or awaited; null for a reader who may not read every part.
    """

    id: str
    title: str
    space: str
    owner: str
    state: str
    created_at: float
    sha256: str | None
    current_version: VersionBody | None

    @classmethod
    def of(cls, document: Document, versions: list[Version]) -> "DocumentBody":
        """Return the body of a document with its current version among ``versions``."""
        known = {item.id: item for item in versions}
        current = known.get(document.current_version_id or "")
        newest = known.get(document.wanted_version_id or "", current)
        return cls(
            id=document.id,
            title=document.title,
            space=document.space,
            owner=document.owner,
            state="processing" if current is None else "published",
            created_at=document.created_at,
            sha256=newest.source.sha256 if newest is not None and document.wholly else None,
            current_version=None if current is None else VersionBody.of(current, wholly=document.wholly),
        )


class DocumentDetailBody(DocumentBody):
    """A document with all its versions, newest first.

    ``sections``: how many parts have policies of their own, and ``quarantine``: why it is kept out of search and
    answers, both for those who manage it.
    """

    versions: list[VersionBody]
    sections: int | None = None
    quarantine: str | None = None


class DocumentListBody(BaseModel):
    """One page of documents; ``next_cursor`` asks for the next one."""

    items: list[DocumentBody]
    next_cursor: str | None


class PageBody(BaseModel):
    """A page without its text: size in page units, where its text came from, what went wrong with it.

    ``confidence`` is the mean confidence of recognition in 0..1, null where nothing was recognised.
    """

    number: int
    width: float
    height: float
    source: str
    error: str | None
    confidence: float | None

    @classmethod
    def of(cls, page: Page) -> "PageBody":
        """Return the body of a page."""
        return cls(
            number=page.number,
            width=page.width,
            height=page.height,
            source=page.source,
            error=page.error,
            confidence=page.confidence,
        )


class PageListBody(BaseModel):
    """The pages of the version that answers; none for formats without pages."""

    items: list[PageBody]


class ProgressBody(BaseModel):
    """Progress within a stage, in ``unit``."""

    done: int
    total: int
    unit: str


class ErrorBody(BaseModel):
    """A stable code and a sentence."""

    code: str
    message: str


class JobBody(BaseModel):
    """A job: ids, stage and counts, no text."""

    id: str
    kind: str
    state: str
    stage: str
    progress: ProgressBody
    attempt: int
    error: ErrorBody | None
    document_id: str | None
    version_id: str | None
    created_at: float
    finished_at: float | None

    @classmethod
    def of(cls, job: Job, language: Language) -> "JobBody":
        """Return the body of a job with its error in ``language``."""
        error = None
        if job.error_code is not None:
            message = error_message(job.error_code, job.error_params, language)
            error = ErrorBody(code=job.error_code, message=message)
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            stage=job.stage,
            progress=ProgressBody(done=job.progress_done, total=job.progress_total, unit=job.progress_unit),
            attempt=job.attempt,
            error=error,
            document_id=job.payload.get("document_id"),
            version_id=job.payload.get("version_id"),
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class JobListBody(BaseModel):
    """The newest jobs."""

    items: list[JobBody]
