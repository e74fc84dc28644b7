"""Words lint: nothing of one machine or of one registry stands in the project, and two imports are forbidden.

- ``machine-path``: an absolute path of somebody's machine.
- ``registry-host``: the address of a package registry; clients know theirs from their own settings.
- ``base-http-middleware``: it buffers streams; write a pure ASGI middleware.
- ``bare-eval``: ``import eval`` hides the builtin of that name.
"""

import ast
import re
from collections.abc import Iterator

from scripts.lints.project import Finding, Project, PythonFile, last_name

LINES = {
    "machine-path": re.compile(r"(?<![\w.~{}/-])/(?:work|root|home/\w+|Users/\w+|tmp/lab)(?:/|\b)"),
    "registry-host": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|npmmirror\.com|deb\.debian\.org|security\.debian\.org|"
        r"(?:mirrors?|pypi)\.[\w-]+\.(?:com|cn|edu\.cn|org)\b",
        re.IGNORECASE,
    ),
}


def check(project: Project) -> list[Finding]:
    """Return every forbidden word in any text file, and the forbidden imports in any Python file."""
    found = [
        Finding(path, number, rule, match.group())
        for path, text in project.texts()
        for number, line in enumerate(text.splitlines(), start=1)
        for rule, pattern in LINES.items()
        if (match := pattern.search(line))
    ]
    for file in project.python:
        found += _imports(file)
    return found


def _imports(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "eval" and alias.asname in {None, "eval"}:
                    yield file.finding(node, "bare-eval", "hides the builtin: write `from eval.x import y`")
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if "BaseHTTPMiddleware" in names or (
            isinstance(node, ast.Attribute) and last_name(node) == "BaseHTTPMiddleware"
        ):
            yield file.finding(node, "base-http-middleware", "write a pure ASGI middleware")
