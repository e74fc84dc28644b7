"""A grid of the page as a draft of a table."""

from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.pdf.model import Draft, Grid, PageLayout, Part, Rect
from wenyuan.documents import Box, Cell


def table_draft(grid: Grid, page: PageLayout) -> Draft:
    """Return the draft of a table, its cells with boxes on the shown page."""

    def box(rect: Rect) -> Box:
        return Box(page.number, *(round(value, 2) for value in page.frame.leave(rect)))

    table = make_table(
        [
            Cell(
                cell.row,
                cell.column,
                clean_cell(cell.text),
                cell.row_span,
                cell.column_span,
                cell.header,
                box(cell.rect),
            )
            for cell in grid.cells
        ]
    )
    draft = Draft("table", table_text(table) if table else "", [Part(page.number, page.frame, grid.rect)])
    draft.table = table
    return draft
