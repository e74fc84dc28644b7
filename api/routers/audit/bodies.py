"""Bodies of the audit log: ids, times and outcomes. Titles are not shown: an auditor may not read every document."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel

from wenyuan.audit.record import Record, read_items
from wenyuan.db.audit.verify import Verdict
from wenyuan.text import FORMULA_STARTS, strip_invisible

COLUMNS = ("sequence", "time", "action", "outcome", "actor", "token", "behalf", "request", "target", "epoch", "items")


class AuditItemBody(BaseModel):
    """What of a document: parts are ids of chunks, or places such as ``page:3``; none for all of it."""

    document_id: str
    version_id: str | None
    parts: list[str]


class AuditEntryBody(BaseModel):
    """An entry. ``behalf``: the account as which the actor saw; ``epoch``: None where no access rule was asked."""

    sequence: int
    time: str
    action: str
    outcome: str
    actor: str | None
    token: str | None
    behalf: str | None
    request: str | None
    target: str | None
    epoch: int | None
    items: list[AuditItemBody]
    digest: str

    @classmethod
    def of(cls, record: Record) -> "AuditEntryBody":
        """Return the body of a record."""
        try:
            items = read_items(record.items)
        except ValueError:  # somebody changed it; the examination says so
            items = ()
        return cls(
            sequence=record.sequence,
            time=time_shown(record.at),
            action=record.action,
            outcome=record.outcome,
            actor=record.actor or None,
            token=record.token or None,
            behalf=record.behalf or None,
            request=record.request or None,
            target=record.target or None,
            epoch=None if record.epoch < 0 else record.epoch,
            items=[
                AuditItemBody(document_id=item.document, version_id=item.version or None, parts=list(item.parts))
                for item in items
            ],
            digest=record.digest,
        )


class AuditListBody(BaseModel):
    """Entries, newest first."""

    items: list[AuditEntryBody]
    next_cursor: str | None


class BreachBody(BaseModel):
    """What is wrong, and with which entry."""

    sequence: int
    what: str


class AuditVerdictBody(BaseModel):
    """What an examination found; ``breaches`` names the first ones."""

    sound: bool
    entries: int
    sequence: int
    digest: str
    breaches: list[BreachBody]

    @classmethod
    def of(cls, verdict: Verdict) -> "AuditVerdictBody":
        """Return the body of a verdict."""
        return cls(
            sound=verdict.sound,
            entries=verdict.entries,
            sequence=verdict.head.sequence,
            digest=verdict.head.digest,
            breaches=[BreachBody(sequence=one.sequence, what=one.what) for one in verdict.breaches],
        )


def time_shown(at: int) -> str:
    """Return microseconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat(timespec="microseconds")


def csv_head() -> str:
    """Return the first line of a table."""
    return table_line(COLUMNS)


def csv_line(record: Record) -> str:
    """Return a record as a line of a table."""
    values = (record.sequence, time_shown(record.at), *(getattr(record, name) for name in COLUMNS[2:]))
    return table_line(values)


def table_line(values: Iterable[object]) -> str:
    """Return a line of a table; a cell that would be taken for a formula begins with an apostrophe."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_safe(strip_invisible(str(value))) for value in values])
    return buffer.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
