"""Whatever changes what the evaluation reads counts one change: no function that writes those tables forgets it."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from wenyuan.db import tables as t
from wenyuan.db.access import readable

SOURCES = Path(__file__).parents[3]
#: Columns of accounts that nothing of the evaluation reads, or writes that come before anybody can name the row or has
#: the database open.
NOT_READ = {"set_kind", "_close_restored"}
WRITES = {"insert", "update", "delete", "insert_rows", "update_rows", "delete_where_in", "set_values", "put_rows"}


def tables_read() -> set[str]:
    """Return the tables that the statement of visible policies names."""
    text = str(readable._SEEN)
    return {name for name in t.metadata.tables if re.search(rf"\b{name}\b", text)} - {"counters"}


class _Functions:
    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.writes: set[str] = set()
        self.calls: dict[str, set[str]] = defaultdict(set)

    def add(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._add(node)

    def _add(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        aliases = {
            target.id: value.attr
            for one in ast.walk(node)
            if isinstance(one, ast.Assign)
            for target, value in _pairs(one)
            if isinstance(target, ast.Name) and isinstance(value, ast.Attribute)
        }
        for one in ast.walk(node):
            if isinstance(one, ast.Call):
                name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
                self.calls[node.name].add(name)
                if name in WRITES and any(self._named(argument, aliases) for argument in one.args[:2]):
                    self.writes.add(node.name)

    def _named(self, argument: ast.expr, aliases: dict[str, str]) -> bool:
        parts = [one for one in ast.walk(argument) if isinstance(one, ast.Attribute | ast.Name)]
        names = {part.attr if isinstance(part, ast.Attribute) else aliases.get(part.id, "") for part in parts}
        return bool(names & self.names)


def _pairs(one: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    target = one.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
        return list(zip(target.elts, one.value.elts, strict=True))
    return [(target, one.value)]


def test_what_the_evaluation_reads_is_known() -> None:
    expected = {
        "users",
        "user_roles",
        "user_compartments",
        "group_members",
        "departments",
        "department_members",
        "policies",
        "policy_entries",
        "policy_compartments",
        "policy_ancestors",
    }
    assert tables_read() == expected


def test_every_function_that_writes_it_counts_a_change() -> None:
    found = _Functions(tables_read())
    for folder in ("wenyuan", "ingest", "api"):
        for path in (SOURCES / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                found.add(ast.parse(path.read_text(encoding="utf-8")))
    callers: dict[str, set[str]] = defaultdict(set)
    for caller, called in found.calls.items():
        for name in called:
            callers[name].add(caller)

    def counts(name: str, passed: frozenset[str] = frozenset()) -> bool:
        """Whether the function counts a change itself, or each of those that call it does."""
        if "bump_epoch" in found.calls[name]:
            return True
        above = callers[name] - passed - {name}
        return bool(above) and all(counts(one, passed | {name}) for one in above)

    assert len(found.writes) > 15
    assert {name for name in found.writes if not counts(name)} <= NOT_READ
