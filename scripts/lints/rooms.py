"""Rooms lint: the contracts of import-linter hold for imports by name at run time as well.

import-linter reads import statements only. A library that has a room of its own could be imported by name,
``importlib.import_module("library")``, so the same table (``[tool.importlinter]`` in pyproject.toml) is applied here to
such calls, and to every string that is a dotted module path of such a library.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.lints.project import Finding, Project, PythonFile, last_name

DOTTED = re.compile(r"[a-z_]\w*(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class Room:
    """Libraries, and the patterns of the modules that may import them (``a.b`` or ``a.b.**``)."""

    libraries: tuple[str, ...]
    modules: tuple[str, ...]

    def admits(self, module: str) -> bool:
        """Whether ``module`` may import the libraries."""
        return any(
            module == pattern or (pattern.endswith(".**") and module.startswith(pattern.removesuffix("**")))
            for pattern in self.modules
        )


def rooms(pyproject: str) -> list[Room]:
    """Read the rooms from the ``forbidden`` contracts; a source module outside the contract is admitted."""
    contracts = tomllib.loads(pyproject).get("tool", {}).get("importlinter", {}).get("contracts", [])
    every = tomllib.loads(pyproject).get("tool", {}).get("importlinter", {}).get("root_packages", [])
    found = []
    for contract in contracts:
        if contract["type"] != "forbidden":
            continue
        ignored = [rule.split("->")[0].strip() for rule in contract.get("ignore_imports", [])]
        outside = [package for package in every if package not in contract["source_modules"]]
        free = [pattern for package in outside for pattern in (package, f"{package}.**")]
        found.append(Room(tuple(contract["forbidden_modules"]), (*ignored, *free)))
    return found


def check(project: Project) -> list[Finding]:
    """Return every import by name of a library outside its room."""
    table = rooms((project.root / "pyproject.toml").read_text(encoding="utf-8"))
    return [finding for file in project.product() for finding in _dynamic(file, table)]


def _dynamic(file: PythonFile, table: list[Room]) -> Iterator[Finding]:
    module = file.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for node, name in _names(file.tree):
        for room in table:
            if name.split(".")[0] in room.libraries and not room.admits(module):
                yield file.finding(node, "room", f"{name} is imported in {', '.join(room.modules)} only")


def _names(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield the first argument of calls that import, and the strings that look like a path to a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in {"import_module", "__import__"} and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." not in argument.value:
                yield node, argument.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield node, node.value
