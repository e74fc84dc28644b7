"""Typed values of cells: what a cell's text says as a number, percentage, date or range, and in which unit."""

from ingest.tables.typed.apply import typed_table
from ingest.tables.typed.values import parse_value

__all__ = ["parse_value", "typed_table"]
