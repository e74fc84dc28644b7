"""PATCH (RFC 7644 §3.5.2) on a resource as JSON, with the ways in which Entra and Okta speak it.

They write ``active`` as a string, leave the path out, put whole paths into keys, capitalise operations, and set parts
of list elements that do not exist yet.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.scim.attributes import ENTERPRISE, Attribute, find, split_path
from api.scim.errors import ScimNoTarget, ScimPath, ScimReadOnly, ScimSyntax, ScimTooMany, ScimValue
from api.scim.filters import Both, Compare, Filter, Path, parse_filter
from api.scim.matching import matches
from wenyuan.people.entries import is_plain

MAX_OPERATIONS: Final = 1_000
MAX_VALUES: Final = 200
"""Elements of a list of a user."""
_PATH: Final = re.compile(r"^([^\[\]]+?)\s*(?:\[(.*)\])?(?:\.([A-Za-z$][\w$-]*))?$", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a change applies: an attribute, or those elements of a list that meet a filter, or a part of them."""

    path: Path
    chosen: Filter | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change."""

    op: str
    target: Target
    value: Any


def read_operations(schema: str, body: Mapping[str, Any]) -> list[Operation]:
    """Return the changes of a request; those without a path are taken apart by key."""
    listed = _folded(body).get("operations")
    if not isinstance(listed, list) or not listed:
        raise ScimSyntax(reason="Operations")
    if len(listed) > MAX_OPERATIONS:
        raise ScimTooMany(limit=MAX_OPERATIONS)
    found: list[Operation] = []
    for one in listed:
        if not isinstance(one, Mapping):
            raise ScimSyntax(reason="Operations")
        given = _folded(one)
        op = str(given.get("op", "")).lower()
        if op not in {"add", "remove", "replace"}:
            raise ScimSyntax(reason=f"op {op[:20]}")
        value, path = given.get("value"), given.get("path")
        if path is not None and not isinstance(path, str):
            raise ScimPath(reason=type(path).__name__)
        if path:
            found.append(Operation(op, read_path(schema, path), value))
            continue
        if op == "remove":
            raise ScimNoTarget(reason="remove")
        if not isinstance(value, Mapping):
            raise ScimSyntax(reason="value")
        found += [Operation(op, read_path(schema, key), inner) for key, inner in value.items() if key.lower() != "id"]
    return found


def read_path(schema: str, text: str) -> Target:
    """Return the target that a path names; raises ``ScimPath``, and ``ScimFilter`` for what stands in brackets."""
    match = _PATH.match(text.strip()) if len(text) <= 8_192 else None
    if match is None:
        raise ScimPath(reason=text[:80])
    name, condition, part = match.groups()
    if condition is None and part:
        name, part = f"{name}.{part}", ""
    path = split_path(schema, name)
    if not path:
        raise ScimPath(reason=text[:80])
    attribute = find(schema, path)
    if condition is None:
        return Target(path)
    if not attribute.many or not attribute.parts:
        raise ScimPath(reason=text[:80])
    if part and part.lower() not in attribute.parts:
        raise ScimPath(reason=text[:80])
    inner = parse_filter(schema, f"{name}[{condition}]")
    chosen = getattr(inner, "inner", None)
    if chosen is None:
        raise ScimPath(reason=text[:80])
    return Target(path, chosen, attribute.parts[part.lower()].name if part else "")


def patched(schema: str, resource: Mapping[str, Any], operations: list[Operation]) -> dict[str, Any]:
    """Return the resource with the changes made, in order; raises what is wrong with the first that cannot be made."""
    changed = copy.deepcopy(dict(resource))
    for operation in operations:
        target = operation.target
        if find(schema, target.path[:1]).read_only:
            raise ScimReadOnly(reason=target.path[0])
        if target.path[0] != "schemas":
            _apply(schema, changed, operation, target)
    return changed


def _apply(schema: str, resource: dict[str, Any], operation: Operation, target: Target) -> None:
    holder: dict[str, Any] = resource
    attribute = find(schema, target.path)
    for name in target.path[:-1]:
        inner = holder.setdefault(name, {})
        if isinstance(inner, list):  # a part of all elements of a list
            _set_parts(schema, inner, operation, target.path)
            return
        holder = inner
    name = target.path[-1]
    if target.chosen is not None:
        _apply_chosen(schema, holder, operation, target)
    elif operation.op == "remove":
        _remove(holder, name, attribute, operation.value)
    else:
        value = normal(schema, target.path, operation.value)
        if attribute.many and operation.op == "add":
            held = holder.setdefault(name, [])
            held += [one for one in value or () if one not in held]
            _bounded(held)
        elif attribute.kind == "complex" and not attribute.many and isinstance(value, Mapping):
            holder[name] = {**(holder.get(name) or {}), **value}
        else:
            holder[name] = value


def _apply_chosen(schema: str, holder: dict[str, Any], operation: Operation, target: Target) -> None:
    name = target.path[-1]
    held: list[dict[str, Any]] = holder.setdefault(name, [])
    condition = target.chosen
    chosen = [one for one in held if condition is None or matches(schema, one, condition, target.path)]
    if operation.op == "remove":
        if target.part:
            for one in chosen:
                one.pop(target.part, None)
        else:
            holder[name] = [one for one in held if one not in chosen]
        return
    if not chosen and condition is not None:
        chosen = [_made(condition, name)]
        held.append(chosen[0])
        _bounded(held)
    for one in chosen:
        if target.part:
            one[target.part] = normal(schema, (*target.path, target.part), operation.value)
        else:
            values = normal(schema, target.path, operation.value)
            if not values:
                raise ScimValue(reason=name)
            one.update(values[0])


def _made(condition: Filter, name: str) -> dict[str, Any]:
    """Return the element that a filter of plain equalities describes; raises ``ScimNoTarget`` for any other."""
    parts = condition.parts if isinstance(condition, Both) else (condition,)
    made = {part.path[-1]: part.value for part in parts if isinstance(part, Compare) and part.operator == "eq"}
    if len(made) != len(parts):
        raise ScimNoTarget(reason=name)
    return made


def _set_parts(schema: str, held: list[dict[str, Any]], operation: Operation, path: Path) -> None:
    for one in held:
        if operation.op == "remove":
            one.pop(path[-1], None)
        else:
            one[path[-1]] = normal(schema, path, operation.value)


def _remove(holder: dict[str, Any], name: str, attribute: Attribute, value: Any) -> None:
    if attribute.many and value not in (None, [], ""):  # the elements are named beside the path
        given = value if isinstance(value, list) else [value]
        gone = {str(one.get("value") if isinstance(one, Mapping) else one) for one in given}
        holder[name] = [one for one in holder.get(name) or [] if str(one.get("value")) not in gone]
    else:
        holder.pop(name, None)


def normal(schema: str, path: Path, value: Any) -> Any:
    """Return a value in the shape of its attribute, names in their one spelling.

    Raises ``ScimValue`` for a wrong type and ``ScimSyntax`` for an attribute that does not exist.
    """
    attribute = find(schema, path)
    if value is None:
        return [] if attribute.many else None
    if attribute.many:
        listed = value if isinstance(value, list) else [value]
        if len(listed) > MAX_VALUES:
            raise ScimTooMany(limit=MAX_VALUES)
        return [_one(schema, path, attribute, one) for one in listed]
    return _one(schema, path, attribute, value)


def _one(schema: str, path: Path, attribute: Attribute, value: Any) -> Any:
    if attribute.parts:
        if not isinstance(value, Mapping):
            if not isinstance(value, str) or "value" not in attribute.parts:
                raise ScimValue(reason=".".join(path))
            value = {"value": value}
        made = {}
        for key, inner in value.items():
            found = split_path(schema, f"{_prefix(path)}{key}")
            if not found or len(found) != len(path) + 1:
                raise ScimSyntax(reason=f"{'.'.join(path)}.{key}"[:120])
            made[found[-1]] = normal(schema, found, inner)
        return made
    if attribute.kind == "boolean":
        return _boolean(path, value)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ScimValue(reason=".".join(path))
    text = str(value)
    if len(text) > 1024 or not is_plain(text):
        raise ScimValue(reason=".".join(path))
    return text


def _prefix(path: Path) -> str:
    if path[0] == ENTERPRISE:
        return ":".join((ENTERPRISE, *(".".join(path[1:]),))) + ("." if path[1:] else "")
    return ".".join(path) + "."


def _boolean(path: Path, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ScimValue(reason=".".join(path))


def _bounded(held: list[Any]) -> None:
    if len(held) > MAX_VALUES:
        raise ScimTooMany(limit=MAX_VALUES)


def _folded(body: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in body.items()}
