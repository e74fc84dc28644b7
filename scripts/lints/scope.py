"""Access lint: text is read through a scope, and a scope is minted in one place.

Rules (the permission spine of the architecture):

- ``scope-first``: a function that searches, loads or retrieves takes ``scope: AccessScope`` first, with no default.
- ``evidence-key``: every public function of the evidence store takes a scope or the lease of an ingestion job first.
- ``lease-read``: what a lease opens (``read_leased_*``) is used by ingestion only.
- ``scope-optional``: no parameter or field may hold "a scope or None".
- ``scope-minted``: ``AccessScope`` is constructed, and its seal touched, only in ``wenyuan/access.py``; a test may
  construct one only to see it refused.
- ``scope-resolved``: ``resolve_scope`` is used only by the API's dependencies, the evaluation, benchmarks and tests.
- ``principal-made``: ``Principal`` is constructed only by ``api.auth``, the evaluation, benchmarks and tests.
- ``bypass``: no parameter or field whose name promises a way round the policy.
"""

import ast
import re
from collections.abc import Iterator

from scripts.lints.project import Finding, Project, PythonFile, functions, last_name, mentions

ACCESS = "wenyuan/access.py"
EVIDENCE = "wenyuan/db/evidence.py"
EVIDENCE_KEYS = {"scope": "AccessScope", "lease": "Lease"}
LEASE_READERS = (EVIDENCE, "ingest", "tests")
SCOPED_NAME = re.compile(r"^(search|load|retrieve)(_|$)")
SCOPED_FILES = (
    "wenyuan/ports.py",
    EVIDENCE,
    "retrieval/service.py",
    "retrieval/index",
    "retrieval/query.py",
    "generation/service.py",
)
SEARCH_NAME = re.compile(r"^(search|retrieve)(_|$)")
SEARCH_FILES = ("retrieval", "wenyuan/db")

RESOLVERS = (ACCESS, "api/deps.py", "api/auth", "eval", "benchmarks", "tests")
PRINCIPAL_MAKERS = ("api/auth", "eval", "benchmarks", "tests")
BYPASS = re.compile(
    r"^(bypass\w*|\w*_bypass|as_system|as_root|sudo|superuser|unrestricted|"
    r"(skip|ignore|no|without|disable)_(acl|access|auth|authz|permission|permissions|policy|policies|scope)\w*|"
    r"trust_caller|allow_all)$"
)


def check(project: Project) -> list[Finding]:
    """Return every breach of the rules above."""
    found: list[Finding] = []
    for file in project.python:
        found += [*_seal(file), *_placed(file)]
    for file in project.product():
        found += [*_scope_first(file), *_evidence_keys(file), *_optional(file), *_bypass(file)]
    return found


def _scoped(file: PythonFile, name: str) -> bool:
    return bool(
        (file.in_folder(*SCOPED_FILES) and SCOPED_NAME.match(name))
        or (file.in_folder(*SEARCH_FILES) and SEARCH_NAME.match(name))
    )


def _scope_first(file: PythonFile) -> Iterator[Finding]:
    for function in functions(file.tree):
        if _scoped(file, function.name.lstrip("_")) and not _first_is(function, {"scope": "AccessScope"}):
            yield file.finding(function, "scope-first", f"{function.name} must take `scope: AccessScope` first")


def _evidence_keys(file: PythonFile) -> Iterator[Finding]:
    if file.path != EVIDENCE:
        return
    for function in functions(file.tree):
        if not function.name.startswith("_") and not _first_is(function, EVIDENCE_KEYS):
            yield file.finding(function, "evidence-key", f"{function.name} must take a scope or a lease first")


def _first_is(function: ast.FunctionDef | ast.AsyncFunctionDef, keys: dict[str, str]) -> bool:
    """Whether the first parameter after ``self`` has one of these names and types, and no default."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    if arguments and arguments[0].arg in {"self", "cls"}:
        arguments = arguments[1:]
    if not arguments or arguments[0].arg not in keys or len(function.args.defaults) >= len(arguments):
        return False
    wanted, annotation = keys[arguments[0].arg], arguments[0].annotation
    if isinstance(annotation, ast.Constant):
        return annotation.value == wanted
    return annotation is not None and last_name(annotation) == wanted


def _optional(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        annotation = node.annotation if isinstance(node, ast.arg | ast.AnnAssign) else None
        if annotation is None or not mentions(annotation, {"AccessScope"}):
            continue
        text = ast.unparse(annotation)
        if re.search(r"\bOptional\b|\bNone\b", text):
            yield file.finding(node, "scope-optional", f"a scope is never optional: {text}")


def _seal(file: PythonFile) -> Iterator[Finding]:
    if file.path == ACCESS:
        return
    refused = _inside_raises(file.tree) if file.in_folder("tests") else set()
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and node not in refused:
            target = node.func
            made = last_name(target) == "AccessScope"
            forged = last_name(target) == "__new__" and mentions(node, {"AccessScope"})
            if made or forged:
                yield file.finding(node, "scope-minted", "only resolve_scope mints an AccessScope")
        elif isinstance(node, ast.ImportFrom) and node.module == "wenyuan.access":
            if any(alias.name == "_SEAL" for alias in node.names):
                yield file.finding(node, "scope-minted", "the seal stays in wenyuan/access.py")
        elif isinstance(node, ast.Attribute) and node.attr == "_SEAL":
            yield file.finding(node, "scope-minted", "the seal stays in wenyuan/access.py")


def _inside_raises(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes below ``with pytest.raises(...)``: there a test shows that the construction is refused."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(mentions(item.context_expr, {"raises"}) for item in node.items):
            inside.update(part for statement in node.body for part in ast.walk(statement))
    return inside


def _placed(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        name = last_name(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if name == "resolve_scope" and not file.in_folder(*RESOLVERS):
            yield file.finding(node, "scope-resolved", "scopes are resolved by api.deps and the evaluation only")
        if name.startswith("read_leased") and not file.in_folder(*LEASE_READERS):
            yield file.finding(node, "lease-read", "only ingestion reads through a lease")
        if isinstance(node, ast.Call) and last_name(node.func) == "Principal" and not file.in_folder(*PRINCIPAL_MAKERS):
            yield file.finding(node, "principal-made", "principals come from api.auth only")


def _bypass(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.arg | ast.keyword):
            name = node.arg or ""
        elif isinstance(node, ast.AnnAssign):
            name = last_name(node.target)
        else:
            continue
        if BYPASS.match(name):
            yield file.finding(node, "bypass", f"`{name}` is a bypass")
