"""Conditions on documents that a question names beside its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from wenyuan.errors import WenyuanError


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
    "word": frozenset({f"{_OFFICE}wordprocessingml.document", "application/msword", f"{_OPEN}text", "application/rtf"}),
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


class FilterInvalid(WenyuanError):
    """A filter names a value that its field does not have; ``known`` says which it has."""

    code = "filter.invalid_value"
    status = 422
    zh = "筛选条件“{field}:{value}”无法识别。可用：{known}。若它是问题本身的文字，请加引号。"
    en = "The filter '{field}:{value}' is not understood. Known: {known}. If it is a part of the question, quote it."


class FilterUnknown(WenyuanError):
    """A filter with a key that is nearly one of the known ones."""

    code = "filter.unknown_key"
    status = 422
    zh = "没有名为“{key}”的筛选条件，是否指“{meant}”？若它是问题本身的文字，请加引号。"
    en = "There is no filter '{key}'; did you mean '{meant}'? If it is a part of the question, quote it."


class FilterTooMany(WenyuanError):
    """More conditions than the limit."""

    code = "filter.too_many"
    status = 422
    zh = "一个问题最多 {limit} 个筛选条件。"
    en = "A question takes {limit} filters at most."


class FilterTooWide(WenyuanError):
    """More documents meet the conditions than the index is told by name; refused, never truncated."""

    code = "filter.too_wide"
    status = 422
    zh = "符合筛选条件的文档超过 {limit} 个，请缩小范围。"
    en = "More than {limit} documents meet the filters. Narrow them down."
