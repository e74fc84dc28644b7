"""Which documents meet the conditions of a question: ids of those that the reader may read now, never their text.

A document's day is that of its issue, else the one on which it takes effect, both as its profile found them, else that
of the upload of the version that answers. A month or a year counts from its first day. A profile is made of the
whole document: for a reader who may not read every part there is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope, narrow
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_chunk, may_read_whole
from wenyuan.db.access.readable import reads_as
from wenyuan.db.engine import ReadConnection
from wenyuan.db.guard.quarantine import may_be_shown
from wenyuan.db.vault.sealing import Sealer, sealer
from wenyuan.documents import DateRole, DocumentKind
from wenyuan.text import fold
from wenyuan.words.filters import FORMATS, Condition, FilterField, FilterTooWide

#: Documents that the index is told by name at most.
MAX_DOCUMENTS: Final = 20_000
_MYSELF: Final = frozenset({"me", "我"})
_TIMES: Final = frozenset({FilterField.AFTER, FilterField.BEFORE, FilterField.DATE})
_FROM_PROFILE: Final = _TIMES | {FilterField.TAG}
_DAY_ROLES: Final = (DateRole.ISSUED, DateRole.EFFECTIVE)

_FIRST_LANGUAGE: Final = (
    sa.select(t.chunks.c.language)
    .where(t.chunks.c.version_id == t.versions.c.id, t.chunks.c.ordinal == 0, may_read_chunk())
    .scalar_subquery()
)
_KIND: Final = sa.func.coalesce(t.profiles.c.body["kind"].as_string(), DocumentKind.UNKNOWN.value)
_LANGUAGE: Final = sa.func.coalesce(t.profiles.c.body["language"].as_string(), _FIRST_LANGUAGE, "")
_CURRENT: Final = (
    sa.select(t.documents.c.id, t.versions.c.created_at)
    .join(t.versions, t.versions.c.id == t.documents.c.current_version_id)
    .join(t.spaces, t.spaces.c.id == t.documents.c.space_id)
    .join(t.users, t.users.c.id == t.documents.c.owner_id)
    .outerjoin(t.profiles, sa.and_(t.profiles.c.version_id == t.versions.c.id, may_read_whole(t.documents.c.id)))
    .where(may_be_shown())
)


def read_narrowed(tx: ReadConnection, scope: AccessScope, conditions: Sequence[Condition]) -> AccessScope:
    """Return the scope narrowed to the documents that meet ``conditions``; the same scope without any.

    Conditions on one field widen each other, fields narrow each other, negated ones leave out. A space or a person
    that the reader cannot see, or that is not there, has no documents. Raises ``FilterTooWide``.
    """
    if not conditions:
        return scope
    described = any(one.field in _FROM_PROFILE for one in conditions)
    statement = _CURRENT.add_columns(t.profiles.c.body) if described else _CURRENT
    for wanted in _grouped(conditions):
        if wanted[0].field not in _FROM_PROFILE:
            met = sa.or_(*(_met(one, scope.user_id) for one in wanted))
            statement = statement.where(~met if wanted[0].negated else met)
    late = [wanted for wanted in _grouped(conditions) if wanted[0].field in _FROM_PROFILE]
    rows = tx.execute(statement, reads_as(scope))
    tagged = _tags(sealer(tx), late)
    ids = [row.id for row in rows if not late or _describes(row, late, tagged)]
    if len(ids) > MAX_DOCUMENTS:
        raise FilterTooWide(limit=MAX_DOCUMENTS)
    return narrow(scope, ids)


def _grouped(conditions: Iterable[Condition]) -> list[list[Condition]]:
    """Return the conditions that are alternatives: of one field, and all of them negated or none.

    Two bounds of time are no alternatives.
    """

    def key(one: Condition) -> tuple[str, bool, str]:
        bound = one.value if one.field in (FilterField.AFTER, FilterField.BEFORE) else ""
        return one.field.value, one.negated, bound

    return [list(group) for _, group in groupby(sorted(conditions, key=key), key=key)]


def _met(condition: Condition, reader: str) -> sa.ColumnElement[bool]:
    value = condition.value
    if condition.field is FilterField.SPACE:
        return sa.or_(_is_name(t.spaces.c.name, value), _is_name(t.spaces.c.title, value))
    if condition.field is FilterField.OWNER:
        if fold(value) in _MYSELF:
            return t.documents.c.owner_id == reader
        return sa.or_(_is_name(t.users.c.name, value), _is_name(t.users.c.display_name, value))
    if condition.field is FilterField.LANGUAGE:
        return _LANGUAGE.in_([value])
    if value in FORMATS:
        return t.versions.c.media_type.in_(sorted(FORMATS[value]))
    return _KIND.in_([value])


def _is_name(column: sa.Column[str], value: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).in_(sorted({value.lower(), fold(value)}))


def _tags(own: Sealer, late: Sequence[Sequence[Condition]]) -> dict[str, set[str]]:
    """Return the tags that are asked for, each with the forms in which a profile may hold it."""
    asked = {one.value: fold(one.value) for wanted in late for one in wanted if one.period is None}
    return {value: {tag} if own.vault is None else {tag, own.vault.digest(tag)} for value, tag in asked.items()}


def _describes(row: sa.Row[Any], late: Sequence[Sequence[Condition]], tagged: Mapping[str, set[str]]) -> bool:
    body: dict[str, Any] = row.body or {}
    tags = {fold(word) for word in body.get("keywords", ())} | set(body.get("tags", ()))
    day = _day_of(body.get("dates", ()), row.created_at)
    return all(any(_holds(one, tags, day, tagged) for one in wanted) != wanted[0].negated for wanted in late)


def _holds(condition: Condition, tags: set[str], day: date, tagged: Mapping[str, set[str]]) -> bool:
    period = condition.period
    if period is None:
        return not tags.isdisjoint(tagged[condition.value])
    if condition.field is FilterField.AFTER:
        return day >= period.start
    if condition.field is FilterField.BEFORE:
        return day < period.start
    return period.start <= day < period.end


def _day_of(dates: Sequence[dict[str, str]], uploaded: float) -> date:
    for role in _DAY_ROLES:
        for told in dates:
            if told["role"] == role and (day := _first_day(told["date"])) is not None:
                return day
    return datetime.fromtimestamp(uploaded).astimezone().date()


def _first_day(iso: str) -> date | None:
    try:
        return date.fromisoformat((iso + "-01-01")[:10])
    except ValueError:
        return None
