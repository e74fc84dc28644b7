"""Text lint: the text of documents is selected in one module, index filters are built in one module.

- ``text-selected``: the text-bearing columns are named only in ``wenyuan/db/evidence.py`` and the modules listed in
  ``READERS`` with their reasons; nobody selects a whole text-bearing table; no raw SQL names one.
- ``filter-built``: the engine's filter types are built only in ``retrieval/index/filters.py``.
"""

import ast
import re
from collections.abc import Iterator

from scripts.lints.project import Finding, Project, PythonFile, dotted, last_name

TEXT_COLUMNS = {
    "chunks": {"text", "context"},
    "blocks": {"body", "original_body"},
    "page_drafts": {"body"},
    "corrections": {"body", "original_body"},
    "profiles": {"body"},
    "turn_parts": {"text"},
    "terms": {"synonyms"},
    "chunk_questions": {"questions"},
}
READERS = {
    "wenyuan/db/evidence.py": "the evidence store: every read joins the policy",
    "wenyuan/db/conversations/reading.py": "what was answered, under the present policy of all that it was made of",
    "wenyuan/db/tables.py": "declares the columns",
    "wenyuan/db/texts/blocks.py": "blocks for readers under the present policy, and for the job that holds the lease",
    "wenyuan/db/texts/corrections.py": "corrections for readers under the present policy, and for the job's lease",
    "wenyuan/db/texts/matching.py": "documents that meet conditions, under the present policy; it returns ids alone",
    "wenyuan/db/texts/parts.py": "says which blocks a rule names, and which page shows one; their text stays there",
    "wenyuan/db/texts/profiles.py": "profiles for readers under the present policy",
    "wenyuan/db/texts/rows.py": "opens rows that the readers here select under a policy or a lease",
    "wenyuan/db/texts/tables.py": "tables for readers under the present policy, without what parts close",
    "wenyuan/db/texts/terms.py": "terms for managers of the space, and for questions under the present policy",
    "wenyuan/db/vault/backlog.py": "seals what was stored before; texts go back into the rows they came from",
    "wenyuan/db/texts/questions.py": "questions for readers under the present policy, and for the job's lease",
}
RAW_SQL = re.compile(rf"\bselect\b.*\b(from|join)\s+({'|'.join(TEXT_COLUMNS)})\b", re.IGNORECASE | re.DOTALL)

FILTERS = "retrieval/index/filters.py"
FILTER_TYPES = {
    "Filter",
    "FieldCondition",
    "MatchAny",
    "MatchExcept",
    "MatchText",
    "MatchValue",
    "MinShould",
    "NestedCondition",
    "HasIdCondition",
    "IsEmptyCondition",
    "IsNullCondition",
}
ENGINES = ("qdrant_client", "qdrant_edge")


def check(project: Project) -> list[Finding]:
    """Return every breach of the rules above in the code that ships."""
    found: list[Finding] = []
    for file in project.product():
        if file.path not in READERS:
            found += _text_selected(file)
        if file.path != FILTERS:
            found += _filters_built(file)
    return found


def _text_selected(file: PythonFile) -> Iterator[Finding]:
    for node in ast.walk(file.tree):
        message = _column(node) or _whole_table(node) or _raw(node)
        if message:
            yield file.finding(node, "text-selected", message)


def _column(node: ast.AST) -> str:
    """Name a text column reached through a table or an alias: ``chunks.c.text``, ``c.columns["text"]``."""
    columns = set().union(*TEXT_COLUMNS.values())
    if isinstance(node, ast.Attribute) and node.attr in columns and _is_columns(node.value):
        return f"{dotted(node)} belongs to the evidence store"
    if isinstance(node, ast.Subscript) and _is_columns(node.value) and isinstance(node.slice, ast.Constant):
        return f"column {node.slice.value!r} belongs to the evidence store" if node.slice.value in columns else ""
    return ""


def _whole_table(node: ast.AST) -> str:
    """Name a whole table that is selected: ``select(chunks)``, ``tables.chunks.select()``."""
    if not isinstance(node, ast.Call) or last_name(node.func) not in {"select", "add_columns", "with_only_columns"}:
        return ""
    owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    whole = [part for part in (*owner, *node.args) if last_name(part) in TEXT_COLUMNS]
    return f"selects all of {dotted(whole[0])}, text included" if whole else ""


def _raw(node: ast.AST) -> str:
    raw = isinstance(node, ast.Constant) and isinstance(node.value, str) and RAW_SQL.search(node.value)
    return "raw SQL reads a table that holds text" if raw else ""


def _is_columns(node: ast.expr) -> bool:
    """Whether ``node`` is the column collection of a table or an alias: ``chunks.c``, ``c.columns``."""
    return isinstance(node, ast.Attribute) and node.attr in {"c", "columns"}


def _filters_built(file: PythonFile) -> Iterator[Finding]:
    if not _imports_engine(file.tree):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and last_name(node.func) in FILTER_TYPES:
            yield file.finding(node, "filter-built", f"{last_name(node.func)} is built in {FILTERS} only")


def _imports_engine(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] in ENGINES for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ENGINES:
            return True
    return False
