"""Run parsers on untrusted files in short-lived child processes with limits.

The parent's side is loaded on first use: the child imports its modules from this package too and must start fast.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.sandbox.runner import ChildResult, Sandbox

__all__ = ["ChildResult", "Sandbox"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    from ingest.sandbox import runner

    return getattr(runner, name)
