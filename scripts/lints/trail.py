"""Audit lint: what reads text notes it on the trail of the scope, and product code never reads without a trail.

- ``read-noted``: a function that reads text of documents through a scope (``load_…`` in the modules that may, and every
  public method of the evidence store) mentions ``scope.trail``, or a function of its module that does.
- ``scope-trailed``: product code mints a scope with a trail; without one only measurements and tests may.
- ``trail-kept``: product code makes no trail without a log.
"""

import ast
from collections.abc import Iterator

from scripts.lints.project import Finding, Project, PythonFile, functions, last_name
from scripts.lints.text_reads import READERS

#: Readers that return no text: ids alone, or terms of a space, which are no documents.
_TEXTLESS = {
    "wenyuan/db/tables.py",
    "wenyuan/db/texts/matching.py",
    "wenyuan/db/texts/parts.py",
    "wenyuan/db/texts/terms.py",
}
_TEXTLESS_FUNCTIONS = {"compare_chunks", "dates", "only_document", "read_dates"}
#: Commands that measure: what they read stays in their process, and they need the data folder to themselves.
_MEASURING = ("eval/texts",)


def check(project: Project) -> list[Finding]:
    """Return every breach of the rules above."""
    found: list[Finding] = []
    for file in project.product():
        if file.path in READERS and file.path not in _TEXTLESS:
            found += _noted(file)
        if not file.in_folder(*_MEASURING):
            found += _trailed(file)
    return found


def _noted(file: PythonFile) -> Iterator[Finding]:
    noting = {function.name for function in functions(file.tree) if _mentions_trail(function)}
    for function in functions(file.tree):
        arguments = {argument.arg for argument in [*function.args.posonlyargs, *function.args.args]}
        if "scope" not in arguments or function.name.startswith("_") or function.name in _TEXTLESS_FUNCTIONS:
            continue
        called = {last_name(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
        if function.name not in noting and not called & noting:
            yield file.finding(function, "read-noted", f"{function.name} reads text and notes nothing on scope.trail")


def _mentions_trail(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "trail" and last_name(node.value) == "scope"
        for node in ast.walk(function)
    )


def _trailed(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.Call):
            continue
        if last_name(node.func) == "resolve_scope" and len(node.args) < 3 and not _named(node, "trail"):
            yield file.finding(node, "scope-trailed", "a scope of product code needs a trail")
        first = node.args[0] if node.args else None
        unkept = last_name(node.func) == "Trail" and isinstance(first, ast.Constant) and first.value is None
        if unkept and file.path != "wenyuan/access.py":
            yield file.finding(node, "trail-kept", "a trail of product code needs a log")


def _named(node: ast.Call, name: str) -> bool:
    return any(keyword.arg == name for keyword in node.keywords)
