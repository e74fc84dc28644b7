"""Records with the line they stand in, checked field by field. What is wrong is collected, not raised."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wenyuan.access import Role
from wenyuan.people.entries import EMPLOYMENTS, ID_CHARS, NAME_CHARS, PROFILE, TITLE_CHARS, is_plain
from wenyuan.people.errors import Fault
from wenyuan.people.listing import ListedDepartment, ListedGroup, ListedUser

Listed = ListedDepartment | ListedUser | ListedGroup
KINDS: Final[dict[str, type[Listed]]] = {
    "department": ListedDepartment,
    "user": ListedUser,
    "group": ListedGroup,
}
LISTS: Final = {
    "roles": NAME_CHARS,
    "company_roles": NAME_CHARS,
    "compartments": 64,
    "departments": NAME_CHARS,
    "users": NAME_CHARS,
    "groups": NAME_CHARS,
}
_ROLES: Final = frozenset(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a line (from 1; for JSON the number of the record within its list)."""

    line: int
    fault: Fault
    about: str


@dataclass(slots=True)
class Read:
    """What was read, by line, and what is wrong with it."""

    records: list[tuple[int, Listed]] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def take(self, line: int, kind: str, given: Mapping[str, Any]) -> None:
        """Check one record and keep it, or what is wrong with it."""
        listed = KINDS[kind]
        known = {one.name: one for one in dataclasses.fields(listed)}
        values: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                self.wrong.append(Wrong(line, "shape", str(key)[:80]))
                return
            made = _checked(key, value)
            if made is _BAD:
                fault: Fault = "name" if key == "name" else "value"
                self.wrong.append(Wrong(line, fault, f"{key}: {value}"[:120]))
                return
            values[key] = made
        if "name" not in values:
            self.wrong.append(Wrong(line, "name", ""))
            return
        self.records.append((line, listed(**values)))


_BAD: Final = object()


def _checked(key: str, value: Any) -> Any:
    """Return the value of a field in its type, or ``_BAD``."""
    if key in LISTS:
        return _names(key, value)
    match key:
        case "title" | "display_name":
            return value if isinstance(value, str) and len(value) <= TITLE_CHARS and is_plain(value) else _BAD
        case "name" | "parent":
            absent = value is None and key == "parent"
            return value if absent or (isinstance(value, str) and _is_name(value, NAME_CHARS)) else _BAD
        case "directory" | "external_id":
            most = 64 if key == "directory" else ID_CHARS
            return value if value is None or (isinstance(value, str) and 0 < len(value) <= most) else _BAD
        case "active":
            return value if isinstance(value, bool) else _BAD
        case "employment" | "clearance":
            fits = value in EMPLOYMENTS if key == "employment" else isinstance(value, int) and value >= 0
            return value if fits and not isinstance(value, bool) else _BAD
        case "valid_from" | "valid_until":
            return _instant(value)
        case _:
            return _profile(value)


def _names(key: str, value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        return _BAD
    if not all(_is_name(one, LISTS[key]) for one in value) or (key == "roles" and not _ROLES.issuperset(value)):
        return _BAD
    return tuple(sorted(set(value)))


def _instant(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _BAD
    return float(value)


def _profile(value: Any) -> Any:
    if not isinstance(value, Mapping) or not PROFILE.issuperset(value):
        return _BAD
    fits = all(isinstance(one, str) and len(one) <= TITLE_CHARS and is_plain(one) for one in value.values())
    return dict(value) if fits else _BAD


def _is_name(text: str, most: int) -> bool:
    return 0 < len(text) <= most and is_plain(text) and text == text.strip()
