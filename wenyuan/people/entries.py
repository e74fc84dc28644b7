"""What a directory says: people, groups and departments by ids of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

EMPLOYMENTS: Final = ("staff", "external", "suspended", "left")
#: Those with which an account may be used.
EMPLOYED: Final = ("staff", "external")
NAME_CHARS: Final = 128
_SPACES: Final = "\u3000\u00a0"
TITLE_CHARS: Final = 256
ID_CHARS: Final = 256
#: Names of what a profile may hold; anything else that a directory knows of a person is not taken.
PROFILE: Final = frozenset(
    {
        "given_name",
        "family_name",
        "email",
        "title",
        "user_type",
        "language",
        "employee_number",
        "organization",
        "division",
        "cost_center",
        "department",
        "manager",
    }
)


def is_plain(text: str) -> bool:
    """Whether a text has no character that steers what shows it; the spaces of East Asian text are fine."""
    return all(char.isprintable() or char in _SPACES for char in text)


@dataclass(frozen=True, slots=True)
class Person:
    """A person; ``departments`` and ``roles`` are None where the directory does not tell them.

    ``roles`` are those in the company, which policies may name; a directory grants no action here.
    """

    external_id: str
    name: str
    display_name: str
    active: bool = True
    employment: str = "staff"
    profile: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PersonGroup:
    """A group with its direct members, people and groups, by external id."""

    external_id: str
    name: str
    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Department:
    """A department; without a parent it stands at the top."""

    external_id: str
    title: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """The external ids of all that exists now, where only what changed is told in full."""

    people: frozenset[str]
    groups: frozenset[str]
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class DirectoryState:
    """What a directory holds, or with ``present`` what changed since a cursor. ``cursor`` is for the next reading."""

    people: tuple[Person, ...]
    groups: tuple[PersonGroup, ...]
    departments: tuple[Department, ...]
    cursor: str = ""
    present: Present | None = None
