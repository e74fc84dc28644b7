"""The one statement that says which policies let a user read, and the condition that every read of text carries.

A reader's policies are found from what names the reader, through the index on the entries: the cost follows what the
reader may see, not how many policies there are. The set is worked out once for a reader and an epoch and then carried
by the scope. A read of text trusts that set only if the epoch *of its own snapshot* is still the scope's; else the
same read works the set out anew. So a revocation that is committed before a read begins holds for that read.
"""

import time
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from wenyuan.access import AccessScope, Effect, Employment, SubjectKind, Visibility
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED, Ground
from wenyuan.db.engine import ReadConnection

# Parameters of statements built once: building them anew would cost more than running them, and a statement run
# without the parameters fails.
_READER: Final = sa.bindparam("reader", type_=sa.String())
_NOW: Final[sa.BindParameter[float]] = sa.bindparam("reader_now", type_=sa.Double())
_EPOCH_SEEN: Final = sa.bindparam("reader_epoch", type_=sa.BigInteger())
_MARKS: Final = sa.bindparam("reader_marks", type_=sa.LargeBinary())
_STALE: Final = -1
_NEVER: Final = 1e18
Chosen = sa.Select[*tuple[Any, ...]]

EPOCH: Final = (
    sa.select(sa.func.coalesce(sa.func.max(t.counters.c.value), 0))
    .where(t.counters.c.name == "access_epoch")
    .scalar_subquery()
)


def stands_for(user_id: str, now: float | None = None) -> dict[str, str | float]:
    """Return the parameters that ``SUBJECTS`` needs in whatever statement it stands."""
    return {"reader": user_id, "reader_now": time.time() if now is None else now}


def reads_as(scope: AccessScope) -> dict[str, str | float | int | bytes]:
    """Return the parameters that ``may_read`` needs in whatever statement it stands."""
    return read_with(scope.user_id, scope.visibility, time.time())


def read_with(user_id: str, seen: Visibility, now: float) -> dict[str, str | float | int | bytes]:
    """Return those parameters for a reader of whom the directory said ``seen``, at the time ``now``."""
    holds = seen.holds(now)
    return {
        "reader": user_id,
        "reader_now": now,
        "reader_epoch": seen.epoch if holds else _STALE,
        "reader_marks": seen.marks if holds else b"",
    }


def _within(
    start: sa.ColumnElement[float], end: sa.ColumnElement[float], now: sa.BindParameter[float] = _NOW
) -> sa.ColumnElement[bool]:
    return sa.and_(sa.or_(start.is_(None), start <= now), sa.or_(end.is_(None), end > now))


def in_force(user: sa.FromClause, now: sa.BindParameter[float] = _NOW) -> sa.ColumnElement[bool]:
    """Return the condition that an account of ``user`` counts at ``now``: active, employed, within its time."""
    return sa.and_(
        user.c.active.is_(True),
        user.c.employment.in_([Employment.STAFF.value, Employment.EXTERNAL.value]),
        _within(user.c.valid_from, user.c.valid_until, now),
    )


