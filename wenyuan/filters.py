"""Conditions on documents that a question names beside its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class FilterField(StrEnum):
    """What of a document is asked for."""

    SPACE = "space"
    TYPE = "type"
    TAG = "tag"
    OWNER = "owner"
    LANGUAGE = "lang"
    AFTER = "after"
    BEFORE = "before"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` up to and without ``end``."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a document. ``negated``: those that meet it are left out.

    ``value`` is what was asked, of ``TYPE`` a kind of document or a name of ``FORMATS``, of ``LANGUAGE`` ``zh`` or
    ``en``. ``period`` stands where the field is a time: a document is ``AFTER`` it from its first day on, ``BEFORE`` it
    up to its first day, of its ``DATE`` within.
    """

    field: FilterField
    value: str
    negated: bool = False
    period: Period | None = None


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."
#: Media types by the names that people give them.
FORMATS: Final[Mapping[str, frozenset[str]]] = {
    "pdf": frozenset({"application/pdf", "application/ofd"}),
    "word": frozenset(
        {f"{_OFFICE}wordprocessingml.document", "application/msword", f"{_OPEN}text", "application/rtf"}
    ),
    "sheet": frozenset(
        {f"{_OFFICE}spreadsheetml.sheet", "application/vnd.ms-excel", f"{_OPEN}spreadsheet", "text/csv"}
    ),
    "slides": frozenset(
        {f"{_OFFICE}presentationml.presentation", "application/vnd.ms-powerpoint", f"{_OPEN}presentation"}
    ),
    "image": frozenset({"image/png", "image/jpeg", "image/tiff", "image/bmp", "image/webp", "image/gif"}),
    "web": frozenset({"text/html", "multipart/related"}),
    "message": frozenset({"message/rfc822", "application/vnd.ms-outlook"}),
    "text": frozenset({"text/plain", "text/markdown"}),
    "data": frozenset({"application/json", "application/x-ndjson"}),
    "subtitles": frozenset({"application/x-subrip", "text/vtt"}),
    "book": frozenset({"application/epub+zip"}),
}
