"""Why somebody may read under a policy, or may not: every rule of the chain, what it asks and whom it names.

The answer is worked out rule by rule, apart from the statement that decides reads, and is compared with that statement
on random graphs: it explains the decision and never makes one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from wenyuan.access import AccessPolicy, Effect, Employment, Subject, SubjectKind, Timed, Window
from wenyuan.db import tables as t
from wenyuan.db.access.review.reach import Path, Reader, read_readers
from wenyuan.db.engine import ReadConnection


class Reason(StrEnum):
    """What speaks for or against; in the order in which they are asked."""

    ACCOUNT_UNKNOWN = "account.unknown"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_EMPLOYMENT = "account.employment"
    ACCOUNT_WINDOW = "account.window"
    CHAIN_INCOMPLETE = "chain.incomplete"
    POLICY_WINDOW = "policy.window"
    POLICY_LEVEL = "policy.level"
    POLICY_COMPARTMENT = "policy.compartment"
    POLICY_STAFF_ONLY = "policy.staff_only"
    ENTRY_DENIED = "entry.denied"
    ENTRY_NONE = "entry.none"
    ENTRY_ALLOWED = "entry.allowed"


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that names the reader, and the way there; ``counts`` is false outside of its window."""

    effect: Effect
    subject: Subject
    window: Window
    path: Path
    counts: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One policy of the chain: what of its conditions failed, and which of its entries name the reader."""

    policy_id: int
    policy: AccessPolicy
    failed: tuple[Reason, ...]
    lacking: frozenset[str]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``decided``: the first reason against, or that for it; ``against``: all that speak against, each once."""

    reader: Reader | None
    allowed: bool
    decided: Reason
    against: tuple[Reason, ...]
    rules: tuple[Judged, ...]

    @property
    def deciding(self) -> Match | None:
        """The entry that decided, if one did; of several that allow, the one with the shortest way."""
        wanted = {Reason.ENTRY_DENIED: Effect.DENY, Reason.ENTRY_ALLOWED: Effect.ALLOW}.get(self.decided)
        found = [one for rule in self.rules for one in rule.matches if one.counts and one.effect is wanted]
        return min(found, key=lambda one: len(one.path), default=None)


@dataclass(frozen=True, slots=True)
class Chain:
    """A policy and those above it that count for it, itself first; ``complete`` if none is missing."""

    rules: tuple[tuple[int, AccessPolicy], ...]
    complete: bool


_IN_FORCE: Final = frozenset({Employment.STAFF, Employment.EXTERNAL})


def read_chain(tx: ReadConnection, policy_id: int) -> Chain:
    """Return the chain of a policy as the evaluation sees it; one that is missing lets nobody read."""
    up = t.policy_ancestors
    ids = set(tx.scalars(sa.select(up.c.ancestor_id).where(up.c.policy_id == policy_id)))
    rows = {row.id: row for row in tx.execute(sa.select(t.policies).where(t.policies.c.id.in_(ids)))}
    complete = policy_id in ids and all(not row.inherits or row.parent_id in ids for row in rows.values())
    order: list[int] = []
    step: int | None = policy_id
    while step is not None and step in rows and step not in order:
        order.append(step)
        step = rows[step].parent_id
    order += sorted(rows.keys() - set(order))
    return Chain(tuple((one, _policy(tx, one, rows[one])) for one in order), complete)


def explain(tx: ReadConnection, user_ids: Iterable[str], policy_id: int, now: float) -> dict[str, Explanation]:
    """Return, for each of those users, whether they may read under a policy at ``now``, and why."""
    wanted = list(user_ids)
    chain, readers = read_chain(tx, policy_id), read_readers(tx, wanted)
    return {one: judge(readers.get(one), chain, now) for one in wanted}


def judge(reader: Reader | None, chain: Chain, now: float) -> Explanation:
    """Return what a chain means for somebody at ``now`` (seconds since 1970)."""
    against = account_reasons(reader, now)
    rules = tuple(_judge_rule(reader, policy_id, policy, now) for policy_id, policy in chain.rules)
    if not chain.complete:
        against.append(Reason.CHAIN_INCOMPLETE)
    against += [reason for rule in rules for reason in rule.failed]
    counting = [one.effect for rule in rules for one in rule.matches if one.counts]
    if Effect.DENY in counting:
        against.append(Reason.ENTRY_DENIED)
    elif Effect.ALLOW not in counting:
        against.append(Reason.ENTRY_NONE)
    ordered = tuple(one for one in Reason if one in against)
    return Explanation(reader, not ordered, ordered[0] if ordered else Reason.ENTRY_ALLOWED, ordered, rules)


def account_reasons(reader: Reader | None, now: float) -> list[Reason]:
    """Return what of an account speaks against reading anything at all."""
    if reader is None:
        return [Reason.ACCOUNT_UNKNOWN]
    failed = {
        Reason.ACCOUNT_DISABLED: not reader.active,
        Reason.ACCOUNT_EMPLOYMENT: reader.employment not in _IN_FORCE,
        Reason.ACCOUNT_WINDOW: not _during(reader.window, now),
    }
    return [reason for reason, holds in failed.items() if holds]


def _judge_rule(reader: Reader | None, policy_id: int, policy: AccessPolicy, now: float) -> Judged:
    if reader is None:
        return Judged(policy_id, policy, (), frozenset(), ())
    lacking = policy.compartments - reader.compartments
    failed = {
        Reason.POLICY_WINDOW: not _during(policy.window, now),
        Reason.POLICY_LEVEL: policy.classification > reader.clearance,
        Reason.POLICY_COMPARTMENT: bool(lacking),
        Reason.POLICY_STAFF_ONLY: policy.staff_only and reader.employment is not Employment.STAFF,
    }
    matches = tuple(
        Match(one.effect, one.subject, one.window, reader.paths[one.subject], _during(one.window, now))
        for one in policy.timed
        if one.subject in reader.paths
    )
    return Judged(policy_id, policy, tuple(one for one, holds in failed.items() if holds), lacking, matches)


def _during(window: Window, now: float) -> bool:
    return (window.start is None or window.start <= now) and (window.end is None or now < window.end)


def _policy(tx: ReadConnection, policy_id: int, row: sa.Row[tuple[object, ...]]) -> AccessPolicy:
    """Return a policy with every entry among the timed ones: the window of most is open."""
    entry, needed = t.policy_entries, t.policy_compartments
    entries = tx.execute(sa.select(entry).where(entry.c.policy_id == policy_id).order_by(*entry.primary_key))
    asked = tx.scalars(sa.select(needed.c.compartment).where(needed.c.policy_id == policy_id))
    timed = [
        Timed(Effect(one.effect), Subject(SubjectKind(one.subject_kind), one.subject_id), _window(one))
        for one in entries
    ]
    return AccessPolicy(
        classification=row.classification,
        timed=tuple(timed),
        compartments=frozenset(asked),
        staff_only=row.staff_only,
        window=_window(row),
        inherits=row.inherits,
    )


def _window(row: sa.Row[tuple[object, ...]]) -> Window:
    return Window(row.not_before, row.not_after)


def subjects_in(explanations: Iterable[Explanation]) -> set[Subject]:
    """Return every subject that explanations speak of."""
    return {one for told in explanations for rule in told.rules for match in rule.matches for one in match.path}
