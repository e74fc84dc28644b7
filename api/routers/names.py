"""Between names, which people write, and ids, which policies keep."""

from collections.abc import Sequence

from api.schemas.common import PolicyBody, SubjectBody
from wenyuan.access import AccessPolicy, Subject, SubjectKind
from wenyuan.db.access.directory import find_subject, subject_name
from wenyuan.db.engine import Connection


async def subjects_named(tx: Connection, bodies: Sequence[SubjectBody]) -> tuple[Subject, ...]:
    """Return the subjects of those names; raises ``UnknownName``."""
    return tuple([await find_subject(tx, SubjectKind(body.kind), body.name) for body in bodies])


async def subjects_shown(tx: Connection, subjects: Sequence[Subject]) -> list[SubjectBody]:
    """Return the names of subjects."""
    return [SubjectBody(kind=subject.kind.value, name=await subject_name(tx, subject)) for subject in subjects]


async def policy_named(tx: Connection, body: PolicyBody) -> AccessPolicy:
    """Return the policy that a body describes; raises ``UnknownName``."""
    return AccessPolicy(await subjects_named(tx, body.allow), await subjects_named(tx, body.deny), body.classification)


async def policy_shown(tx: Connection, policy: AccessPolicy) -> PolicyBody:
    """Return the body that describes a policy."""
    return PolicyBody(
        allow=await subjects_shown(tx, policy.allow),
        deny=await subjects_shown(tx, policy.deny),
        classification=policy.classification,
    )
