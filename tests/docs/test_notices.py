"""Every notice that an answer may bring has a sentence on the page, in both languages."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"(?:answer|evidence|guard|llm|table)\.[a-z_]+")


def codes() -> set[str]:
    """Return the notice codes that the answer service names, each a constant of its own."""
    return {
        value.value
        for path in (ROOT / "generation").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(value := node.value, ast.Constant)
        and isinstance(value.value, str)
        and CODE.fullmatch(value.value)
    }


def test_every_notice_has_its_sentence() -> None:
    page = (ROOT / "web/js/core/strings/notices.js").read_text(encoding="utf-8")
    told = set(re.findall(r"^  'notice\.([a-z_.]+)': \['[^']+', '[^']+'\],$", page, re.MULTILINE))
    assert {"table.readings", "guard.instructions"} <= codes()
    assert told - {"other"} == codes()
