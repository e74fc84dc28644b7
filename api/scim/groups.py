"""Groups: names, and members by the ten thousand, which are changed as sets and never as one document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api.scim.attributes import GROUP
from api.scim.errors import ScimPath, ScimReadOnly, ScimSyntax, ScimTooMany, ScimValue
from api.scim.filters import Compare, Either, Filter
from api.scim.matching import matches
from api.scim.patch import Operation
from wenyuan.access import SubjectKind
from wenyuan.db.access.provisioning import circles
from wenyuan.db.access.provisioning.circles import Circle, Member
from wenyuan.db.engine import Connection
from wenyuan.people.entries import ID_CHARS, NAME_CHARS, is_plain

MAX_MEMBERS: Final = 200_000
_KINDS: Final = {SubjectKind.USER: "User", SubjectKind.GROUP: "Group"}


@dataclass(slots=True)
class Change:
    """What is to become of a group. ``whole``: the members are exactly ``added``."""

    name: str
    external_id: str | None
    whole: bool = False
    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def add(self, ids: set[str]) -> None:
        """Name more members."""
        self.added |= ids
        self.removed -= ids
        if len(self.added) > MAX_MEMBERS:
            raise ScimTooMany(limit=MAX_MEMBERS)

    def remove(self, ids: set[str]) -> None:
        """Take members out."""
        self.added -= ids
        self.removed |= ids

    def replace(self, ids: set[str]) -> None:
        """Name all members."""
        self.whole, self.added, self.removed = True, set(), set()
        self.add(ids)


def group_resource(circle: Circle, members: list[tuple[Member, str]] | None, base: str) -> dict[str, Any]:
    """Return a group as SCIM shows it, without ``meta``; members as far as they were read."""
    shown: dict[str, Any] = {"schemas": [GROUP], "id": circle.id, "displayName": circle.name}
    if circle.external_id is not None:
        shown["externalId"] = circle.external_id
    if members is not None:
        shown["members"] = [
            {"value": key, "display": name, "type": _KINDS[kind], "$ref": f"{base}/{_KINDS[kind]}s/{key}"}
            for (kind, key), name in members
        ]
    return shown


def read_group(body: Mapping[str, Any]) -> Change:
    """Return the group that a client sent whole; raises ``ScimSyntax`` for what does not exist."""
    change = Change("", None)
    change.replace(set())
    for key, value in body.items():
        match key.lower():
            case "displayname":
                change.name = _name(value)
            case "externalid":
                change.external_id = _external(value)
            case "members":
                change.replace(member_ids(value))
            case "schemas" | "id" | "meta":
                pass
            case _:
                raise ScimSyntax(reason=key[:120])
    _name(change.name)
    return change


async def change_of(tx: Connection, circle: Circle, operations: list[Operation]) -> Change:
    """Return what the operations come to; members are read only where a filter has to look at them."""
    change = Change(circle.name, circle.external_id)
    for operation in operations:
        target = operation.target
        match target.path:
            case ("displayName",):
                change.name = _name(None if operation.op == "remove" else operation.value)
            case ("externalId",):
                change.external_id = _external(None if operation.op == "remove" else operation.value)
            case ("members",):
                await _change_members(tx, circle, change, operation)
            case ("schemas",):
                pass
            case ("id",) | ("meta", *_):
                raise ScimReadOnly(reason=target.path[0])
            case _:
                raise ScimPath(reason=".".join(target.path))
    return change


async def _change_members(tx: Connection, circle: Circle, change: Change, operation: Operation) -> None:
    target = operation.target
    if target.chosen is not None:
        if operation.op != "remove" or target.part:
            raise ScimReadOnly(reason="members")
        change.remove(await _chosen(tx, circle, change, target.chosen))
    elif operation.op == "add":
        change.add(member_ids(operation.value))
    elif operation.op == "replace":
        change.replace(member_ids(operation.value))
    elif operation.value in (None, [], ""):
        change.replace(set())
    else:
        change.remove(member_ids(operation.value))


async def _chosen(tx: Connection, circle: Circle, change: Change, wanted: Filter) -> set[str]:
    """Return the ids that a filter over members chooses."""
    parts = wanted.parts if isinstance(wanted, Either) else (wanted,)
    values = [part.value for part in parts if isinstance(part, Compare) and part.operator == "eq"]
    named = all(isinstance(part, Compare) and part.path == ("value",) for part in parts)
    if named and len(values) == len(parts):
        return {str(value) for value in values}
    held = [] if change.whole else await circles.named_members(tx, circle.id)
    shown = group_resource(circle, held, "")["members"]
    found = {one["value"] for one in shown if matches(GROUP, one, wanted, ("members",))}
    return found | {key for key in change.added if matches(GROUP, {"value": key}, wanted, ("members",))}


async def write_change(tx: Connection, circle: Circle | None, change: Change) -> str:
    """Store a group, a new one without ``circle``, and return its id; raises ``ScimValue`` for an unknown member."""
    known = await circles.known_members(tx, change.added)
    missing = next((key for key in change.added if key not in known), None)
    if missing is not None:
        raise ScimValue(reason=f"members {missing[:80]}")
    if circle is None:
        return await circles.create_circle(tx, change.name, change.external_id, known.values())
    if circle.id in known:
        raise ScimValue(reason="members")
    held = await circles.members_of(tx, circle.id, None if change.whole else change.added | change.removed)
    wanted = set(known.values())
    lost = held - wanted if change.whole else {member for member in held if member[1] in change.removed}
    await circles.update_circle(tx, circle, change.name, change.external_id, sorted(wanted - held), lost)
    return circle.id


def member_ids(value: Any) -> set[str]:
    """Return the ids that a list of members names, or one member; raises ``ScimValue``."""
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if len(listed) > MAX_MEMBERS:
        raise ScimTooMany(limit=MAX_MEMBERS)
    found = set()
    for one in listed:
        key = one.get("value") if isinstance(one, Mapping) else one
        if not isinstance(key, str) or not 0 < len(key) <= 64:
            raise ScimValue(reason="members")
        found.add(key)
    return found


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_CHARS or value != value.strip():
        raise ScimValue(reason="displayName")
    if not is_plain(value):
        raise ScimValue(reason="displayName")
    return value


def _external(value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > ID_CHARS):
        raise ScimValue(reason="externalId")
    return value or None
