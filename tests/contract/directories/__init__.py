"""Directories against servers that answer as the real ones do."""
