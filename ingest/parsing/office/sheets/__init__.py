"""Workbooks (XLSX)."""
