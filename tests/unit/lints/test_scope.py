"""The access lint finds every way round the scope, and leaves honest code alone."""

from pathlib import Path

import pytest

from scripts.lints import scope
from scripts.lints.project import Project


def rules(tmp_path: Path, path: str, text: str) -> list[str]:
    return [finding.rule for finding in scope.check(Project.of(tmp_path, {path: text}))]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("retrieval/service.py", "async def search(query: str) -> None: ..."),
        ("retrieval/service.py", "async def search(query: str, scope: AccessScope) -> None: ..."),
        ("retrieval/service.py", "def retrieve(scope) -> None: ..."),
        ("retrieval/index/edge.py", "class E:\n    async def search_dense(self, vector, limit): ..."),
        ("wenyuan/db/evidence.py", "def _load_rows(connection, scope: AccessScope): ..."),
        ("wenyuan/db/search.py", "def search_titles(text: str): ..."),
        ("wenyuan/ports.py", "class P:\n    async def load(self, scope: AccessScope = DEFAULT): ..."),
    ],
)
def test_scope_comes_first(tmp_path: Path, path: str, text: str) -> None:
    assert rules(tmp_path, path, text) == ["scope-first"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("retrieval/service.py", "async def search(scope: AccessScope, query: str) -> None: ..."),
        ("retrieval/index/edge.py", "class E:\n    async def search_dense(self, scope: 'AccessScope', v): ..."),
        ("wenyuan/db/evidence.py", "class E:\n    async def load(self, scope: access.AccessScope, hits): ..."),
        ("retrieval/lexical.py", "def load_frequencies(path): ..."),
        ("wenyuan/settings.py", "def load(path): ..."),
        ("api/routers/search.py", "async def search(body, scope): ..."),
    ],
)
def test_honest_functions_pass(tmp_path: Path, path: str, text: str) -> None:
    assert rules(tmp_path, path, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("async def load_citation(tx, citation_id): ...", {"scope-first", "evidence-key"}),
        ("async def passages(tx, ids): ...", {"evidence-key"}),
        ("async def passages(lease, tx): ...", {"evidence-key"}),
        ("async def read_leased_blocks(lease: Lease, tx): ...", set()),
        ("async def passages(scope: AccessScope, tx): ...", set()),
        ("def _row(row): ...", set()),
    ],
)
def test_every_door_of_the_evidence_store_has_a_key(tmp_path: Path, text: str, expected: set[str]) -> None:
    assert set(rules(tmp_path, "wenyuan/db/evidence.py", text)) == expected


@pytest.mark.parametrize(("path", "expected"), [("ingest/handlers.py", []), ("api/deps.py", ["lease-read"])])
def test_only_ingestion_reads_through_a_lease(tmp_path: Path, path: str, expected: list[str]) -> None:
    assert rules(tmp_path, path, "evidence.read_leased_chunks(lease, tx)") == expected


@pytest.mark.parametrize(
    "text",
    [
        "def f(scope: AccessScope | None): ...",
        "def f(*, scope: Optional[AccessScope]): ...",
        "class C:\n    scope: 'AccessScope | None' = None",
    ],
)
def test_a_scope_is_never_optional(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, "generation/service.py", text) == ["scope-optional"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("retrieval/service.py", "s = AccessScope(seal, 'u', (), 0)"),
        ("api/deps.py", "s = access.AccessScope(seal, 'u', (), 0)"),
        ("api/deps.py", "s = object.__new__(AccessScope)"),
        ("eval/runner.py", "from wenyuan.access import _SEAL"),
        ("tests/fakes/scopes.py", "s = AccessScope(access._SEAL, 'u', (), 0)"),
    ],
)
def test_scopes_are_minted_in_one_place(tmp_path: Path, path: str, text: str) -> None:
    assert set(rules(tmp_path, path, text)) == {"scope-minted"}


def test_a_test_may_show_that_construction_is_refused(tmp_path: Path) -> None:
    text = "with pytest.raises(TypeError):\n    AccessScope(object(), 'u', (), 0)\n"
    assert rules(tmp_path, "tests/security/test_seal.py", text) == []
    assert rules(tmp_path, "api/deps.py", text) == ["scope-minted"]


def test_the_minting_module_itself_passes(tmp_path: Path) -> None:
    text = "_SEAL = object()\nasync def resolve_scope(d, p):\n    return AccessScope(_SEAL, 'u', (), 0)\n"
    assert rules(tmp_path, "wenyuan/access.py", text) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [("api/deps.py", []), ("eval/runner.py", []), ("generation/service.py", ["scope-resolved"] * 2)],
)
def test_scopes_are_resolved_at_the_edge(tmp_path: Path, path: str, expected: list[str]) -> None:
    text = "from wenyuan.access import resolve_scope\nx = resolve_scope\ny = access.resolve_scope\n"
    assert rules(tmp_path, path, text) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("api/auth/tokens.py", []), ("tests/unit/test_x.py", []), ("ingest/pipeline.py", ["principal-made"])],
)
def test_principals_come_from_authentication(tmp_path: Path, path: str, expected: list[str]) -> None:
    assert rules(tmp_path, path, "p = Principal('u', 'n')\n") == expected


@pytest.mark.parametrize("name", ["skip_acl", "bypass", "bypass_policy", "as_system", "ignore_permissions", "no_auth"])
def test_bypasses_are_found_by_name(tmp_path: Path, name: str) -> None:
    assert rules(tmp_path, "retrieval/query.py", f"def f(*, {name}: bool = False): ...") == ["bypass"]
    assert rules(tmp_path, "retrieval/query.py", f"f({name}=True)") == ["bypass"]
    assert rules(tmp_path, "retrieval/query.py", f"class C:\n    {name}: bool = False") == ["bypass"]


@pytest.mark.parametrize("name", ["access", "policy_id", "skip_empty", "scope", "no_cache"])
def test_harmless_names_pass(tmp_path: Path, name: str) -> None:
    assert rules(tmp_path, "retrieval/query.py", f"def f({name}): ...") == []
