"""Entries of the audit log and the seal that chains them. They hold ids and counts, never text of documents."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: What the first entry of a log names as the one before it.
ORIGIN: Final = "0" * 64
FORMAT: Final = "wenyuan-audit-1"


class Action(StrEnum):
    """What was done."""

    RETRIEVE = "retrieve"
    MODEL = "model"
    CITE = "cite"
    PREVIEW = "preview"
    DOWNLOAD = "download"
    EXPORT = "export"
    ACT = "act"
    READ = "read"
    AUDIT = "audit"
    PRUNE = "prune"
    SHRED = "shred"
    GAP = "gap"


class Outcome(StrEnum):
    """How it ended. ``begun``: an act is about to be tried; its end is an entry of its own."""

    DONE = "done"
    BEGUN = "begun"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Item:
    """What of a document: ``parts`` are ids of chunks, or places as ``page:3`` and ``blocks:0-99``; none: all of it."""

    document: str
    version: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    ``at``: microseconds since 1970; ``behalf``: as whom the actor saw; ``request``: of the request, or of the job;
    ``target``: an endpoint, a route, a citation; ``epoch``: of the access rules that were in force, -1 if none were
    asked.
    """

    at: int
    action: Action
    outcome: Outcome = Outcome.DONE
    actor: str = ""
    token: str = ""
    behalf: str = ""
    request: str = ""
    target: str = ""
    epoch: int = -1
    items: tuple[Item, ...] = field(default_factory=tuple)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that the entry is about, each once."""
        return tuple(dict.fromkeys(item.document for item in self.items))


@dataclass(frozen=True, slots=True)
class Record:
    """An entry in its place in the log. ``items`` stands as it is stored; a changed one may not even be JSON."""

    sequence: int
    at: int
    action: str
    outcome: str
    actor: str
    token: str
    behalf: str
    request: str
    target: str
    epoch: int
    items: str
    previous: str
    digest: str


def write_items(items: Iterable[Item]) -> str:
    """Return items as JSON: ``[[document, version, [part, …]], …]``."""
    return json.dumps([[item.document, item.version, list(item.parts)] for item in items], separators=(",", ":"))


def read_items(text: str) -> tuple[Item, ...]:
    """Return the items of a record; raises ``ValueError`` for what :func:`write_items` did not write."""
    try:
        return tuple(Item(document, version, tuple(parts)) for document, version, parts in json.loads(text))
    except (TypeError, RecursionError) as error:
        raise ValueError("not a list of items") from error


def chain(key: bytes, sequence: int, previous: str, entries: Sequence[Entry]) -> list[Record]:
    """Return ``entries`` as the records behind the one with that sequence and digest."""
    records = []
    for place, entry in enumerate(entries, start=sequence + 1):
        unsealed = Record(
            sequence=place,
            at=entry.at,
            action=entry.action.value,
            outcome=entry.outcome.value,
            actor=entry.actor,
            token=entry.token,
            behalf=entry.behalf,
            request=entry.request,
            target=entry.target,
            epoch=entry.epoch,
            items=write_items(entry.items),
            previous=previous,
            digest="",
        )
        previous = seal(key, unsealed)
        records.append(Record(**{name: getattr(unsealed, name) for name in FIELDS}, digest=previous))
    return records


#: The fields that the seal covers: all but the seal.
FIELDS: Final = tuple(name for name in Record.__slots__ if name != "digest")


def seal(key: bytes, record: Record) -> str:
    """Return the digest of a record: HMAC-SHA256 (RFC 2104) of all its other fields under ``key``, in hexadecimal."""
    told = json.dumps([FORMAT, *(getattr(record, name) for name in FIELDS)], separators=(",", ":"), default=repr)
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