def subjects(on: Ground, readers: sa.Select[str] | None = None) -> sa.CTE:
    """Return what names the reader, as (kind, id), or each of many ``readers``, as (reader, kind, id)."""
    user, member, seat, department, role = (
        on.users,
        on.group_members,
        on.department_members,
        on.departments,
        on.user_roles,
    )
    counts = in_force(user)

    def among(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        return column == _READER if readers is None else column.in_(readers)

    def whose(column: sa.ColumnElement[str]) -> list[sa.ColumnElement[str]]:
        return [] if readers is None else [column.label("reader")]

    mine = (
        sa.select(*whose(member.c.member_id), member.c.group_id.label("id"))
        .where(member.c.member_kind == SubjectKind.USER.value, among(member.c.member_id))
        .cte(f"my_groups{on.mark}", recursive=True)
    )
    mine = mine.union(
        sa.select(*carried(mine), member.c.group_id).join(
            mine, sa.and_(member.c.member_kind == SubjectKind.GROUP.value, member.c.member_id == mine.c.id)
        )
    )
    mine_directly = sa.select(*whose(seat.c.user_id), seat.c.department_id.label("id")).where(among(seat.c.user_id))
    above = mine_directly.cte(f"my_departments{on.mark}", recursive=True)
    upper = department.alias("upper")
    above = above.union(
        sa.select(*carried(above), upper.c.id)
        .select_from(above)
        .join(department, department.c.id == above.c.id)
        .join(upper, upper.c.id == department.c.parent_id)
    )

    def of(kind: SubjectKind, subject_id: sa.ColumnElement[str], *reader: sa.ColumnElement[str]) -> Chosen:
        columns = [*whose(user.c.id), sa.literal(kind.value).label("kind"), subject_id.label("id")]
        told: Chosen = sa.select(*columns)
        if readers is None:
            return told.where(sa.exists().where(user.c.id == _READER, counts))
        return told.where(user.c.id.in_(readers), counts, *(one == user.c.id for one in reader))

    itself = sa.cast(_READER, sa.String()) if readers is None else user.c.id
    roles = of(SubjectKind.ROLE, role.c.role, role.c.user_id)
    return sa.union_all(
        of(SubjectKind.USER, itself),
        of(SubjectKind.EVERYONE, sa.literal("")),
        of(SubjectKind.GROUP, mine.c.id, *carried(mine)),
        of(SubjectKind.DEPARTMENT, above.c.id, *carried(above)),
        roles.where(role.c.user_id == _READER) if readers is None else roles,
    ).cte(f"subjects{on.mark}")


def carried(rows: sa.FromClause) -> list[sa.ColumnElement[str]]:
    """Return the column that says which of many readers a row is about; none where there is one reader only."""
    return [rows.c.reader] if "reader" in rows.c else []


#: The (kind, id) pairs that name the reader; none unless the account is in force. ``UNION`` drops rows seen before, so
#: nesting of any depth and cycles terminate.
SUBJECTS: Final = subjects(STORED)


def _met(on: Ground, chain: sa.FromClause, named: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the reader meets what a policy asks that stands in a chain, its entries aside.

    One that inherits from a policy that is not in the chain is not met by anybody.
    """
    policy, user, compartment = on.policies, on.users, on.user_compartments
    who: sa.ColumnElement[str] = next(iter(carried(named)), _READER)
    clearance = sa.select(user.c.clearance).where(user.c.id == who).correlate_except(user).scalar_subquery()
    employment = sa.select(user.c.employment).where(user.c.id == who).correlate_except(user).scalar_subquery()
    held = sa.select(compartment.c.compartment).where(compartment.c.user_id == who).correlate_except(compartment)
    needed, above = on.policy_compartments, on.policy_ancestors.alias(f"above{on.mark}")
    lacking = sa.exists().where(needed.c.policy_id == policy.c.id, needed.c.compartment.not_in(held))
    stands = sa.exists().where(above.c.policy_id == chain.c.policy_id, above.c.ancestor_id == policy.c.parent_id)
    return sa.and_(
        policy.c.classification <= clearance,
        sa.or_(policy.c.staff_only.is_(False), employment == Employment.STAFF.value),
        _within(policy.c.not_before, policy.c.not_after),
        ~lacking.correlate(policy),
        sa.or_(policy.c.inherits.is_(False), stands.correlate(policy, chain)),
    )


def visible_policies(on: Ground, names: sa.CTE, asked: sa.Select[int] | None = None) -> Chosen:
    """Return the policies under which those may read now whom ``subjects`` names: (id), or (reader, id) for many.

    On every policy of the chain (itself and those from which it inherits) the conditions are met and no denial counts;
    on some policy of the chain a permission counts. ``asked``: of these policies only.
    """
    entry, up = on.policy_entries, on.policy_ancestors
    unindexed = up.c.policy_id + sa.literal_column("0")
    refused = sa.case((entry.c.effect == Effect.ALLOW.value, 0), else_=1)
    named = (
        sa.select(*carried(names), unindexed.label("id"))
        .select_from(names)
        # Expressions no index has, so that without figures of the tables SQLite does not walk through all policies.
        .join(entry, sa.and_(entry.c.subject_kind == names.c.kind, entry.c.subject_id == names.c.id.concat("")))
        .join(up, up.c.ancestor_id == entry.c.policy_id)
        .where(_within(entry.c.not_before, entry.c.not_after))
        .group_by(*carried(names), unindexed)
        .having(sa.func.max(refused) == 0)
    )
    if asked is not None:
        among = on.policy_ancestors.alias(f"among{on.mark}")
        above = sa.select(among.c.ancestor_id).where(among.c.policy_id.in_(asked))
        named = named.where(up.c.policy_id.in_(asked), entry.c.policy_id.in_(above))
    read = named.subquery(f"named{on.mark}")
    chain, itself = on.policy_ancestors.alias(f"chain{on.mark}"), on.policy_ancestors.alias(f"itself{on.mark}")
    return sa.select(*carried(read), read.c.id).where(
        sa.exists().where(itself.c.policy_id == read.c.id, itself.c.ancestor_id == read.c.id),
        ~sa.exists().where(
            chain.c.policy_id == read.c.id,
            on.policies.c.id == chain.c.ancestor_id,
            _met(on, chain, read).is_not(sa.true()),
        ),
    )


#: The policies under which the reader may read now.
_VISIBLE: Final = visible_policies(STORED, SUBJECTS)


class _Marked(sa.sql.functions.FunctionElement[bool]):
    """Whether the map carried by the scope has a policy id marked; constant time, whatever the size of the map."""

    inherit_cache = True
    type = sa.Boolean()
    name = "marked"


@compiles(_Marked, "sqlite")
def _marked_sqlite(element: _Marked, compiler: Any, **options: Any) -> str:
    marks, policy_id = (compiler.process(one, **options) for one in element.clauses)
    return f"substr({marks}, {policy_id} + 1, 1) = x'01'"


@compiles(_Marked, "postgresql")
def _marked_postgresql(element: _Marked, compiler: Any, **options: Any) -> str:
    marks, policy_id = (compiler.process(one, **options) for one in element.clauses)
    return f"CASE WHEN {policy_id} < length({marks}) THEN get_byte({marks}, {policy_id}) = 1 ELSE false END"


def may_read(policy_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that the reader may read now under the policy of that id; see ``reads_as``.

    While the epoch is the scope's it looks the id up in the set that the scope carries, and else in the policies as
    they are in the statement's own snapshot.
    """
    return sa.case((EPOCH == _EPOCH_SEEN, _Marked(_MARKS, policy_id)), else_=policy_id.in_(_VISIBLE))


#: With so few policies an index on the policy finds what they let read sooner than a walk in another order.
_FEW: Final = 500


def sought(statement: sa.Select[Any], policy_id: sa.ColumnElement[Any], scope: AccessScope) -> sa.Select[Any]:
    """Return ``statement``, which has ``may_read`` in it, with what lets an index find the rows of a narrow scope."""
    if len(scope.policy_ids) > _FEW:
        return statement
    return statement.where(policy_id.in_(scope.policy_ids))


def _boundaries() -> sa.ScalarSelect[float]:
    user = t.users
    sides = [column for table in (t.policies, t.policy_entries) for column in (table.c.not_before, table.c.not_after)]
    coming = [sa.select(sa.func.min(side).label("at")).where(side > _NOW) for side in sides]
    coming += [
        sa.select(side.label("at")).where(user.c.id == _READER, side > _NOW)
        for side in (user.c.valid_from, user.c.valid_until)
    ]
    return sa.select(sa.func.min(sa.union_all(*coming).subquery("boundaries").c.at)).scalar_subquery()


def _seen() -> sa.Select[Any]:
    visible = _VISIBLE.subquery("visible")
    return sa.select(
        EPOCH.label("epoch"),
        sa.select(sa.func.count()).select_from(SUBJECTS).scalar_subquery().label("names"),
        _boundaries().label("until"),
        sa.select(sa.func.aggregate_strings(sa.cast(visible.c.id, sa.String()), ",")).scalar_subquery().label("ids"),
    )


_SEEN: Final = _seen()
_NAMES_OF_ALL: Final = 2  # the user and everyone


def read_epoch(tx: ReadConnection) -> int:
    """Return the number of access changes so far."""
    return int(tx.scalar(sa.select(EPOCH)) or 0)


def read_visible(tx: ReadConnection, user_id: str, now: float | None = None) -> Visibility:
    """Return the policies the user may read under at ``now``, in one snapshot with the epoch."""
    since = time.time() if now is None else now
    row = tx.execute(_SEEN, stands_for(user_id, since)).one()
    until = _NEVER if row.until is None else row.until
    if not row.names:
        return Visibility(active=False, policy_ids=(), epoch=row.epoch, since=since, until=until)
    ids = tuple(map(int, row.ids.split(","))) if row.ids else ()
    return Visibility(True, ids, row.epoch, since, until, memberships=row.names - _NAMES_OF_ALL)
