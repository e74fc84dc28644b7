"""A table of a text layer that alignment left in doubt: the model says where its cells are, its words are the layer's.

Runs in the child. The body of the question is a PNG of ``png`` bytes and, behind it, the characters of the table with
their places (``ingest.parsing.reading.crops``). Its header has the ``box`` of the table and its ``rows``, ``columns``
and ``cells`` (row, column, row span, column span, whether there is text, x0, y0, x1, y1), all in page units.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ingest.ocr.bitmap.recogniser import pixels_of
from ingest.parsing.pdf.model import Glyph, Grid, GridCell
from ingest.tables.image.slanet import StructureCell, TableModel
from ingest.tables.image.structure import doubts, grid_of
from ingest.tables.open import looks_tabular
from ingest.tables.ruled import mark_head

# The model is taken at its word where clearly less speaks against what it sees (``doubts``).
_BETTER: Final = 0.04


def look_again(model: TableModel, question: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Return the ``grid`` the model sees in place of the one asked about, None when that one stands."""
    length = question["png"]
    known = json.loads(body[length:])
    glyphs = [Glyph(*fields) for fields in known["glyphs"]]
    cells, _ = model.cells(pixels_of(body[:length]))
    x, y = known["corner"]
    seen = grid_of(_placed(cells, x, y, known["scale"]), glyphs, tuple(question["box"]))
    if seen is None:
        return {"grid": None}
    seen = mark_head(seen)
    better = doubts(seen, glyphs) + _BETTER < doubts(_asked(question), glyphs)
    return {"grid": asdict(seen) if better and looks_tabular(seen, ruled=False) else None}


def _placed(cells: Sequence[StructureCell], x: float, y: float, scale: float) -> list[StructureCell]:
    """From pixels of the bitmap to the page."""
    return [
        StructureCell(
            cell.row,
            cell.column,
            cell.row_span,
            cell.column_span,
            (x + cell.box[0] / scale, y + cell.box[1] / scale, x + cell.box[2] / scale, y + cell.box[3] / scale),
            cell.header,
        )
        for cell in cells
    ]


def _asked(question: Mapping[str, Any]) -> Grid:
    cells = [
        GridCell(row, column, down, across, (x0, y0, x1, y1), "?" if filled else "")
        for row, column, down, across, filled, x0, y0, x1, y1 in question["cells"]
    ]
    x0, y0, x1, y1 = question["box"]
    return Grid(x0, y0, x1, y1, question["rows"], question["columns"], cells)
