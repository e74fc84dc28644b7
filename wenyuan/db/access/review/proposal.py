"""A change of access that has not been made, laid over the tables: the same statements then say what it would do."""

import dataclasses
import json
from collections.abc import Sequence
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


def of_policy(policy_id: int, policy: AccessPolicy, parent_id: int | None) -> Proposal:
    """Return the proposal that a policy says this, below ``parent_id``; ``UNSTORED`` for one that is to be made.

    On its ground stand that policy and those that inherit from it, with all above them; no others.
    """
    row = {
        "id": policy_id,
        "classification": int(policy.classification),
        "parent_id": parent_id,
        "inherits": int(policy.inherits),
        "staff_only": int(policy.staff_only),
        "not_before": policy.window.start,
        "not_after": policy.window.end,
    }
    entries = {(one.effect, one.subject): one for one in (*policy.timed, *_always(policy))}
    rows = [
        {
            "policy_id": policy_id,
            "effect": one.effect.value,
            "subject_kind": one.subject.kind.value,
            "subject_id": one.subject.id,
            "not_before": one.window.start,
            "not_after": one.window.end,
        }
        for one in entries.values()
    ]
    needed = [{"policy_id": policy_id, "compartment": one} for one in sorted(policy.compartments)]
    given = {"proposed_policies": [row], "proposed_entries": rows, "proposed_compartments": needed}
    ground = dataclasses.replace(
        STORED,
        policies=_over(t.policies, t.policies.c.id != policy_id, "proposed_policies"),
        policy_entries=_over(t.policy_entries, t.policy_entries.c.policy_id != policy_id, "proposed_entries"),
        policy_compartments=_over(
            t.policy_compartments, t.policy_compartments.c.policy_id != policy_id, "proposed_compartments"
        ),
        mark=_MARK,
    )
    # Nothing but the chains that would change is asked of this ground: the fewer rows, the sooner the answer.
    chains = chains_below(ground)
    kept = sa.select(chains.c.ancestor_id)
    placed = sa.select(chains.c.policy_id, chains.c.ancestor_id).distinct()
    ground = dataclasses.replace(
        ground,
        policies=_part(ground.policies, ground.policies.c.id.in_(kept), "policies"),
        policy_entries=_part(ground.policy_entries, ground.policy_entries.c.policy_id.in_(kept), "policy_entries"),
        policy_ancestors=placed.cte(f"policy_ancestors{_MARK}"),
    )
    told = {name: json.dumps(value) for name, value in given.items()}
    return Proposal(ground, told | {"top": policy_id}, chains)


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


def _over(table: sa.Table, kept: sa.ColumnElement[bool], given: str) -> sa.CTE:
    """Return the rows of a table that are kept, and those of the parameter ``given``, a list of objects in JSON."""
    columns = list(table.c)
    value: sa.ColumnElement[Any] = sa.literal_column("elements.value")
    rows = _Elements(sa.bindparam(given, type_=sa.String())).alias("elements")
    proposed = sa.select(
        *(sa.cast(_Field(value, sa.literal_column(one.name)), one.type).label(one.name) for one in columns)
    ).select_from(rows)
    return sa.union_all(sa.select(*columns).where(kept), proposed).cte(f"{table.name}{_MARK}")
