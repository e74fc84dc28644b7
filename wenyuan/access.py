"""Who may read what: principals, policies, and the sealed scope that every read of text requires."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Final, NoReturn, Protocol, final

from wenyuan.audit.trail import Trail
from wenyuan.errors import Unauthenticated
from wenyuan.people.errors import MembershipTooLarge, PolicyInvalid, ScopeTooLarge

MAX_VISIBLE_POLICIES: Final = 100_000
#: Groups, departments and roles of one person, nested ones included.
MAX_MEMBERSHIPS: Final = 20_000
#: Entries of one policy, and compartments of one.
MAX_ENTRIES: Final = 10_000
MAX_COMPARTMENTS: Final = 100


class Role(StrEnum):
    """Roles grant actions, never text."""

    ADMINISTRATOR = "administrator"
    EVALUATOR = "evaluator"
    DELEGATE = "delegate"
    AUDITOR = "auditor"


class Classification(IntEnum):
    """密级 of the lattice that holds unless the settings name another: a higher number is read by fewer."""

    PUBLIC = 0
    INTERNAL = 1
    SECRET = 2
    CONFIDENTIAL = 3


class Employment(StrEnum):
    """How a person stands to the company. Only the first two may read at all, and the second nothing for staff."""

    STAFF = "staff"
    EXTERNAL = "external"
    SUSPENDED = "suspended"
    LEFT = "left"


class SubjectKind(StrEnum):
    """What a policy entry names. A department stands for everybody in it and below; a role is one in the company."""

    USER = "user"
    GROUP = "group"
    DEPARTMENT = "department"
    ROLE = "role"
    EVERYONE = "everyone"


class Effect(StrEnum):
    """What a policy entry does."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy entry names, by id; a role by its name; everyone with an account by nothing."""

    kind: SubjectKind
    id: str = ""


