"""The source dialect and the line breaker."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.demo_corpus.model import Cell, Heading, Items, Paragraph, Table
from scripts.demo_corpus.source import read_document
from scripts.demo_corpus.writers.wrap import wrap

FRONT = "---\ntitle: 标题\nnumber: N-1\nversion: V1\ndate: 2025-01-01\nowner: 部门\nlang: zh\n---\n"


def parse(folder: Path, body: str) -> tuple[object, ...]:
    path = folder / "source.md"
    path.write_text(FRONT + body, encoding="utf-8")
    return read_document(path).blocks


def test_blocks(tmp_path: Path) -> None:
    blocks = parse(tmp_path, "## 一\n段落\n- 甲\n- 乙\n1. 先\n2. 后\n")
    assert blocks == (Heading(2, "一"), Paragraph("段落"), Items(("甲", "乙"), False), Items(("先", "后"), True))


def test_merged_cells(tmp_path: Path) -> None:
    (table,) = parse(tmp_path, "!caption 表 1\n| a | b | < |\n| ^ | c | d |\n|===|\n| 1 | 2 | 3 |\n")
    assert isinstance(table, Table)
    assert (table.height, table.width, table.header, table.caption) == (3, 3, 2, "表 1")
    assert table.cells[:2] == (Cell(0, 0, "a", rows=2), Cell(0, 1, "b", columns=2))


@pytest.mark.parametrize("body", ["| a | b |\n|===|\n| 1 |\n", "| a |\n| 1 |\n", "!nonsense\n"])
def test_malformed_sources_are_refused_by_name(tmp_path: Path, body: str) -> None:
    with pytest.raises(ValueError, match=r"source\.md"):
        parse(tmp_path, body)


def test_numbers_keep_their_unit_and_marks_their_place() -> None:
    lines = wrap("柜体宽度为 650 mm，深度（含门）1400 mm。", 8, len)
    assert "650 mm，" in " ".join(lines)
    assert not any(line.startswith(("，", "。", "）")) or line.endswith("（") for line in lines)


@given(st.text("中文，。（）ab1 2m", max_size=60), st.integers(1, 20))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrap(text, width, len)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(lines) or not text.strip()
