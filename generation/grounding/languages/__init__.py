"""Statements in one language over passages in the other."""
