"""Measures of parsed text, headings, tables and reading order: pure functions."""
