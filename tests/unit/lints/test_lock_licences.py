"""The lock, dependency and licence lints."""

from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from scripts.lints import dependencies, licences, lock
from scripts.lints.project import Project

HASH = " \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via x\n"
GOOD = f"onnxruntime==1.2{HASH}opencv-contrib-python==4.1{HASH}rich==14.0 ; sys_platform != 'win32'{HASH}"
PYPROJECT = '[project]\ndependencies = ["rich>=14"]\n[project.optional-dependencies]\ncpu = ["onnxruntime==1.2"]\n'


def rules(tmp_path: Path, **changes: str) -> list[str]:
    files = {"pyproject.toml": PYPROJECT, lock.RUNTIME: GOOD, lock.DEV: f"{GOOD}uv==0.9{HASH}"}
    files |= {lock.BOOTSTRAP: f"uv==0.9{HASH}"}
    names = {"pyproject": "pyproject.toml", "runtime": lock.RUNTIME, "dev": lock.DEV, "bootstrap": lock.BOOTSTRAP}
    files |= {names[key]: text for key, text in changes.items()}
    return [finding.rule for finding in lock.check(Project.of(tmp_path, {k: v for k, v in files.items() if v}))]


def test_good_locks_pass(tmp_path: Path) -> None:
    assert rules(tmp_path) == []
    assert lock.locked(GOOD)["rich"].startswith("==14.0 ; sys_platform")


@pytest.mark.parametrize("line", ["rich", "rich<15", "rich!=14.1"])
def test_every_dependency_has_a_lower_bound(tmp_path: Path, line: str) -> None:
    assert rules(tmp_path, pyproject=f'[project]\ndependencies = ["{line}"]\n') == ["lower-bound"]


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        (GOOD + f"opencv-python-headless==4.1{HASH}", {"lock-one", "lock-differs"}),
        (GOOD + f"onnxruntime-gpu==1.2{HASH}", {"lock-one", "lock-differs"}),
        (GOOD.replace("onnxruntime==", "orjson=="), {"lock-one", "lock-differs"}),
        (GOOD + f"torch==2.1{HASH}", {"lock-forbidden", "lock-differs"}),
        (GOOD + f"nvidia-cublas==2.1{HASH}", {"lock-forbidden", "lock-differs"}),
        (GOOD + "typer==1.0\n", {"lock-hash", "lock-differs"}),
        (GOOD + f"typer>=1.0{HASH}", {"lock-hash", "lock-differs"}),
        ("--index-url https://example.com/simple\n" + GOOD, {"lock-address"}),
        ("--find-links wheels\n" + GOOD, {"lock-address"}),
        (GOOD.replace("14.0", "14.1"), {"lock-differs"}),
        ("", {"lock-missing"}),
    ],
)
def test_faults_of_a_lock(tmp_path: Path, runtime: str, expected: set[str]) -> None:
    assert set(rules(tmp_path, runtime=runtime)) == expected


class Installed(Distribution):
    """A distribution with metadata given in the test."""

    def __init__(self, **fields: str) -> None:
        self.message = Message()
        for key, value in fields.items():
            self.message[key.replace("_", "-")] = value

    @property
    def metadata(self) -> Any:
        return self.message

    def read_text(self, filename: str) -> str | None:
        return None

    def locate_file(self, path: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"License_Expression": "Apache-2.0"}, False),
        ({"License_Expression": "MIT AND BSD-3-Clause"}, False),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, False),
        ({"License": "BSD\nmore text that mentions the GNU project"}, False),
        ({"License_Expression": "AGPL-3.0-only"}, True),
        ({"License": "GPLv3"}, True),
        ({"Classifier": "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"}, True),
        ({}, True),
    ],
)
def test_licences(fields: dict[str, str], found: bool) -> None:
    package = Installed(Name="Some_Package", **fields)
    assert bool(licences.findings({"some-package"}, [package])) is found
    assert licences.findings({"another"}, [package]) == []


def test_exceptions_are_named_with_a_reason() -> None:
    assert licences.findings({"psycopg"}, [Installed(Name="psycopg", License="LGPL-3.0-only")]) == []
    assert all(len(reason) > 20 for reason in licences.EXCEPTIONS.values())


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("api/app.py", "import alpha\nimport os\nfrom api import deps\n", []),
        ("api/app.py", "import alpha\nfrom beta.sub import x\n", ["undeclared"]),
        ("api/app.py", "import alpha\ndef f():\n    import nowhere\n", ["undeclared"]),
        ("api/app.py", "import alpha\nimport tool\n", ["undeclared"]),
        ("tests/test_a.py", "import alpha\nimport tool\n", ["unused"]),
        ("api/app.py", "import os\n", ["unused"]),
        ("api/app.py", "import alpha\nimport other_engine\n", ["undeclared"]),
        ("benchmarks/a.py", "import other_engine\n", ["unused"]),
        ("api/app.py", "import alpha\nimport runner\n", []),
    ],
)
def test_imports_and_declarations_agree(tmp_path: Path, path: str, text: str, expected: list[str]) -> None:
    declared: dict[str, object] = {
        "dependencies": ["Alpha-Lib>=1", "psycopg>=3"],
        "optional-dependencies": {"dev": ["tool>=1"], "peers": ["other-engine>=1"], "gpu": ["runner>=1"]},
    }
    owners = {"alpha": ["alpha_lib"], "beta": ["beta"], "tool": ["tool"]}
    found = dependencies.findings(Project.of(tmp_path, {path: text}), declared, owners)
    assert [finding.rule for finding in found] == expected
