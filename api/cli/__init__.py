"""The command line ``wenyuan``."""

from api.cli.main import main

__all__ = ["main"]
