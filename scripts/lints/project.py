"""What the lints look at: the files of the project and their syntax trees."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

PRODUCT = ("wenyuan", "ingest", "retrieval", "generation", "api", "eval")


class Finding(NamedTuple):
    """One broken rule; ``line`` is 1-based, 0 for the file as a whole."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule} {self.message}"


@dataclass
class PythonFile:
    """A Python file; ``path`` is relative to the project, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, filename=self.path)

    def finding(self, node: ast.AST, rule: str, message: str) -> Finding:
        """Return a finding at ``node``."""
        return Finding(self.path, getattr(node, "lineno", 0), rule, message)

    def in_folder(self, *folders: str) -> bool:
        """Whether the file lies in (or is) one of ``folders``."""
        return any(self.path == folder or self.path.startswith(folder + "/") for folder in folders)


@dataclass
class Project:
    """The files that version control knows or would take up, relative to ``root``."""

    root: Path
    paths: tuple[str, ...]
    _texts: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def at(cls, root: Path) -> "Project":
        """List the files below ``root`` through git. Raises ``CalledProcessError`` outside a work tree."""
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout.decode()
        names = sorted({name for name in listed.split("\0") if name})
        return cls(root, tuple(name for name in names if (root / name).is_file()))

    @classmethod
    def of(cls, root: Path, files: dict[str, str]) -> "Project":
        """Write ``files`` (path to text) below ``root`` and return the project they make."""
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return cls(root, tuple(sorted(files)))

    def text(self, path: str) -> str | None:
        """Return the text of a file, None when it is binary or not UTF-8."""
        if path not in self._texts:
            data = (self.root / path).read_bytes()
            try:
                self._texts[path] = None if b"\0" in data else data.decode()
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of every text file."""
        for path in self.paths:
            text = self.text(path)
            if text is not None:
                yield path, text

    @cached_property
    def python(self) -> tuple[PythonFile, ...]:
        """Every Python file."""
        return tuple(PythonFile(path, text) for path, text in self.texts() if path.endswith(".py"))

    def product(self) -> tuple[PythonFile, ...]:
        """The Python files that ship."""
        return tuple(file for file in self.python if file.in_folder(*PRODUCT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function, method and nested function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` of a chain of attributes, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def last_name(node: ast.expr) -> str:
    """Return the last part of a name or an attribute, empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def mentions(node: ast.AST | None, names: Iterable[str]) -> bool:
    """Whether ``node`` names one of ``names``, also inside a quoted annotation."""
    if node is None:
        return False
    wanted = set(names)
    for part in ast.walk(node):
        if isinstance(part, ast.expr) and last_name(part) in wanted:
            return True
        quoted = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
        if wanted.intersection(re.findall(r"\w+", quoted)):
            return True
    return False
