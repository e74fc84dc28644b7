"""Between names, which people write, and ids, which policies keep."""

from collections.abc import Sequence

from api.schemas.common import ConditionsBody, EntryBody, PolicyBody, ShownPolicyBody, SubjectBody
from wenyuan.access import ALWAYS, AccessPolicy, Effect, Subject, SubjectKind, Timed, Window
from wenyuan.db.access.subjects import find_subjects, subject_names
from wenyuan.db.engine import Connection
from wenyuan.errors import InvalidRequest
from wenyuan.people.settings import AccessSettings


async def subjects_named(tx: Connection, bodies: Sequence[SubjectBody]) -> tuple[Subject, ...]:
    """Return the subjects of those names; raises ``UnknownName``."""
    return tuple(await find_subjects(tx, [(SubjectKind(body.kind), body.name) for body in bodies]))


async def subjects_shown(tx: Connection, subjects: Sequence[Subject]) -> list[SubjectBody]:
    """Return the names of subjects."""
    names = await subject_names(tx, subjects)
    return [SubjectBody(kind=subject.kind.value, name=names[subject]) for subject in subjects]


async def policy_named(tx: Connection, settings: AccessSettings, body: PolicyBody) -> AccessPolicy:
    """Return the policy that a body describes; raises ``UnknownName``, ``InvalidRequest``, ``PolicyInvalid``."""
    return await conditioned(tx, settings, body, body.allow, body.deny, inherits=body.inherits)


async def conditioned(
    tx: Connection,
    settings: AccessSettings,
    body: ConditionsBody,
    allow: Sequence[EntryBody],
    deny: Sequence[EntryBody],
    *,
    inherits: bool = False,
) -> AccessPolicy:
    """Return the policy of those entries under the conditions of a body."""
    check_level(settings, body.classification)
    always: dict[Effect, list[Subject]] = {Effect.ALLOW: [], Effect.DENY: []}
    timed = []
    for effect, entries in ((Effect.ALLOW, allow), (Effect.DENY, deny)):
        for subject, entry in zip(await subjects_named(tx, entries), entries, strict=True):
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
