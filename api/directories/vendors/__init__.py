"""Directories of office platforms, read over their published HTTP interfaces."""
