"""Who may read what: principals, policies, and the sealed scope that every read of text requires."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final, NoReturn, Protocol, final

from wenyuan.errors import ScopeTooLarge, Unauthenticated

MAX_VISIBLE_POLICIES: Final = 100_000


class Role(StrEnum):
    """Roles grant actions, never text."""

    ADMINISTRATOR = "administrator"
    EVALUATOR = "evaluator"


class Classification(IntEnum):
    """密级: a reader needs a clearance of at least the level of the document."""

    PUBLIC = 0
    INTERNAL = 1
    SECRET = 2
    CONFIDENTIAL = 3


class SubjectKind(StrEnum):
    """What a policy entry names."""

    USER = "user"
    GROUP = "group"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Subject:
    """A user, a group, or everyone with an account (then ``id`` is empty)."""

    kind: SubjectKind
    id: str = ""


EVERYONE: Final = Subject(SubjectKind.EVERYONE)


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Allow and deny subjects with a classification. Default: nobody. Deny wins."""

    allow: tuple[Subject, ...] = ()
    deny: tuple[Subject, ...] = ()
    classification: Classification = Classification.PUBLIC


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Produced only by ``api.auth``."""

    user_id: str
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    token_id: str = ""


@dataclass(frozen=True, slots=True)
class Visibility:
    """What the directory says of a user now: the policies that let them read, and the epoch of that statement."""

    active: bool
    policy_ids: tuple[int, ...]
    epoch: int


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
    A scope gets it from :func:`narrow` alone, and it can only become smaller.
    """

    __slots__ = ("documents", "epoch", "fingerprint", "policy_ids", "user_id")

    user_id: str
    policy_ids: tuple[int, ...]
    epoch: int
    documents: frozenset[str] | None
    fingerprint: str

    def __init__(
        self,
        seal: object,
        user_id: str,
        policy_ids: Sequence[int],
        epoch: int,
        documents: frozenset[str] | None = None,
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("AccessScope is minted by resolve_scope only")
        ordered = tuple(sorted(policy_ids))
        told = f"{user_id}\0{epoch}\0{','.join(map(str, ordered))}"
        if documents is not None:
            told += "\0" + ",".join(sorted(documents))
        digest = hashlib.sha256(told.encode()).hexdigest()
        for name, value in (
            ("user_id", user_id),
            ("policy_ids", ordered),
            ("epoch", epoch),
            ("documents", documents),
            ("fingerprint", digest),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("AccessScope is immutable")

    def __reduce__(self) -> NoReturn:
        raise TypeError("AccessScope cannot be copied out of its process")

    def __repr__(self) -> str:
        return f"AccessScope(user_id={self.user_id!r}, policies={len(self.policy_ids)}, epoch={self.epoch})"


async def resolve_scope(directory: VisibilityReader, principal: Principal) -> AccessScope:
    """Mint the scope of ``principal`` from the directory as it stands now.

    Raises ``Unauthenticated`` when the account is gone or disabled, ``ScopeTooLarge`` above
    ``MAX_VISIBLE_POLICIES``: over the limit is refused, never truncated.
    """
    seen = await directory.visibility(principal.user_id)
    if not seen.active:
        raise Unauthenticated
    if len(seen.policy_ids) > MAX_VISIBLE_POLICIES:
        raise ScopeTooLarge(limit=MAX_VISIBLE_POLICIES)
    return AccessScope(_SEAL, principal.user_id, seen.policy_ids, seen.epoch)


def narrow(scope: AccessScope, documents: Iterable[str]) -> AccessScope:
    """Return a scope that sees those of ``documents`` that ``scope`` sees, and nothing else."""
    kept = frozenset(documents)
    if scope.documents is not None:
        kept &= scope.documents
    return AccessScope(_SEAL, scope.user_id, scope.policy_ids, scope.epoch, kept)