EVERYONE: Final = Subject(SubjectKind.EVERYONE)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time: from ``start``, before ``end``, in seconds since 1970 (UTC); None leaves that side open."""

    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        """Raise ``PolicyInvalid`` for a window that never holds or is no time."""
        if any(side is not None and not math.isfinite(side) for side in (self.start, self.end)):
            raise PolicyInvalid(reason="time / 时间")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise PolicyInvalid(reason="not_before < not_after")


ALWAYS: Final = Window()


@dataclass(frozen=True, slots=True)
class Timed:
    """A policy entry that counts for a time."""

    effect: Effect
    subject: Subject
    window: Window


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Allowed and denied subjects with conditions. Default: nobody. Deny wins. Conditions never widen.

    ``allow`` and ``deny`` always count, ``timed`` entries in their windows. Who reads must reach the
    ``classification``, hold every one of the ``compartments``, be staff for ``staff_only``, and read within
    ``window``. With ``inherits`` all that the policy above says holds too: its entries count and its conditions must
    be met; without, this policy stands for itself.
    """

    allow: tuple[Subject, ...] = ()
    deny: tuple[Subject, ...] = ()
    classification: int = Classification.PUBLIC
    timed: tuple[Timed, ...] = ()
    compartments: frozenset[str] = frozenset()
    staff_only: bool = False
    window: Window = ALWAYS
    inherits: bool = False

    def __post_init__(self) -> None:
        """Raise ``PolicyInvalid`` above the stated limits: over them is refused, never truncated."""
        if len(self.allow) + len(self.deny) + len(self.timed) > MAX_ENTRIES:
            raise PolicyInvalid(reason=f"entries / 条目 > {MAX_ENTRIES}")
        if len(self.compartments) > MAX_COMPARTMENTS:
            raise PolicyInvalid(reason=f"compartments / 隔离类别 > {MAX_COMPARTMENTS}")
        if len({(one.effect, one.subject) for one in self.timed}) < len(self.timed):
            raise PolicyInvalid(reason="two windows for one entry / 同一条目有两个时间段")


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Produced only by ``api.auth``."""

    user_id: str
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    token_id: str = ""


@dataclass(frozen=True)
class Visibility:
    """What the directory says of a user now: the policies that let them read, and the epoch of that statement.

    It was true at ``since`` and stays so before ``until`` (seconds since 1970) as long as the epoch does.
    ``memberships`` counts the groups, departments and roles behind it.
    """

    active: bool
    policy_ids: tuple[int, ...]
    epoch: int
    since: float = -math.inf
    until: float = math.inf
    memberships: int = 0

    @cached_property
    def ordered(self) -> tuple[int, ...]:
        """The policies in order, each once."""
        return tuple(sorted(set(self.policy_ids)))

    @cached_property
    def digest(self) -> str:
        """What tells this set of policies from others."""
        return hashlib.sha256(",".join(map(str, self.ordered)).encode()).hexdigest()

    @cached_property
    def marks(self) -> bytes:
        """The policies as a map: one byte a policy id, 1 where the policy lets read."""
        marks = bytearray(max(self.policy_ids, default=-1) + 1)
        for policy_id in self.policy_ids:
            marks[policy_id] = 1
        return bytes(marks)

    def holds(self, now: float) -> bool:
        """Whether no window opens or closes between the statement and ``now``."""
        return self.since <= now < self.until


class VisibilityReader(Protocol):
    """The directory, asked live for each request."""

    async def visibility(self, user_id: str) -> Visibility:
        """Return the policies that ``user_id`` may read under now."""
        ...


_SEAL: Final = object()


@final
class AccessScope:
    """What a principal may see now. Sealed: minted only by :func:`resolve_scope`, never optional, no bypass.

    ``documents``: the only documents that count for one question, of those that the policies let read; None for all.
    A scope gets it from :func:`narrow` alone, and it can only become smaller. ``trail``: where everything that is read
    through the scope is noted; nothing of it leaves before that is recorded.
    """

    __slots__ = ("documents", "fingerprint", "trail", "user_id", "visibility")

    user_id: str
    visibility: Visibility
    trail: Trail
    documents: frozenset[str] | None
    fingerprint: str

    def __init__(
        self,
        seal: object,
        user_id: str,
        visibility: Visibility,
        trail: Trail,
        documents: frozenset[str] | None = None,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("AccessScope is minted by resolve_scope only")
        told = f"{user_id}\0{visibility.epoch}\0{visibility.digest}"
        if documents is not None:
            told += "\0" + ",".join(sorted(documents))
        digest = hashlib.sha256(told.encode()).hexdigest()
        for name, value in (
            ("user_id", user_id),
            ("visibility", visibility),
            ("trail", trail),
            ("documents", documents),
            ("fingerprint", digest),
        ):
            object.__setattr__(self, name, value)

    @property
    def policy_ids(self) -> tuple[int, ...]:
        """The policies that let read, in order."""
        return self.visibility.ordered

    @property
    def epoch(self) -> int:
        """The number of access changes that this scope knows of."""
        return self.visibility.epoch

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("AccessScope is immutable")

    def __reduce__(self) -> NoReturn:
        raise TypeError("AccessScope cannot be copied out of its process")

    def __repr__(self) -> str:
        return f"AccessScope(user_id={self.user_id!r}, policies={len(self.policy_ids)}, epoch={self.epoch})"


async def resolve_scope(directory: VisibilityReader, principal: Principal, trail: Trail | None = None) -> AccessScope:
    """Mint the scope of ``principal`` from the directory as it stands now.

    ``trail`` takes what is read through the scope; only measurements and tests, which show nothing, go without.
    Raises ``Unauthenticated`` when the account is gone or disabled; ``ScopeTooLarge`` above ``MAX_VISIBLE_POLICIES``
    and ``MembershipTooLarge`` above ``MAX_MEMBERSHIPS``: over a limit is refused, never truncated.
    """
    seen = await directory.visibility(principal.user_id)
    if not seen.active:
        raise Unauthenticated
    if seen.memberships > MAX_MEMBERSHIPS:
        raise MembershipTooLarge(limit=MAX_MEMBERSHIPS)
    if len(seen.policy_ids) > MAX_VISIBLE_POLICIES:
        raise ScopeTooLarge(limit=MAX_VISIBLE_POLICIES)
    trail = Trail(None) if trail is None else trail
    trail.epoch = seen.epoch
    return AccessScope(_SEAL, principal.user_id, seen, trail)


def narrow(scope: AccessScope, documents: Iterable[str]) -> AccessScope:
    """Return a scope that sees those of ``documents`` that ``scope`` sees, and nothing else."""
    kept = frozenset(documents)
    if scope.documents is not None:
        kept &= scope.documents
    return AccessScope(_SEAL, scope.user_id, scope.visibility, scope.trail, kept)
