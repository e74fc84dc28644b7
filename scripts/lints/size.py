"""Size lint: a file has at most 500 lines, a function 60, a folder 12 files."""

from collections import Counter
from pathlib import PurePosixPath

from scripts.lints.project import Finding, Project, functions

FILE_LINES = 500
FUNCTION_LINES = 60
FOLDER_FILES = 12

CODE = {".py", ".js", ".mjs", ".css", ".html", ".sh", ".md", ".yaml", ".yml", ".toml", ".mako"}
# Files and folders that are data or records: they grow with what they hold, nobody reads them from end to end.
DATA_PARTS = {"golden", "data", "corpus", "content", "versions", "adr"}
DATA_FILES = {"CHANGELOG.md"}


def check(project: Project) -> list[Finding]:
    """Return files, functions and folders over the limits."""
    return [*_files(project), *_functions(project), *_folders(project)]


def _is_data(path: str) -> bool:
    return path in DATA_FILES or not DATA_PARTS.isdisjoint(PurePosixPath(path).parts[:-1])


def _files(project: Project) -> list[Finding]:
    found = []
    for path, text in project.texts():
        lines = text.count("\n")
        if PurePosixPath(path).suffix in CODE and not _is_data(path) and lines > FILE_LINES:
            found.append(Finding(path, 0, "file-size", f"{lines} lines, the limit is {FILE_LINES}"))
    return found


def _functions(project: Project) -> list[Finding]:
    found = []
    for file in project.python:
        if _is_data(file.path):
            continue
        for function in functions(file.tree):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES:
                message = f"{function.name} has {lines} lines, the limit is {FUNCTION_LINES}"
                found.append(file.finding(function, "function-size", message))
    return found


def _folders(project: Project) -> list[Finding]:
    sizes = Counter(str(PurePosixPath(path).parent) for path in project.paths if not _is_data(path))
    return [
        Finding(folder, 0, "folder-size", f"{count} files, the limit is {FOLDER_FILES}")
        for folder, count in sorted(sizes.items())
        if count > FOLDER_FILES
    ]
