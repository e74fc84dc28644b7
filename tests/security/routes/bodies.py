"""Requests that a route takes, made from its description in OpenAPI: what is required, and nothing else."""

from typing import Any

#: What names something gets the name of a thing that is there: a refusal must not come from a misspelt body.
NAMED = {
    "space": "vault",
    "kind": "push",
    "query": "口令",
    "user": "other",
    "password": "correct horse battery staple",
    "documents": "keep",
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "somebody",
    "displayName": "somebody",
    "Operations": [{"op": "replace", "path": "active", "value": True}],
    "key": "a.txt",
    "revision": "1",
    "dataset": "none",
    "messages": [{"role": "user", "content": "口令是什么？"}],
}
#: What a body needs beyond what its description requires, by the name of its schema.
NEEDED = {"CorrectionIn": {"block": 0}}
FILE = ("a.txt", b"text of a file", "text/plain")


def body_of(operation: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a request with a body that the operation takes: ``json``, or ``data`` and ``files``."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        schema = _resolved(content["multipart/form-data"]["schema"], components)
        fields = schema.get("required", [])
        kinds = {name: _resolved(schema["properties"][name], components) for name in fields}
        files = {name: FILE for name, kind in kinds.items() if _is_file(kind)}
        return {"data": {name: NAMED.get(name, "x") for name in fields if name not in files}, "files": files}
    for media_type, one in content.items():
        if "json" in media_type:
            schema = one.get("schema", {})
            more = NEEDED.get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
            return {"json": _value("", schema, components) | more}
    return {"content": b"x"} if content else {}


def query_of(operation: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return the query parameters that the operation requires."""
    wanted = [one for one in operation.get("parameters", []) if one["in"] == "query" and one.get("required")]
    return {one["name"]: _value(one["name"], one["schema"], components) for one in wanted}


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _value(name: str, schema: dict[str, Any], components: dict[str, Any]) -> Any:
    if name in NAMED:
        return NAMED[name]
    schema = _resolved(schema, components)
    for variants in ("anyOf", "oneOf", "allOf"):
        if variants in schema:
            return _value(name, schema[variants][0], components)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {one: _value(one, properties.get(one, {}), components) for one in schema.get("required", [])}
    if kind == "array":
        return [_value(name, schema["items"], components)] * schema.get("minItems", 0)
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return True if kind == "boolean" else "x" * max(1, schema.get("minLength", 1))
