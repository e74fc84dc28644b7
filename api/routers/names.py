"""Between names, which people write, and ids, which policies keep."""

from collections.abc import Sequence

from api.schemas.common import ConditionsBody, EntryBody, PolicyBody, ShownPolicyBody, SubjectBody
from wenyuan.access import ALWAYS, AccessPolicy, Effect, Principal, Subject, SubjectKind, Timed, Window
from wenyuan.db.access.policies import read_policy
from wenyuan.db.access.review.asked import managed_spaces
from wenyuan.db.access.subjects import ANYBODY, Naming, find_subjects, subject_names, subjects_in
from wenyuan.db.engine import Connection
from wenyuan.errors import InvalidRequest
from wenyuan.people.settings import AccessSettings


async def may_name(tx: Connection, caller: Principal, *policy_ids: int, shown: Sequence[Subject] = ()) -> Naming:
    """Return whom the caller may name: administrators and managers of a space, who list readers, anybody.

    Others are told already of those ``shown``, and of whom the policies name that they are about to change.
    """
    manages = await tx.run_sync(managed_spaces, caller)
    if manages is None or manages:
        return ANYBODY
    policies = [await read_policy(tx, policy_id) for policy_id in policy_ids]
    return Naming(caller.user_id, (*shown, *(one for policy in policies for one in subjects_in(policy))))


async def subjects_named(tx: Connection, bodies: Sequence[SubjectBody], naming: Naming) -> tuple[Subject, ...]:
    """Return the subjects of those names; raises ``UnknownName``."""
    return tuple(await find_subjects(tx, [(SubjectKind(body.kind), body.name) for body in bodies], naming))


async def subjects_shown(tx: Connection, subjects: Sequence[Subject]) -> list[SubjectBody]:
    """Return the names of subjects."""
    names = await subject_names(tx, subjects)
    return [SubjectBody(kind=subject.kind.value, name=names[subject]) for subject in subjects]


async def policy_named(tx: Connection, settings: AccessSettings, body: PolicyBody, naming: Naming) -> AccessPolicy:
    """Return the policy that a body describes; raises ``UnknownName``, ``InvalidRequest``, ``PolicyInvalid``."""
    return await conditioned(tx, settings, body, body.allow, body.deny, naming, inherits=body.inherits)


async def policy_below(
    tx: Connection, settings: AccessSettings, caller: Principal, text: str, above: int
) -> AccessPolicy:
    """Return the policy in a form field for what is put below another; raises ``InvalidRequest`` if it is none."""
    try:
        body = PolicyBody.model_validate_json(text)
    except ValueError as error:
        raise InvalidRequest(reason="policy: not a policy in JSON") from error
    return await policy_named(tx, settings, body, await may_name(tx, caller, above))


async def conditioned(
    tx: Connection,
    settings: AccessSettings,
    body: ConditionsBody,
    allow: Sequence[EntryBody],
    deny: Sequence[EntryBody],
    naming: Naming,
    *,
    inherits: bool = False,
) -> AccessPolicy:
    """Return the policy of those entries under the conditions of a body."""
    check_level(settings, body.classification)
    always: dict[Effect, list[Subject]] = {Effect.ALLOW: [], Effect.DENY: []}
    timed = []
    for effect, entries in ((Effect.ALLOW, allow), (Effect.DENY, deny)):
        for subject, entry in zip(await subjects_named(tx, entries, naming), entries, strict=True):
            window = Window(entry.not_before, entry.not_after)
            if window == ALWAYS:
                always[effect].append(subject)
            else:
                timed.append(Timed(effect, subject, window))
    return AccessPolicy(
        allow=tuple(always[Effect.ALLOW]),
        deny=tuple(always[Effect.DENY]),
        classification=body.classification,
        timed=tuple(timed),
        compartments=frozenset(body.compartments),
        staff_only=body.staff_only,
        window=Window(body.not_before, body.not_after),
        inherits=inherits,
    )


def check_level(settings: AccessSettings, level: int | None) -> None:
    """Raise ``InvalidRequest`` for a level that is not configured."""
    if level is not None and level >= len(settings.lattice):
        raise InvalidRequest(reason=f"classification < {len(settings.lattice)}")


async def policy_shown(tx: Connection, policy: AccessPolicy, *, own: bool = True) -> ShownPolicyBody:
    """Return the body that describes a policy."""
    allow, deny = await entries_shown(tx, policy)
    return ShownPolicyBody(
        allow=allow,
        deny=deny,
        inherits=policy.inherits,
        own=own,
        **conditions_shown(policy).model_dump(),
    )


def conditions_shown(policy: AccessPolicy) -> ConditionsBody:
    """Return what a policy asks, its entries aside."""
    return ConditionsBody(
        classification=policy.classification,
        compartments=sorted(policy.compartments),
        staff_only=policy.staff_only,
        not_before=policy.window.start,
        not_after=policy.window.end,
    )


async def entries_shown(tx: Connection, policy: AccessPolicy) -> tuple[list[EntryBody], list[EntryBody]]:
    """Return who is allowed and who is denied, by name."""
    entries = [Timed(Effect.ALLOW, one, ALWAYS) for one in policy.allow]
    entries += [Timed(Effect.DENY, one, ALWAYS) for one in policy.deny]
    entries += policy.timed
    names = await subject_names(tx, [entry.subject for entry in entries])
    shown: dict[Effect, list[EntryBody]] = {Effect.ALLOW: [], Effect.DENY: []}
    for entry in entries:
        body = EntryBody(
            kind=entry.subject.kind.value,
            name=names[entry.subject],
            not_before=entry.window.start,
            not_after=entry.window.end,
        )
        shown[entry.effect].append(body)
    return shown[Effect.ALLOW], shown[Effect.DENY]
