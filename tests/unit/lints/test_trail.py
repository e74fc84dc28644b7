"""The audit lint finds readers that note nothing, and scopes and trails that lead nowhere."""

from pathlib import Path

import pytest

from scripts.lints import trail
from scripts.lints.project import Project

EVIDENCE = "wenyuan/db/evidence.py"
HEAD = "async def load_it(scope: AccessScope, tx: Connection) -> str:\n"


def rules(tmp_path: Path, path: str, text: str) -> list[str]:
    return [finding.rule for finding in trail.check(Project.of(tmp_path, {path: text}))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HEAD + "    return await tx.scalar(TEXT)\n", ["read-noted"]),
        (HEAD + "    scope.trail.note(Action.PREVIEW, [])\n    return ''\n", []),
        (HEAD + "    return _noted(scope, '')\n\ndef _noted(scope, text):\n    scope.trail.note(1)\n", []),
        (HEAD + "    return _other(scope, '')\n\ndef _other(scope, text):\n    return text\n", ["read-noted"]),
        ("class S:\n    async def load(self, scope, hits):\n        return hits\n", ["read-noted"]),
        ("async def read_leased(lease: Lease, tx: Connection) -> str:\n    return ''\n", []),
    ],
)
def test_readers_of_text_note_what_they_read(tmp_path: Path, text: str, found: list[str]) -> None:
    assert rules(tmp_path, EVIDENCE, text) == found
    assert rules(tmp_path, "wenyuan/db/health.py", text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("scope = await resolve_scope(directory, principal)\n", ["scope-trailed"]),
        ("scope = await resolve_scope(directory, principal, trail)\n", []),
        ("scope = await resolve_scope(directory, principal, trail=trail)\n", []),
        ("trail = Trail(None)\n", ["trail-kept"]),
        ("trail = Trail(services.audit, 'r')\n", []),
    ],
)
def test_product_code_keeps_its_trails(tmp_path: Path, text: str, found: list[str]) -> None:
    assert rules(tmp_path, "api/deps.py", text) == found
    assert rules(tmp_path, "benchmarks/search.py", text) == []
