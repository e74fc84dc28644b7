"""Charts and SmartArt of Office files: the values and words they store, as tables and list items."""

from collections.abc import Iterator
from typing import Any, Final

from ingest.parsing.office.drawing.show import show_number
from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.office.package import Package, whole
from ingest.parsing.office.pieces import Piece
from wenyuan.documents import BlockKind, Cell

_C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DGM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_MAX_POINTS: Final = 2000
_MAX_SERIES: Final = 200


def chart_pieces(package: Package, part: str, *, anchor: str | None = None, section: int = 0) -> Iterator[Piece]:
    """Yield the title of a chart as a caption, and its cached series as a table: categories down, series across.

    The table names the chart's part as its media: its cells are drawn, not written.
    """
    root = package.xml(part)
    title = _text(root.find(f"{_C}chart/{_C}title"))
    if title:
        yield Piece(BlockKind.CAPTION, title, anchor=anchor, section=section)
    table = make_table(_series_cells(root))
    if table is not None:
        yield Piece(BlockKind.TABLE, table_text(table), table=table, anchor=anchor, section=section, media=part)


def _series_cells(root: Any) -> list[Cell]:
    series = [node for _, node in zip(range(_MAX_SERIES), root.iter(_C + "ser"), strict=False)]
    rows: dict[int, str] = {}
    columns: list[tuple[str, dict[int, str]]] = []
    for node in series:
        for name in ("cat", "xVal"):
            for index, label in _points(node.find(_C + name)).items():
                rows.setdefault(index, label)
        for name in ("val", "yVal", "bubbleSize"):
            values = _points(node.find(_C + name))
            if values:
                columns.append((_text(node.find(_C + "tx")), values))
    indexes = sorted(set(rows).union(*(values for _, values in columns)))
    cells = [Cell(0, column, name, header=True) for column, (name, _) in enumerate(columns, 1)] if columns else []
    if cells:
        cells.insert(0, Cell(0, 0, "", header=True))
    for row, index in enumerate(indexes, 1):
        cells.append(Cell(row, 0, rows.get(index, str(index + 1))))
        cells += [Cell(row, column, values.get(index, "")) for column, (_, values) in enumerate(columns, 1)]
    return cells


def _points(node: Any) -> dict[int, str]:
    """Return the cached points of a reference or literal by their index; of several levels, the words joined."""
    found: dict[int, str] = {}
    if node is None:
        return found
    layers = list(node.iter(_C + "lvl"))[::-1] or [node]
    for layer in layers:
        last = ""
        number_format = layer.findtext(f".//{_C}formatCode") or "General"
        points = {whole(point.get("idx")): point for point in layer.iter(_C + "pt")}
        count = max([*points, *found], default=-1) + 1
        for index in range(min(count, _MAX_POINTS)):
            point = points.get(index)
            if point is not None:
                last = _value(point.findtext(_C + "v") or "", point.get("formatCode") or number_format)
            elif len(layers) == 1:
                continue
            if last:
                found[index] = f"{found[index]} / {last}" if index in found else last
    return found


def _value(text: str, number_format: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return clean_cell(text)
    return clean_cell(show_number(number, number_format))


def _text(node: Any) -> str:
    """Return the words of a title or a series name: rich text, else the cached value of its reference."""
    if node is None:
        return ""
    paragraphs = ["".join(leaf.text or "" for leaf in p.iter(_A + "t")) for p in node.iter(_A + "p")]
    words = " ".join(filter(None, paragraphs)) or " ".join(leaf.text or "" for leaf in node.iter(_C + "v"))
    return clean_cell(words)


def diagram_pieces(package: Package, part: str, *, anchor: str | None = None, section: int = 0) -> Iterator[Piece]:
    """Yield the texts of a SmartArt drawing as list items, parents before their children."""
    root = package.xml(part)
    texts: dict[str, str] = {}
    for point in root.iter(_DGM + "pt"):
        if point.get("type", "node") in ("node", "asst"):
            lines = ["".join(leaf.text or "" for leaf in p.iter(_A + "t")) for p in point.iter(_A + "p")]
            texts[point.get("modelId", "")] = clean_cell(" ".join(lines))
    children: dict[str, list[tuple[int, str]]] = {}
    placed: set[str] = set()
    for link in root.iter(_DGM + "cxn"):
        if link.get("type", "parOf") == "parOf" and link.get("destId") in texts:
            order = link.get("srcOrd", "0")
            rank = whole(order)
            children.setdefault(link.get("srcId", ""), []).append((rank, link.get("destId", "")))
            placed.add(link.get("destId", ""))
    roots = [key for key in children if key not in texts] + [key for key in texts if key not in placed]
    for key in _descend(roots, children):
        if texts.get(key):
            yield Piece(BlockKind.LIST, texts[key], anchor=anchor, section=section)


def _descend(roots: list[str], children: dict[str, list[tuple[int, str]]]) -> Iterator[str]:
    waiting = roots[::-1]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        yield key
        waiting.extend(child for _, child in sorted(children.get(key, ()), reverse=True))
