"""The size, rooms and words lints: a breach of each rule is found, what keeps it passes."""

from pathlib import Path

import pytest

from scripts.lints import rooms, size, words
from scripts.lints.project import Project

PYPROJECT = """
[tool.importlinter]
root_packages = ["retrieval", "api", "eval"]
[[tool.importlinter.contracts]]
type = "forbidden"
source_modules = ["retrieval", "eval"]
forbidden_modules = ["engine"]
ignore_imports = ["retrieval.index -> *", "retrieval.index.** -> *"]
"""


def lines(count: int) -> str:
    return "x = 1\n" * count


def function(count: int) -> str:
    return "def f():\n" + "    x = 1\n" * (count - 1)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("api/a.py", lines(500), []),
        ("api/a.py", lines(501), ["file-size"]),
        ("web/a.css", lines(501), ["file-size"]),
        ("tests/golden/a.py", lines(501), []),
        ("requirements/dev.lock", lines(501), []),
        ("api/a.py", function(60), []),
        ("api/a.py", function(61), ["function-size"]),
        ("api/a.py", "class C:\n    async " + function(61).replace("\n", "\n    "), ["function-size"]),
    ],
)
def test_size_of_files_and_functions(tmp_path: Path, path: str, text: str, expected: list[str]) -> None:
    assert [finding.rule for finding in size.check(Project.of(tmp_path, {path: text}))] == expected


@pytest.mark.parametrize(
    ("folder", "count", "expected"),
    [("api", 12, []), ("api", 13, ["folder-size"]), ("tests/golden/embedder", 13, []), (".", 13, ["folder-size"])],
)
def test_size_of_folders(tmp_path: Path, folder: str, count: int, expected: list[str]) -> None:
    files = {f"{folder}/f{number}.txt".removeprefix("./"): "" for number in range(count)}
    assert [finding.rule for finding in size.check(Project.of(tmp_path, files))] == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("retrieval/service.py", "import_module('engine.models')", ["room"]),
        ("retrieval/service.py", "load('engine.models')", ["room"]),
        ("retrieval/service.py", "importlib.import_module('other')", []),
        ("retrieval/service.py", "say('engine')\nsay('The engine. It runs')", []),
        ("retrieval/index/edge.py", "import_module('engine')", []),
        ("retrieval/index/__init__.py", "import_module('engine')", []),
        ("retrieval/index_extra.py", "__import__('engine')", ["room"]),
        ("api/app.py", "import_module('engine')", []),
        ("eval/run.py", "import_module('engine')", ["room"]),
    ],
)
def test_rooms_hold_for_imports_by_name(tmp_path: Path, path: str, text: str, expected: list[str]) -> None:
    project = Project.of(tmp_path, {"pyproject.toml": PYPROJECT, path: text})
    assert [finding.rule for finding in rooms.check(project)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data = '/" + "work/data'", ["machine-path"]),
        ("see /" + "root/.cache", ["machine-path"]),
        ("cd /" + "home/someone/x", ["machine-path"]),
        ("pip install -i https://mirrors" + ".example.com/simple", ["registry-host"]),
        ("https://py" + "pi.org/simple", ["registry-host"]),
        ("GET /v1/work/items and ./work/x and the /workers/ route", []),
        ("the homework/work/flow", []),
        ("https://www.apache.org/licenses/", []),
    ],
)
def test_words_of_one_machine_or_registry(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [finding.rule for finding in words.check(Project.of(tmp_path, {"docs/a.md": text}))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import eval", ["bare-eval"]),
        ("import eval.runner", ["bare-eval"]),
        ("import eval.runner as runner", []),
        ("from eval import runner", []),
        ("from starlette.middleware.base import BaseHTTPMiddleware", ["base-http-middleware"]),
        ("x = base.BaseHTTPMiddleware", ["base-http-middleware"]),
        ("from starlette.middleware import Middleware", []),
    ],
)
def test_forbidden_imports(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [finding.rule for finding in words.check(Project.of(tmp_path, {"tests/a.py": text}))] == expected


def test_binary_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0/" + b"work/x")
    assert words.check(Project(tmp_path, ("a.png",))) == []
