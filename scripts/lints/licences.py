"""Licence lint: every locked package has a licence that an Apache-2.0 application may depend on."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions

from packaging.utils import canonicalize_name

from scripts.lints.lock import DEV, locked
from scripts.lints.project import Finding, Project

# Copyleft that reaches an application; LGPL is matched too, and needs an exception with its reason.
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU|SSPL|BUSL|Business Source|Commons Clause|Affero)", re.IGNORECASE)
EXCEPTIONS = {
    "crc32c": "LGPL-2.1, unmodified and replaceable; comes with paddlex, not imported by the product",
    "psycopg": "LGPL-3.0, unmodified and replaceable; the PostgreSQL driver of the server profile",
    "psycopg-binary": "LGPL-3.0, unmodified and replaceable; the compiled part of psycopg",
    "python-bidi": "LGPL-3.0, unmodified and replaceable; comes with paddlex, not imported by the product",
}


def check(project: Project) -> list[Finding]:
    """Check the licences of the installed packages that the development lock names."""
    names = set(locked(project.text(DEV) or "")) if DEV in project.paths else set()
    return findings(names, distributions())


def findings(names: set[str], installed: Iterable[Distribution]) -> list[Finding]:
    """Return a finding for each of ``installed`` in ``names`` whose licence is copyleft or not stated."""
    found = []
    for distribution in installed:
        name = canonicalize_name(distribution.metadata["Name"])
        if name not in names or name in EXCEPTIONS:
            continue
        stated = licence(distribution)
        if not stated:
            found.append(Finding(DEV, 0, "licence", f"{name} states no licence"))
        elif COPYLEFT.search(stated):
            found.append(Finding(DEV, 0, "licence", f"{name}: {stated}"))
    return sorted(set(found))


def licence(distribution: Distribution) -> str:
    """Return the licence expression, else the classifiers, else the first line of the licence field."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    if classifiers:
        return "; ".join(line.split("::")[-1].strip() for line in classifiers)
    lines = metadata["License"].strip().splitlines() if "License" in metadata else []
    return lines[0] if lines else ""
