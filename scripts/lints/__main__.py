"""``python -m scripts.lints [NAME ...]``: run all lints, or those named; exit code 1 when something is found."""

import sys
from collections.abc import Callable
from pathlib import Path

from scripts.lints import dependencies, licences, lock, rooms, scope, size, text_reads, trail, words
from scripts.lints.project import Finding, Project

LINTS: dict[str, Callable[[Project], list[Finding]]] = {
    "scope": scope.check,
    "text": text_reads.check,
    "trail": trail.check,
    "size": size.check,
    "rooms": rooms.check,
    "words": words.check,
    "dependencies": dependencies.check,
    "lock": lock.check,
    "licences": licences.check,
}


def main(names: list[str]) -> int:
    """Run the lints and print their findings."""
    unknown = sorted(set(names) - set(LINTS))
    if unknown:
        print(f"unknown lint: {', '.join(unknown)}; there are {', '.join(LINTS)}", file=sys.stderr)
        return 2
    project = Project.at(Path(__file__).resolve().parents[2])
    found = [finding for name in names or LINTS for finding in LINTS[name](project)]
    for finding in found:
        print(finding)
    print(f"{len(found)} findings in {len(project.paths)} files", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
