"""Documents and parts of documents, weighed for everybody: who reads them before a change, and who after it."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED, Ground
from wenyuan.db.access.readable import Chosen, stands_for, subjects, visible_policies
from wenyuan.db.engine import ReadConnection

_SIDES: Final = ("before", "after")


@dataclass(frozen=True, slots=True)
class Change:
    """What one person would read that they do not now, and the other way round.

    ``gained`` and ``lost`` count documents, ``partly`` those of the gained that they would not read in all parts.
    ``parts_gained`` and ``parts_lost`` count parts with policies of their own, those of gained and lost documents among
    them.
    """

    user_id: str
    name: str
    display_name: str
    gained: int = 0
    lost: int = 0
    partly: int = 0
    parts_gained: int = 0
    parts_lost: int = 0

    @property
    def size(self) -> int:
        """How much changes for this person."""
        return self.gained + self.lost + self.parts_gained + self.parts_lost


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is weighed, by the policies that count before and after.

    ``documents``: (id, before, after, documents), so many documents of the same policies. ``parts``: (id, unit,
    document, before, after), each part with the id of the row that its document is in; NULL where it has no policy of
    its own, and is read as its document. ``asked``: all policies of each side that are spoken of; None for any.
    """

    documents: Chosen
    parts: Chosen
    asked: tuple[sa.Select[int], sa.Select[int]] | None = None


def weigh(
    tx: ReadConnection,
    weighed: Weighed,
    after: Ground,
    given: dict[str, Any],
    now: float,
    readers: sa.Select[str] | None = None,
) -> list[Change]:
    """Return whom it concerns, most first, when the tables are as on ``after``; of ``readers`` only, if given.

    ``given``: the parameters that the ground and what is weighed need.
    """
    everybody = sa.select(t.users.c.id) if readers is None else readers
    names = subjects(STORED, everybody)
    # A policy names people otherwise and leaves them where they are.
    moved = after.group_members is not STORED.group_members
    then = subjects(after, everybody) if moved else names
    units, parts = weighed.documents.cte("units"), weighed.parts.cte("parts")
    documents, opened = [], []
    for number, (side, on, named) in enumerate(zip(_SIDES, (STORED, after), (names, then), strict=True)):
        asked = None if weighed.asked is None else weighed.asked[number]
        found = visible_policies(on, named, asked).subquery(f"visible_{side}")
        read = sa.select(found.c.reader, found.c.id).cte(f"read_{side}")
        documents.append(_documents(units, read, side))
        opened.append(_parts(parts, documents[-1], read, side))
    both = sa.union_all(*_counted(units, parts, documents, opened)).subquery("both")
    user = t.users.c
    statement = (
        sa.select(user.id, user.name, user.display_name, both.c.what, sa.func.sum(both.c.size).label("size"))
        .join(both, both.c.reader == user.id)
        .group_by(user.id, user.name, user.display_name, both.c.what)
    )
    people: dict[str, dict[str, Any]] = {}
    for row in tx.execute(statement, given | stands_for("", now)):
        one = people.setdefault(row.id, {"user_id": row.id, "name": row.name, "display_name": row.display_name})
        one[row.what] = int(row.size)
    changes = (Change(**one) for one in people.values())
    return sorted((one for one in changes if one.size), key=largest_first)


def largest_first(one: Change) -> tuple[int, str]:
    """Return what sorts those whom it concerns most first."""
    return -one.size, one.name


def _documents(units: sa.CTE, read: sa.CTE, side: str) -> sa.CTE:
    """Return (reader, unit) of the documents that may be read."""
    rows = sa.select(read.c.reader, units.c.id).select_from(units).join(read, read.c.id == units.c[side])
    return rows.cte(f"documents_{side}")


def _parts(parts: sa.CTE, documents: sa.CTE, read: sa.CTE, side: str) -> sa.CTE:
    """Return (reader, part) of the parts that may be read: those whose policy lets too, of documents that are read."""
    own = read.alias(f"own_{side}")
    rows = (
        sa.select(documents.c.reader, parts.c.id)
        .select_from(parts)
        .join(documents, documents.c.id == parts.c.unit)
        .outerjoin(own, sa.and_(own.c.id == parts.c[side], own.c.reader == documents.c.reader))
        .where(sa.or_(parts.c[side].is_(None), own.c.id.is_not(None)))
    )
    return rows.cte(f"parts_{side}")


def _counted(units: sa.CTE, parts: sa.CTE, documents: list[sa.CTE], opened: list[sa.CTE]) -> list[Chosen]:
    """Return (reader, what, size): what is read after and not before, and the other way round."""
    found: list[Chosen] = []
    gained = _except(documents[1], documents[0]).cte("gained")
    lost = _except(documents[0], documents[1]).cte("lost")
    for name, rows in (("gained", gained), ("lost", lost)):
        joined = sa.select(rows.c.reader, sa.literal(name).label("what"), units.c.documents.label("size"))
        found.append(joined.join(units, units.c.id == rows.c.id))
    held = opened[1].alias("held_after")
    closed = sa.func.count(parts.c.document.distinct()).label("size")
    partly = (
        sa.select(gained.c.reader, sa.literal("partly").label("what"), closed)
        .select_from(parts)
        .join(gained, gained.c.id == parts.c.unit)
        .outerjoin(held, sa.and_(held.c.id == parts.c.id, held.c.reader == gained.c.reader))
        .where(held.c.id.is_(None))
        .group_by(gained.c.reader)
    )
    found.append(partly)
    for name, these, others in (("parts_gained", opened[1], opened[0]), ("parts_lost", opened[0], opened[1])):
        rows = _except(these, others).cte(name)
        found.append(sa.select(rows.c.reader, sa.literal(name).label("what"), sa.literal(1).label("size")))
    return found


def _except(these: sa.CTE, others: sa.CTE) -> Any:
    return sa.select(these.c.reader, these.c.id).except_(sa.select(others.c.reader, others.c.id))
