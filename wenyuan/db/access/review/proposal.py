"""A change of access that has not been made, laid over the tables: the same statements then say what it would do."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from wenyuan.access import ALWAYS, AccessPolicy, Effect, Subject, Timed
from wenyuan.db import tables as t
from wenyuan.db.access.ground import STORED, Ground
from wenyuan.db.access.policies import chains_below

#: The id that a policy has which is not stored; no stored one has it.
UNSTORED: Final = -1
_MARK: Final = "_proposed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``ground``: the tables as they would be; ``given``: parameters that every statement on it needs.

    ``chains``: those that would be placed anew, with the steps up to each policy.
    """

    ground: Ground
    given: dict[str, Any]
    chains: sa.CTE | None = None


class _Elements(sa.sql.functions.FunctionElement[Any]):
    """The elements of a list in JSON, a row each."""

    inherit_cache = True
    name = "elements"


@compiles(_Elements, "sqlite")
def _elements_sqlite(element: _Elements, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Elements, "postgresql")
def _elements_postgresql(element: _Elements, compiler: Any, **options: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **options)} AS jsonb))"


class _Field(sa.sql.functions.FunctionElement[Any]):
    """A field of an element, as text or as a number; NULL where it is null."""

    inherit_cache = True
    name = "field"


@compiles(_Field, "sqlite")
def _field_sqlite(element: _Field, compiler: Any, **options: Any) -> str:
    row, name = element.clauses
    return f"json_extract({compiler.process(row, **options)}, '$.{name.name}')"


@compiles(_Field, "postgresql")
def _field_postgresql(element: _Field, compiler: Any, **options: Any) -> str:
    row, name = element.clauses
    return f"({compiler.process(row, **options)} ->> '{name.name}')"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A policy that would be stored, or say this, below ``parent_id``; one that is to be made has a negative id."""

    id: int
    policy: AccessPolicy
    parent_id: int | None


def of_policies(
    proposed: Sequence[Proposed],
    besides: sa.Select[int],
    moved: tuple[sa.Select[int], int] | None = None,
) -> Proposal:
    """Return the proposal that policies say this.

    On its ground stand those policies and what inherits from them, with all above them, and the policies ``besides`` as
    they are stored; no others. ``moved``: policies that would stand below that other one.
    """
    given = {
        "proposed_policies": [_row(one) for one in proposed],
        "proposed_entries": [entry for one in proposed for entry in _entries(one)],
        "proposed_compartments": [
            {"policy_id": one.id, "compartment": name} for one in proposed for name in sorted(one.policy.compartments)
        ],
    }
    policy, entry, needed = t.policies, t.policy_entries, t.policy_compartments
    ids = [one.id for one in proposed]
    parents = (
        {} if moved is None else {"parent_id": sa.case((policy.c.id.in_(moved[0]), moved[1]), else_=policy.c.parent_id)}
    )
    ground = dataclasses.replace(
        STORED,
        policies=_over(policy, policy.c.id.not_in(ids), "proposed_policies", parents),
        policy_entries=_over(entry, entry.c.policy_id.not_in(ids), "proposed_entries"),
        policy_compartments=_over(needed, needed.c.policy_id.not_in(ids), "proposed_compartments"),
        mark=_MARK,
    )
    # Nothing but the chains that would change is asked of this ground: the fewer rows, the sooner the answer.
    chains = chains_below(ground, listed("proposed_policies", id=sa.Integer()))
    up = t.policy_ancestors
    kept = sa.select(up.c.policy_id, up.c.ancestor_id).where(
        up.c.policy_id.in_(besides), up.c.policy_id.not_in(sa.select(chains.c.policy_id))
    )
    placed = sa.union(sa.select(chains.c.policy_id, chains.c.ancestor_id), kept)
    ancestors = placed.cte(f"policy_ancestors{_MARK}")
    standing = sa.select(ancestors.c.ancestor_id)
    ground = dataclasses.replace(
        ground,
        policies=_part(ground.policies, ground.policies.c.id.in_(standing), "policies"),
        policy_entries=_part(ground.policy_entries, ground.policy_entries.c.policy_id.in_(standing), "policy_entries"),
        policy_ancestors=ancestors,
    )
    return Proposal(ground, {name: json.dumps(value) for name, value in given.items()}, chains)


def _row(one: Proposed) -> dict[str, Any]:
    policy = one.policy
    return {
        "id": one.id,
        "classification": int(policy.classification),
        "parent_id": one.parent_id,
        "inherits": int(policy.inherits),
        "staff_only": int(policy.staff_only),
        "not_before": policy.window.start,
        "not_after": policy.window.end,
    }


def _entries(proposed: Proposed) -> list[dict[str, Any]]:
    policy = proposed.policy
    entries = {(one.effect, one.subject): one for one in (*policy.timed, *_always(policy))}
    return [
        {
            "policy_id": proposed.id,
            "effect": one.effect.value,
            "subject_kind": one.subject.kind.value,
            "subject_id": one.subject.id,
            "not_before": one.window.start,
            "not_after": one.window.end,
        }
        for one in entries.values()
    ]


def _part(rows: sa.FromClause, kept: sa.ColumnElement[bool], name: str) -> sa.CTE:
    return sa.select(*rows.c).where(kept).cte(f"{name}_kept{_MARK}")


def of_members(group_id: str, members: Sequence[Subject]) -> Proposal:
    """Return the proposal that a group has these direct members."""
    rows = [
        {"group_id": group_id, "member_kind": one.kind.value, "member_id": one.id} for one in dict.fromkeys(members)
    ]
    member = t.group_members
    proposed = _over(member, member.c.group_id != group_id, "proposed_members")
    return Proposal(
        dataclasses.replace(STORED, group_members=proposed, mark=_MARK), {"proposed_members": json.dumps(rows)}
    )


def _always(policy: AccessPolicy) -> list[Timed]:
    """Return the entries without a window: where one stands with a window too, it makes that needless."""
    sides = ((Effect.ALLOW, policy.allow), (Effect.DENY, policy.deny))
    return [Timed(effect, one, ALWAYS) for effect, named in sides for one in named]


_VALUE: Final[sa.ColumnElement[Any]] = sa.literal_column("elements.value")


def listed(given: str, **columns: sa.types.TypeEngine[Any]) -> sa.Select[Any]:
    """Return the objects of the parameter ``given``, a list in JSON: a row each, with these fields."""
    fields = (sa.cast(_Field(_VALUE, sa.literal_column(name)), kind).label(name) for name, kind in columns.items())
    return sa.select(*fields).select_from(_Elements(sa.bindparam(given, type_=sa.String())).alias("elements"))


def _over(
    table: sa.Table,
    kept: sa.ColumnElement[bool],
    given: str,
    changed: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> sa.CTE:
    """Return the rows of a table that are kept, and those of the parameter ``given``, a list of objects in JSON.

    ``changed``: what stands in columns of the kept ones.
    """
    instead = changed or {}
    columns = [instead[one.name].label(one.name) if one.name in instead else one for one in table.c]
    proposed = listed(given, **{one.name: one.type for one in table.c})
    return sa.union_all(sa.select(*columns).where(kept), proposed).cte(f"{table.name}{_MARK}")
