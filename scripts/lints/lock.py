"""Lock lint: lower bounds, hashes, one OpenCV, one ONNX Runtime, no torch, licences that fit Apache-2.0."""

import re
import tomllib
from collections.abc import Iterable, Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lints.project import Finding, Project

RUNTIME = "requirements/runtime.lock"
DEV = "requirements/dev.lock"
BOOTSTRAP = "requirements/bootstrap.lock"
LOCKS = (RUNTIME, DEV, BOOTSTRAP)

EXACTLY_ONE = {"opencv": re.compile(r"^opencv-"), "onnxruntime": re.compile(r"^onnxruntime(-|$)")}
FORBIDDEN = re.compile(r"^(torch|torchvision|torchaudio|tensorflow|paddlepaddle|nvidia-.*|triton|pymupdf.*)$")
ADDRESS = re.compile(
    r"^\s*(?:--(?:index-url|extra-index-url|find-links|trusted-host)|-[if]\s)|https?://|\s@\s", re.MULTILINE
)
ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<rest>.*)$", re.MULTILINE)


def check(project: Project) -> list[Finding]:
    """Return what is wrong with the declared and the locked dependencies."""
    found = list(_bounds((project.root / "pyproject.toml").read_text(encoding="utf-8")))
    for path in LOCKS:
        text = project.text(path) if path in project.paths else None
        if text is None:
            found.append(Finding(path, 0, "lock-missing", "run `make lock`"))
        else:
            found += _lock(path, text)
    return found + list(_subset(project))


def locked(text: str) -> dict[str, str]:
    """Return canonical name to the rest of the entry (version, marker, hashes)."""
    joined = text.replace("\\\n", " ")
    return {canonicalize_name(match["name"]): match["rest"] for match in ENTRY.finditer(joined)}


def _bounds(pyproject: str) -> Iterator[Finding]:
    project = tomllib.loads(pyproject)["project"]
    groups: Iterable[list[str]] = project.get("optional-dependencies", {}).values()
    for line in [*project.get("dependencies", []), *(line for group in groups for line in group)]:
        if not any(specifier.operator in {">=", "==", "~=", ">"} for specifier in Requirement(line).specifier):
            yield Finding("pyproject.toml", 0, "lower-bound", f"{line} has no lower bound")


def _lock(path: str, text: str) -> Iterator[Finding]:
    entries = locked(text)
    for match in ADDRESS.finditer(text):
        yield Finding(path, text.count("\n", 0, match.start()) + 1, "lock-address", "a lock names no address")
    for name, rest in entries.items():
        if not rest.startswith("==") or "--hash=sha256:" not in rest:
            yield Finding(path, 0, "lock-hash", f"{name} is not pinned with a hash")
        if FORBIDDEN.match(name):
            yield Finding(path, 0, "lock-forbidden", f"{name} does not belong in the install")
    if path != BOOTSTRAP:
        for family, pattern in EXACTLY_ONE.items():
            members = sorted(name for name in entries if pattern.match(name))
            if len(members) != 1:
                yield Finding(path, 0, "lock-one", f"exactly one {family} distribution, found {members or 'none'}")


def _subset(project: Project) -> Iterator[Finding]:
    """The smaller locks agree with the development lock, version by version."""
    texts = {path: project.text(path) for path in LOCKS if path in project.paths}
    whole = {name: _version(rest) for name, rest in locked(texts.get(DEV) or "").items()}
    for path in (RUNTIME, BOOTSTRAP):
        for name, rest in locked(texts.get(path) or "").items():
            if whole.get(name) != _version(rest):
                message = f"{name} {_version(rest)} differs from {DEV}: {whole.get(name)}"
                yield Finding(path, 0, "lock-differs", message)


def _version(rest: str) -> str:
    return rest.removeprefix("==").split()[0] if rest.startswith("==") else ""
