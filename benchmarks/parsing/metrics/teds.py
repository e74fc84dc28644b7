"""Tree-edit-distance-based similarity of tables.

Zhong, ShafieiBavani, Jimeno Yepes: Image-based table recognition: data, model, and evaluation (ECCV 2020): TEDS(a, b)
= 1 - EditDist(a, b) / max(|a|, |b|) over the trees table > row > cell. Inserting and deleting a node costs 1;
replacing one costs 1 when the tags or the spans differ, and else the normalised Levenshtein distance of the two
cells' texts. The structure variant leaves texts out. Texts are compared without blanks; positions no cell covers
count as empty cells; heads are not told from bodies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apted import APTED, Config
from rapidfuzz.distance import Levenshtein

from benchmarks.parsing.metrics.text import canonical, char_score
from wenyuan.documents import Table


@dataclass(slots=True)
class _Node:
    tag: str
    spans: tuple[int, int] = (1, 1)
    text: str = ""
    children: list["_Node"] = field(default_factory=list)


class _Costs(Config):  # type: ignore[misc]
    def rename(self, node1: _Node, node2: _Node) -> float:
        if node1.tag != node2.tag or node1.spans != node2.spans:
            return 1.0
        if node1.text == node2.text:
            return 0.0
        return float(Levenshtein.normalized_distance(node1.text, node2.text))

    def children(self, node: _Node) -> list[_Node]:
        return node.children


def teds(found: Table, expected: Table, *, structure: bool = False) -> float:
    """Return the similarity of two tables in 0..1, of their structure alone if ``structure``."""
    ours, theirs = (_tree(table, with_text=not structure) for table in (found, expected))
    if ours == theirs:
        return 1.0
    size = max(_size(ours), _size(theirs))
    return 1.0 - float(APTED(ours, theirs, _Costs()).compute_edit_distance()) / size


def match_tables(found: Sequence[Table], expected: Sequence[Table]) -> list[Table | None]:
    """Return for each expected table the found one that shares most characters with it, each used once."""
    shares = [
        (score.f1, at, truth)
        for truth, wanted in enumerate(expected)
        for at, table in enumerate(found)
        if (score := char_score(_text(table), _text(wanted))).f1 > 0.2
    ]
    matched: list[Table | None] = [None] * len(expected)
    taken: set[int] = set()
    for _, at, truth in sorted(shares, reverse=True):
        if at not in taken and matched[truth] is None:
            matched[truth] = found[at]
            taken.add(at)
    return matched


def _text(table: Table) -> str:
    return "".join(cell.text for cell in table.cells)


def _tree(table: Table, *, with_text: bool) -> _Node:
    covered: set[tuple[int, int]] = set()
    starts: dict[tuple[int, int], _Node] = {}
    for cell in table.cells:
        text = canonical(cell.text) if with_text else ""
        starts[cell.row, cell.column] = _Node("cell", (cell.row_span, cell.column_span), text)
        covered.update(
            (row, column)
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        )
    rows = []
    for row in range(table.rows):
        cells: list[_Node] = []
        for column in range(table.columns):
            if (row, column) in starts:
                cells.append(starts[row, column])
            elif (row, column) not in covered:
                cells.append(_Node("cell"))
        rows.append(_Node("row", children=cells))
    return _Node("table", children=rows)


def _size(node: Any) -> int:
    return 1 + sum(map(_size, node.children))
