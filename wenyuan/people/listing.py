"""The directory as it is exported and imported: accounts, groups, departments by name; never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = "wenyuan-directory/1"


@dataclass(frozen=True, slots=True)
class ListedDepartment:
    """A department by name; ``parent`` is that of another."""

    name: str
    title: str = ""
    parent: str | None = None
    directory: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListedUser:
    """An account; ``roles`` are those of this service, ``company_roles`` those that policies may name."""

    name: str
    display_name: str = ""
    active: bool = True
    employment: str = "staff"
    clearance: int = 1
    valid_from: float | None = None
    valid_until: float | None = None
    roles: tuple[str, ...] = ()
    company_roles: tuple[str, ...] = ()
    compartments: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    directory: str | None = None
    external_id: str | None = None
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group with its direct members, accounts and groups, by name."""

    name: str
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    directory: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All of it, each kind by name."""

    departments: tuple[ListedDepartment, ...] = ()
    users: tuple[ListedUser, ...] = ()
    groups: tuple[ListedGroup, ...] = ()
