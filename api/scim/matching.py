"""Whether a resource, as JSON, meets a filter; and in what order resources stand."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.scim.attributes import find
from api.scim.filters import Both, Compare, Either, Filter, Has, Negation, Path, Value, Within

Resource = Mapping[str, Any]
#: Attributes whose equality a look-up in the database can use.
LOOKED_UP: Final = frozenset({"id", "externalId", "userName", "displayName", "members", "members.value"})


def matches(schema: str, resource: Resource, wanted: Filter, below: Path = ()) -> bool:
    """Return whether the filter holds; ``below``: the resource is one element of that list."""
    match wanted:
        case Both(parts):
            return all(matches(schema, resource, part, below) for part in parts)
        case Either(parts):
            return any(matches(schema, resource, part, below) for part in parts)
        case Negation(inner):
            return not matches(schema, resource, inner, below)
        case Within(path, inner):
            return any(matches(schema, one, inner, path) for one in _elements(resource, path))
        case Has(path):
            return any(value not in (None, "", [], {}) for value in _values(schema, resource, path, below))
        case Compare(path, "ne", value):
            return not _any_equal(schema, resource, path, value, below)
        case Compare(path, "eq", value):
            return _any_equal(schema, resource, path, value, below)
        case Compare(path, operator, value):
            exact = _is_exact(schema, below + path)
            held = _values(schema, resource, path, below)
            return any(_ordered(operator, _folded(one, exact), _folded(value, exact)) for one in held)


def lookups(wanted: Filter | None) -> dict[str, str]:
    """Return what every match must equal, by attribute: a first cut that ``matches`` makes exact."""
    parts = wanted.parts if isinstance(wanted, Both) else (wanted,)
    found: dict[str, str] = {}
    for part in parts:
        inner = part
        prefix: Path = ()
        if isinstance(part, Within):
            inner, prefix = part.inner, part.path
        if isinstance(inner, Compare) and inner.operator == "eq" and isinstance(inner.value, str):
            name = ".".join(prefix + inner.path)
            if name in LOOKED_UP:
                found[name.partition(".")[0]] = inner.value
    return found


def mentions(wanted: Filter | None, name: str) -> bool:
    """Return whether a filter is about an attribute of that name."""
    match wanted:
        case Both(parts) | Either(parts):
            return any(mentions(part, name) for part in parts)
        case Negation(inner):
            return mentions(inner, name)
        case Compare(path=path) | Has(path=path) | Within(path=path):
            return path[0] == name
        case _:
            return False


def sort_key(schema: str, resource: Resource, path: Path) -> tuple[bool, str]:
    """Return what resources are sorted by; those without a value come last."""
    first = next(iter(_values(schema, resource, path, ())), None)
    return first is None, str(first or "").casefold()


def _any_equal(schema: str, resource: Resource, path: Path, value: Value, below: Path) -> bool:
    held = [one for one in _values(schema, resource, path, below) if one is not None]
    if value is None:
        return not held
    exact = _is_exact(schema, below + path)
    return any(type(one) is type(value) and _folded(one, exact) == _folded(value, exact) for one in held)


def _ordered(operator: str, one: Any, value: Any) -> bool:
    if isinstance(one, bool) or isinstance(one, str) is not isinstance(value, str) or one is None:
        return False
    match operator:
        case "co":
            return value in one
        case "sw":
            return str(one).startswith(value)
        case "ew":
            return str(one).endswith(value)
        case "gt":
            return bool(one > value)
        case "ge":
            return bool(one >= value)
        case "lt":
            return bool(one < value)
        case _:
            return bool(one <= value)


def _elements(resource: Resource, path: Path) -> Iterator[Resource]:
    at: Any = resource
    for name in path:
        at = at.get(name) if isinstance(at, Mapping) else None
    yield from (one for one in at or () if isinstance(one, Mapping))


def _values(schema: str, resource: Resource, path: Path, below: Path) -> Iterator[Any]:
    """Yield the values at a path; of a list of complex ones without a part, their ``value``."""
    held: list[Any] = [resource]
    for name in path:
        held = [one.get(name) for one in held if isinstance(one, Mapping)]
        held = [inner for one in held for inner in (one if isinstance(one, list) else [one])]
    attribute = find(schema, below + path)
    for one in held:
        yield one.get("value") if attribute.parts and isinstance(one, Mapping) and "value" in one else one


def _is_exact(schema: str, path: Path) -> bool:
    attribute = find(schema, path)
    return attribute.parts["value"].exact if attribute.many and "value" in attribute.parts else attribute.exact


def _folded(value: Any, exact: bool) -> Any:
    return value if exact or not isinstance(value, str) else value.casefold()
