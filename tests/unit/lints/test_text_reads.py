"""The text lint finds reads of document text outside the evidence store, and filters outside their module."""

from pathlib import Path

import pytest

from scripts.lints import text_reads
from scripts.lints.project import Project


def rules(tmp_path: Path, path: str, text: str) -> list[str]:
    return [finding.rule for finding in text_reads.check(Project.of(tmp_path, {path: text}))]


@pytest.mark.parametrize(
    "text",
    [
        "select(chunks.c.text)",
        "select(tables.chunks.c.id, tables.chunks.c.context)",
        "c = chunks.alias()\nselect(c.c.text)",
        "select(chunks.c['text'])",
        "select(blocks.columns.body)",
        "select(chunks)",
        "tables.chunks.select()",
        "text('SELECT id, text\\nFROM chunks WHERE id = :id')",
    ],
)
def test_text_is_selected_by_the_evidence_store_only(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, "wenyuan/db/documents.py", text) == ["text-selected"]
    assert rules(tmp_path, "wenyuan/db/evidence.py", text) == []


@pytest.mark.parametrize(
    "text",
    ["select(chunks.c.id)", "insert(chunks).values(text=t)", "select(documents)", "delete(chunks)", "block.text"],
)
def test_other_statements_pass(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, "wenyuan/db/documents.py", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "from qdrant_client import models\nmodels.Filter(must=[])",
        "import qdrant_edge\nqdrant_edge.FieldCondition('k')",
        "from qdrant_client.models import MatchAny\nMatchAny(any=[1])",
    ],
)
def test_filters_are_built_in_one_module(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, "retrieval/index/server.py", text) == ["filter-built"]
    assert rules(tmp_path, "retrieval/index/filters.py", text) == []


def test_a_filter_of_something_else_passes(tmp_path: Path) -> None:
    assert rules(tmp_path, "wenyuan/obs.py", "from logging import Filter\nFilter('x')\n") == []
